/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A transaction is followed to the continent's order, or it is said where it stands. */
#include "sim/report/stuck.h"

#include <check.h>
#include <string.h>

#include "sim/observe/observer.h"

#define TRANSACTIONS 10

static struct observer observer;

static void setup(void) {
    observer_init(&observer, 3);
    carriage_init(&observer.carriage, 2);
    for (uint64_t i = 0; i < TRANSACTIONS; i++)
        observer_intend(&observer, (node_id)(100 + i), 1, 0);
}

static void teardown(void) {
    observer_deinit(&observer);
}

static void record(time_ns time, node_id node, enum trace_point point, uint64_t a, uint64_t b) {
    observer_record(&observer, &(struct trace_record){time, node, point, a, b, 0});
}

/* A transaction's way, of which the first @steps happen; then it is done if @steps is all. */
static void walk(uint64_t number, unsigned steps) {
    static const enum trace_point way[] = {TRACE_TX_SUBMITTED, TRACE_TX_S4,        TRACE_TX_ORDERED,
                                           TRACE_TX_S5,        TRACE_TX_CONTINENT, TRACE_TX_TOKEN,
                                           TRACE_TX_DONE};
    for (unsigned i = 0; i < steps; i++)
        record((time_ns)i + 1, 100, way[i], number, way[i] == TRACE_TX_ORDERED ? number + 1 : 0);
}

START_TEST(each_is_where_its_last_step_was) {
    walk(0, 7);
    record(9, 1, TRACE_BATCH_ORDERED, 1, 1);
    walk(1, 1);
    walk(2, 2);
    walk(3, 3);
    walk(4, 4);
    walk(5, 5);
    walk(6, 7); /* its batch is in no order */
    walk(7, 1);
    record(3, 100, TRACE_TX_FAILED, 7, 20);
    walk(8, 1);
    observer_stopped(&observer, 108);
    observer_end(&observer); /* and 9 was never submitted */
    static const uint64_t expected[STUCK_COUNT] = {
        [STUCK_NOT] = 1,      [STUCK_SENDER_GONE] = 2,       [STUCK_FAILED] = 1,
        [STUCK_HOLDING] = 1,  [STUCK_SUBMITTED] = 1,         [STUCK_NO_REPLY] = 1,
        [STUCK_NO_TOKEN] = 1, [STUCK_NOT_ORDERED_ABOVE] = 1, [STUCK_NO_ACKNOWLEDGED] = 1,
    };
    for (unsigned i = 0; i < STUCK_COUNT; i++)
        ck_assert_msg(observer.stuck_at[i] == expected[i], "%s", stuck_name((enum stuck_at)i));
    ck_assert_uint_eq(observer.checker.violations[INVARIANT_CARRIED], 1);
}
END_TEST

/* The second of the two that are needed, whichever record comes first. */
START_TEST(a_batch_is_received_when_enough_have_it) {
    walk(0, 4);
    record(50, 1, TRACE_BATCH_RECEIVED, 1, 0);
    ck_assert_uint_eq(observer.carriage.backlog, 1);
    record(40, 2, TRACE_BATCH_RECEIVED, 1, 0);
    record(45, 1, TRACE_BATCH_RECEIVED, 1, 0); /* in a new life */
    record(60, 3, TRACE_BATCH_RECEIVED, 1, 0);
    record(70, 1, TRACE_BATCH_DURABLE, 1, 0);
    record(90, 2, TRACE_BATCH_ORDERED, 1, 0);
    record(80, 3, TRACE_BATCH_ORDERED, 1, 0);
    ck_assert_uint_eq(observer.carriage.backlog, 0);
    ck_assert_uint_eq(observer.carriage.backlog_max, 1);
    observer_end(&observer);
    const struct transaction_record *transaction = &observer.transactions[0];
    ck_assert_int_eq(transaction->received, 50);
    ck_assert_int_eq(transaction->durable, TIME_NEVER); /* only one */
    ck_assert_int_eq(transaction->ordered, 80);
    ck_assert_int_eq(observer.transactions[1].received, TIME_NEVER);
}
END_TEST

START_TEST(people_read_how_many_and_why) {
    struct run_result run = {.stuck = 4,
                             .stuck_at = {[STUCK_NOT] = 7,
                                          [STUCK_SENDER_GONE] = 2,
                                          [STUCK_NO_ACKNOWLEDGED] = 3,
                                          [STUCK_NO_TOKEN] = 1}};
    struct text text = {0};
    stuck_print(&run, &text);
    ck_assert_str_eq(text.bytes, "stuck: 4 (3 batch not acknowledged, 1 no token)\n"
                                 "gone with their senders: 2\n");
    text_deinit(&text);
    run = (struct run_result){.stuck_at = {[STUCK_NOT] = 7}};
    text = (struct text){0};
    stuck_print(&run, &text);
    ck_assert(text.bytes == NULL || text.bytes[0] == '\0');
    text_deinit(&text);
}
END_TEST

Suite *stuck_suite(void) {
    Suite *suite = suite_create("stuck");
    TCase *tests = tcase_create("stuck");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, each_is_where_its_last_step_was);
    tcase_add_test(tests, a_batch_is_received_when_enough_have_it);
    tcase_add_test(tests, people_read_how_many_and_why);
    suite_add_tcase(suite, tests);
    return suite;
}
