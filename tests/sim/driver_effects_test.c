/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the SimGrid driver owes a process (env/env.h), each against times worked out by hand: effects
 * leave in order, work takes the core, interfaces serialise, durable records come back, controls come
 * before everything else of their moment. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "sim/driver/driver.h"
#include "wire/message.h"

#define NODES 3
#define DELAY (10 * NS_PER_MS)
#define WORK  (3 * NS_PER_MS)
#define WRITE (2 * NS_PER_MS)

struct script {
    struct process process;
    struct timer timer;
};

static struct script scripts[NODES];
static struct driver *driver;
static struct trace_record records[256];
static size_t record_count;
static void (*on_event)(struct script *script, const struct event *event);

static void keep(void *context, const struct trace_record *record) {
    ck_assert_uint_lt(record_count, ARRAY_LEN(records));
    records[record_count++] = *record;
}

static void step(struct process *process, const struct event *event) {
    on_event(container_of(process, struct script, process), event);
}

static struct frame *numbered(uint64_t number, size_t bytes) {
    struct writer writer;
    struct frame *frame = message_new(MESSAGE_TEST, 0, size_max(bytes, 8), &writer);
    write_u64(&writer, number);
    return frame;
}

static uint64_t number_of(const struct event *event) {
    struct message message;
    struct reader reader;
    ck_assert_int_eq(message_parse(&message, event->frame), 0);
    reader_init(&reader, message.body, message.size);
    return read_u64(&reader);
}

/* Each receipt is traced with its number, when its step starts. */
static void note(struct script *script, const struct event *event) {
    env_trace(&script->process.env, TRACE_VIEW, number_of(event), event->from);
}

static void start(node_id node) {
    env_init(&scripts[node].process.env, node, 1);
    scripts[node].process.step = step;
    driver_start(driver, node, &scripts[node].process);
}

static uint16_t cores[NODES] = {1, 1, 1};

static void open_driver(uint64_t bps, time_ns end) {
    static const char *const names[] = {"a", "b", "c"};
    static const uint32_t place_nodes[] = {1, 1, 1};
    static const uint16_t place_of[] = {0, 1, 2};
    static const time_ns base[] = {DELAY, DELAY, DELAY, DELAY, DELAY, DELAY, DELAY, DELAY, DELAY};
    static uint64_t work_ns[WORK_COUNT];
    char path[] = "/tmp/tierchain-effects-XXXXXX";
    int descriptor = mkstemp(path);
    ck_assert_int_ge(descriptor, 0);
    work_ns[WORK_SIGN] = (uint64_t)WORK;
    work_ns[WORK_PERSIST] = (uint64_t)WRITE;
    struct driver_config config = {
        .platform = {3, names, place_nodes, base, bps, 0, 1.0},
        .platform_path = path,
        .network = {.seed = 1,
                    .node_count = NODES,
                    .place_of = place_of,
                    .place_count = 3,
                    .base = base,
                    .interface_bps = bps},
        .mode = PATH_LATENCY,
        .work_ns = work_ns,
        .cores = cores,
        .end = end,
        .trace = keep,
    };
    FILE *file = fdopen(descriptor, "w");
    ck_assert_int_eq(platform_write(&config.platform, file), 0);
    fclose(file);
    driver = driver_new(&config);
    unlink(path);
}

static void run(void (*script)(struct script *script, const struct event *event)) {
    on_event = script;
    for (node_id node = 0; node < NODES; node++)
        start(node);
    ck_assert_int_eq(driver_run(driver), DRIVER_DONE);
}

/* When @node noted @number, TIME_NEVER if it did not; the first time. */
static time_ns noted(node_id node, uint64_t number) {
    for (size_t i = 0; i < record_count; i++)
        if (records[i].node == node && records[i].a == number && records[i].point == TRACE_VIEW)
            return records[i].time;
    return TIME_NEVER;
}

/* SEND 1, CHARGE, SEND 2, PERSIST, SEND 3: the core's work delays what follows it, and nothing else. */
static void effects_in_turn(struct script *script, const struct event *event) {
    struct env *env = &script->process.env;
    if (event->type == EVENT_MESSAGE)
        note(script, event);
    if (event->type != EVENT_START || env->self != 0)
        return;
    env_send(env, 1, numbered(1, 0));
    env_charge(env, WORK_SIGN, 2);
    env_send(env, 1, numbered(2, 0));
    env_persist(env, 1, frame_copy("x", 1));
    env_send(env, 1, numbered(3, 0));
    env_trace(env, TRACE_VIEW, 4, 0);
}

START_TEST(effects_leave_in_order_as_work_is_done) {
    open_driver(0, NS_PER_S);
    run(effects_in_turn);
    ck_assert_int_eq(noted(1, 1), DELAY);
    ck_assert_int_eq(noted(1, 2), 2 * WORK + DELAY);
    ck_assert_int_eq(noted(1, 3), 2 * WORK + WRITE + DELAY);
    ck_assert_int_eq(noted(0, 4), 2 * WORK + WRITE);
    ck_assert_int_eq(driver_station(driver, 0)->machine.core_busy, 2 * WORK);
    ck_assert_int_eq(driver_station(driver, 0)->machine.disk_busy, WRITE);
}
END_TEST

START_TEST(a_slow_node_takes_as_many_times_longer) {
    open_driver(0, NS_PER_S);
    driver_slow(driver, 0, 2500);
    run(effects_in_turn);
    ck_assert_int_eq(noted(1, 2), 5 * WORK + DELAY);
    ck_assert_int_eq(noted(1, 3), 5 * WORK + WRITE + DELAY);
}
END_TEST

/* Two nodes send at once; each receipt costs WORK. One core: the second waits for the first. */
static void busy_receiver(struct script *script, const struct event *event) {
    struct env *env = &script->process.env;
    if (event->type == EVENT_START && env->self != 2)
        env_send(env, 2, numbered(env->self, 0));
    if (event->type != EVENT_MESSAGE)
        return;
    note(script, event);
    env_charge(env, WORK_SIGN, 1);
}

START_TEST(a_busy_node_lets_inputs_wait) {
    open_driver(0, NS_PER_S);
    run(busy_receiver);
    ck_assert_int_eq(noted(2, 0), DELAY);
    ck_assert_int_eq(noted(2, 1), DELAY + WORK);
    ck_assert_int_eq(driver_station(driver, 2)->counters.queue_wait_max, WORK);
}
END_TEST

#define BPS UINT64_C(1000000) /* one bit a microsecond */

/* Three frames from one node, of which two go to the same receiver; all of one size. */
static void three_frames(struct script *script, const struct event *event) {
    struct env *env = &script->process.env;
    if (event->type == EVENT_MESSAGE)
        note(script, event);
    if (event->type != EVENT_START || env->self != 0)
        return;
    env_send(env, 1, numbered(1, 1000));
    env_send(env, 1, numbered(2, 1000));
    env_send(env, 2, numbered(3, 1000));
}

START_TEST(interfaces_serialise_both_ways) {
    struct frame *frame = numbered(0, 1000);
    time_ns size = (time_ns)(network_wire_bytes(frame) * 8 * (uint64_t)NS_PER_S / BPS);
    frame_unref(frame);
    open_driver(BPS, NS_PER_S);
    run(three_frames);
    ck_assert_int_eq(noted(1, 1), DELAY + size);
    ck_assert_int_eq(noted(1, 2), DELAY + 2 * size);
    ck_assert_int_eq(noted(2, 3), DELAY + 3 * size);
}
END_TEST

/* Node 0's first step works, then sends 1; its second, on another core, sends 2 and 3 meanwhile. */
static void overtaking(struct script *script, const struct event *event) {
    struct env *env = &script->process.env;
    if (event->type == EVENT_MESSAGE && env->self == 1)
        note(script, event);
    if (event->type == EVENT_START && env->self == 2)
        for (uint64_t i = 0; i < 2; i++)
            env_send(env, 0, numbered(i, 0));
    if (event->type != EVENT_MESSAGE || env->self != 0)
        return;
    uint64_t number = number_of(event);
    env_charge(env, WORK_SIGN, number == 0 ? 10 : 1);
    env_send(env, 1, numbered(number == 0 ? 1 : 2, 1000));
    if (number == 1)
        env_send(env, 1, numbered(3, 1000));
}

/* What leaves first is served first at the interface, whichever step began earlier. */
START_TEST(a_shorter_step_on_another_core_overtakes) {
    struct frame *small = numbered(0, 0), *large = numbered(0, 1000);
    time_ns bit = NS_PER_S / (time_ns)BPS;
    time_ns came = DELAY + 2 * (time_ns)network_wire_bytes(small) * 8 * bit; /* the second of two */
    time_ns size = (time_ns)network_wire_bytes(large) * 8 * bit;
    frame_unref(small);
    frame_unref(large);
    cores[0] = 2;
    open_driver(BPS, NS_PER_S);
    run(overtaking);
    ck_assert_int_eq(noted(1, 2), came + WORK + DELAY + size);
    ck_assert_int_eq(noted(1, 3), came + WORK + DELAY + 2 * size);
    ck_assert_int_lt(noted(1, 2), noted(1, 1));
    time_ns first =
        DELAY + (came - DELAY) / 2 + 10 * WORK; /* the first has been under way till then */
    ck_assert_int_eq(noted(1, 1), first + DELAY + size);
}
END_TEST

static void crash_node(void *context, uint64_t node) {
    driver_crash(driver, (node_id)node);
    env_deinit(&scripts[node].process.env);
}

static void restart_node(void *context, uint64_t node) {
    start((node_id)node);
}

/* Node 1 persists what it gets; at its start it tells which records came back. */
static void persisting(struct script *script, const struct event *event) {
    struct env *env = &script->process.env;
    for (size_t i = 0; i < event->record_count; i++)
        env_trace(env, TRACE_VIEW, 100 + event->records[i].slot, event->records[i].frame->bytes[0]);
    if (event->type == EVENT_START && env->self == 0) {
        env_send(env, 1, numbered(1, 0));
        env_charge(env, WORK_SIGN, 4);
        env_send(env, 1, numbered(2, 0));
        env_charge(env, WORK_SIGN, 4);
        env_send(env, 1, numbered(3, 0));
    }
    if (event->type != EVENT_MESSAGE)
        return;
    uint64_t number = number_of(event);
    note(script, event);
    env_persist(env, (uint32_t)number, frame_copy("abc", 3));
    if (number == 2)
        env_persist(env, 1, NULL);
}

START_TEST(what_was_durable_comes_back_and_nothing_else) {
    open_driver(0, NS_PER_S);
    driver_at(driver, DELAY + 8 * WORK - 1, crash_node, 1); /* 1 and 2 came, 3 did not */
    driver_at(driver, DELAY + 9 * WORK, restart_node, 1);
    run(persisting);
    ck_assert_int_eq(noted(1, 2), DELAY + 4 * WORK);
    ck_assert_int_eq(noted(1, 3), TIME_NEVER); /* it came to a node that was down */
    ck_assert_int_eq(noted(1, 101), TIME_NEVER);
    ck_assert_int_eq(noted(1, 102), DELAY + 9 * WORK);
    ck_assert_int_eq(noted(1, 103), TIME_NEVER);
}
END_TEST

/* The power fails while the disk writes: no record, and nothing that was to come after it. */
START_TEST(a_crash_loses_the_record_that_is_being_written) {
    open_driver(0, NS_PER_S);
    driver_at(driver, DELAY + 4 * WORK + WRITE - 1, crash_node, 1);
    driver_at(driver, DELAY + 9 * WORK, restart_node, 1);
    run(persisting);
    ck_assert_int_eq(noted(1, 2), DELAY + 4 * WORK);
    ck_assert_int_eq(noted(1, 102), TIME_NEVER);
    ck_assert_int_eq(noted(1, 101), DELAY + 9 * WORK);
}
END_TEST

START_TEST(a_crash_loses_what_has_not_left) {
    open_driver(0, NS_PER_S);
    driver_at(driver, 2 * WORK - 1, crash_node, 0);
    run(effects_in_turn);
    ck_assert_int_eq(noted(1, 1), DELAY);
    ck_assert_int_eq(noted(1, 2), TIME_NEVER);
    ck_assert_int_eq(noted(0, 4), TIME_NEVER);
}
END_TEST

/* A message is due at the very moment of the crash: the control comes first. */
START_TEST(controls_come_before_arrivals_of_their_moment) {
    open_driver(0, NS_PER_S);
    driver_at(driver, DELAY, crash_node, 1);
    run(effects_in_turn);
    ck_assert_int_eq(noted(1, 1), TIME_NEVER);
    ck_assert_int_eq(noted(1, 2), TIME_NEVER);
}
END_TEST

/* A backlog may be handled ahead of SimGrid's clock, but never past a control. */
static void backlog(struct script *script, const struct event *event) {
    struct env *env = &script->process.env;
    if (event->type == EVENT_START && env->self == 0)
        for (uint64_t i = 0; i < 5; i++)
            env_send(env, 1, numbered(i, 0));
    if (event->type != EVENT_MESSAGE)
        return;
    note(script, event);
    env_charge(env, WORK_SIGN, 1);
}

START_TEST(a_crash_ends_a_backlog_at_its_moment) {
    open_driver(0, NS_PER_S);
    driver_at(driver, DELAY + 2 * WORK + 1, crash_node, 1);
    run(backlog);
    ck_assert_int_eq(noted(1, 2), DELAY + 2 * WORK);
    ck_assert_int_eq(noted(1, 3), TIME_NEVER);
}
END_TEST

START_TEST(nothing_happens_after_the_end) {
    open_driver(0, DELAY + WORK);
    run(backlog);
    ck_assert_int_eq(noted(1, 1), DELAY + WORK);
    ck_assert_int_eq(noted(1, 2), TIME_NEVER);
    ck_assert_int_eq(driver_now(driver), DELAY + WORK);
}
END_TEST

Suite *driver_effects_suite(void) {
    Suite *suite = suite_create("driver_effects");
    TCase *tcase = tcase_create("driver_effects");
    tcase_add_test(tcase, effects_leave_in_order_as_work_is_done);
    tcase_add_test(tcase, a_slow_node_takes_as_many_times_longer);
    tcase_add_test(tcase, a_busy_node_lets_inputs_wait);
    tcase_add_test(tcase, interfaces_serialise_both_ways);
    tcase_add_test(tcase, what_was_durable_comes_back_and_nothing_else);
    tcase_add_test(tcase, a_shorter_step_on_another_core_overtakes);
    tcase_add_test(tcase, a_crash_loses_the_record_that_is_being_written);
    tcase_add_test(tcase, a_crash_loses_what_has_not_left);
    tcase_add_test(tcase, controls_come_before_arrivals_of_their_moment);
    tcase_add_test(tcase, a_crash_ends_a_backlog_at_its_moment);
    tcase_add_test(tcase, nothing_happens_after_the_end);
    suite_add_tcase(suite, tcase);
    return suite;
}
