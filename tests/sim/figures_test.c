/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the figures' data say, against transactions written down by hand. That gnuplot draws them is
 * plots_test.c's matter. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/report/axis.h"
#include "sim/report/figures.h"
#include "sim/report/stamp.h"
#include "sim/report/statistics.h"

static struct text data, variables;

static void setup(void) {
    data = variables = (struct text){0};
}

static void teardown(void) {
    text_deinit(&data);
    text_deinit(&variables);
}

/* One that was clicked at @intended and closed after @felt; TIME_NEVER: never. */
static struct transaction_record closed_after(time_ns intended, time_ns felt) {
    struct transaction_record record = {.id = (uint64_t)intended};
    stamps_clear(&record);
    record.intended = intended;
    record.done = felt == TIME_NEVER ? TIME_NEVER : intended + felt;
    return record;
}

static double variable(const char *name) {
    const char *at = strstr(variables.bytes, name);
    ck_assert_msg(at != NULL, "%s", name);
    return strtod(strchr(at, '=') + 1, NULL);
}

/* The numbers of the row of the timeline that starts at @second. */
static void timeline_row(double second, double row[5]) {
    for (const char *at = strchr(data.bytes, '\n'); at != NULL; at = strchr(at + 1, '\n')) {
        char *end;
        double from = strtod(at + 1, &end);
        if (end == at + 1 || fabs(from - second) > 1e-9)
            continue;
        for (size_t i = 0; i < 5; i++)
            row[i] = strtod(end, &end);
        return;
    }
    ck_abort_msg("no bin at %g s", second);
}

/* Ten seconds in bins of 100 ms: warm-up in the first second, 20 ms each, from 4 to 5 s an outage in
 * which nothing is clicked, at 6 s one that never closes, at 7 s one that takes a second. */
static size_t make_story(struct transaction_record *records) {
    size_t count = 0;
    for (time_ns at = NS_PER_S; at < 10 * NS_PER_S; at += 50 * NS_PER_MS) {
        if (at >= 4 * NS_PER_S && at < 5 * NS_PER_S)
            continue;
        time_ns felt = 20 * NS_PER_MS;
        if (at == 6 * NS_PER_S)
            felt = TIME_NEVER;
        if (at == 7 * NS_PER_S)
            felt = NS_PER_S;
        records[count++] = closed_after(at, felt);
    }
    return count;
}

START_TEST(outages_are_gaps_and_open_quantiles_are_marked) {
    static struct transaction_record records[200];
    const struct fault_span fault = {"partition", 4 * NS_PER_S, 5 * NS_PER_S, 3};
    const struct run_result run = {
        .scenario = "story",
        .simulated_ns = 10 * NS_PER_S,
        .warmup_ns = NS_PER_S,
        .transactions = records,
        .transaction_count = make_story(records),
        .faults = &fault,
        .fault_count = 1,
    };
    double row[5];
    figure_timeline(&run, 1, &data, &variables);
    ck_assert_double_eq(variable("bin ="), 0.1);
    timeline_row(0.5, row); /* warm-up: not counted */
    for (size_t i = 0; i < 4; i++)
        ck_assert_double_nan(row[i]);
    timeline_row(2, row); /* two clicks in 100 ms */
    ck_assert_double_eq(row[0], 20);
    ck_assert_double_eq(row[1], 20);
    ck_assert_double_eq(row[2], 20);
    ck_assert_double_eq(row[3], 20);
    ck_assert_double_eq(row[4], 0);
    timeline_row(4.5, row); /* nothing clicked: throughput 0, no latency */
    ck_assert_double_eq(row[0], 0);
    ck_assert_double_eq(row[1], 0);
    ck_assert_double_nan(row[2]);
    ck_assert_double_nan(row[3]);
    ck_assert_double_eq(row[4], 0);
    timeline_row(6, row); /* one of two closed: the median is there, p99 is open */
    ck_assert_double_eq(row[2], 20);
    ck_assert_double_nan(row[3]);
    ck_assert_double_eq(row[4], 1);
    timeline_row(7, row);
    ck_assert_double_eq(row[3], 1000);
    ck_assert_double_eq(variable("y_log ="), 1);
    ck_assert_ptr_nonnull(strstr(variables.bytes, "rectangle from 4, graph 0 to 5, graph 1"));
    ck_assert_ptr_nonnull(strstr(variables.bytes, "'partition' at 4,"));
}
END_TEST

START_TEST(the_distribution_counts_those_that_never_closed) {
    struct transaction_record records[4] = {
        closed_after(0, 30 * NS_PER_MS), closed_after(1, 10 * NS_PER_MS),
        closed_after(2, TIME_NEVER), closed_after(3, 20 * NS_PER_MS)};
    const struct run_result run = {
        .scenario = "x", .transactions = records, .transaction_count = 4};
    figure_latency(&run, 1, &data, &variables);
    ck_assert_ptr_nonnull(strstr(data.bytes, "\n10 0.25 0.75\n20 0.5 0.5\n30 0.75 0.25\n"));
    ck_assert_ptr_nonnull(strstr(variables.bytes, "'1 of 4 (25 %) never closed'"));
    ck_assert_double_le(variable("x_from ="), 10);
    ck_assert_double_ge(variable("x_to ="), 30);
    ck_assert_double_le(variable("x_to ="), 40); /* the budget is not what stretches it */
    ck_assert_double_gt(variable("strip_to ="), 800);
}
END_TEST

/* However far stragglers lie, the bars are of the rest, and all transactions are accounted for. */
START_TEST(stragglers_do_not_squeeze_the_histogram) {
    static struct transaction_record records[5000];
    for (size_t i = 0; i < ARRAY_LEN(records); i++)
        records[i] = closed_after((time_ns)i, 10 * NS_PER_MS + (time_ns)(i % 100) * 10 * NS_PER_US);
    records[77] = closed_after(77, 30 * NS_PER_S);
    const struct run_result run = {
        .scenario = "x", .transactions = records, .transaction_count = ARRAY_LEN(records)};
    figure_histogram(&run, 1, &data, &variables);
    size_t bars = 0, sum = 0;
    for (const char *at = strchr(data.bytes, '\n'); at[1] != '\0'; at = strchr(at + 1, '\n')) {
        char *end;
        (void)strtod(at + 1, &end);
        sum += strtoul(end, NULL, 10);
        bars++;
    }
    ck_assert_uint_ge(bars, 40);
    ck_assert_uint_le(bars, 61);
    ck_assert_uint_eq(sum, 4995);
    ck_assert_ptr_nonnull(strstr(variables.bytes, "'5 more up to 30000 ms'"));
    ck_assert_double_lt(variable("x_to ="), 12);
}
END_TEST

START_TEST(an_axis_reaches_from_the_least_to_the_most) {
    struct axis axis;
    axis_init(&axis);
    axis_write(&axis, "nothing", &variables);
    ck_assert_double_eq(variable("nothing_to ="), 1);
    ck_assert_double_eq(variable("nothing_log ="), 0);
    axis_add(&axis, 7 * NS_PER_MS);
    axis_add(&axis, 5 * NS_PER_MS);
    axis_add(&axis, STATISTIC_CENSORED);
    axis_add(&axis, -1);
    axis_write(&axis, "narrow", &variables);
    ck_assert_double_le(variable("narrow_from ="), 5);
    ck_assert_double_gt(variable("narrow_from ="), 4);
    ck_assert_double_ge(variable("narrow_to ="), 7);
    ck_assert_double_lt(variable("narrow_to ="), 8);
    ck_assert_double_eq(variable("narrow_log ="), 0);
    axis_add(&axis, NS_PER_S);
    axis_add(&axis, 6 * NS_PER_MS);
    axis_write(&axis, "wide", &variables);
    ck_assert_double_ge(variable("wide_to ="), 1000);
    ck_assert_double_eq(variable("wide_log ="), 1);
}
END_TEST

Suite *figures_suite(void) {
    Suite *suite = suite_create("figures");
    TCase *tcase = tcase_create("figures");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, outages_are_gaps_and_open_quantiles_are_marked);
    tcase_add_test(tcase, the_distribution_counts_those_that_never_closed);
    tcase_add_test(tcase, stragglers_do_not_squeeze_the_histogram);
    tcase_add_test(tcase, an_axis_reaches_from_the_least_to_the_most);
    suite_add_tcase(suite, tcase);
    return suite;
}
