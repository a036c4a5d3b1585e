/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/statistics.h"

#include "base/error.h"
#include "base/rng.h"

#include <check.h>
#include <math.h>

START_TEST(test_nearest_rank) {
    static const struct {
        uint64_t n;
        uint32_t ppm;
        uint64_t rank;
    } rows[] = {{0, 990000, 0},      {1, 990000, 1},         {2, 500000, 1},
                {3, 500000, 2},      {99, 990000, 99},       {100, 990000, 99},
                {101, 990000, 100}, /* floor gives 99 */
                {1000, 999000, 999}, {10001, 999990, 10001}, {UINT64_MAX, 1000000, UINT64_MAX}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        ck_assert_uint_eq(nearest_rank(rows[i].n, rows[i].ppm), rows[i].rank);
}
END_TEST

START_TEST(test_censored) {
    int64_t samples[98];
    for (int64_t i = 0; i < 98; i++)
        samples[i] = 98 - i;
    statistics_sort(samples, 98);
    ck_assert_int_eq(percentile_sorted(samples, 98, 0, 990000), 98);
    ck_assert_int_eq(percentile_sorted(samples, 98, 2, 980000), 98);
    ck_assert_int_eq(percentile_sorted(samples, 98, 2, 990000), STATISTIC_CENSORED);
    ck_assert_int_eq(percentile_sorted(NULL, 0, 0, 500000), STATISTIC_CENSORED);
}
END_TEST

/* checks.md 5.5 */
START_TEST(test_quantile_ranks) {
    static const uint32_t rows[][4] = {{100, 500000, 40, 61},
                                       {1000, 500000, 469, 532},
                                       {1000, 990000, 983, 997},
                                       {10000, 990000, 9880, 9920},
                                       {10000, 999000, 9983, 9997}};
    uint32_t low, high;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        ck_assert_int_eq(quantile_ranks(rows[i][0], rows[i][1], &low, &high), OK);
        ck_assert_uint_eq(low, rows[i][2]);
        ck_assert_uint_eq(high, rows[i][3]);
    }
    ck_assert_int_eq(quantile_ranks(10, 990000, &low, &high), ERR_NOT_ENOUGH);
    ck_assert_int_eq(quantile_ranks(0, 500000, &low, &high), ERR_INVALID);
}
END_TEST

START_TEST(test_mean_is_stable) {
    double values[1001];
    for (int i = 0; i <= 1000; i++)
        values[i] = 1e9 + i;
    struct estimate estimate = estimate_mean(values, 1001);
    ck_assert_double_eq_tol(estimate.mean, 1e9 + 500, 1e-6);
    double variance = 1001.0 * 1002 / 12;
    ck_assert_double_le(fabs(estimate.deviation * estimate.deviation / variance - 1), 1e-9);
    ck_assert(isinf(estimate_mean(values, 1).half_width));
    /* t(0.975, 2) = 4.302653 */
    ck_assert_double_eq_tol(estimate_mean(values, 3).half_width, 4.302652730 / sqrt(3), 1e-6);
}
END_TEST

static double normal(struct rng *rng) {
    double sum = -6;
    for (int i = 0; i < 12; i++)
        sum += (double)rng_below(rng, UINT64_C(1) << 32) / 4294967296.0;
    return sum;
}

/* 200 experiments of 20 values: the coverage lies in the 3 sigma band 0.9038 … 0.9962. The same
 * interval over autocorrelated values must under-cover (control). */
START_TEST(test_coverage) {
    struct rng rng = {0};
    rng_init(&rng, 11, 0, "statistics_test");
    int covered = 0, covered_correlated = 0;
    for (int run = 0; run < 200; run++) {
        double values[20], correlated[20], state = normal(&rng) / sqrt(1 - 0.81);
        for (int i = 0; i < 20; i++) {
            values[i] = normal(&rng);
            correlated[i] = state;
            state = 0.9 * state + normal(&rng);
        }
        struct estimate estimate = estimate_mean(values, 20);
        covered += fabs(estimate.mean) <= estimate.half_width;
        estimate = estimate_mean(correlated, 20);
        covered_correlated += fabs(estimate.mean) <= estimate.half_width;
    }
    ck_assert_int_ge(covered, 181);
    ck_assert_int_le(covered, 199);
    ck_assert_int_lt(covered_correlated, 160);
}
END_TEST

START_TEST(test_warm_up) {
    struct rng rng = {0};
    rng_init(&rng, 12, 1, "statistics_test");
    double rising[2000], level[2000];
    for (int i = 0; i < 2000; i++) {
        level[i] = normal(&rng);
        rising[i] = level[i] + (i < 300 ? -20.0 * (300 - i) / 300 : 0);
    }
    size_t removed = warm_up_length(rising, 2000);
    ck_assert_uint_ge(removed, 250);
    ck_assert_uint_le(removed, 400);
    ck_assert_uint_lt(warm_up_length(level, 2000), 200);
    ck_assert_uint_eq(warm_up_length(level, 0), 0);
}
END_TEST

Suite *statistics_suite(void) {
    Suite *suite = suite_create("statistics");
    TCase *tests = tcase_create("statistics");
    tcase_add_test(tests, test_nearest_rank);
    tcase_add_test(tests, test_censored);
    tcase_add_test(tests, test_quantile_ranks);
    tcase_add_test(tests, test_mean_is_stable);
    tcase_add_test(tests, test_coverage);
    tcase_add_test(tests, test_warm_up);
    suite_add_tcase(suite, tests);
    return suite;
}
