/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Asking and answering: answers are limited by member and time, and a new primary that lacks what it
 * has to propose gets it by its name. */
#include <check.h>
#include <string.h>

#include "base/error.h"
#include "consensus/pbft/pbft.h"
#include "sim/adversary/forge_pbft.h"
#include "tests/lib/forger.h"

#define MEMBERS 4
#define DELTA   (10 * NS_PER_MS)
#define TIMEOUT (400 * NS_PER_MS)

Suite *pbft_fetch_suite(void);

/* What members said: the last frames of two types. */
struct net {
    struct assembly *assembly;
    node_id asker;
    uint64_t answers; /* messages to the asker */
    uint64_t bytes;
    struct pbft_fetch fetch; /* the last that anyone sent */
    uint32_t fetches, values, proposals, nulls;
    uint8_t proposed[8]; /* the last proposal's content */
};

static time_ns route(void *context, const struct assembly_message *travelling) {
    struct net *net = context;
    struct message message;
    struct pbft_pre_prepare proposal;
    const struct certification certification = forger_of(net->assembly)->certification;
    ck_assert_int_eq(message_parse(&message, (struct frame *)travelling->frame), OK);
    net->answers += travelling->to == net->asker;
    net->bytes += travelling->to == net->asker ? message.size : 0;
    net->values += message.type == MESSAGE_PBFT_VALUE;
    if (message.type == MESSAGE_PBFT_FETCH) {
        net->fetches++;
        ck_assert_int_eq(pbft_read_fetch(&message, &net->fetch), OK);
    } else if (message.type == MESSAGE_PBFT_PRE_PREPARE) {
        net->proposals++;
        net->nulls++;
        ck_assert_int_eq(pbft_read_pre_prepare(&message, &certification, &proposal), OK);
        net->nulls -= proposal.value.size > 0;
        memset(net->proposed, 0, sizeof net->proposed);
        if (proposal.value.size == sizeof net->proposed)
            memcpy(net->proposed, proposal.value.bytes, sizeof net->proposed);
    }
    return travelling->delay;
}

static struct assembly *make(struct net *net, uint64_t outside) {
    const struct assembly_config config = {
        .ops = &pbft_ops,
        .count = MEMBERS,
        .delay = DELTA,
        .view_timeout = TIMEOUT,
        .seed = 3,
        .outside = outside,
        .route = route,
        .context = net,
    };
    net->assembly = assembly_new(&config);
    return net->assembly;
}

static struct frame *question(struct assembly *assembly, uint64_t next, uint64_t lacks,
                              const struct digest *value) {
    const struct certification certification = forger_of(assembly)->certification;
    const struct pbft_fetch fetch = {.view = 1,
                                     .next = next,
                                     .lacks = lacks,
                                     .value = value == NULL ? (struct digest){{0}} : *value};
    return pbft_write_fetch(&certification, &fetch);
}

/* A thousand questions within 40 ms, less than an eighth of the view timeout. */
START_TEST(questions_are_answered_with_a_limit) {
    for (int further = 0; further < 2; further++) {
        struct net net = {.asker = 3};
        struct assembly *assembly = make(&net, 8);
        assembly_submit(assembly, NS_PER_S, 120);
        assembly_run(assembly, 10 * NS_PER_S);
        ck_assert_uint_eq(assembly_decided(assembly), 120);
        net.answers = net.bytes = 0;
        for (uint32_t i = 0; i < 1000; i++)
            loop_inject(assembly_loop(assembly), 3, 1, 10 * NS_PER_S + i * 40 * NS_PER_US,
                        question(assembly, further == 1 ? 1 + i % 120 : 1, 0, NULL));
        assembly_run(assembly, 10 * NS_PER_S + 45 * NS_PER_MS);
        ck_assert_uint_eq(net.answers, further == 1 ? 8 : 1);
        ck_assert_uint_eq(assembly_dropped(assembly, ERR_LIMIT), further == 1 ? 992 : 999);
        /* And later again. */
        loop_inject(assembly_loop(assembly), 3, 1, 11 * NS_PER_S, question(assembly, 1, 0, NULL));
        assembly_run(assembly, 12 * NS_PER_S);
        ck_assert_uint_eq(net.answers, further == 1 ? 9 : 2);
        ck_assert_msg(assembly_violation(assembly) == NULL, "%s", assembly_violation(assembly));
        assembly_free(assembly);
    }
}
END_TEST

static struct forge_change claim(node_id sender, const struct statement *prepare) {
    return (struct forge_change){
        .sender = sender,
        .signer = sender,
        .view = 1,
        .has_entry = true,
        .entry = {.sequence = 4, .digest = prepare->block},
        .proof = {*prepare, 13, 0}, /* members 0, 2 and 3 */
    };
}

/* Member 1 leads view 1. The changes of 0 and 2 prove what it has to propose for number 4, and do not
 * hold it; the numbers before are holes, which null requests fill (PB-7). */
START_TEST(a_primary_that_lacks_a_value_asks_for_it_by_name) {
    struct net net = {.asker = NODE_NONE};
    struct assembly *assembly = make(&net, 1 | 4 | 8);
    struct loop *loop = assembly_loop(assembly);
    uint8_t right_bytes[8], wrong_bytes[8];
    const struct pbft_value right = forge_value(1, 0, right_bytes);
    const struct pbft_value wrong = forge_value(2, 0, wrong_bytes);
    const struct statement prepare = {VOTE_PBFT_PREPARE, ASSEMBLY_CHANNEL, 0, 4,
                                      forge_digest(forger_of(assembly), 4, &right)};
    const struct forge_change from_0 = claim(0, &prepare), from_2 = claim(2, &prepare);
    const struct pbft_held false_answer = {4, wrong}, answer = {4, right};
    assembly_submit(assembly, NS_PER_S, 3);
    loop_inject(loop, 0, 1, NS_PER_S + 1, forge_view_change(forger_of(assembly), &from_0));
    loop_inject(loop, 2, 1, NS_PER_S + 2, forge_view_change(forger_of(assembly), &from_2));
    assembly_run(assembly, NS_PER_S + 3);
    ck_assert_uint_eq(loop_messages(loop, MESSAGE_PBFT_NEW_VIEW), 3);
    ck_assert_uint_eq(net.nulls, 3 * 3);
    ck_assert_uint_eq(net.proposals, 3 * 3); /* and nothing else before the value */
    ck_assert_uint_eq(net.fetches, 3);
    ck_assert_uint_eq(net.fetch.lacks, 4);
    ck_assert_mem_eq(&net.fetch.value, &prepare.block, DIGEST_BYTES);
    loop_inject(loop, 2, 1, NS_PER_S + 4, pbft_write_held(ASSEMBLY_CHANNEL, &false_answer));
    assembly_run(assembly, NS_PER_S + 4);
    ck_assert_uint_eq(assembly_dropped(assembly, ERR_MISMATCH), 1);
    ck_assert_uint_eq(net.proposals, 3 * 3);
    loop_inject(loop, 2, 1, NS_PER_S + 5, pbft_write_held(ASSEMBLY_CHANNEL, &answer));
    assembly_run(assembly, NS_PER_S + 5);
    ck_assert_uint_eq(net.proposals, 4 * 3);
    ck_assert_mem_eq(net.proposed, right_bytes, sizeof right_bytes);
    loop_inject(loop, 2, 1, NS_PER_S + 6, pbft_write_held(ASSEMBLY_CHANNEL, &answer));
    assembly_run(assembly, NS_PER_S + 6);
    ck_assert_uint_eq(assembly_dropped(assembly, ERR_STALE), 1);
    ck_assert_uint_eq(net.proposals, 4 * 3);
    assembly_free(assembly);
}
END_TEST

/* Whoever voted for a value holds it, also behind a null request of a later view, and after a restart;
 * it tells it to those who know the name. */
START_TEST(who_voted_for_a_value_tells_it) {
    struct net net = {.asker = 0};
    struct assembly *assembly = make(&net, 7);
    struct loop *loop = assembly_loop(assembly);
    uint8_t bytes[8];
    const struct pbft_value value = forge_value(1, 0, bytes);
    const struct digest name = forge_digest(forger_of(assembly), 1, &value), other = {{7}};
    const time_ns never[MEMBERS] = {TIME_NEVER, TIME_NEVER, TIME_NEVER, TIME_NEVER};
    assembly_submit_staggered(assembly, never);
    loop_inject(loop, 0, 3, NS_PER_S, forge_pre_prepare(forger_of(assembly), 0, 0, 1, &value));
    assembly_run(assembly, NS_PER_S);
    assembly_crash(assembly, 3);
    assembly_restart(assembly, 3);
    assembly_run(assembly, 2 * NS_PER_S);
    net.values = 0;
    loop_inject(loop, 0, 3, 2 * NS_PER_S + 1, question(assembly, 1, 1, &other));
    assembly_run(assembly, 3 * NS_PER_S);
    ck_assert_uint_eq(net.values, 0);
    loop_inject(loop, 0, 3, 3 * NS_PER_S + 1, question(assembly, 1, 1, &name));
    assembly_run(assembly, 4 * NS_PER_S);
    ck_assert_uint_eq(net.values, 1);
    assembly_free(assembly);
}
END_TEST

Suite *pbft_fetch_suite(void) {
    Suite *suite = suite_create("pbft_fetch");
    TCase *tests = tcase_create("pbft_fetch");
    tcase_add_test(tests, questions_are_answered_with_a_limit);
    tcase_add_test(tests, a_primary_that_lacks_a_value_asks_for_it_by_name);
    tcase_add_test(tests, who_voted_for_a_value_tells_it);
    suite_add_tcase(suite, tests);
    return suite;
}
