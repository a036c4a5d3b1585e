/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * PBFT: closed forms exactly, and what faults must not and must do (checks.md 2.6, 3.3, 5.1, 5.2).
 */
#include <check.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/rng.h"
#include "consensus/certificate.h"
#include "consensus/pbft/messages.h"
#include "consensus/pbft/pbft.h"
#include "sim/assembly/assembly.h"

#define DELTA   (10 * NS_PER_MS)
#define TIMEOUT (400 * NS_PER_MS)

Suite *pbft_suite(void);

/* What a test does with the messages: everything is a field, so that a route stays one function. */
struct net {
    struct assembly *assembly;
    struct rng rng;
    time_ns faults_end;  /* the faults below end then */
    double loss;         /* of every message */
    uint64_t isolated;   /* bit i: node i is cut off from the nodes without a bit */
    uint16_t muted_type; /* messages of this type are lost, but those to the spared node */
    node_id spared;
    uint32_t mutations;  /* messages to node 0 that are still to be altered */
    time_ns decided[64]; /* when each node decided first */
    uint32_t prepared;   /* prepared certificates so far, and what the first and last are for */
    uint64_t first_prepared, last_prepared;
};

/* Sends 10 altered copies along: a byte changed, or the end cut off. */
static void mutate(struct net *net, const struct assembly_message *message) {
    for (uint32_t i = 0; i < 10 && net->mutations > 0; i++, net->mutations--) {
        uint32_t size = message->frame->size;
        if (rng_chance(&net->rng, 1, 8))
            size = (uint32_t)rng_below(&net->rng, size);
        struct frame *frame = frame_copy(message->frame->bytes, size);
        if (size > MESSAGE_HEADER_BYTES)
            frame
                ->bytes[MESSAGE_HEADER_BYTES + rng_below(&net->rng, size - MESSAGE_HEADER_BYTES)] ^=
                (uint8_t)(1 + rng_below(&net->rng, 255));
        loop_inject(assembly_loop(net->assembly), message->from, message->to,
                    message->now + message->delay, frame);
    }
}

static time_ns route(void *context, const struct assembly_message *message) {
    struct net *net = context;
    if (message->now >= net->faults_end)
        return message->delay;
    if (message->to == 0)
        mutate(net, message);
    if (net->loss > 0 && rng_chance(&net->rng, (uint64_t)(net->loss * 1000), 1000))
        return -1;
    if ((net->isolated >> message->from & 1) != (net->isolated >> message->to & 1))
        return -1;
    if (net->muted_type == message->type && message->to != net->spared)
        return -1;
    return message->delay;
}

static void watch(void *context, const struct trace_record *record) {
    struct net *net = context;
    if (record->point == TRACE_CERTIFIED && record->a >> 56 == 1) {
        net->first_prepared = net->prepared++ == 0 ? record->b : net->first_prepared;
        net->last_prepared = record->b;
    }
    if (record->point == TRACE_DECIDED && record->node < ARRAY_LEN(net->decided) &&
        net->decided[record->node] == 0)
        net->decided[record->node] = record->time;
}

static struct assembly *make(struct net *net, uint32_t count, uint64_t outside) {
    struct assembly_config config = {
        .ops = &pbft_ops,
        .count = count,
        .delay = DELTA,
        .view_timeout = TIMEOUT,
        .seed = 7,
        .outside = outside,
        .route = route,
        .trace = watch,
        .context = net,
    };
    rng_init(&net->rng, 11, count, "net");
    net->assembly = assembly_new(&config);
    return net->assembly;
}

static void all_decided(const struct net *net, uint32_t count, uint64_t outside) {
    ck_assert_msg(assembly_violation(net->assembly) == NULL, "%s",
                  assembly_violation(net->assembly));
    for (node_id node = 0; node < count; node++)
        if ((outside >> node & 1) == 0 && assembly_alive(net->assembly, node))
            ck_assert_uint_eq(assembly_height(net->assembly, node),
                              assembly_log_height(net->assembly));
}

static const uint32_t sizes[] = {4, 7, 10, 31};
static const uint64_t messages[] = {24, 84, 180, 1860}; /* 2n(n-1), checks.md 5.2 */

START_TEST(decides_after_three_delays_with_the_exact_number_of_messages) {
    struct net net = {0};
    const uint32_t n = sizes[_i];
    struct assembly *assembly = make(&net, n, 0);
    assembly_submit(assembly, NS_PER_S, 1);
    assembly_run(assembly, 100 * NS_PER_S);
    all_decided(&net, n, 0);
    ck_assert_uint_eq(assembly_decided(assembly), 1);
    for (node_id node = 0; node < n; node++)
        ck_assert_int_eq(net.decided[node], NS_PER_S + 3 * DELTA);
    ck_assert_uint_eq(loop_messages(assembly_loop(assembly), 0), messages[_i]);
    ck_assert_uint_eq(loop_messages(assembly_loop(assembly), MESSAGE_PBFT_PRE_PREPARE), n - 1);
    ck_assert_uint_eq(loop_messages(assembly_loop(assembly), MESSAGE_PBFT_PREPARE),
                      (n - 1) * (n - 1));
    ck_assert_uint_eq(loop_messages(assembly_loop(assembly), MESSAGE_PBFT_COMMIT), n * (n - 1));
    ck_assert_uint_eq(assembly_traced(assembly, TRACE_TIMEOUT), 0);
    assembly_free(assembly);
}
END_TEST

START_TEST(any_committee_size_decides) {
    for (uint32_t n = 1; n <= 9; n++) {
        struct net net = {0};
        struct assembly *assembly = make(&net, n, 0);
        assembly_submit(assembly, NS_PER_S, 5);
        assembly_run(assembly, 10 * NS_PER_S);
        all_decided(&net, n, 0);
        ck_assert_uint_eq(assembly_decided(assembly), 5);
        assembly_free(assembly);
    }
}
END_TEST

START_TEST(checkpoints_move_the_window) {
    struct net net = {0};
    struct assembly *assembly = make(&net, 4, 0);
    for (uint32_t i = 0; i < 10; i++)
        assembly_submit(assembly, NS_PER_S + i * NS_PER_S, 100);
    assembly_run(assembly, 30 * NS_PER_S);
    all_decided(&net, 4, 0);
    ck_assert_uint_eq(assembly_decided(assembly), 1000); /* beyond h + L = 256 */
    ck_assert_uint_eq(loop_messages(assembly_loop(assembly), MESSAGE_PBFT_CHECKPOINT), 7 * 4 * 3);
    assembly_free(assembly);
}
END_TEST

START_TEST(a_silent_primary_is_replaced) {
    struct net net = {0};
    struct assembly *assembly = make(&net, 7, 1);
    assembly_submit(assembly, NS_PER_S, 3);
    assembly_run(assembly, 20 * NS_PER_S);
    all_decided(&net, 7, 1);
    ck_assert_uint_eq(assembly_decided(assembly), 3);
    /* timeout, VIEW-CHANGE, NEW-VIEW with PRE-PREPARE behind it, PREPARE, COMMIT */
    for (node_id node = 1; node < 7; node++)
        ck_assert_int_eq(net.decided[node], NS_PER_S + TIMEOUT + 4 * DELTA);
    assembly_free(assembly);
}
END_TEST

/* PB-1: what one replica alone has prepared may not be replaced, for others may have decided it. */
START_TEST(a_prepared_value_survives_the_view_change) {
    struct net net = {
        .muted_type = MESSAGE_PBFT_PREPARE, .spared = 2, .faults_end = NS_PER_S + TIMEOUT};
    struct assembly *assembly = make(&net, 4, 0);
    assembly_submit(assembly, NS_PER_S, 1);
    assembly_run(assembly, NS_PER_S + TIMEOUT / 2);
    ck_assert_uint_eq(net.prepared, 1);
    const uint64_t value = net.first_prepared;
    assembly_crash(assembly, 0);
    assembly_run(assembly, 20 * NS_PER_S);
    all_decided(&net, 4, 0);
    ck_assert_uint_eq(assembly_decided(assembly), 1);
    ck_assert_uint_gt(net.prepared, 1);
    ck_assert_uint_eq(net.last_prepared, value); /* the digest binds the view of origin */
    assembly_free(assembly);
}
END_TEST

static struct certification certification_of(struct env *env) {
    static const node_id members[] = {0, 1, 2, 3};
    return (struct certification){
        .scheme = &certificate_list,
        .committee = {members, ARRAY_LEN(members)},
        .channel = ASSEMBLY_CHANNEL,
        .signature_bytes = identity_signature_bytes(env),
    };
}

static struct frame *signed_proposal(struct env *env, uint64_t sequence, uint64_t number) {
    uint8_t bytes[8], signature[LIMIT_SIGNATURE_BYTES];
    struct writer writer;
    struct certification certification = certification_of(env);
    writer_init(&writer, bytes, sizeof bytes);
    write_u64(&writer, number);
    struct pbft_pre_prepare proposal = {0, sequence, {0, bytes, sizeof bytes, NULL}, signature};
    struct statement prepare = {
        .kind = VOTE_PBFT_PREPARE, .channel = ASSEMBLY_CHANNEL, .sequence = sequence};
    pbft_value_digest(env, sequence, &proposal.value, &prepare.block);
    statement_sign(env, &prepare, signature);
    return pbft_write_pre_prepare(&certification, &proposal);
}

START_TEST(an_equivocating_primary_splits_nothing) {
    struct net net = {0};
    struct assembly *assembly = make(&net, 4, 1);
    struct env *env = assembly_forger(assembly, 0);
    assembly_submit(assembly, NS_PER_S, 2);
    for (node_id node = 1; node < 4; node++)
        loop_inject(assembly_loop(assembly), 0, node, NS_PER_S + DELTA,
                    signed_proposal(env, 1, node == 3 ? 2 : 1));
    loop_inject(assembly_loop(assembly), 0, 1, NS_PER_S + 2 * DELTA, signed_proposal(env, 1, 2));
    assembly_run(assembly, 20 * NS_PER_S);
    all_decided(&net, 4, 1);
    ck_assert_uint_eq(assembly_decided(assembly), 2);
    ck_assert_uint_ge(assembly_dropped(assembly, ERR_CONFLICT), 1);
    assembly_free(assembly);
}
END_TEST

/* Only the high water mark is proposed, and one above it: neither is prepared, for nobody knows what
 * stands before. The next primary begins with number 1. */
START_TEST(nothing_is_prepared_behind_a_hole) {
    struct net net = {0};
    struct assembly *assembly = make(&net, 4, 1);
    struct env *env = assembly_forger(assembly, 0);
    assembly_submit(assembly, NS_PER_S, 1);
    for (node_id node = 1; node < 4; node++) {
        loop_inject(assembly_loop(assembly), 0, node, NS_PER_S + 1, signed_proposal(env, 256, 1));
        loop_inject(assembly_loop(assembly), 0, node, NS_PER_S + 2, signed_proposal(env, 257, 1));
    }
    assembly_run(assembly, NS_PER_S + TIMEOUT / 2);
    ck_assert_uint_eq(assembly_dropped(assembly, ERR_FUTURE), 3); /* beyond the window */
    ck_assert_uint_eq(net.prepared, 0);
    assembly_run(assembly, 20 * NS_PER_S);
    all_decided(&net, 4, 1);
    ck_assert_uint_eq(assembly_decided(assembly), 1);
    ck_assert_uint_eq(loop_messages(assembly_loop(assembly), MESSAGE_PBFT_CHECKPOINT), 0);
    assembly_free(assembly);
}
END_TEST

/* What a restarted replica voted for in the life before is durable: it refuses the contradiction. */
START_TEST(a_restart_does_not_make_a_second_vote) {
    struct net net = {0};
    struct assembly *assembly = make(&net, 4, 1);
    struct env *env = assembly_forger(assembly, 0);
    assembly_submit(assembly, NS_PER_S, 2);
    loop_inject(assembly_loop(assembly), 0, 1, NS_PER_S + 1, signed_proposal(env, 1, 1));
    assembly_run(assembly, NS_PER_S + 2);
    assembly_crash(assembly, 1);
    assembly_restart(assembly, 1);
    loop_inject(assembly_loop(assembly), 0, 1, NS_PER_S + 4, signed_proposal(env, 1, 2));
    assembly_run(assembly, NS_PER_S + 5);
    ck_assert_uint_eq(assembly_dropped(assembly, ERR_CONFLICT), 1);
    ck_assert_uint_eq(assembly_traced(assembly, TRACE_VOTED), 1);
    assembly_run(assembly, 20 * NS_PER_S);
    all_decided(&net, 4, 1);
    ck_assert_uint_eq(assembly_decided(assembly), 2);
    assembly_free(assembly);
}
END_TEST

/* A crash after every single effect: no vote of the life before is contradicted. */
START_TEST(a_restarted_replica_keeps_its_promises) {
    for (uint64_t effects = 1; effects <= 40; effects++) {
        struct net net = {.loss = 0.05, .faults_end = 5 * NS_PER_S};
        struct assembly *assembly = make(&net, 4, 0);
        const node_id node = (node_id)(effects % 4);
        assembly_submit(assembly, NS_PER_S, 3);
        assembly_run(assembly, NS_PER_S - 1);
        assembly_crash_after(assembly, node, effects);
        assembly_run(assembly, 2 * NS_PER_S);
        if (assembly_alive(assembly, node))
            assembly_crash(assembly, node);
        assembly_restart(assembly, node);
        assembly_submit(assembly, 3 * NS_PER_S, 2);
        assembly_run(assembly, 60 * NS_PER_S);
        all_decided(&net, 4, 0);
        ck_assert_uint_eq(assembly_decided(assembly), 5);
        assembly_free(assembly);
    }
}
END_TEST

START_TEST(a_lagging_replica_catches_up_beyond_the_window) {
    struct net net = {.isolated = 8, .faults_end = 10 * NS_PER_S};
    struct assembly *assembly = make(&net, 4, 0);
    for (uint32_t i = 0; i < 6; i++)
        assembly_submit(assembly, NS_PER_S + i * NS_PER_S, 100);
    assembly_run(assembly, 9 * NS_PER_S);
    ck_assert_uint_eq(assembly_height(assembly, 0), 600);
    ck_assert_uint_eq(assembly_height(assembly, 3), 0);
    assembly_run(assembly, 60 * NS_PER_S);
    all_decided(&net, 4, 0);
    assembly_crash(assembly, 2);
    assembly_restart_empty(assembly, 2);
    assembly_run(assembly, 90 * NS_PER_S);
    all_decided(&net, 4, 0);
    ck_assert_uint_eq(assembly_height(assembly, 2), 600);
    assembly_free(assembly);
}
END_TEST

START_TEST(loss_delays_but_does_not_stop) {
    for (uint32_t n = 4; n <= 7; n += 3) {
        struct net net = {.loss = 0.2, .faults_end = 30 * NS_PER_S};
        struct assembly *assembly = make(&net, n, 0);
        for (uint32_t i = 0; i < 20; i++)
            assembly_submit(assembly, NS_PER_S + i * NS_PER_S, 2);
        assembly_run(assembly, 29 * NS_PER_S);
        ck_assert_uint_gt(assembly_decided(assembly), 0);
        assembly_run(assembly, 120 * NS_PER_S);
        all_decided(&net, n, 0);
        ck_assert_uint_eq(assembly_decided(assembly), 40);
        assembly_free(assembly);
    }
}
END_TEST

START_TEST(a_partition_heals) {
    struct net net = {.isolated = 3, .faults_end = 10 * NS_PER_S};
    struct assembly *assembly = make(&net, 4, 0);
    assembly_submit(assembly, NS_PER_S, 5);
    assembly_run(assembly, 10 * NS_PER_S);
    ck_assert_uint_eq(assembly_decided(assembly), 0);
    assembly_run(assembly, 60 * NS_PER_S);
    all_decided(&net, 4, 0);
    ck_assert_uint_eq(assembly_decided(assembly), 5);
    assembly_free(assembly);
}
END_TEST

/* A commit certificate for transaction 1, all of whose signatures are made by node 0. */
static struct frame *forged_decision(struct env *env, enum vote_kind kind, uint32_t signers) {
    static const uint8_t bytes[8] = {1};
    uint8_t signature[LIMIT_SIGNATURE_BYTES];
    struct certification certification = certification_of(env);
    struct vote_set set;
    struct pbft_decided decided = {.value = {0, bytes, sizeof bytes, NULL}};
    struct statement commit = {.kind = kind, .channel = ASSEMBLY_CHANNEL, .sequence = 1};
    pbft_value_digest(env, 1, &decided.value, &commit.block);
    statement_sign(env, &commit, signature);
    vote_set_init(&set, &certification);
    for (uint32_t i = 0; i < signers; i++)
        vote_set_add(&set, i, &commit.block, signature);
    ck_assert_int_eq(vote_set_certify(&set, env, &commit, signers, &decided.commit), OK);
    struct frame *frame = pbft_write_decided(&certification, &decided, 1);
    certificate_drop(&decided.commit);
    vote_set_deinit(&set);
    return frame;
}

/* PB-2: a VIEW-CHANGE that claims something prepared, with a certificate of its own making. */
static struct frame *forged_change(struct env *env) {
    struct certification certification = certification_of(env);
    struct frame *decision = forged_decision(env, VOTE_PBFT_PREPARE, 3);
    struct message message;
    struct pbft_decided decided[PBFT_DECIDED_MAX];
    uint32_t count;
    uint8_t signature[LIMIT_SIGNATURE_BYTES];
    struct writer writer;
    ck_assert_int_eq(message_parse(&message, decision), OK);
    ck_assert_int_eq(pbft_read_decided(&message, &certification, decided, &count), OK);
    size_t size = 8 + 8 + 2 + PBFT_ENTRY_BYTES + certification.signature_bytes +
                  pbft_decided_bytes(&decided[0]);
    struct frame *frame = message_new(MESSAGE_PBFT_VIEW_CHANGE, ASSEMBLY_CHANNEL, size, &writer);
    write_u64(&writer, 1);
    write_u64(&writer, 0);
    write_u16(&writer, 1);
    write_u64(&writer, 1);
    write_u64(&writer, 0);
    write_digest(&writer, &decided[0].commit.statement.block);
    write_u64(&writer, 0);
    write_digest(&writer, &(struct digest){{0}});
    pbft_sign(env, PBFT_SIGNS_CHANGE, ASSEMBLY_CHANNEL, writer.bytes, writer.at, signature);
    write_bytes(&writer, signature, certification.signature_bytes);
    certificate_write(&decided[0].commit, &writer);
    pbft_write_value(&writer, &decided[0].value);
    ck_assert_int_eq(writer.error, OK);
    frame_unref(decision);
    return frame;
}

START_TEST(forged_certificates_are_refused) {
    struct net net = {0};
    struct assembly *assembly = make(&net, 4, 1);
    struct env *env = assembly_forger(assembly, 0);
    struct loop *loop = assembly_loop(assembly);
    loop_inject(loop, 0, 1, 1, forged_decision(env, VOTE_PBFT_COMMIT, 3));
    loop_inject(loop, 0, 1, 2, forged_decision(env, VOTE_PBFT_COMMIT, 2));
    loop_inject(loop, 0, 1, 3, forged_decision(env, VOTE_PBFT_PREPARE, 3));
    loop_inject(loop, 0, 1, 4, forged_change(env));
    assembly_run(assembly, NS_PER_S);
    ck_assert_uint_eq(assembly_dropped(assembly, ERR_SIGNATURE), 2);
    ck_assert_uint_eq(assembly_dropped(assembly, ERR_CERTIFICATE), 1);
    ck_assert_uint_eq(assembly_dropped(assembly, ERR_INVALID), 1);
    ck_assert_uint_eq(assembly_height(assembly, 1), 0);
    ck_assert_uint_eq(loop_messages(loop, 0), 0); /* nobody said a word about it */
    assembly_free(assembly);
}
END_TEST

START_TEST(altered_messages_never_crash_nor_split) {
    struct net net = {.loss = 0.1, .mutations = 10000, .faults_end = 40 * NS_PER_S};
    struct assembly *assembly = make(&net, 4, 0);
    for (uint32_t i = 0; i < 30; i++)
        assembly_submit(assembly, NS_PER_S + i * NS_PER_S, 10);
    assembly_run(assembly, 90 * NS_PER_S);
    ck_assert_uint_eq(net.mutations, 0);
    all_decided(&net, 4, 0);
    ck_assert_uint_eq(assembly_decided(assembly), 300);
    ck_assert_uint_gt(assembly_dropped(assembly, ERR_SIGNATURE), 100);
    ck_assert_uint_gt(assembly_dropped(assembly, 0), 5000);
    assembly_free(assembly);
}
END_TEST

Suite *pbft_suite(void) {
    Suite *suite = suite_create("pbft");
    TCase *tests = tcase_create("pbft");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, decides_after_three_delays_with_the_exact_number_of_messages, 0,
                        ARRAY_LEN(sizes));
    tcase_add_test(tests, any_committee_size_decides);
    tcase_add_test(tests, checkpoints_move_the_window);
    tcase_add_test(tests, a_silent_primary_is_replaced);
    tcase_add_test(tests, a_prepared_value_survives_the_view_change);
    tcase_add_test(tests, an_equivocating_primary_splits_nothing);
    tcase_add_test(tests, nothing_is_prepared_behind_a_hole);
    tcase_add_test(tests, a_restart_does_not_make_a_second_vote);
    tcase_add_test(tests, a_restarted_replica_keeps_its_promises);
    tcase_add_test(tests, a_lagging_replica_catches_up_beyond_the_window);
    tcase_add_test(tests, loss_delays_but_does_not_stop);
    tcase_add_test(tests, a_partition_heals);
    tcase_add_test(tests, forged_certificates_are_refused);
    tcase_add_test(tests, altered_messages_never_crash_nor_split);
    suite_add_tcase(suite, tests);
    return suite;
}
