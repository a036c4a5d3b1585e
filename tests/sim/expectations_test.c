/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `expect:` against values worked out by hand: each statistic, open transactions, nothing. */
#include "sim/run/expectations.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "sim/report/stamp.h"

/* 1,000 transactions felt 1 … 1,000 ms; the @open slowest never close. */
static struct run_result make_run(size_t open) {
    static struct transaction_record records[1000];
    for (size_t i = 0; i < ARRAY_LEN(records); i++) {
        records[i] = (struct transaction_record){.id = i};
        stamps_clear(&records[i]);
        records[i].intended = 0;
        if (i < ARRAY_LEN(records) - open)
            records[i].done = (time_ns)(i + 1) * NS_PER_MS;
    }
    return (struct run_result){
        .scenario = "test", .transactions = records, .transaction_count = ARRAY_LEN(records)};
}

static const struct {
    size_t open;
    const char *text;
    double value; /* as shown */
    bool passed;
} cases[] = {
    {0, "felt.p50 == 500 ms", 500, true},        {0, "felt.p90 == 900 ms", 900, true},
    {0, "felt.p95 == 950 ms", 950, true},        {0, "felt.p99 <= 990 ms", 990, true},
    {0, "felt.p99 < 990 ms", 990, false},        {0, "total.p99.9 >= 999 ms", 999, true},
    {0, "felt.max > 999 ms", 1000, true},        {0, "felt.mean == 500500 us", 500.5, true},
    {0, "committed_share == 100 %", 1, true},    {20, "felt.p95 == 950 ms", 950, true},
    {20, "felt.p99 < 2 s", INFINITY, false},     {20, "felt.p99 > 2 s", INFINITY, true},
    {20, "felt.mean < 100 s", INFINITY, false},  {20, "commits == 980", 980, true},
    {20, "committed_share >= 98 %", 0.98, true}, {20, "committed_share > 98 %", 0.98, false},
    {1000, "felt.p50 < 100 s", INFINITY, false}, {0, "settle.p50 < 100 s", NAN, false},
    {0, "settle.p50 >= 0 ns", NAN, false},       {0, "settled_share >= 0 %", NAN, false},
    {0, "clock_error.max < 1 s", NAN, false},
};

START_TEST(values_are_as_by_hand) {
    char message[160];
    size_t at;
    struct scenario_expectation expectation = {.text = cases[_i].text};
    const struct scenario scenario = {.expectations = &expectation, .expectation_count = 1};
    struct run_result run = make_run(cases[_i].open);
    ck_assert_int_eq(
        expectation_parse(cases[_i].text, &expectation.bound, message, sizeof message, &at), 0);
    size_t missed = expectations_judge(&scenario, &run);
    ck_assert_msg(missed == !cases[_i].passed, "%s", cases[_i].text);
    ck_assert_uint_eq(run.expectation_count, 1);
    ck_assert(run.expectations->passed == cases[_i].passed);
    ck_assert_str_eq(run.expectations->text, cases[_i].text);
    if (isnan(cases[_i].value))
        ck_assert(isnan(run.expectations->value));
    else
        ck_assert_msg(run.expectations->value == cases[_i].value, "%s: %g", cases[_i].text,
                      run.expectations->value);
    free((void *)run.expectations);
}
END_TEST

Suite *expectations_suite(void) {
    Suite *suite = suite_create("expectations");
    TCase *tests = tcase_create("expectations");
    tcase_add_loop_test(tests, values_are_as_by_hand, 0, ARRAY_LEN(cases));
    suite_add_tcase(suite, tests);
    return suite;
}
