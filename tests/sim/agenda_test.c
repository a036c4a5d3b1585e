/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The total order of what happens, and of what one node takes next. */
#include <check.h>
#include <stdlib.h>

#include "base/rng.h"
#include "sim/driver/agenda.h"
#include "sim/driver/station.h"

#define ITEMS 200

/* The order as the header says it: time, class, source, sequence. */
static int64_t rank(const struct agenda_item *item) {
    return ((item->time * 4 + (int64_t)item->class) * 8 + item->source) * ITEMS +
           (int64_t)item->sequence;
}

/* Nearly everything is a tie in something. However items come in, they leave in the one order. */
START_TEST(items_leave_in_the_documented_order) {
    struct rng rng;
    rng_init(&rng, (uint64_t)_i, 0, "agenda");
    struct agenda agenda;
    agenda_init(&agenda);
    for (uint64_t i = 0; i < ITEMS; i++) {
        struct agenda_item item = {
            .time = (time_ns)rng_below(&rng, 3),
            .class = (enum agenda_class)rng_below(&rng, 4),
            .source = (node_id)rng_below(&rng, 3),
            .sequence = i,
        };
        agenda_push(&agenda, &item);
    }
    int64_t before = -1;
    for (size_t i = 0; i < ITEMS; i++) {
        time_ns next = agenda_next(&agenda);
        struct agenda_item item = agenda_pop(&agenda);
        ck_assert_int_eq(item.time, next);
        ck_assert_int_gt(rank(&item), before);
        before = rank(&item);
    }
    ck_assert_int_eq(agenda_next(&agenda), TIME_NEVER);
    agenda_deinit(&agenda);
}
END_TEST

static void never(struct timer *timer) {
    ck_abort_msg("nobody expires timers here");
}

static struct process process;
static struct station station;
static struct machine_pool pool;

static void setup(void) {
    env_init(&process.env, 0, 1);
    station_init(&station, 1);
    station.process = &process;
}

static void teardown(void) {
    station_deinit(&station, &pool);
    machine_pool_deinit(&pool);
    env_deinit(&process.env);
}

static void enqueue(time_ns due, uint64_t transaction) {
    station_enqueue(&station, due, &(struct event){EVENT_SUBMIT, .transaction = transaction}, 0);
}

START_TEST(inputs_wait_in_due_order) {
    static const time_ns dues[] = {5, 3, 9, 3, 1, 9, 20, 2, 2, 11, 12, 13};
    for (size_t i = 0; i < ARRAY_LEN(dues); i++)
        enqueue(dues[i], i);
    ck_assert_uint_eq(station.counters.queue_max, ARRAY_LEN(dues));
    static const uint64_t order[] = {4, 7, 8, 1, 3, 0, 2, 5, 9, 10, 11, 6};
    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        const struct input input = station_take(&station);
        ck_assert_uint_eq(input.event.transaction, order[i]);
        ck_assert_int_eq(input.due, dues[order[i]]);
    }
    ck_assert_int_eq(station_next_start(&station), TIME_NEVER);
}
END_TEST

START_TEST(messages_go_before_timers_of_the_same_moment) {
    struct timer timer;
    timer_init(&timer, never);
    timers_start(&process.env.timers, &timer, 10);
    enqueue(11, 2);
    enqueue(10, 1);
    struct input input = station_take(&station);
    ck_assert_int_eq(input.event.type, EVENT_SUBMIT);
    ck_assert_int_eq(input.due, 10);
    input = station_take(&station);
    ck_assert_int_eq(input.event.type, EVENT_TIMER);
    ck_assert_int_eq(input.due, 10);
    timers_stop(&process.env.timers, &timer);
    ck_assert_int_eq(station_take(&station).event.type, EVENT_SUBMIT);
}
END_TEST

START_TEST(a_busy_core_starts_later) {
    station.machine.core_free[0] = 100;
    enqueue(40, 1);
    ck_assert_int_eq(station_next_start(&station), 100);
    station.machine.core_free[0] = 30;
    ck_assert_int_eq(station_next_start(&station), 40);
    station_down(&station, &pool);
    ck_assert_int_eq(station_next_start(&station), TIME_NEVER);
    ck_assert_uint_eq(station.count, 0);
}
END_TEST

Suite *agenda_suite(void) {
    Suite *suite = suite_create("agenda");
    TCase *tcase = tcase_create("agenda");
    tcase_add_loop_test(tcase, items_leave_in_the_documented_order, 0, 50);
    suite_add_tcase(suite, tcase);
    TCase *inbox = tcase_create("inbox");
    tcase_add_checked_fixture(inbox, setup, teardown);
    tcase_add_test(inbox, inputs_wait_in_due_order);
    tcase_add_test(inbox, messages_go_before_timers_of_the_same_moment);
    tcase_add_test(inbox, a_busy_core_starts_later);
    suite_add_tcase(suite, inbox);
    return suite;
}
