/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From a hand-made list of trace records to stamps: each trace point sets its own, the first record
 * counts, enough pieces are as many as S5 needs. */
#include "sim/observe/observer.h"

#include <check.h>

#define PROMISES 3

static struct observer observer;

static void setup(void) {
    observer_init(&observer, PROMISES);
    announcements_init(&observer.announcements, 0, 0, 0);
    for (time_ns at = 100; at < 103; at++)
        (void)observer_intend(&observer, 9, 512, at);
}

static void teardown(void) {
    observer_deinit(&observer);
}

static void record(enum trace_point point, time_ns time, uint64_t transaction, uint64_t b) {
    observer_record(
        &observer,
        &(struct trace_record){.time = time, .node = 1, .point = point, .a = transaction, .b = b});
}

START_TEST(each_point_sets_its_stamp) {
    static const enum trace_point points[] = {
        TRACE_TX_TOKEN, TRACE_TX_S1,      TRACE_TX_S2,        TRACE_TX_S3,   TRACE_TX_S4,
        TRACE_TX_S5,    TRACE_TX_ORDERED, TRACE_TX_CONTINENT, TRACE_TX_DONE, TRACE_TX_TRANSFER,
    };
    for (size_t i = 0; i < ARRAY_LEN(points); i++)
        record(points[i], 1000 + (time_ns)i, 1, 0);
    const struct transaction_record *t = &observer.transactions[1];
    ck_assert_uint_eq(t->id, 1);
    ck_assert_uint_eq(t->origin, 9);
    ck_assert_uint_eq(t->size, 512);
    ck_assert_int_eq(t->intended, 101);
    ck_assert_int_eq(t->token, 1000);
    ck_assert_int_eq(t->s1, 1001);
    ck_assert_int_eq(t->s2, 1002);
    ck_assert_int_eq(t->requested, 1003);
    ck_assert_int_eq(t->promised, 1004);
    ck_assert_int_eq(t->s5, 1005);
    ck_assert_int_eq(t->city_commit, 1006);
    ck_assert_int_eq(t->continent_ack, 1007);
    ck_assert_int_eq(t->done, 1008);
    ck_assert_int_eq(t->transfer, 1009);
    ck_assert_int_eq(t->held, TIME_NEVER);
    ck_assert_int_eq(t->settled, TIME_NEVER);
    ck_assert_int_eq(observer.transactions[0].token, TIME_NEVER);
    ck_assert_int_eq(observer.transactions[2].done, TIME_NEVER);
    ck_assert_uint_eq(observer.done, 1);
    record(TRACE_TX_TOKEN, 5, 3, 0); /* nobody intended it */
    ck_assert_uint_eq(observer.count, 3);
}
END_TEST

/* Members commit one after the other, and their records need not come in that order. */
START_TEST(the_earliest_counts) {
    record(TRACE_TX_ORDERED, 500, 0, 0);
    record(TRACE_TX_ORDERED, 400, 0, 0);
    record(TRACE_TX_ORDERED, 600, 0, 0);
    ck_assert_int_eq(observer.transactions[0].city_commit, 400);
}
END_TEST

/* b: attempt << 2 | home << 1 | committed. Only a commit at the other city settles. */
START_TEST(only_the_other_city_settles) {
    record(TRACE_TX_SETTLED, 300, 0, 3);
    record(TRACE_TX_SETTLED, 310, 0, 0);
    record(TRACE_TX_SETTLED, 320, 0, 2);
    ck_assert_int_eq(observer.transactions[0].settled, TIME_NEVER);
    record(TRACE_TX_SETTLED, 330, 0, 1 | 1 << 2);
    ck_assert_int_eq(observer.transactions[0].settled, 330);
}
END_TEST

/* Three different pieces are enough, by time and not by the order in which records come; the same
 * piece again is nothing new. */
START_TEST(enough_pieces_are_held) {
    const struct transaction_record *t = &observer.transactions[0];
    record(TRACE_PIECE_HELD, 700, 0, 4);
    record(TRACE_PIECE_HELD, 710, 0, 4);
    record(TRACE_PIECE_HELD, 720, 0, 0);
    record(TRACE_PIECE_HELD, 100, 1, 5); /* of another */
    ck_assert_int_eq(t->held, TIME_NEVER);
    record(TRACE_PIECE_HELD, 740, 0, 63);
    ck_assert_int_eq(t->held, 740);
    record(TRACE_PIECE_HELD, 750, 0, 1); /* more than enough, and later */
    ck_assert_int_eq(t->held, 740);
    record(TRACE_PIECE_HELD, 705, 0, 2); /* earlier: 700, 705, 720 */
    ck_assert_int_eq(t->held, 720);
    record(TRACE_PIECE_HELD, 600, 0, 3); /* 600, 700, 705 */
    ck_assert_int_eq(t->held, 705);
    record(TRACE_TX_DONE, 900, 0, 0);
    ck_assert_int_eq(t->held, 705);
    ck_assert_int_eq(observer.transactions[1].held, TIME_NEVER);
}
END_TEST

Suite *observer_suite(void) {
    Suite *suite = suite_create("observer");
    TCase *tests = tcase_create("observer");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, each_point_sets_its_stamp);
    tcase_add_test(tests, the_earliest_counts);
    tcase_add_test(tests, only_the_other_city_settles);
    tcase_add_test(tests, enough_pieces_are_held);
    suite_add_tcase(suite, tests);
    return suite;
}
