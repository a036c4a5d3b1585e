/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The checkers against hand-made histories: each invariant is seen to hold and seen to break. */
#include <check.h>

#include "sim/observe/checker.h"

struct history {
    const struct trace_record *records;
    size_t count;
    enum invariant broken; /* INVARIANT_COUNT: none */
};

#define HISTORY(broken, ...)                                                                       \
    {                                                                                              \
        (const struct trace_record[]){__VA_ARGS__},                                                \
            sizeof((const struct trace_record[]){__VA_ARGS__}) / sizeof(struct trace_record),      \
            (broken),                                                                              \
    }

static const struct history histories[] = {
    HISTORY(INVARIANT_COUNT, {1, 0, TRACE_DECIDED, 5, 77, 0}, {2, 1, TRACE_DECIDED, 5, 77, 0}),
    HISTORY(INVARIANT_AGREEMENT, {1, 0, TRACE_DECIDED, 5, 77, 0}, {2, 1, TRACE_DECIDED, 5, 78, 0}),
    HISTORY(INVARIANT_CERTIFICATES, {1, 0, TRACE_CERTIFIED, 9, 1, 0},
            {2, 1, TRACE_CERTIFIED, 9, 2, 0}),
    HISTORY(INVARIANT_VOTES, {1, 3, TRACE_VOTED, 9, 1, 0}, {2, 3, TRACE_VOTED, 9, 2, 0}),
    HISTORY(INVARIANT_COUNT, {1, 3, TRACE_VOTED, 9, 1, 0}, {2, 4, TRACE_VOTED, 9, 2, 0}),
    HISTORY(INVARIANT_EXACTLY_ONCE, {1, 3, TRACE_TX_ORDERED, 4, 1, 0},
            {2, 3, TRACE_TX_ORDERED, 4, 2, 0}),
    HISTORY(INVARIANT_COUNT, {1, 3, TRACE_TX_ORDERED, 4, 1, 0}, {2, 5, TRACE_TX_ORDERED, 4, 1, 0}),
    HISTORY(INVARIANT_MONOTONE_VIEWS, {1, 3, TRACE_VIEW, 8, 0, 0}, {2, 3, TRACE_VIEW, 7, 0, 0}),
    /* A step that took longer tells of its view later: that is no fall, but a rise would be one. */
    HISTORY(INVARIANT_COUNT, {1, 3, TRACE_VIEW, 8, 0, 7}, {2, 3, TRACE_VIEW, 7, 0, 6}),
    HISTORY(INVARIANT_MONOTONE_VIEWS, {1, 3, TRACE_VIEW, 8, 0, 7}, {2, 3, TRACE_VIEW, 9, 0, 6}),
    HISTORY(INVARIANT_MONOTONE_VIEWS, {1, 3, TRACE_VIEW, 8, 0, 6}, {2, 3, TRACE_VIEW, 7, 0, 7}),
    /* A transfer: home << 1 | committed; attempts are told apart. */
    HISTORY(INVARIANT_COUNT, {1, 3, TRACE_TX_SETTLED, 4, 3, 0}, {2, 9, TRACE_TX_SETTLED, 4, 1, 0}),
    HISTORY(INVARIANT_COUNT, {1, 3, TRACE_TX_SETTLED, 4, 2, 0},
            {2, 9, TRACE_TX_SETTLED, 4, 4 | 1, 0}),
    HISTORY(INVARIANT_ATOMIC, {1, 3, TRACE_TX_SETTLED, 4, 3, 0}, {2, 9, TRACE_TX_SETTLED, 4, 0, 0}),
    HISTORY(INVARIANT_ATOMIC, {1, 3, TRACE_TX_SETTLED, 4, 3, 0}, {2, 3, TRACE_TX_SETTLED, 4, 3, 0}),
    HISTORY(INVARIANT_ACKNOWLEDGED, {1, 3, TRACE_TX_DONE, 4, 0, 0}),
    HISTORY(INVARIANT_COUNT, {1, 9, TRACE_TX_ORDERED, 4, 1, 0}, {2, 3, TRACE_TX_DONE, 4, 0, 0}),
};

START_TEST(each_history_breaks_what_it_should) {
    const struct history *history = &histories[_i];
    struct checker checker;
    checker_init(&checker);
    for (size_t i = 0; i < history->count; i++)
        checker_record(&checker, &history->records[i]);
    for (size_t i = 0; i < INVARIANT_COUNT; i++)
        ck_assert_uint_eq(checker.violations[i], i == history->broken ? 1 : 0);
    checker_deinit(&checker);
}
END_TEST

Suite *checker_suite(void) {
    Suite *suite = suite_create("checker");
    TCase *tcase = tcase_create("checker");
    tcase_add_loop_test(tcase, each_history_breaks_what_it_should, 0, ARRAY_LEN(histories));
    suite_add_tcase(suite, tcase);
    return suite;
}
