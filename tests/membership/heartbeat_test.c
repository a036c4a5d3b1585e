/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "membership/heartbeat.h"

#include <check.h>

#include "base/error.h"
#include "tests/lib/steps.h"

#define PERIOD NS_PER_S

/* One node alone, driven by hand: node 9 with linked peers. */
struct bench {
    struct process process;
    struct heartbeat heartbeat;
    node_id silent[HEARTBEAT_PEERS]; /* as reported */
    size_t silent_count;
};

static void on_silent(void *context, node_id peer) {
    struct bench *bench = context;
    bench->silent[bench->silent_count++] = peer;
    heartbeat_down(&bench->heartbeat, 3); /* a report may lead to other links' end */
}

static void bench_step(struct process *process, const struct event *event) {
    struct bench *bench = container_of(process, struct bench, process);
    if (event->type == EVENT_START)
        heartbeat_start(&bench->heartbeat, PERIOD / 2);
    else
        heartbeat_heard(&bench->heartbeat, event->from);
}

static void bench_init(struct bench *bench) {
    struct event start = {.type = EVENT_START};
    *bench = (struct bench){.process.step = bench_step};
    struct heartbeat_config config = {
        .env = &bench->process.env, .period = PERIOD, .silent = on_silent, .context = bench};
    env_init(&bench->process.env, 9, 1);
    heartbeat_init(&bench->heartbeat, &config);
    for (node_id peer = 1; peer <= 3; peer++)
        ck_assert_int_eq(heartbeat_up(&bench->heartbeat, peer), OK);
    process_step(&bench->process, &start, 0);
}

static void bench_deinit(struct bench *bench) {
    heartbeat_deinit(&bench->heartbeat);
    env_deinit(&bench->process.env);
}

static void hear(struct bench *bench, node_id from, time_ns at) {
    struct writer body;
    steps_message(&bench->process, from, at, message_new(MESSAGE_TEST, 0, 0, &body));
}

START_TEST(everyone_gets_one_each_period) {
    struct bench bench;
    bench_init(&bench);
    for (int period = 0; period < 3; period++) {
        steps_timer(&bench.process, PERIOD / 2 + period * PERIOD - 1);
        ck_assert_uint_eq(bench.process.env.out.count, 0);
        steps_timer(&bench.process, PERIOD / 2 + period * PERIOD);
        for (node_id peer = 1; peer <= 3; peer++)
            ck_assert_uint_eq(steps_sent(&bench.process.env, peer, MESSAGE_HEARTBEAT), 1);
        ck_assert_uint_eq(bench.process.env.out.count, 3);
    }
    bench_deinit(&bench);
}
END_TEST

START_TEST(silence_is_reported_once) {
    struct bench bench;
    bench_init(&bench);
    /* 1 and 3 speak, of whatever; 2 was last heard when its link came up, at 0. */
    for (int period = 0; period < 6; period++) {
        time_ns tick = PERIOD / 2 + period * PERIOD;
        hear(&bench, 1, tick - 1);
        hear(&bench, 3, tick - 1);
        steps_timer(&bench.process, tick);
        bool over = tick > HEARTBEAT_MISSED * PERIOD;
        ck_assert_uint_eq(bench.silent_count, over);
        ck_assert_uint_eq(steps_sent(&bench.process.env, 2, MESSAGE_HEARTBEAT), !over);
        ck_assert_uint_eq(steps_sent(&bench.process.env, 1, MESSAGE_HEARTBEAT), 1);
    }
    ck_assert_uint_eq(bench.silent[0], 2);
    ck_assert_uint_eq(bench.heartbeat.count, 1); /* 3 was ended by the report */
    bench_deinit(&bench);
}
END_TEST

START_TEST(links_and_messages_are_checked) {
    struct bench bench;
    struct message message = {.type = MESSAGE_HEARTBEAT};
    bench_init(&bench);
    ck_assert_int_eq(heartbeat_up(&bench.heartbeat, 1), ERR_DUPLICATE);
    for (node_id peer = 100; bench.heartbeat.count < HEARTBEAT_PEERS; peer++)
        ck_assert_int_eq(heartbeat_up(&bench.heartbeat, peer), OK);
    ck_assert_int_eq(heartbeat_up(&bench.heartbeat, 99), ERR_LIMIT);
    heartbeat_down(&bench.heartbeat, 99);
    ck_assert_uint_eq(bench.heartbeat.count, HEARTBEAT_PEERS);
    ck_assert_int_eq(heartbeat_check(&message), OK);
    message.size = 1;
    ck_assert_int_eq(heartbeat_check(&message), ERR_TRAILING);
    bench_deinit(&bench);
}
END_TEST

Suite *heartbeat_suite(void) {
    Suite *suite = suite_create("heartbeat");
    TCase *tests = tcase_create("heartbeat");
    tcase_add_test(tests, everyone_gets_one_each_period);
    tcase_add_test(tests, silence_is_reported_once);
    tcase_add_test(tests, links_and_messages_are_checked);
    suite_add_tcase(suite, tests);
    return suite;
}
