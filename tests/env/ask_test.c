/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * When a request is repeated: the moments, one by one. */
#include "env/ask.h"

#include <check.h>

#define BASE  (100 * NS_PER_MS)
#define MOST  12
#define START (7 * NS_PER_S)

struct bench {
    struct process process; /* first */
    struct ask ask;
    time_ns at[MOST]; /* of the repetitions */
    uint32_t count, gave_up;
    bool ends; /* the repetition finds that nobody waits any more */
};

static void again(struct ask *ask) {
    struct bench *bench = container_of(ask, struct bench, ask);
    ck_assert_uint_lt(bench->count, MOST);
    bench->at[bench->count++] = bench->process.env.now;
    ck_assert_uint_eq(ask->repeated, bench->count);
    if (bench->ends)
        ask_end(ask);
}

static void given_up(struct ask *ask) {
    struct bench *bench = container_of(ask, struct bench, ask);
    bench->gave_up++;
    ck_assert(!ask_running(ask));
}

static void step(struct process *process, const struct event *event) {
    ask_begin(&((struct bench *)process)->ask);
}

static void open_bench(struct bench *bench, uint32_t limit) {
    *bench = (struct bench){.process.step = step};
    env_init(&bench->process.env, 3, 9);
    ask_init(&bench->ask, &(struct ask_config){.env = &bench->process.env,
                                               .base = BASE,
                                               .limit = limit,
                                               .again = again,
                                               .given_up = given_up});
    process_step(&bench->process, &(struct event){.type = EVENT_START}, START);
}

/* Up to @until, one timer after another. */
static void run(struct bench *bench, time_ns until) {
    struct env *env = &bench->process.env;
    while (timers_deadline(&env->timers) <= until)
        process_step(&bench->process, &(struct event){.type = EVENT_TIMER},
                     timers_deadline(&env->timers));
}

static void close_bench(struct bench *bench) {
    ask_end(&bench->ask);
    ck_assert_int_eq(timers_deadline(&bench->process.env.timers), TIME_NEVER);
    env_deinit(&bench->process.env);
}

START_TEST(waits_double_up_to_the_ceiling_and_go_on) {
    struct bench bench;
    open_bench(&bench, 0);
    run(&bench, START + 100 * BASE);
    ck_assert_uint_ge(bench.count, 8);
    ck_assert_int_eq(bench.at[0], START + BASE); /* the first to the nanosecond: no lot yet */
    time_ns wait = BASE;
    for (uint32_t i = 1; i < bench.count; i++) {
        wait = wait < ASK_CEILING * BASE ? 2 * wait : wait;
        ck_assert_int_ge(bench.at[i] - bench.at[i - 1], wait);
        ck_assert_int_le(bench.at[i] - bench.at[i - 1], wait + wait / 8);
    }
    ck_assert_int_eq(wait, 16 * BASE);
    ck_assert_uint_eq(bench.gave_up, 0);
    close_bench(&bench);
}
END_TEST

/* Two that were cut off at the same moment come back at different ones. */
START_TEST(later_waits_differ_by_lot) {
    struct bench a, b;
    open_bench(&a, 0);
    open_bench(&b, 0);
    rng_init(&b.process.env.rng, 10, 3, "another");
    run(&a, START + 10 * BASE);
    run(&b, START + 10 * BASE);
    ck_assert_int_eq(a.at[0], b.at[0]);
    ck_assert_int_ne(a.at[1], b.at[1]);
    close_bench(&a);
    close_bench(&b);
}
END_TEST

START_TEST(an_answer_ends_it) {
    struct bench bench;
    open_bench(&bench, 0);
    ck_assert(ask_running(&bench.ask));
    run(&bench, START + BASE);
    ask_end(&bench.ask);
    ck_assert(!ask_running(&bench.ask));
    run(&bench, START + 100 * BASE);
    ck_assert_uint_eq(bench.count, 1);
    close_bench(&bench);
}
END_TEST

START_TEST(the_repetition_may_end_it) {
    struct bench bench;
    open_bench(&bench, 0);
    bench.ends = true;
    run(&bench, START + 100 * BASE);
    ck_assert_uint_eq(bench.count, 1);
    close_bench(&bench);
}
END_TEST

START_TEST(begun_anew_it_waits_for_the_base_again) {
    struct bench bench;
    open_bench(&bench, 0);
    run(&bench, START + 4 * BASE);
    ck_assert_uint_eq(bench.count, 2);
    process_step(&bench.process, &(struct event){.type = EVENT_START}, START + 5 * BASE);
    ck_assert_uint_eq(bench.ask.repeated, 0);
    bench.count = 0;
    run(&bench, START + 6 * BASE);
    ck_assert_uint_eq(bench.count, 1);
    ck_assert_int_eq(bench.at[0], START + 6 * BASE);
    close_bench(&bench);
}
END_TEST

START_TEST(with_a_limit_it_is_given_up_once) {
    struct bench bench;
    open_bench(&bench, 3);
    run(&bench, START + 100 * BASE);
    ck_assert_uint_eq(bench.count, 3);
    ck_assert_uint_eq(bench.gave_up, 1);
    close_bench(&bench);
}
END_TEST

Suite *ask_suite(void) {
    Suite *suite = suite_create("ask");
    TCase *tcase = tcase_create("ask");
    tcase_add_test(tcase, waits_double_up_to_the_ceiling_and_go_on);
    tcase_add_test(tcase, later_waits_differ_by_lot);
    tcase_add_test(tcase, an_answer_ends_it);
    tcase_add_test(tcase, the_repetition_may_end_it);
    tcase_add_test(tcase, begun_anew_it_waits_for_the_base_again);
    tcase_add_test(tcase, with_a_limit_it_is_given_up_once);
    suite_add_tcase(suite, tcase);
    return suite;
}
