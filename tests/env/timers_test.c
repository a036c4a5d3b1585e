/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <check.h>

#include "base/rng.h"
#include "env/timers.h"

#define COUNT 200

static void ignore(struct timer *timer) {
}

/* Against the plainest reference: scan all. */
static struct timer *earliest(struct timer *all, size_t count) {
    struct timer *best = NULL;
    for (size_t i = 0; i < count; i++)
        if (timer_running(&all[i]) &&
            (best == NULL || all[i].deadline < best->deadline ||
             (all[i].deadline == best->deadline && all[i].order < best->order)))
            best = &all[i];
    return best;
}

START_TEST(pops_in_order_under_random_starts_and_stops) {
    struct timers timers;
    struct timer all[COUNT];
    struct rng rng;
    timers_init(&timers);
    rng_init(&rng, 1, 2, "timers");
    for (size_t i = 0; i < COUNT; i++)
        timer_init(&all[i], ignore);
    for (int round = 0; round < 20000; round++) {
        struct timer *timer = &all[rng_below(&rng, COUNT)];
        if (rng_chance(&rng, 2, 3))
            timers_start(&timers, timer, (time_ns)rng_below(&rng, 50));
        else if (rng_chance(&rng, 1, 2))
            timers_stop(&timers, timer);
        else {
            struct timer *expected = earliest(all, COUNT);
            ck_assert_ptr_eq(timers_pop(&timers, 100), expected);
            ck_assert(expected == NULL || !timer_running(expected));
        }
        struct timer *next = earliest(all, COUNT);
        ck_assert_int_eq(timers_deadline(&timers), next == NULL ? TIME_NEVER : next->deadline);
    }
    timers_deinit(&timers);
}
END_TEST

START_TEST(nothing_pops_before_its_time) {
    struct timers timers;
    struct timer timer;
    timers_init(&timers);
    timer_init(&timer, ignore);
    timers_start(&timers, &timer, 10);
    ck_assert_ptr_null(timers_pop(&timers, 9));
    ck_assert_ptr_eq(timers_pop(&timers, 10), &timer);
    timers_deinit(&timers);
}
END_TEST

Suite *timers_suite(void) {
    Suite *suite = suite_create("timers");
    TCase *tcase = tcase_create("timers");
    tcase_add_test(tcase, pops_in_order_under_random_starts_and_stops);
    tcase_add_test(tcase, nothing_pops_before_its_time);
    suite_add_tcase(suite, tcase);
    return suite;
}
