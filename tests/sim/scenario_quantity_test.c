/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <check.h>
#include <string.h>

#include "base/error.h"
#include "sim/scenario/expectation.h"
#include "sim/scenario/quantity.h"
#include "sim/scenario/suggest.h"

struct quantity_case {
    const char *text;
    enum unit_kind kind;
    int64_t value; /* -1: an error whose text contains @part */
    const char *part;
};

static const struct quantity_case cases[] = {
    {"80 ms", UNIT_DURATION, 80 * NS_PER_MS, "80 ms"},
    {"80ms", UNIT_DURATION, 80 * NS_PER_MS, "80 ms"},
    {"1.5 s", UNIT_DURATION, 1500 * NS_PER_MS, "1.5 s"},
    {"60 s", UNIT_DURATION, 60 * NS_PER_S, "60 s"},
    {"90 min", UNIT_DURATION, 5400 * NS_PER_S, "1.5 h"},
    {"0.000001 ms", UNIT_DURATION, 1, "1 ns"},
    {"0 s", UNIT_DURATION, 0, "0 ns"},
    {"9223372036854775807 ns", UNIT_DURATION, INT64_MAX, "9223372036854775807 ns"},
    {"4 KiB", UNIT_BYTES, 4096, "4 KiB"},
    {"1 MB", UNIT_BYTES, 1000000, "1 MB"},
    {"1 Gbps", UNIT_BANDWIDTH, 1000000000, "1 Gbps"},
    {"125 MB/s", UNIT_BANDWIDTH, 1000000000, "1 Gbps"},
    {"200/s", UNIT_RATE, 200000000, "200/s"},
    {"2 k/s", UNIT_RATE, 2000000000, "2000/s"},
    {"0.5 /s", UNIT_RATE, 500000, "0.5/s"},
    {"60/min", UNIT_RATE, 1000000, "1/s"},
    {"3 /min", UNIT_RATE, 50000, "0.05/s"},
    {"3600/h", UNIT_RATE, 1000000, "1/s"},
    {"100/min", UNIT_RATE, -1, "a multiple of 3/min is"},
    {"1/h", UNIT_RATE, -1, "a multiple of 180/h is"},
    {"180/h", UNIT_RATE, 50000, "0.05/s"},
    {"100Mbit", UNIT_BANDWIDTH, 100000000, "100 Mbps"},
    {"1 Gbit", UNIT_BANDWIDTH, 1000000000, "1 Gbps"},
    {"2 Tbit/s", UNIT_BANDWIDTH, 2000000000000, "2 Tbps"},
    {"0.1 %", UNIT_SHARE, 1000, "0.1 %"},
    {"100 %", UNIT_SHARE, 1000000, "100 %"},
    {"1 ppm", UNIT_SHARE, 1, "1 ppm"},
    {"1.25", UNIT_FACTOR, 1250000, "1.25"},
    {"50 ppm", UNIT_DRIFT, 50000, "50 ppm"},
    {"0.5 ppm", UNIT_DRIFT, 500, "500 ppb"},
    {"50", UNIT_DRIFT, -1, "a drift needs a unit: ppb or ppm"},
    {"1 %", UNIT_DRIFT, -1, "not a unit of a drift"},
    {"10_000", UNIT_COUNT, 10000, "10000"},
    {"012", UNIT_COUNT, 12, "12"},
    {"5 k", UNIT_COUNT, 5000, "5000"},
    {"80", UNIT_DURATION, -1, "needs a unit"},
    {"80 kB", UNIT_DURATION, -1, "not a unit of a duration"},
    {"80 MS", UNIT_DURATION, -1, "not a unit"},
    {"-80 ms", UNIT_DURATION, -1, "negative"},
    {"", UNIT_DURATION, -1, "expected a duration"},
    {"soon", UNIT_DURATION, -1, "expected a duration"},
    {"0.5 ns", UNIT_DURATION, -1, "too fine"},
    {"9223372036854775808 ns", UNIT_DURATION, -1, "too large"},
    {"99999999999999999999999 ns", UNIT_DURATION, -1, "too large"},
    {"9223372037 s", UNIT_DURATION, -1, "too large"},
    {"1e3", UNIT_COUNT, -1, "without a unit"},
    {"0x10", UNIT_COUNT, -1, "without a unit"},
    {"1.5", UNIT_COUNT, -1, "whole number"},
    {"1. ms", UNIT_DURATION, -1, "not a unit"},
    {"1_ ms", UNIT_DURATION, -1, "not a unit"},
    {"5", UNIT_SHARE, -1, "needs a unit"},
};

START_TEST(units_are_exact) {
    const struct quantity_case *row = &cases[_i];
    char message[160] = "", text[QUANTITY_BYTES];
    int64_t value = 0, again = 0;
    int result = quantity_parse(row->text, row->kind, &value, message, sizeof message);
    if (row->value < 0) {
        ck_assert_msg(result == ERR_INVALID, "'%s' was accepted", row->text);
        ck_assert_msg(strstr(message, row->part) != NULL, "'%s': %s", row->text, message);
        return;
    }
    ck_assert_msg(result == OK, "'%s': %s", row->text, message);
    ck_assert_int_eq(value, row->value);
    quantity_format(value, row->kind, text);
    ck_assert_str_eq(text, row->part);
    ck_assert_int_eq(quantity_parse(text, row->kind, &again, message, sizeof message), OK);
    ck_assert_int_eq(again, value);
}
END_TEST

START_TEST(formatted_quantities_parse_back) {
    uint64_t value = 1;
    for (int i = 0; i < 20000; i++) {
        value = value * 6364136223846793005u + 1442695040888963407u;
        int64_t wanted = (int64_t)(value >> (1 + value % 63)), read;
        for (int kind = UNIT_COUNT; kind <= UNIT_FACTOR; kind++) {
            char text[QUANTITY_BYTES], message[160];
            quantity_format(wanted, kind, text);
            if (kind == UNIT_RATE && wanted % 1000000 != 0)
                ck_assert_ptr_nonnull(strchr(text, '.'));
            ck_assert_msg(quantity_parse(text, kind, &read, message, sizeof message) == OK,
                          "'%s': %s", text, message);
            ck_assert_int_eq(read, wanted);
        }
    }
}
END_TEST

START_TEST(distance_counts_edits) {
    ck_assert_uint_eq(edit_distance("", ""), 0);
    ck_assert_uint_eq(edit_distance("kitten", "sitting"), 3);
    ck_assert_uint_eq(edit_distance("seed", "sede"), 1); /* a swap is one edit */
    ck_assert_uint_eq(edit_distance("", "abc"), 3);
    struct suggestion near;
    suggestion_init(&near, "comitee");
    suggestion_offer(&near, "places");
    suggestion_offer(&near, "committee");
    ck_assert(near.found);
    ck_assert_str_eq(near.best, "committee");
}
END_TEST

START_TEST(expectations_are_parsed) {
    struct expectation bound;
    char message[160];
    size_t at;
    ck_assert_int_eq(expectation_parse("total.p99 < 800 ms", &bound, message, sizeof message, &at),
                     OK);
    ck_assert_ptr_eq(bound.metric, metric_find("felt"));
    ck_assert_int_eq(bound.statistic, STATISTIC_P99);
    ck_assert_int_eq(bound.comparison, LESS);
    ck_assert_int_eq(bound.value, 800 * NS_PER_MS);
    ck_assert(expectation_holds(&bound, 800 * NS_PER_MS - 1));
    ck_assert(!expectation_holds(&bound, 800 * NS_PER_MS));
    ck_assert_int_eq(expectation_parse("s4.p99.9<=1s", &bound, message, sizeof message, &at), OK);
    ck_assert_int_eq(bound.statistic, STATISTIC_P99_9);
    ck_assert_int_eq(
        expectation_parse("invariants.violations == 0", &bound, message, sizeof message, &at), OK);
    ck_assert(expectation_holds(&bound, 0));
    ck_assert(!expectation_holds(&bound, 1));
    ck_assert_int_eq(
        expectation_parse("committed_share >= 99.5 %", &bound, message, sizeof message, &at), OK);
    ck_assert_int_eq(bound.value, 995000);
}
END_TEST

static const char *const bad_expectations[][2] = {
    {"", "expected a metric"},
    {"total < 1 s", "is a distribution"},
    {"totl.p99 < 1 s", "did you mean 'total.p99'"},
    {"total.p98 < 1 s", "did you mean"},
    {"total.p99 << 1 s", "expected a comparison"},
    {"total.p99 = 1 s", "expected a comparison"},
    {"total.p99 800 ms", "expected a comparison"},
    {"total.p99 < 800", "needs a unit"},
    {"total.p99 <", "expected a duration"},
    {"commits.p99 > 1", "unknown metric"},
    {"commits > 1 ms", "without a unit"},
};

START_TEST(bad_expectations_are_told) {
    struct expectation bound;
    char message[160] = "";
    size_t at;
    const char *const *row = bad_expectations[_i];
    ck_assert_int_eq(expectation_parse(row[0], &bound, message, sizeof message, &at), ERR_INVALID);
    ck_assert_msg(strstr(message, row[1]) != NULL, "'%s': %s", row[0], message);
    ck_assert_uint_le(at, strlen(row[0]));
}
END_TEST

Suite *scenario_quantity_suite(void) {
    Suite *suite = suite_create("scenario_quantity");
    TCase *tcase = tcase_create("scenario_quantity");
    tcase_add_loop_test(tcase, units_are_exact, 0, (int)ARRAY_LEN(cases));
    tcase_add_test(tcase, formatted_quantities_parse_back);
    tcase_add_test(tcase, distance_counts_edits);
    tcase_add_test(tcase, expectations_are_parsed);
    tcase_add_loop_test(tcase, bad_expectations_are_told, 0, (int)ARRAY_LEN(bad_expectations));
    suite_add_tcase(suite, tcase);
    return suite;
}
