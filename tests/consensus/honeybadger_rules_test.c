/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * HoneyBadger's own rules, between broadcasts and agreements, one by one: four members, one way takes
 * 10 ms. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "agreement/broadcast_messages.h"
#include "base/error.h"
#include "consensus/honeybadger/honeybadger.h"
#include "consensus/honeybadger/instance.h"
#include "crypto/merkle.h"
#include "sim/assembly/assembly.h"

#define DELTA (10 * NS_PER_MS)

enum { N = 4, LIAR = 3 };

static struct assembly *make(const struct assembly_config *wanted) {
    struct assembly_config config = *wanted;
    config.ops = &honeybadger_ops;
    config.count = config.count == 0 ? N : config.count;
    config.delay = DELTA;
    config.view_timeout = config.view_timeout == 0 ? 400 * NS_PER_MS : config.view_timeout;
    config.seed = 1;
    return assembly_new(&config);
}

static void end(struct assembly *assembly) {
    const char *violation = assembly_violation(assembly);
    ck_assert_msg(violation == NULL, "%s", violation);
    assembly_free(assembly);
}

static uint64_t sent(struct assembly *assembly, uint16_t type) {
    return loop_messages(assembly_loop(assembly), type);
}

/* f members who put their shares together do not know the coin. */
START_TEST(the_coin_takes_f_plus_one) {
    for (uint32_t n = 4; n <= 10; n++) {
        struct assembly *assembly = make(&(struct assembly_config){.count = n});
        assembly_run(assembly, 1);
        const struct honeybadger *self = honeybadger_of(assembly_consensus(assembly, 0));
        ck_assert_uint_eq(self->keys.threshold, (n - 1) / 3 + 1);
        ck_assert_uint_eq(self->keys.members, n);
        end(assembly);
    }
}
END_TEST

/* A proposal of member 3: form and one number. */
struct proposal {
    uint8_t pieces[N * 64];
    struct digest nodes[2 * N + 64];
    struct merkle_tree tree;
    uint64_t epoch;
};

enum { PROPOSAL_BYTES = 1 + 8 };

static void write_proposal(struct proposal *proposal, uint64_t epoch, uint8_t form,
                           uint64_t number) {
    struct erasure_code code;
    struct writer writer;
    memset(proposal, 0, sizeof *proposal);
    proposal->epoch = epoch;
    writer_init(&writer, proposal->pieces, PROPOSAL_BYTES);
    write_u8(&writer, form);
    write_u64(&writer, number);
    ck_assert_int_eq(erasure_code_init(&code, 2, N, 1), OK);
    ck_assert_int_eq(erasure_encode(&code, proposal->pieces, PROPOSAL_BYTES), OK);
    erasure_code_deinit(&code);
    fragment_commit(&proposal->tree, proposal->nodes, proposal->pieces,
                    erasure_piece_size(2, PROPOSAL_BYTES), N);
}

static void say(struct assembly *assembly, const struct proposal *proposal, uint16_t type,
                node_id to) {
    struct broadcast_message message = {.type = type, .instance = proposal->epoch << 8 | LIAR};
    fragment_make(&message.fragment, &proposal->tree, proposal->pieces, PROPOSAL_BYTES, 2, N,
                  type == MESSAGE_BROADCAST_VAL ? to : LIAR);
    if (type == MESSAGE_BROADCAST_READY)
        fragment_commitment(&message.fragment, &message.commitment);
    assembly_inject(assembly, LIAR, to, assembly_now(assembly) + DELTA,
                    broadcast_encode(&message, ASSEMBLY_CHANNEL));
}

/* All of member 3's broadcast to the members from @first on. */
static void propose(struct assembly *assembly, const struct proposal *proposal, node_id first) {
    for (node_id to = 0; to < LIAR; to++) {
        if (to >= first)
            say(assembly, proposal, MESSAGE_BROADCAST_VAL, to);
        say(assembly, proposal, MESSAGE_BROADCAST_ECHO, to);
        say(assembly, proposal, MESSAGE_BROADCAST_READY, to);
    }
}

/* Blocks of the first epoch, when 3 proposes number 8 in a form at one second, and all eight are
 * submitted at @at. */
static uint64_t blocks_with(uint8_t form, time_ns at) {
    struct assembly *assembly = make(&(struct assembly_config){.outside = 1u << LIAR});
    struct proposal proposal;
    struct consensus_view view;
    write_proposal(&proposal, 1, form, 8);
    assembly_run(assembly, NS_PER_S);
    propose(assembly, &proposal, 0);
    assembly_run(assembly, at);
    assembly_submit(assembly, at, 8);
    do
        assembly_run(assembly, assembly_now(assembly) + NS_PER_MS);
    while ((assembly_observe(assembly, 0, &view), view.view) == 1);
    const uint64_t blocks = view.height;
    assembly_run(assembly, 30 * NS_PER_S);
    ck_assert_uint_eq(assembly_decided(assembly), 8);
    end(assembly);
    return blocks;
}

/* The first byte of a proposal says how the rest is to be read: nobody votes for a form that it does not
 * know. A batch that is not valid yet is looked at again when the client has news. */
START_TEST(proposals_are_voted_for_when_they_are_known_and_valid) {
    ck_assert_uint_eq(blocks_with(0, NS_PER_S), 4);
    ck_assert_uint_eq(blocks_with(1, NS_PER_S), 3);
    ck_assert_uint_eq(blocks_with(0, 2 * NS_PER_S), 4);
    ck_assert_uint_eq(blocks_with(1, 2 * NS_PER_S), 3);
}
END_TEST

/* That the first epoch decided @number by each of the first @count members. */
static struct frame *report_of(uint64_t number, uint32_t count) {
    uint8_t bytes[8];
    struct batch batches[N] = {{NULL, 0}};
    struct writer writer;
    writer_init(&writer, bytes, sizeof bytes);
    write_u64(&writer, number);
    for (uint32_t i = 0; i < count; i++)
        batches[i] = (struct batch){bytes, sizeof bytes};
    struct frame *outcome = honeybadger_write_outcome(1, batches, N);
    const struct honeybadger_decided decided = {
        .first = 1, .count = 1, .outcomes = {{outcome->bytes + 8, outcome->size - 8}}};
    struct frame *frame = honeybadger_write_decided(ASSEMBLY_CHANNEL, &decided);
    frame_unref(outcome);
    return frame;
}

/* f + 1 members must report the same, and what can be: an epoch ends with n - f batches at least. */
START_TEST(reports_are_equal_and_possible) {
    static const struct {
        uint64_t numbers[2];
        uint32_t count;
        uint64_t epoch; /* member 0's afterwards */
    } rows[] = {{{9, 8}, N, 1}, {{9, 9}, N - 2, 1}, {{9, 9}, N - 1, 2}};
    for (size_t row = 0; row < ARRAY_LEN(rows); row++) {
        struct assembly *assembly = make(&(struct assembly_config){.outside = 0xc, .faulty = 1});
        struct consensus_view view;
        for (node_id from = 2; from < N; from++)
            assembly_inject(assembly, from, 0, NS_PER_S,
                            report_of(rows[row].numbers[from - 2], rows[row].count));
        assembly_run(assembly, 2 * NS_PER_S);
        assembly_observe(assembly, 0, &view);
        ck_assert_uint_eq(view.view, rows[row].epoch);
        end(assembly);
    }
}
END_TEST

struct names {
    uint64_t at[16]; /* by height */
};

static void note_name(void *context, const struct trace_record *record) {
    struct names *names = context;
    if (record->point == TRACE_DECIDED && record->node == 0)
        names->at[record->a & 0xf] = record->b;
}

/* A block's name binds the chain before it: the same batch of the same member and epoch has another one
 * behind another past. */
START_TEST(a_name_binds_the_past) {
    struct names names[2] = {{{0}}};
    for (uint32_t i = 0; i < 2; i++) {
        struct assembly *assembly =
            make(&(struct assembly_config){.trace = note_name, .context = &names[i]});
        assembly_submit(assembly, NS_PER_S, 4 - i); /* 1 to 4, or 1 to 3 */
        assembly_submit(assembly, 3 * NS_PER_S, 4 + i);
        assembly_run(assembly, 10 * NS_PER_S);
        ck_assert_uint_eq(assembly_log_height(assembly), 8);
        end(assembly);
    }
    ck_assert_uint_eq(names[0].at[1], names[1].at[1]);
    ck_assert_uint_eq(names[0].at[2], names[1].at[2]);
    /* Number 6 by member 0 in the second epoch: the fifth block, or the fourth. */
    ck_assert_uint_ne(names[0].at[5], 0);
    ck_assert_uint_ne(names[0].at[5], names[1].at[4]);
}
END_TEST

static time_ns slow_link(void *context, const struct assembly_message *message) {
    return message->delay + (message->from == 1 && message->to == 0 ? 3 * DELTA : 0);
}

/* Who is a little later than the others keeps what they say of the next epoch, and asks for nothing: with
 * one member silent every word is needed. */
START_TEST(the_next_epochs_messages_are_kept) {
    struct assembly *assembly = make(&(struct assembly_config){
        .outside = 1u << LIAR, .route = slow_link, .view_timeout = 10 * NS_PER_S});
    assembly_submit(assembly, NS_PER_S, 80);
    assembly_run(assembly, 10 * NS_PER_S);
    ck_assert_uint_eq(assembly_decided(assembly), 80);
    ck_assert_uint_eq(assembly_height(assembly, 0), 80);
    ck_assert_uint_eq(sent(assembly, MESSAGE_HONEYBADGER_FETCH), 0);
    end(assembly);
}
END_TEST

/* Whoever is through with an epoch goes on answering in it: a fragment that comes late is passed on. */
START_TEST(the_last_epoch_is_still_served) {
    struct assembly *assembly = make(&(struct assembly_config){.outside = 1u << LIAR});
    struct proposal proposal;
    struct consensus_view view;
    write_proposal(&proposal, 1, 0, 4);
    assembly_submit(assembly, NS_PER_S, 4);
    assembly_run(assembly, NS_PER_S);
    propose(assembly, &proposal, 1); /* member 0 gets no fragment */
    assembly_run(assembly, 3 * NS_PER_S);
    assembly_observe(assembly, 0, &view);
    ck_assert_uint_eq(view.view, 2);
    ck_assert_uint_eq(view.height, 4);
    const uint64_t before = sent(assembly, MESSAGE_BROADCAST_ECHO);
    say(assembly, &proposal, MESSAGE_BROADCAST_VAL, 0);
    assembly_run(assembly, 4 * NS_PER_S);
    ck_assert_uint_eq(sent(assembly, MESSAGE_BROADCAST_ECHO), before + N - 1);
    end(assembly);
}
END_TEST

static time_ns cut_off_for_a_while(void *context, const struct assembly_message *message) {
    const bool cut = message->from == 2 || message->to == 2;
    return cut && message->now < 10 * NS_PER_S ? -1 : message->delay;
}

/* A member that was away, and has nothing of its own to order, asks once it hears that f + 1 others are
 * further. */
START_TEST(who_is_behind_asks) {
    struct assembly *assembly =
        make(&(struct assembly_config){.exact = true, .route = cut_off_for_a_while});
    for (uint32_t i = 1; i <= 5; i++)
        assembly_submit_to(assembly, i * NS_PER_S, 4, 0xb);
    assembly_submit_to(assembly, 11 * NS_PER_S, 1, 0xb);
    assembly_run(assembly, 30 * NS_PER_S);
    ck_assert_uint_eq(assembly_decided(assembly), 21);
    ck_assert_uint_eq(assembly_height(assembly, 2), assembly_log_height(assembly));
    end(assembly);
}
END_TEST

Suite *honeybadger_rules_suite(void) {
    Suite *suite = suite_create("honeybadger_rules");
    TCase *tcase = tcase_create("honeybadger_rules");
    tcase_add_test(tcase, the_coin_takes_f_plus_one);
    tcase_add_test(tcase, proposals_are_voted_for_when_they_are_known_and_valid);
    tcase_add_test(tcase, reports_are_equal_and_possible);
    tcase_add_test(tcase, a_name_binds_the_past);
    tcase_add_test(tcase, the_next_epochs_messages_are_kept);
    tcase_add_test(tcase, the_last_epoch_is_still_served);
    tcase_add_test(tcase, who_is_behind_asks);
    suite_add_tcase(suite, tcase);
    return suite;
}
