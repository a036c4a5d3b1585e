/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * HotStuff without faults and with silent nodes: figures known in closed form (checks.md 5.1, 5.2,
 * SL-1), exact to the nanosecond and to the message. */
#include <check.h>
#include <stdlib.h>

#include "consensus/hotstuff/hotstuff.h"
#include "sim/assembly/assembly.h"

#define DELTA   (10 * NS_PER_MS)
#define TIMEOUT (200 * NS_PER_MS)

static const struct hotstuff_variant *const variants[] = {&hotstuff_rotating, &hotstuff_sticky};
static const uint32_t sizes[] = {4, 7, 10, 31};

/* What a run has shown. */
struct seen {
    time_ns proposed[4096]; /* per view */
    time_ns entered[4096];  /* per view: the first member to enter it */
    uint64_t views;
    time_ns decided[LIMIT_COMMITTEE]; /* the first decision of a member */
    uint64_t silent;                  /* bit i: member i proposes nothing */
};

static uint64_t view_of(const struct trace_record *record) {
    return record->a & UINT64_C(0xffffffffffff);
}

static void note(void *context, const struct trace_record *record) {
    struct seen *seen = context;
    if (record->point == TRACE_PROPOSED && view_of(record) < ARRAY_LEN(seen->proposed))
        seen->proposed[view_of(record)] = record->time;
    if (record->point == TRACE_VIEW && view_of(record) < ARRAY_LEN(seen->entered)) {
        uint64_t view = view_of(record);
        if (seen->entered[view] == 0)
            seen->entered[view] = record->time;
        if (view > seen->views)
            seen->views = view;
    }
    if (record->point == TRACE_DECIDED && seen->decided[record->node] == 0)
        seen->decided[record->node] = record->time;
}

/* Silent as in SL-1: votes, but neither proposes nor publishes a certificate it has formed. */
static time_ns silence(void *context, const struct assembly_message *message) {
    const struct seen *seen = context;
    bool silent = message->from < 64 && (seen->silent >> message->from & 1) != 0;
    return silent && message->type != MESSAGE_HOTSTUFF_VOTE ? -1 : message->delay;
}

static struct assembly *build(int variant, uint32_t count, struct seen *seen) {
    struct assembly_config config = {
        .ops = &variants[variant]->ops,
        .count = count,
        .delay = DELTA,
        .view_timeout = TIMEOUT,
        .seed = 7,
        .trace = note,
        .route = silence,
        .context = seen,
    };
    return assembly_new(&config);
}

static void assert_sound(const struct assembly *assembly) {
    const char *violation = assembly_violation(assembly);
    ck_assert_msg(violation == NULL, "%s", violation);
}

/* One lone transaction: four views, replicas decide at 7δ, the collector of the last votes at 6δ. */
START_TEST(one_transaction) {
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        const uint32_t n = sizes[i];
        struct seen *seen = calloc(1, sizeof *seen);
        struct assembly *assembly = build(_i, n, seen);
        struct loop *loop = assembly_loop(assembly);
        assembly_submit(assembly, NS_PER_S, 1);
        assembly_run(assembly, 10 * NS_PER_S);
        const node_id collector = _i == 0 ? 3 : 0; /* the leader of view 4 */
        for (node_id node = 0; node < n; node++)
            ck_assert_int_eq(seen->decided[node] - seen->proposed[1],
                             node == collector ? 6 * DELTA : 7 * DELTA);
        ck_assert_int_eq(seen->proposed[1], NS_PER_S);
        ck_assert_uint_eq(loop_messages(loop, MESSAGE_HOTSTUFF_PROPOSAL), 4 * (n - 1));
        ck_assert_uint_eq(loop_messages(loop, MESSAGE_HOTSTUFF_VOTE), 4 * (n - 1));
        ck_assert_uint_eq(loop_messages(loop, 0), 8 * (n - 1));
        assert_sound(assembly);
        assembly_free(assembly);
        free(seen);
    }
}
END_TEST

/* Under load: a block every 2δ, each decided after 7δ, 2(n - 1) messages a view. */
START_TEST(steady_state) {
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        const uint32_t n = sizes[i], blocks = 50, views = blocks + 3;
        struct seen *seen = calloc(1, sizeof *seen);
        struct assembly *assembly = build(_i, n, seen);
        assembly_submit(assembly, NS_PER_S, blocks);
        assembly_run(assembly, NS_PER_S + 20 * 2 * DELTA);
        /* At the start of view 21: blocks 1 … 17 are decided, 18 is by the leader of view 21. */
        ck_assert_uint_eq(assembly_log_height(assembly), 18);
        assembly_run(assembly, 60 * NS_PER_S);
        for (uint64_t view = 1; view <= views; view++)
            ck_assert_int_eq(seen->proposed[view], NS_PER_S + (time_ns)(view - 1) * 2 * DELTA);
        ck_assert_int_eq(seen->proposed[views + 1], 0);
        ck_assert_uint_eq(assembly_log_height(assembly), blocks);
        ck_assert_uint_eq(loop_messages(assembly_loop(assembly), 0), 2 * (n - 1) * views);
        ck_assert_uint_eq(assembly_traced(assembly, TRACE_TIMEOUT), 0);
        ck_assert_uint_eq(assembly_traced(assembly, TRACE_VOTED), n * views);
        assert_sound(assembly);
        assembly_free(assembly);
        free(seen);
    }
}
END_TEST

/* Bytes are what the encodings say: no message is larger or smaller. */
static uint64_t bytes_sent;

static time_ns weigh(void *context, const struct assembly_message *message) {
    (void)context;
    bytes_sent += message->frame->size;
    return message->delay;
}

START_TEST(bytes_of_one_transaction) {
    const uint64_t n = 4, q = 3;
    struct assembly_config config = {.ops = &variants[_i]->ops,
                                     .count = (uint32_t)n,
                                     .delay = DELTA,
                                     .view_timeout = TIMEOUT,
                                     .route = weigh};
    bytes_sent = 0;
    struct assembly *assembly = assembly_new(&config);
    assembly_submit(assembly, NS_PER_S, 1);
    assembly_run(assembly, 10 * NS_PER_S);
    const uint64_t header = 8, block = 8 + 8 + 32 + 4, bare = 1 + 8 + 8 + 32 + 2 + 1;
    const uint64_t vote = header + 8 + 32 + 64, certificate = bare + q * 64;
    uint64_t proposals = 4 * (header + block) + 8 + bare + 3 * certificate;
    ck_assert_uint_eq(bytes_sent, (n - 1) * (proposals + 4 * vote));
    assembly_free(assembly);
}
END_TEST

/* Proposals of one run: those on genesis, and those that carry a signed certificate. */
struct proposals {
    const struct certification *certification;
    uint64_t carrying, bytes; /* of the certificates carried */
};

static time_ns weigh_certificates(void *context, const struct assembly_message *message) {
    struct proposals *seen = context;
    struct message parsed;
    struct proposal proposal;
    if (message->type != MESSAGE_HOTSTUFF_PROPOSAL)
        return message->delay;
    ck_assert_int_eq(message_parse(&parsed, message->frame), 0);
    ck_assert_int_eq(proposal_decode(&proposal, seen->certification, &parsed), 0);
    const size_t rest = message->frame->size - MESSAGE_HEADER_BYTES -
                        block_content_bytes(&proposal.block) - proposal.justify.size;
    ck_assert_uint_eq(rest, 0);
    if (proposal.justify.statement.view > 0) {
        seen->carrying++;
        seen->bytes += proposal.justify.size;
    }
    return message->delay;
}

/* The size of a certificate on the wire, per scheme, in a committee of 4 and of 100. */
START_TEST(certificates_on_the_wire) {
    static const struct {
        const struct certificate_scheme *scheme;
        uint32_t count;
        uint64_t bytes;
    } rows[] = {
        {&certificate_list, 4, 51 + 1 + 3 * 64},  {&certificate_list, 100, 51 + 13 + 67 * 64},
        {&certificate_aggregate, 4, 51 + 1 + 96}, {&certificate_aggregate, 100, 51 + 13 + 96},
        {&certificate_frost, 4, 51 + 64},         {&certificate_frost, 100, 51 + 64},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct proposals seen = {0};
        struct assembly_config config = {.ops = &variants[_i]->ops,
                                         .count = rows[i].count,
                                         .delay = DELTA,
                                         .view_timeout = TIMEOUT,
                                         .certificates = rows[i].scheme,
                                         .route = weigh_certificates,
                                         .context = &seen};
        struct assembly *assembly = assembly_new(&config);
        assembly_run(assembly, NS_PER_MS);
        seen.certification = &assembly_consensus(assembly, 0)->certification;
        assembly_submit(assembly, NS_PER_S, 1);
        assembly_run(assembly, 10 * NS_PER_S);
        ck_assert_uint_eq(seen.carrying, 3 * (rows[i].count - 1));
        ck_assert_uint_eq(seen.bytes, seen.carrying * rows[i].bytes);
        ck_assert_uint_eq(assembly_decided(assembly), 1);
        assert_sound(assembly);
        assembly_free(assembly);
    }
}
END_TEST

/* SL-1: who is silent or crashed, and how many blocks a view commits in the steady state. */
struct silent_row {
    int variant;
    uint32_t count;
    uint64_t silent;
    uint32_t period;    /* views of one rotation */
    uint32_t committed; /* blocks of one rotation */
};

static const struct silent_row silent_rows[] = {
    {0, 4, 1u << 3, 4, 0},                        /* 0.000 */
    {0, 7, 1u << 6, 7, 5},                        /* 0.714 */
    {0, 7, 1u << 3 | 1u << 6, 7, 0},              /* none, as protocols.md 4 */
    {0, 10, 1u << 3 | 1u << 6 | 1u << 9, 10, 0},  /* none */
    {1, 4, 1u << 3, 16, 11},                      /* 12 views led, the last block's votes lost */
    {1, 7, 1u << 6, 28, 23},                      /* 24 led */
    {1, 7, 1u << 3 | 1u << 6, 28, 18},            /* 12 and 8 led: 11 + 7 */
    {1, 10, 1u << 3 | 1u << 6 | 1u << 9, 40, 25}, /* 12, 8 and 8 led: 11 + 7 + 7 */
};

/* Blocks decided that were proposed in views [from, to). */
static uint64_t blocks_between(struct assembly *assembly, uint64_t from, uint64_t to) {
    struct hotstuff *self = container_of(assembly_consensus(assembly, 0), struct hotstuff, base);
    uint64_t count = 0;
    for (const struct block *block = self->store.history; block != NULL; block = block->hh.next)
        count += block->content.view >= from && block->content.view < to;
    return count;
}

static void run_silent(const struct silent_row *row, bool crashed) {
    struct seen *seen = calloc(1, sizeof *seen);
    struct assembly *assembly = build(row->variant, row->count, seen);
    seen->silent = row->silent;
    for (node_id node = 0; node < row->count && crashed; node++)
        if ((row->silent >> node & 1) != 0)
            assembly_crash(assembly, node);
    assembly_submit(assembly, NS_PER_S, 2000);
    const uint64_t from = 2 * row->period + 1, to = 5 * row->period + 1;
    while (seen->views < to + row->period)
        assembly_run(assembly, loop_now(assembly_loop(assembly)) + NS_PER_S);
    ck_assert_uint_eq(blocks_between(assembly, from, to), 3 * row->committed);
    if (row->committed ==
        0) /* but for the silent ones, who keep their certificates to themselves */
        ck_assert_uint_eq(assembly_height(assembly, 0), 0);
    assert_sound(assembly);
    assembly_free(assembly);
    free(seen);
}

START_TEST(silent_leaders) {
    run_silent(&silent_rows[_i], false);
}
END_TEST

START_TEST(crashed_members) {
    run_silent(&silent_rows[_i], true);
}
END_TEST

/* A crashed leader costs its views one time-out each, and one δ until the others know of it; the
 * back-off starts again with each commit (checks.md 5.1). */
START_TEST(a_silent_leader_costs_one_timeout) {
    struct seen *seen = calloc(1, sizeof *seen);
    struct assembly *assembly = build(0, 7, seen);
    assembly_crash(assembly, 6);
    assembly_submit(assembly, NS_PER_S, 500);
    assembly_run(assembly, 10 * NS_PER_S);
    for (uint64_t view = 7; view + 7 < seen->views; view += 7) {
        ck_assert_int_eq(seen->proposed[view], 0);
        /* The voters of view 7k - 1 enter 7k with their votes, δ after its proposal. */
        time_ns voted = seen->proposed[view - 1] + DELTA;
        ck_assert_int_eq(seen->proposed[view + 1], voted + TIMEOUT + DELTA);
    }
    ck_assert_uint_gt(seen->views, 70);
    assert_sound(assembly);
    assembly_free(assembly);
    free(seen);
}
END_TEST

Suite *hotstuff_suite(void) {
    Suite *suite = suite_create("hotstuff");
    TCase *tcase = tcase_create("closed forms");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, one_transaction, 0, 2);
    tcase_add_loop_test(tcase, steady_state, 0, 2);
    tcase_add_loop_test(tcase, bytes_of_one_transaction, 0, 2);
    tcase_add_loop_test(tcase, certificates_on_the_wire, 0, 2);
    tcase_add_loop_test(tcase, silent_leaders, 0, ARRAY_LEN(silent_rows));
    tcase_add_loop_test(tcase, crashed_members, 0, ARRAY_LEN(silent_rows));
    tcase_add_test(tcase, a_silent_leader_costs_one_timeout);
    suite_add_tcase(suite, tcase);
    return suite;
}
