/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The index over a long time: it never denies a piece whose hold lasts, it forgets the others, and
 * it errs as rarely as its filter promises. */
#include "pipeline/piece_index.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "env/timers.h"
#include "tests/lib/steps.h"

#define TTL    (10 * NS_PER_S)
#define PIECES 10

struct bench {
    struct process process;
    struct piece_index index;
    struct rng rng;
    uint64_t number; /* of the next transaction */
};

static struct bench bench;

static const enum piece_index_kind kinds[] = {PIECE_INDEX_CUCKOO, PIECE_INDEX_BLOOM};

static void idle(struct process *process, const struct event *event) {
}

static void open_bench(enum piece_index_kind kind) {
    bench = (struct bench){.process = {.step = idle}};
    env_init(&bench.process.env, 1, 5);
    rng_init(&bench.rng, 23, kind, "piece index test");
    piece_index_init(&bench.index, &bench.process.env, kind, TTL);
}

static void close_bench(void) {
    piece_index_deinit(&bench.index);
    env_deinit(&bench.process.env);
}

static struct env *env(void) {
    return &bench.process.env;
}

/* Lets time pass; timers that become due expire. */
static void pass(time_ns until) {
    while (timers_deadline(&env()->timers) <= until)
        steps_timer(&bench.process, timers_deadline(&env()->timers));
    steps_timer(&bench.process, until);
}

static void enter(uint32_t count) {
    env()->stepping = true;
    ck_assert_int_eq(piece_index_add(&bench.index, bench.number++, count), OK);
    env()->stepping = false;
    steps_drain(env());
}

static bool has(uint64_t number, uint32_t piece) {
    env()->stepping = true;
    bool there = piece_index_has(&bench.index, number, piece);
    env()->stepping = false;
    bool charged = env()->out.count == 1 && env()->out.list[0].number == WORK_FILTER_QUERY;
    if (!charged) /* an assertion that holds costs more than the look-up */
        ck_abort_msg("a look-up charges one query");
    steps_drain(env());
    return there;
}

static size_t denied(uint64_t first) {
    size_t count = 0;
    for (uint64_t number = first; number < bench.number; number++)
        for (uint32_t piece = 0; piece < PIECES; piece++)
            count += !has(number, piece);
    return count;
}

START_TEST(nothing_is_denied_while_its_hold_lasts) {
    enum { STEPS = 4000 };
    static time_ns entered[STEPS];
    uint64_t first = 0; /* whose hold lasts */
    open_bench(kinds[_i]);
    for (size_t step = 0; step < STEPS; step++) {
        entered[step] = env()->now;
        enter(PIECES);
        /* Sometimes nothing comes for long, sometimes much at once. */
        uint64_t gap = rng_chance(&bench.rng, 1, 200) ? 3 * TTL : 100 * NS_PER_MS;
        pass(env()->now + (time_ns)rng_below(&bench.rng, gap));
        while (first < bench.number && entered[first] + TTL <= env()->now)
            first++;
        ck_assert_uint_eq(denied(first), 0);
        if (kinds[_i] == PIECE_INDEX_CUCKOO)
            ck_assert_uint_eq(piece_index_count(&bench.index), (bench.number - first) * PIECES);
    }
    pass(env()->now + 3 * TTL);
    ck_assert_uint_eq(piece_index_count(&bench.index), 0);
    ck_assert(timers_deadline(&env()->timers) == TIME_NEVER);
    for (uint64_t number = 0; number < bench.number; number++)
        ck_assert(!has(number, 3));
    close_bench();
}
END_TEST

/* As full as it was made for: the rates of checks.md 5.7, with two generations for Bloom. */
START_TEST(false_positives_are_as_rare_as_promised) {
    const double rates[] = {[PIECE_INDEX_CUCKOO] = 1 - pow(1 - 1.0 / 4096, 8),
                            [PIECE_INDEX_BLOOM] = 2 * 0.0115}; /* blocked: a bit above 0.82 % */
    const double trials = 200000;
    size_t wrong = 0;
    open_bench(kinds[_i]);
    for (size_t generation = 0; generation < 2; generation++) {
        for (size_t i = 0; i < PIECE_INDEX_ITEMS / PIECES; i++)
            enter(PIECES);
        if (generation == 0)
            pass(TTL + 1);
    }
    for (size_t i = 0; i < (size_t)trials; i++)
        wrong += has(1000000 + i, (uint32_t)(i % PIECES));
    double rate = rates[kinds[_i]], deviation = sqrt(rate * (1 - rate) / trials);
    ck_assert_double_le((double)wrong / trials, rate + 3.29 * deviation);
    ck_assert_uint_gt(wrong, 0);
    close_bench();
}
END_TEST

START_TEST(it_grows_with_what_is_owed) {
    open_bench(PIECE_INDEX_CUCKOO);
    for (size_t i = 0; i < 2000; i++)
        enter(64);
    ck_assert_uint_eq(piece_index_count(&bench.index), 2000 * 64);
    ck_assert_uint_eq(denied(0), 0);
    pass(TTL);
    ck_assert_uint_eq(piece_index_count(&bench.index), 0);
    close_bench();
}
END_TEST

START_TEST(a_node_that_never_sends_pays_nothing) {
    open_bench(kinds[_i]);
    ck_assert(!has(1, 1));
    ck_assert_ptr_null(bench.index.memory);
    ck_assert(timers_deadline(&env()->timers) == TIME_NEVER);
    close_bench();
}
END_TEST

/* A clock that is put back holds expiry up; it must not bring it forward. */
START_TEST(a_clock_put_back_denies_nothing) {
    open_bench(kinds[_i]);
    enter(PIECES);
    struct event event = {.type = EVENT_TIMER};
    steps_drain(env());
    process_step_at(&bench.process, &event, 9 * NS_PER_S, 4 * NS_PER_S);
    env()->stepping = true;
    ck_assert_int_eq(piece_index_add(&bench.index, bench.number++, PIECES), OK);
    env()->stepping = false;
    /* The hold of the first lasts until this clock shows 10 s, at 15 s; the second's until 19 s. */
    for (time_ns now = 9 * NS_PER_S; now < 19 * NS_PER_S; now += 500 * NS_PER_MS) {
        steps_drain(env());
        process_step_at(&bench.process, &event, now, now - 5 * NS_PER_S);
        steps_drain(env());
        ck_assert(now >= 15 * NS_PER_S || has(0, 1));
        ck_assert(has(1, PIECES - 1));
    }
    close_bench();
}
END_TEST

Suite *piece_index_suite(void) {
    Suite *suite = suite_create("piece_index");
    TCase *tcase = tcase_create("piece_index");
    const int count = ARRAY_LEN(kinds);
    tcase_add_loop_test(tcase, nothing_is_denied_while_its_hold_lasts, 0, count);
    tcase_add_loop_test(tcase, false_positives_are_as_rare_as_promised, 0, count);
    tcase_add_test(tcase, it_grows_with_what_is_owed);
    tcase_add_loop_test(tcase, a_node_that_never_sends_pays_nothing, 0, count);
    tcase_add_loop_test(tcase, a_clock_put_back_denies_nothing, 0, count);
    suite_add_tcase(suite, tcase);
    return suite;
}
