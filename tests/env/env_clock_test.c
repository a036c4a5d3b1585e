/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a step sees of time: its own clock, corrected or not, and hybrid logical stamps on every send
 * and every receipt. */
#include <check.h>

#include "base/error.h"
#include "base/limits.h"
#include "env/env.h"
#include "tests/lib/steps.h"
#include "wire/message.h"

#define AHEAD (LIMIT_CLOCK_AHEAD_MS * NS_PER_MS)

static unsigned steps;

/* Sends one frame to three nodes, then again to the first. */
static void chatter(struct process *process, const struct event *event) {
    const node_id all[] = {1, 2, 3};
    struct writer writer;
    struct frame *frame = message_new(MESSAGE_TEST, 0, 0, &writer);
    steps++;
    env_broadcast(&process->env, all, ARRAY_LEN(all), frame_ref(frame));
    env_send(&process->env, 1, frame);
}

static void open_process(struct process *process) {
    *process = (struct process){.step = chatter};
    env_init(&process->env, 0, 1);
    steps = 0;
}

static void start(struct process *process, time_ns now, time_ns physical) {
    const struct event event = {.type = EVENT_START};
    steps_drain(&process->env);
    process_step_at(process, &event, now, physical);
}

static void receive(struct process *process, time_ns physical, uint64_t stamp) {
    struct writer writer;
    struct frame *frame = message_new(MESSAGE_TEST, 0, 0, &writer);
    const struct event event = {.type = EVENT_MESSAGE, .from = 1, .stamp = stamp, .frame = frame};
    steps_drain(&process->env);
    process_step_at(process, &event, process->env.now, physical);
    frame_unref(frame);
}

static void close_process(struct process *process) {
    steps_drain(&process->env);
    env_deinit(&process->env);
}

START_TEST(the_clock_is_the_physical_one_with_its_correction) {
    struct process process;
    open_process(&process);
    start(&process, 5, 1000);
    ck_assert_int_eq(env_clock(&process.env), 1000);
    slew_step(&process.env.correction, -300);
    ck_assert_int_eq(env_clock(&process.env), 1000); /* constant during a step */
    start(&process, 6, 2000);
    ck_assert_int_eq(env_clock(&process.env), 1700);
    ck_assert_int_eq(process.env.now, 6);
    const struct event event = {.type = EVENT_START};
    steps_drain(&process.env);
    process.env.correction = (struct slew){0};
    process_step(&process, &event, 7); /* a driver without clocks */
    ck_assert_int_eq(env_clock(&process.env), 7);
    close_process(&process);
}
END_TEST

START_TEST(every_send_has_its_own_stamp) {
    struct process process;
    uint64_t last = 0, local;
    open_process(&process);
    for (int round = 0; round < 3; round++) { /* the clock runs back in round 1 */
        start(&process, round, (round == 1 ? 10 : 20) * NS_PER_MS);
        ck_assert_uint_eq(process.env.out.count, 4);
        for (size_t i = 0; i < 4; i++) {
            ck_assert_uint_gt(process.env.out.list[i].a, last);
            last = process.env.out.list[i].a;
        }
        ck_assert_int_eq(env_stamp(&process.env, &local), OK);
        ck_assert_uint_gt(local, last);
        ck_assert_uint_eq(hlc_milliseconds(local), 20);
    }
    close_process(&process);
}
END_TEST

START_TEST(a_receipt_is_merged_before_the_step) {
    struct process process;
    const time_ns clock = 7 * NS_PER_MS;
    uint64_t stamp = hlc_stamp(507, 9);
    open_process(&process);
    receive(&process, clock, stamp); /* exactly as far ahead as is allowed */
    ck_assert_uint_eq(steps, 1);
    ck_assert_uint_gt(process.env.merged, stamp);
    ck_assert_uint_gt(process.env.out.list[0].a, process.env.merged);
    receive(&process, clock, 1); /* an old one: no less an event */
    ck_assert_uint_gt(process.env.merged, stamp);
    close_process(&process);
}
END_TEST

START_TEST(a_stamp_too_far_ahead_changes_nothing) {
    struct process process;
    open_process(&process);
    start(&process, 0, 7 * NS_PER_MS);
    struct hlc before = process.env.hybrid;
    receive(&process, 7 * NS_PER_MS, hlc_stamp(508, 0));
    ck_assert_uint_eq(steps, 1); /* the start alone */
    ck_assert_uint_eq(process.env.hybrid.last, before.last);
    ck_assert_uint_eq(process.env.merged, 0);
    const struct effect *last = &process.env.out.list[process.env.out.count - 1];
    ck_assert_int_eq(last->type, EFFECT_TRACE);
    ck_assert_uint_eq(last->number, TRACE_DROPPED);
    ck_assert_uint_eq(last->a, MESSAGE_TEST);
    ck_assert_uint_eq(last->b, (uint64_t)-ERR_FUTURE);
    /* The bound goes by the corrected clock. */
    slew_step(&process.env.correction, NS_PER_MS);
    receive(&process, 7 * NS_PER_MS, hlc_stamp(508, 0));
    ck_assert_uint_eq(steps, 2);
    close_process(&process);
}
END_TEST

static void mutter(struct process *process, const struct event *event) {
    struct writer writer;
    steps++;
    env_send_unstamped(&process->env, 1, message_new(MESSAGE_TEST, 0, 0, &writer));
}

START_TEST(unstamped_frames_are_no_events) {
    struct process process;
    open_process(&process);
    process.step = mutter;
    receive(&process, 7 * NS_PER_MS, 0);
    ck_assert_uint_eq(steps, 1);
    ck_assert_uint_eq(process.env.merged, 0);
    ck_assert_uint_eq(process.env.hybrid.last, 0);
    ck_assert_uint_eq(process.env.out.list[0].a, 0);
    close_process(&process);
}
END_TEST

Suite *env_clock_suite(void) {
    Suite *suite = suite_create("env_clock");
    TCase *tcase = tcase_create("env_clock");
    tcase_add_test(tcase, the_clock_is_the_physical_one_with_its_correction);
    tcase_add_test(tcase, every_send_has_its_own_stamp);
    tcase_add_test(tcase, a_receipt_is_merged_before_the_step);
    tcase_add_test(tcase, a_stamp_too_far_ahead_changes_nothing);
    tcase_add_test(tcase, unstamped_frames_are_no_events);
    suite_add_tcase(suite, tcase);
    return suite;
}
