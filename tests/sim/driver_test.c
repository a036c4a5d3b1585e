/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The SimGrid driver alone: echo processes whose timing is known in closed form. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "sim/driver/driver.h"
#include "wire/message.h"

#define NODES 4

struct echo {
    struct process process;
    struct timer timer;
    uint32_t bytes;
};

struct fixture {
    struct echo nodes[NODES];
    struct driver *driver;
    struct trace_record records[64];
    size_t count;
};

static struct fixture fixture;

static struct echo *echo_of(struct process *process) {
    return container_of(process, struct echo, process);
}

static struct frame *test_frame(uint32_t bytes) {
    struct writer writer;
    return message_new(MESSAGE_TEST, 0, bytes, &writer);
}

static void on_timer(struct timer *timer) {
    struct echo *echo = container_of(timer, struct echo, timer);
    env_trace(&echo->process.env, TRACE_TIMEOUT, 0, 0);
}

/* Node 0 sends to everyone at the start; the others charge 1 ms and answer. */
static void echo_step(struct process *process, const struct event *event) {
    struct echo *echo = echo_of(process);
    struct env *env = &process->env;
    const node_id all[NODES] = {0, 1, 2, 3};
    if (event->type == EVENT_START && env->self == 0) {
        env_broadcast(env, all, NODES, test_frame(echo->bytes));
        env_timer_start(env, &echo->timer, 5 * NS_PER_MS);
    } else if (event->type == EVENT_MESSAGE) {
        env_trace(env, TRACE_VIEW, event->from, 0);
        if (env->self != 0) {
            env_charge(env, WORK_SIGN, 1);
            env_send(env, 0, test_frame(echo->bytes));
        }
    }
}

static void keep(void *context, const struct trace_record *record) {
    ck_assert_uint_lt(fixture.count, ARRAY_LEN(fixture.records));
    fixture.records[fixture.count++] = *record;
}

static void run(enum path_mode mode, uint32_t bytes, uint64_t bps) {
    static const char *const names[] = {"east", "west"};
    static const uint32_t place_nodes[] = {2, 2};
    static const uint16_t place_of[] = {0, 0, 1, 1};
    static const time_ns base[] = {2 * NS_PER_MS, 10 * NS_PER_MS, 12 * NS_PER_MS, 2 * NS_PER_MS};
    static uint64_t work_ns[WORK_COUNT];
    char path[] = "/tmp/tierchain-driver-XXXXXX";
    int descriptor = mkstemp(path);
    ck_assert_int_ge(descriptor, 0);
    work_ns[WORK_SIGN] = (uint64_t)NS_PER_MS;
    struct driver_config config = {
        .platform = {2, names, place_nodes, base, bps, 0, 1.0},
        .platform_path = path,
        .network = {.seed = 1,
                    .node_count = NODES,
                    .place_of = place_of,
                    .place_count = 2,
                    .base = base,
                    .interface_bps = bps},
        .mode = mode,
        .work_ns = work_ns,
        .end = NS_PER_S,
        .trace = keep,
    };
    FILE *file = fdopen(descriptor, "w");
    ck_assert_int_eq(platform_write(&config.platform, file), 0);
    fclose(file);
    fixture.count = 0;
    fixture.driver = driver_new(&config);
    for (node_id node = 0; node < NODES; node++) {
        struct echo *echo = &fixture.nodes[node];
        echo->bytes = bytes;
        env_init(&echo->process.env, node, 1);
        timer_init(&echo->timer, on_timer);
        echo->process.step = echo_step;
        driver_start(fixture.driver, node, &echo->process);
    }
    ck_assert_int_eq(driver_run(fixture.driver), DRIVER_DONE);
    unlink(path);
}

static time_ns time_of(node_id node, node_id from) {
    for (size_t i = 0; i < fixture.count; i++)
        if (fixture.records[i].node == node && fixture.records[i].a == from &&
            fixture.records[i].point == TRACE_VIEW)
            return fixture.records[i].time;
    return TIME_NEVER;
}

START_TEST(delays_are_the_sum_of_their_parts) {
    run(PATH_LATENCY, 100, 0);
    ck_assert_int_eq(time_of(1, 0), 2 * NS_PER_MS);
    ck_assert_int_eq(time_of(2, 0), 10 * NS_PER_MS);
    ck_assert_int_eq(time_of(0, 1), (2 + 1 + 2) * NS_PER_MS);
    ck_assert_int_eq(time_of(0, 2), (10 + 1 + 12) * NS_PER_MS);
    ck_assert_int_eq(time_of(0, 3), (10 + 1 + 12) * NS_PER_MS);
    bool expired = false;
    for (size_t i = 0; i < fixture.count; i++)
        expired |=
            fixture.records[i].point == TRACE_TIMEOUT && fixture.records[i].time == 5 * NS_PER_MS;
    ck_assert(expired);
}
END_TEST

/* The three modes agree where there is no contention: one receiver per place pair at a time. */
START_TEST(modes_agree_without_contention) {
    time_ns times[3];
    uint64_t bps = 1000000000;
    uint32_t bytes = 100000;
    for (int mode = PATH_LATENCY; mode <= PATH_HYBRID; mode++) {
        /* one engine per process: each mode runs in a child that reports one number */
        int ends[2];
        ck_assert_int_eq(pipe(ends), 0);
        if (fork() == 0) {
            run((enum path_mode)mode, bytes, bps);
            time_ns time = time_of(0, 1);
            _exit(write(ends[1], &time, sizeof time) != sizeof time);
        }
        ck_assert_int_eq(read(ends[0], &times[mode], sizeof times[mode]), sizeof times[mode]);
    }
    for (int mode = 1; mode < 3; mode++) {
        ck_assert_int_lt(times[mode], TIME_NEVER);
        ck_assert_int_le(llabs(times[mode] - times[0]), 2 * NS_PER_US);
    }
}
END_TEST

Suite *driver_suite(void) {
    Suite *suite = suite_create("driver");
    TCase *tcase = tcase_create("driver");
    tcase_add_test(tcase, delays_are_the_sum_of_their_parts);
    tcase_add_test(tcase, modes_agree_without_contention);
    suite_add_tcase(suite, tcase);
    return suite;
}
