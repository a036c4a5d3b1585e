/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What once stopped PBFT for ever, or kept it talking for ever: view changes at different times, lost
 * checkpoints, a primary that passes over a transaction, a view that others have left behind. */
#include <check.h>
#include <string.h>

#include "base/error.h"
#include "base/rng.h"
#include "consensus/pbft/pbft.h"
#include "sim/assembly/assembly.h"

#define DELTA   (10 * NS_PER_MS)
#define TIMEOUT (400 * NS_PER_MS)

Suite *pbft_liveness_suite(void);

struct net {
    struct assembly *assembly;
    time_ns (*rule)(struct net *net, const struct assembly_message *message); /* NULL: all arrive */
    time_ns until;                                                            /* the rule holds */
    uint64_t timeouts[16];
};

static uint64_t view_of(const struct assembly_message *message) {
    struct reader reader;
    reader_init(&reader, message->frame->bytes + MESSAGE_HEADER_BYTES, 8);
    return read_u64(&reader);
}

static time_ns route(void *context, const struct assembly_message *message) {
    struct net *net = context;
    return net->rule == NULL || message->now >= net->until ? message->delay
                                                           : net->rule(net, message);
}

static void watch(void *context, const struct trace_record *record) {
    struct net *net = context;
    if (record->point == TRACE_TIMEOUT && record->node < ARRAY_LEN(net->timeouts))
        net->timeouts[record->node]++;
}

static struct assembly_config config_of(struct net *net, uint32_t count, uint64_t seed) {
    return (struct assembly_config){
        .ops = &pbft_ops,
        .count = count,
        .delay = DELTA,
        .view_timeout = TIMEOUT,
        .seed = seed,
        .route = route,
        .trace = watch,
        .context = net,
    };
}

static void check_all(const struct assembly *assembly, uint32_t count, uint64_t decided) {
    ck_assert_msg(assembly_violation(assembly) == NULL, "%s", assembly_violation(assembly));
    ck_assert_uint_eq(assembly_decided(assembly), decided);
    for (node_id node = 0; node < count; node++)
        if (assembly_alive(assembly, node))
            ck_assert_uint_eq(assembly_height(assembly, node), assembly_log_height(assembly));
}

/* Two of seven are down, among them the primaries of some first views; one transaction reaches the
 * others within 20 to 160 ms, so their timers run out one after the other, further apart than a delay.
 * Five are all that a quorum has. */
START_TEST(timers_that_run_out_apart_still_change_the_view) {
    struct rng rng;
    rng_init(&rng, 3, (uint64_t)_i, "staggered");
    for (uint32_t run = 0; run < 5; run++) {
        struct net net = {0};
        const node_id first = (node_id)(_i % 6);
        const node_id second = first + 1 + (node_id)rng_below(&rng, 6 - first);
        struct assembly_config config = config_of(&net, 7, run);
        struct assembly *assembly = assembly_new(&config);
        time_ns at[7];
        assembly_run(assembly, NS_PER_S / 2);
        assembly_crash(assembly, first);
        assembly_crash(assembly, second);
        for (node_id node = 0; node < 7; node++)
            at[node] = NS_PER_S + (time_ns)(20 + rng_below(&rng, 141)) * NS_PER_MS;
        assembly_submit_staggered(assembly, at);
        /* Two views may fail, the second with twice the time-out, and each may start 140 ms late. */
        assembly_run(assembly, NS_PER_S + 4 * TIMEOUT + 600 * NS_PER_MS);
        check_all(assembly, 7, 1);
        assembly_free(assembly);
    }
}
END_TEST

/* One member alone has a transaction, the primary will not hear of it. It times out, alone, and says
 * so ever more rarely; it reads what the others decide; and once they have the transaction too, all is
 * as before. */
START_TEST(who_times_out_alone_is_nearly_silent_and_follows) {
    struct net net = {0};
    struct assembly_config config = config_of(&net, 4, 1);
    struct assembly *assembly = assembly_new(&config);
    time_ns at[4] = {TIME_NEVER, TIME_NEVER, TIME_NEVER, NS_PER_S};
    assembly_submit_staggered(assembly, at);
    assembly_run(assembly, NS_PER_S + 100 * TIMEOUT);
    ck_assert_uint_eq(net.timeouts[3], 1); /* without a quorum the view stays where it is */
    /* After 1/4, 2/4, 1, 2, 4, 4, 4 … timeouts a VIEW-CHANGE and a FETCH to three, and answers. */
    ck_assert_uint_le(loop_messages(assembly_loop(assembly), MESSAGE_PBFT_VIEW_CHANGE), 3 * 30);
    ck_assert_uint_le(loop_messages(assembly_loop(assembly), MESSAGE_PBFT_FETCH), 3 * 30);
    ck_assert_uint_ge(loop_messages(assembly_loop(assembly), MESSAGE_PBFT_FETCH), 3 * 20);
    for (uint32_t i = 0; i < 20; i++)
        assembly_submit(assembly, NS_PER_S + 100 * TIMEOUT + i * NS_PER_S, 1);
    assembly_run(assembly, NS_PER_S + 100 * TIMEOUT + 21 * NS_PER_S);
    check_all(assembly, 4, 21);
    const uint64_t messages = loop_messages(assembly_loop(assembly), 0);
    assembly_run(assembly, 1000 * NS_PER_S);
    ck_assert_uint_eq(loop_messages(assembly_loop(assembly), 0), messages);
    assembly_free(assembly);
}
END_TEST

/* Node 2's change to view 1 reaches nobody, and it is the third of three that are left: it alone has a
 * quorum for view 1 and gives up on it; the others see it in view 2, which says as much. */
static time_ns no_first_change(struct net *net, const struct assembly_message *message) {
    const bool lost = message->type == MESSAGE_PBFT_VIEW_CHANGE && message->from == 2;
    return lost && view_of(message) == 1 ? -1 : message->delay;
}

START_TEST(who_has_gone_further_has_left_this_view_too) {
    struct net net = {.rule = no_first_change, .until = 1000 * NS_PER_S};
    struct assembly_config config = config_of(&net, 4, 1);
    config.outside = 1;
    struct assembly *assembly = assembly_new(&config);
    assembly_submit(assembly, NS_PER_S, 1);
    /* 1 for view 0; 2 until node 2 leaves view 1; 2 until the others do; the view of node 2 is good. */
    assembly_run(assembly, NS_PER_S + 6 * TIMEOUT);
    check_all(assembly, 0, 1);
    for (node_id node = 1; node < 4; node++)
        ck_assert_uint_eq(assembly_height(assembly, node), 1);
    assembly_free(assembly);
}
END_TEST

static time_ns no_checkpoints(struct net *net, const struct assembly_message *message) {
    return message->type == MESSAGE_PBFT_CHECKPOINT ? -1 : message->delay;
}

/* Beyond the window nothing may be proposed until a checkpoint is stable. */
START_TEST(checkpoints_that_were_lost_are_sent_again) {
    struct net net = {.rule = no_checkpoints, .until = 10 * NS_PER_S};
    struct assembly_config config = config_of(&net, 4, 1);
    struct assembly *assembly = assembly_new(&config);
    assembly_submit(assembly, NS_PER_S, 400);
    assembly_run(assembly, 9 * NS_PER_S);
    ck_assert_uint_eq(assembly_decided(assembly), 256); /* h + L */
    assembly_run(assembly, 16 * NS_PER_S);
    check_all(assembly, 4, 400);
    assembly_free(assembly);
}
END_TEST

/* Node 1 hears nothing while the others go to view 2, past the view that it would lead, and decide
 * there. Then it learns what they decided, and only then what they had sent long before: their changes
 * to view 1. */
static time_ns late_changes(struct net *net, const struct assembly_message *message) {
    if (message->to != 1)
        return message->delay;
    if (message->type == MESSAGE_PBFT_VIEW_CHANGE && view_of(message) == 1)
        return 10 * NS_PER_S - message->now;
    if (message->type == MESSAGE_PBFT_NEW_VIEW || message->now < 5 * NS_PER_S)
        return -1;
    return message->delay;
}

START_TEST(who_has_decisions_of_a_later_view_does_not_join_an_earlier_one) {
    struct net net = {.rule = late_changes, .until = 12 * NS_PER_S};
    struct assembly_config config = config_of(&net, 4, 1);
    struct consensus_view view;
    const time_ns never[4] = {TIME_NEVER, TIME_NEVER, TIME_NEVER, TIME_NEVER};
    const time_ns at[4] = {NS_PER_S, 6 * NS_PER_S, NS_PER_S, NS_PER_S};
    config.censors = 1; /* node 0 proposes the first, but not the second */
    struct assembly *assembly = assembly_new(&config);
    assembly_submit_staggered(assembly, never);
    assembly_submit_staggered(assembly, at);
    assembly_run(assembly, 9 * NS_PER_S);
    check_all(assembly, 4, 2);
    assembly_observe(assembly, 0, &view);
    ck_assert_uint_eq(view.view, 2);
    assembly_run(assembly, 11 * NS_PER_S);
    assembly_observe(assembly, 1, &view);
    ck_assert_uint_eq(view.view, 2);
    assembly_submit(assembly, 11 * NS_PER_S, 1);
    assembly_run(assembly, 30 * NS_PER_S);
    check_all(assembly, 4, 3);
    assembly_free(assembly);
}
END_TEST

/* A primary orders something all the time, but never an even number. */
START_TEST(a_primary_that_passes_over_a_transaction_is_replaced) {
    struct net net = {0};
    struct assembly_config config = config_of(&net, 4, 1);
    struct consensus_view view;
    config.censors = 1;
    struct assembly *assembly = assembly_new(&config);
    for (uint32_t i = 0; i < 100; i++)
        assembly_submit(assembly, NS_PER_S + i * 100 * NS_PER_MS, 1);
    assembly_run(assembly, NS_PER_S + 2 * TIMEOUT);
    assembly_observe(assembly, 2, &view);
    ck_assert_uint_eq(view.view, 1);
    assembly_run(assembly, 20 * NS_PER_S);
    check_all(assembly, 4, 100);
    assembly_observe(assembly, 2, &view);
    ck_assert_uint_eq(view.view, 1); /* its successor is good */
    assembly_free(assembly);
}
END_TEST

/* The time-out doubles from view to view while none is good, and is the first one again after one. */
static time_ns nothing_new(struct net *net, const struct assembly_message *message) {
    return message->type == MESSAGE_PBFT_NEW_VIEW ? -1 : message->delay;
}

START_TEST(the_timeout_doubles_while_views_fail_and_recovers) {
    struct net net = {.rule = nothing_new, .until = NS_PER_S + 20 * TIMEOUT};
    struct assembly_config config = config_of(&net, 4, 1);
    config.outside = 1;
    struct assembly *assembly = assembly_new(&config);
    struct consensus_view view;
    assembly_submit(assembly, NS_PER_S, 1);
    /* Views 1, 2, 3 … start 1, 3, 7, 15 time-outs after the request, and a delay for each quorum. */
    static const uint32_t starts[] = {1, 3, 7, 15};
    for (uint32_t i = 0; i < ARRAY_LEN(starts); i++) {
        assembly_run(assembly, NS_PER_S + starts[i] * TIMEOUT + i * DELTA - 1);
        assembly_observe(assembly, 3, &view);
        ck_assert_uint_eq(view.view, i);
        assembly_run(assembly, NS_PER_S + starts[i] * TIMEOUT + i * DELTA);
        assembly_observe(assembly, 3, &view);
        ck_assert_uint_eq(view.view, i + 1);
    }
    assembly_run(assembly, 60 * NS_PER_S);
    check_all(assembly, 4, 1);
    assembly_observe(assembly, 3, &view);
    const uint64_t good = view.view;
    const node_id leader = view.leader;
    assembly_crash(assembly, leader);
    assembly_submit(assembly, 60 * NS_PER_S, 1);
    assembly_run(assembly, 60 * NS_PER_S + 2 * TIMEOUT);
    assembly_observe(assembly, leader == 3 ? 2 : 3, &view);
    ck_assert_uint_eq(view.view, good + 1);
    assembly_free(assembly);
}
END_TEST

/* f + 1 changes are reason enough to change as well, f are not. Node 0 is dead; 1 and 2 hear of the
 * request at once, 3 to 6 much later. */
START_TEST(f_plus_one_changes_are_joined_and_f_are_not) {
    for (uint32_t early = 2; early <= 3; early++) {
        struct net net = {0};
        struct assembly_config config = config_of(&net, 7, 1);
        struct assembly *assembly = assembly_new(&config);
        struct consensus_view view;
        time_ns at[7];
        assembly_run(assembly, NS_PER_S / 2);
        assembly_crash(assembly, 0);
        for (node_id node = 0; node < 7; node++)
            at[node] = node >= 1 && node <= early ? NS_PER_S : 60 * NS_PER_S;
        assembly_submit_staggered(assembly, at);
        assembly_run(assembly, NS_PER_S + TIMEOUT + 2 * DELTA);
        assembly_observe(assembly, 6, &view);
        ck_assert_uint_eq(view.view, early == 3 ? 1 : 0);
        assembly_run(assembly, 90 * NS_PER_S);
        check_all(assembly, 7, 1);
        assembly_free(assembly);
    }
}
END_TEST

Suite *pbft_liveness_suite(void) {
    Suite *suite = suite_create("pbft_liveness");
    TCase *tests = tcase_create("pbft_liveness");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, timers_that_run_out_apart_still_change_the_view, 0, 20);
    tcase_add_test(tests, who_times_out_alone_is_nearly_silent_and_follows);
    tcase_add_test(tests, who_has_gone_further_has_left_this_view_too);
    tcase_add_test(tests, checkpoints_that_were_lost_are_sent_again);
    tcase_add_test(tests, who_has_decisions_of_a_later_view_does_not_join_an_earlier_one);
    tcase_add_test(tests, a_primary_that_passes_over_a_transaction_is_replaced);
    tcase_add_test(tests, the_timeout_doubles_while_views_fail_and_recovers);
    tcase_add_test(tests, f_plus_one_changes_are_joined_and_f_are_not);
    suite_add_tcase(suite, tests);
    return suite;
}
