/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * PBFT and the disk: what a member said and what was decided come back with it, from whatever moment it
 * crashes, and if all of them do. */
#include <check.h>
#include <string.h>

#include "base/error.h"
#include "consensus/pbft/pbft.h"
#include "sim/assembly/assembly.h"

#define DELTA   (10 * NS_PER_MS)
#define TIMEOUT (400 * NS_PER_MS)

Suite *pbft_restart_suite(void);

struct net {
    bool (*loses)(const struct net *net,
                  const struct assembly_message *message); /* NULL: nothing */
    time_ns until;                                         /* it loses */
    uint64_t isolated;                                     /* bit i: node i is cut off until then */
    uint64_t prepared[8]; /* prepared certificates of each view, at any member */
    uint32_t anew;        /* proposals in view 1 */
    uint64_t first, last; /* what was prepared for number 1 first and last, at any member */
};

static uint64_t view_of(const struct assembly_message *message) {
    struct reader reader;
    reader_init(&reader, message->frame->bytes + MESSAGE_HEADER_BYTES, 8);
    return read_u64(&reader);
}

static time_ns route(void *context, const struct assembly_message *message) {
    struct net *net = context;
    if (message->now >= net->until)
        return message->delay;
    if (((net->isolated >> message->from ^ net->isolated >> message->to) & 1) != 0)
        return -1;
    return net->loses != NULL && net->loses(net, message) ? -1 : message->delay;
}

static void watch(void *context, const struct trace_record *record) {
    struct net *net = context;
    const uint64_t view = (record->a & 0xffffffffff) >> 24;
    if (record->point == TRACE_CERTIFIED && record->a >> 56 == 1 && view < ARRAY_LEN(net->prepared))
        net->prepared[view]++;
    if (record->point == TRACE_CERTIFIED && record->a >> 56 == 1 && (record->a & 0xffffff) == 1) {
        net->first = net->first == 0 ? record->b : net->first;
        net->last = record->b;
    }
    if (record->point == TRACE_PROPOSED && (record->a & 0xffffffff) == 1)
        net->anew++;
}

static struct assembly *make(struct net *net, uint32_t count) {
    const struct assembly_config config = {
        .ops = &pbft_ops,
        .count = count,
        .delay = DELTA,
        .view_timeout = TIMEOUT,
        .seed = 5,
        .route = route,
        .trace = watch,
        .context = net,
    };
    return assembly_new(&config);
}

static void check_all(const struct assembly *assembly, uint32_t count, uint64_t decided) {
    ck_assert_msg(assembly_violation(assembly) == NULL, "%s", assembly_violation(assembly));
    ck_assert_uint_eq(assembly_decided(assembly), decided);
    for (node_id node = 0; node < count; node++)
        if (assembly_alive(assembly, node))
            ck_assert_uint_eq(assembly_height(assembly, node), assembly_log_height(assembly));
}

static void crash_all(struct assembly *assembly, uint32_t count) {
    for (node_id node = 0; node < count; node++)
        assembly_crash(assembly, node);
}

static void restart_all(struct assembly *assembly, uint32_t count) {
    for (node_id node = 0; node < count; node++)
        assembly_restart(assembly, node);
}

/* Only node 2 prepares number 1 in view 0. View 1 starts without node 2's change, so its primary
 * proposes something else for number 1, which node 2 accepts but nobody prepares. */
static bool until_view_two(const struct net *net, const struct assembly_message *message) {
    const uint64_t view = view_of(message);
    switch (message->type) {
    case MESSAGE_PBFT_COMMIT:
        return view <= 1;
    case MESSAGE_PBFT_PREPARE:
        return view == 1 || (view == 0 && message->to != 2);
    case MESSAGE_PBFT_VIEW_CHANGE:
        return message->from == 2 && view == 1;
    default:
        return false;
    }
}

START_TEST(a_prepared_batch_outlives_another_and_a_restart) {
    struct net net = {.loses = until_view_two, .until = 60 * NS_PER_S};
    struct assembly *assembly = make(&net, 4);
    assembly_submit(assembly, NS_PER_S, 2);
    assembly_run(assembly, NS_PER_S + TIMEOUT - DELTA);
    ck_assert_uint_eq(net.prepared[0], 2);
    assembly_run(assembly, NS_PER_S + TIMEOUT + 4 * DELTA);
    ck_assert_uint_eq(net.anew, 2);
    assembly_crash(assembly, 2);
    assembly_restart(assembly, 2); /* with the proof of what it holds no longer in memory */
    assembly_crash(assembly, 0);   /* no quorum without node 2 from now on */
    assembly_run(assembly, 20 * NS_PER_S);
    check_all(assembly, 4, 2);
    ck_assert_uint_eq(assembly_log_height(assembly), 2);
    ck_assert_uint_eq(net.last, net.first); /* as it was: others may have decided it */
    assembly_free(assembly);
}
END_TEST

/* All members of a committee stop together, at any moment of the first rounds, and start again. */
START_TEST(a_committee_that_restarts_as_a_whole_goes_on) {
    for (time_ns from = 90; from < 290; from += 10) {
        struct net net = {0};
        struct assembly *assembly = make(&net, 4);
        for (uint32_t i = 0; i < 50; i++)
            assembly_submit(assembly, 50 * NS_PER_MS + i * 5 * NS_PER_MS + _i, 1);
        assembly_run(assembly, from * NS_PER_MS + _i);
        crash_all(assembly, 4);
        assembly_run(assembly, 300 * NS_PER_MS);
        restart_all(assembly, 4);
        assembly_run(assembly, 10 * NS_PER_S);
        check_all(assembly, 4, 50);
        const uint64_t messages = loop_messages(assembly_loop(assembly), 0);
        assembly_run(assembly, 1000 * NS_PER_S);
        ck_assert_uint_eq(loop_messages(assembly_loop(assembly), 0), messages);
        assembly_free(assembly);
    }
}
END_TEST

/* In the middle of a step, each at another one. */
START_TEST(a_committee_that_fails_in_mid_step_goes_on) {
    for (uint64_t effects = 0; effects < 40; effects++) {
        struct net net = {0};
        struct assembly *assembly = make(&net, 4);
        assembly_submit(assembly, NS_PER_S, 3);
        assembly_run(assembly, NS_PER_S - 1);
        for (node_id node = 0; node < 4; node++)
            assembly_crash_after(assembly, node, (effects + node * 7) % 40);
        assembly_run(assembly, NS_PER_S + 5 * DELTA);
        crash_all(assembly, 4);
        restart_all(assembly, 4);
        assembly_submit(assembly, 2 * NS_PER_S, 2);
        assembly_run(assembly, 20 * NS_PER_S);
        check_all(assembly, 4, 5);
        assembly_free(assembly);
    }
}
END_TEST

/* Votes that were made before hold after it: what was under way is decided in the same view, before any
 * timer has run out. Transactions 1 to 6 are all proposed then, and prepared at some. */
START_TEST(a_committee_resumes_where_it_was) {
    for (time_ns after = 1; after < 30; after += 7) {
        struct net net = {0};
        struct assembly *assembly = make(&net, 4);
        assembly_submit(assembly, NS_PER_S, 6);
        assembly_run(assembly, NS_PER_S + after * NS_PER_MS);
        crash_all(assembly, 4);
        restart_all(assembly, 4);
        assembly_run(assembly, NS_PER_S + after * NS_PER_MS + TIMEOUT / 2);
        check_all(assembly, 4, 6);
        ck_assert_uint_eq(assembly_traced(assembly, TRACE_TIMEOUT), 0);
        assembly_free(assembly);
    }
}
END_TEST

/* Idle, with a chain that is longer than the window; and again, once it has gone on. */
START_TEST(an_idle_committee_keeps_its_chain) {
    struct net net = {0};
    struct assembly *assembly = make(&net, 4);
    assembly_submit(assembly, NS_PER_S, 300);
    for (uint32_t life = 0; life < 3; life++) {
        const time_ns now = (time_ns)(1 + life) * 100 * NS_PER_S;
        assembly_run(assembly, now);
        check_all(assembly, 4, 300 + 5 * life);
        crash_all(assembly, 4);
        assembly_run(assembly, now + NS_PER_S);
        restart_all(assembly, 4);
        assembly_run(assembly, now + NS_PER_S + DELTA / 2); /* before anyone can have told them */
        check_all(assembly, 4, 300 + 5 * life);
        ck_assert_uint_ge(assembly_repeated(assembly, 1),
                          (life + 1) * 300); /* known to be no news */
        assembly_submit(assembly, now + 2 * NS_PER_S, 5);
    }
    assembly_run(assembly, 400 * NS_PER_S);
    check_all(assembly, 4, 315);
    assembly_free(assembly);
}
END_TEST

/* After a restart in a later view, what its NEW-VIEW fixed and what was promised in it still holds. */
START_TEST(a_committee_restarts_in_a_later_view) {
    struct net net = {0};
    struct assembly *assembly = make(&net, 4);
    struct consensus_view view;
    assembly_submit(assembly, NS_PER_S, 3);
    assembly_run(assembly, 10 * NS_PER_S);
    assembly_crash(assembly, 0);
    assembly_submit(assembly, 10 * NS_PER_S, 3);
    assembly_run(assembly, 20 * NS_PER_S);
    crash_all(assembly, 4);
    restart_all(assembly, 4);
    assembly_run(assembly, 20 * NS_PER_S + 1);
    assembly_observe(assembly, 3, &view);
    ck_assert_uint_eq(view.view, 1);
    ck_assert_uint_ge(view.locked_view, 1);
    assembly_submit(assembly, 21 * NS_PER_S, 3);
    assembly_run(assembly, 22 * NS_PER_S);
    check_all(assembly, 4, 9);
    assembly_free(assembly);
}
END_TEST

/* Member 0 is cut off while the others restart one after the other. Nothing that was decided is lost,
 * it catches up, and one more crash stops nothing. */
START_TEST(restarts_one_after_the_other_lose_nothing) {
    struct net net = {.until = 23 * NS_PER_S};
    struct assembly *assembly = make(&net, 4);
    assembly_submit(assembly, NS_PER_S, 10);
    assembly_run(assembly, 3 * NS_PER_S);
    net.isolated = 1;
    assembly_submit(assembly, 3 * NS_PER_S, 300);
    assembly_run(assembly, 10 * NS_PER_S);
    for (node_id node = 1; node < 4; node++) {
        assembly_crash(assembly, node);
        assembly_run(assembly, 10 * NS_PER_S + (time_ns)node * DELTA);
        assembly_restart(assembly, node); /* and before it can have heard of the others … */
    }
    assembly_run(assembly, 40 * NS_PER_S);
    check_all(assembly, 4, 310);
    assembly_crash(assembly, 3);
    assembly_submit(assembly, 41 * NS_PER_S, 5);
    assembly_run(assembly, 60 * NS_PER_S);
    ck_assert_uint_eq(assembly_decided(assembly), 315);
    assembly_free(assembly);
}
END_TEST

/* A primary that restarts, without any loss, at any effect of its first steps, while several batches
 * are in flight, orders nothing twice (the assembly's "validity"), and nothing is left out. */
START_TEST(a_restarted_primary_decides_nothing_twice) {
    for (uint64_t effects = 1; effects <= 120; effects++) {
        struct net net = {0};
        struct assembly *assembly = make(&net, 4);
        assembly_submit(assembly, NS_PER_S, 6);
        assembly_run(assembly, NS_PER_S - 1);
        assembly_crash_after(assembly, 0, effects);
        assembly_run(assembly, NS_PER_S + 6 * DELTA);
        if (assembly_alive(assembly, 0))
            assembly_crash(assembly, 0);
        assembly_restart(assembly, 0);
        assembly_submit(assembly, 2 * NS_PER_S, 2);
        assembly_run(assembly, 30 * NS_PER_S);
        check_all(assembly, 4, 8);
        assembly_free(assembly);
    }
}
END_TEST

Suite *pbft_restart_suite(void) {
    Suite *suite = suite_create("pbft_restart");
    TCase *tests = tcase_create("pbft_restart");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, a_prepared_batch_outlives_another_and_a_restart);
    tcase_add_loop_test(tests, a_committee_that_restarts_as_a_whole_goes_on, 0, 3);
    tcase_add_test(tests, a_committee_that_fails_in_mid_step_goes_on);
    tcase_add_test(tests, a_committee_resumes_where_it_was);
    tcase_add_test(tests, an_idle_committee_keeps_its_chain);
    tcase_add_test(tests, a_committee_restarts_in_a_later_view);
    tcase_add_test(tests, restarts_one_after_the_other_lose_nothing);
    tcase_add_test(tests, a_restarted_primary_decides_nothing_twice);
    suite_add_tcase(suite, tests);
    return suite;
}
