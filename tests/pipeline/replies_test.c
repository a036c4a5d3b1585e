/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A city's answers about a record: f + 1 equal ones are the truth, whoever asks again is answered
 * again, and a record that waits is left to wait. */
#include <check.h>

#include "tests/lib/small_world.h"

#define ORIGIN 0

static const char yaml[] =
    "schema: 1\nduration: 1 s\nwarmup: 0 s\n"
    "places: [{id: komatsu, nodes: 12}]\n"
    "city: {committee: 4, consensus: pbft}\n"
    "continent: {committee: 4, consensus: pbft, places: [tokyo]}\n"
    "pipeline: {candidates: 8, holders: 5, pieces: 5, needed: 3, acks: 4, retry: 100 ms}\n"
    "network: {latency: uniform, delay: 5 ms, local_delay: 1 ms}\n"
    "overlay: {use: off}\n";

static struct small_world small;
static time_ns until;
static uint32_t let_through; /* replies */
static uint64_t submits;

static bool lose_replies(void *context, node_id from, node_id to, const struct message *message) {
    submits += message->type == MESSAGE_TX_SUBMIT;
    if (message->type != MESSAGE_TX_REPLY || loop_now(small.loop) >= until)
        return false;
    if (let_through == 0)
        return true;
    let_through--;
    return false;
}

static void open_world(time_ns lost_until, uint32_t through) {
    small = (struct small_world){0};
    small_world_open(&small, yaml, 3);
    small.lose = lose_replies;
    until = lost_until;
    let_through = through;
    submits = 0;
    small_world_submit(&small, 1, 500, NS_PER_MS);
}

START_TEST(a_member_says_again_at_which_height_it_has_ordered) {
    open_world(500 * NS_PER_MS, 0);
    small_world_run(&small, 400 * NS_PER_MS);
    ck_assert_uint_eq(small.points[TRACE_TX_ORDERED], 4);
    ck_assert_uint_eq(small.points[TRACE_TX_S5], 0);
    small_world_run(&small, 2 * NS_PER_S);
    ck_assert_uint_eq(small.points[TRACE_TX_DONE], 1);
    ck_assert_uint_eq(small.last[TRACE_TX_S5].b, 1);
    ck_assert_uint_eq(small.points[TRACE_TX_ORDERED], 4); /* and not again */
    small_world_close(&small);
}
END_TEST

START_TEST(one_reply_is_not_enough) {
    open_world(TIME_NEVER, 1);
    small_world_run(&small, NS_PER_S);
    ck_assert_uint_eq(small.points[TRACE_TX_ORDERED], 4);
    ck_assert_uint_eq(small.points[TRACE_TX_S5], 0);
    small_world_close(&small);
    open_world(TIME_NEVER, 2);
    small_world_run(&small, NS_PER_S);
    ck_assert_uint_eq(small.points[TRACE_TX_S5], 1);
    small_world_close(&small);
}
END_TEST

/* Members that say different heights: neither is believed. */
START_TEST(replies_that_differ_are_counted_apart) {
    open_world(TIME_NEVER, 0);
    small_world_run(&small, 50 * NS_PER_MS);
    const struct committee *city = &small.world.city_committees[0];
    for (uint32_t i = 0; i < 3; i++) { /* heights 7, 8, 7 */
        struct writer writer;
        struct frame *frame = message_new(MESSAGE_TX_REPLY, 0, 16, &writer);
        write_u64(&writer, 0);
        write_u64(&writer, 7 + i % 2);
        loop_inject(small.loop, city->members[i], ORIGIN, (51 + i) * NS_PER_MS, frame);
        small_world_run(&small, (51 + i) * NS_PER_MS);
        ck_assert_uint_eq(small.points[TRACE_TX_S5], i == 2);
    }
    ck_assert_uint_eq(small.last[TRACE_TX_S5].b, 7);
    small_world_close(&small);
}
END_TEST

/* The sender asks those again that have not answered, and what they have not ordered yet is no
 * mistake: nothing is dropped. */
START_TEST(a_record_that_waits_is_left_to_wait) {
    open_world(0, 0);
    small.lose = NULL;
    small_world_run(&small, NS_PER_S);
    ck_assert_uint_eq(small.points[TRACE_TX_DONE], 1);
    small_world_close(&small);
    open_world(350 * NS_PER_MS, 0); /* ordered, and asked for at 100 and 300 ms */
    small_world_run(&small, 2 * NS_PER_S);
    ck_assert_uint_gt(submits, 8);
    ck_assert_uint_eq(small_world_dropped(&small, MESSAGE_TX_SUBMIT, ERR_DUPLICATE), 0);
    small_world_close(&small);
}
END_TEST

Suite *replies_suite(void) {
    Suite *suite = suite_create("replies");
    TCase *tests = tcase_create("replies");
    tcase_add_test(tests, a_member_says_again_at_which_height_it_has_ordered);
    tcase_add_test(tests, one_reply_is_not_enough);
    tcase_add_test(tests, replies_that_differ_are_counted_apart);
    tcase_add_test(tests, a_record_that_waits_is_left_to_wait);
    suite_add_tcase(suite, tests);
    return suite;
}
