/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Paired comparison: against published figures, closed forms, and worlds whose truth is known. */
#include "sim/compare/paired.h"

#include <check.h>
#include <math.h>

#include "base/rng.h"
#include "sim/report/statistics.h"

/* "Student" 1908: hours of sleep that two drugs added, of ten patients. */
static const double drug[] = {0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0};
static const double other[] = {1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4};

/* As R 4.2 has them: t.test(…, paired = TRUE): t = 4.0621, df = 9, and t.test(…): df = 17.776. */
START_TEST(students_sleep) {
    struct paired paired = paired_compare(drug, other, 10);
    ck_assert_int_eq(paired.test, TEST_STUDENT);
    ck_assert_uint_eq(paired.n, 10);
    ck_assert_double_eq_tol(paired.base, 0.75, 1e-12);
    ck_assert_double_eq_tol(paired.mean, 1.58, 1e-12);
    ck_assert_double_eq_tol(paired.low, 0.7001142, 1e-7);
    ck_assert_double_eq_tol(paired.high, 2.4598858, 1e-7);
    ck_assert_double_eq_tol(paired.p, 0.00283289, 1e-8);
    paired = unpaired_compare(drug, 10, other, 10);
    ck_assert_int_eq(paired.test, TEST_WELCH);
    ck_assert_double_eq_tol(paired.low, -0.2054832, 1e-7);
    ck_assert_double_eq_tol(paired.high, 3.3654832, 1e-7);
    ck_assert_double_eq_tol(paired.p, 0.07939414, 1e-7);
}
END_TEST

START_TEST(few_pairs) {
    const double a[] = {10, 20, NAN}, b[] = {11, 23, 5};
    struct paired none = paired_compare(a, b, 0), one = paired_compare(a, b, 1);
    ck_assert_int_eq(none.test, TEST_NONE);
    ck_assert(isnan(none.mean) && isnan(none.p));
    ck_assert_int_eq(one.test, TEST_NONE);
    ck_assert_double_eq(one.mean, 1);
    ck_assert(isinf(one.low) && isinf(one.high) && isnan(one.p));
    /* The third has no partner. Two pairs, differences 1 and 3: t = 2, and t with one degree of freedom
     * is Cauchy's: p = 1 - 2 atan(2) / pi. */
    struct paired two = paired_compare(a, b, 3);
    ck_assert_uint_eq(two.n, 2);
    ck_assert_double_eq_tol(two.p, 1 - 2 * atan(2) / M_PI, 1e-12);
    ck_assert_double_eq_tol(two.high, 2 + tan(M_PI * 0.475), 1e-9);
}
END_TEST

START_TEST(without_spread) {
    const double a[] = {1, 2, 3, 4}, shifted[] = {1.5, 2.5, 3.5, 4.5};
    struct paired same = paired_compare(a, a, 4), moved = paired_compare(a, shifted, 4);
    ck_assert_double_eq(same.p, 1);
    ck_assert_double_eq(same.low, 0);
    ck_assert_double_eq(same.high, 0);
    ck_assert_double_eq(moved.p, 0);
    ck_assert_double_eq(moved.low, 0.5);
    ck_assert_double_eq(moved.high, 0.5);
}
END_TEST

/* An open percentile has an order and no difference. Of seven pairs one is a tie: both open. */
START_TEST(open_values) {
    const double a[] = {1, 2, 3, 4, 5, 6, INFINITY};
    const double b[] = {2, 3, 4, INFINITY, 6, INFINITY, INFINITY};
    struct paired paired = paired_compare(a, b, 7);
    ck_assert_int_eq(paired.test, TEST_SIGN);
    ck_assert_uint_eq(paired.open, 3);
    ck_assert(isnan(paired.mean) && isnan(paired.low) && isnan(paired.base));
    ck_assert_double_eq_tol(paired.p, 2 * pow(0.5, 6), 1e-15);
    ck_assert_double_eq_tol(paired_compare(b, a, 7).p, 2 * pow(0.5, 6), 1e-15);
    ck_assert_int_eq(unpaired_compare(a, 7, b, 7).test, TEST_NONE);
    ck_assert(isnan(unpaired_compare(a, 7, b, 7).p));
}
END_TEST

/* Conover's table of the binomial law with 1/2: P(X <= 2 of 10) = 0.0547. */
START_TEST(signs) {
    ck_assert_double_eq_tol(sign_test(8, 2), 2 * 56 / 1024.0, 1e-12);
    ck_assert_double_eq_tol(sign_test(2, 8), 2 * 56 / 1024.0, 1e-12);
    ck_assert_double_eq(sign_test(5, 5), 1);
    ck_assert_double_eq(sign_test(0, 0), 1);
    ck_assert_double_eq_tol(sign_test(0, 20), 2 * pow(0.5, 20), 1e-18);
}
END_TEST

/* p.adjust(c(0.01, 0.02, 0.03, 0.04), "holm") = 0.04 0.06 0.06 0.06; order does not matter, and what is
 * no test does not count. */
START_TEST(holm) {
    const double p[] = {0.03, NAN, 0.01, 0.04, 0.02}, wanted[] = {0.06, NAN, 0.04, 0.06, 0.06};
    double adjusted[5];
    holm_adjust(p, 5, adjusted);
    for (size_t i = 0; i < 5; i++)
        if (isnan(wanted[i]))
            ck_assert(isnan(adjusted[i]));
        else
            ck_assert_double_eq_tol(adjusted[i], wanted[i], 1e-15);
    const double large[] = {0.6, 0.9};
    holm_adjust(large, 2, adjusted);
    ck_assert_double_eq(adjusted[0], 1);
    ck_assert_double_eq(adjusted[1], 1);
}
END_TEST

static double uniform(struct rng *rng) {
    return ((double)(rng_next(rng) >> 11) + 0.5) / 9007199254740992.0;
}

static double normal(struct rng *rng) {
    return sqrt(-2 * log(uniform(rng))) * cos(2 * M_PI * uniform(rng));
}

/* How often the interval holds the truth: differences that are normal, and differences of two
 * log-normal values (heavy tails, symmetric). 20,000 each: three sigma are 0.0046. */
static double coverage(bool heavy, size_t n) {
    struct rng rng;
    size_t held = 0;
    rng_init(&rng, 3, n, heavy ? "heavy" : "normal");
    for (size_t trial = 0; trial < 20000; trial++) {
        double a[16], b[16];
        for (size_t i = 0; i < n; i++) {
            a[i] = heavy ? exp(normal(&rng)) : 5 * normal(&rng);
            b[i] = heavy ? exp(normal(&rng)) : a[i] + normal(&rng);
        }
        struct paired paired = paired_compare(a, b, n);
        held += paired.low <= 0 && paired.high >= 0;
    }
    return (double)held / 20000;
}

START_TEST(intervals_hold_what_they_say) {
    static const size_t seeds[] = {2, 5, 10, 16};
    for (size_t i = 0; i < ARRAY_LEN(seeds); i++) {
        ck_assert_double_eq_tol(coverage(false, seeds[i]), 0.95, 0.0046);
        ck_assert_double_ge(coverage(true, seeds[i]), 0.9454); /* to the safe side */
    }
}
END_TEST

/* A world of transactions: the seed makes all of them fast or slow together, each has a log-normal wait
 * of its own. Metrics are three percentiles and the mean. */
#define METRICS      4
#define TRANSACTIONS 300

static void measure(struct rng *rng, double scale, double values[METRICS]) {
    static const uint32_t quantiles[] = {500000, 950000, 990000};
    int64_t samples[TRANSACTIONS];
    double weather = exp(0.1 * normal(rng)), sum = 0;
    for (size_t i = 0; i < TRANSACTIONS; i++) {
        samples[i] = (int64_t)(1e7 * scale * weather * (1 + 0.3 * exp(normal(rng))));
        sum += (double)samples[i];
    }
    statistics_sort(samples, TRANSACTIONS);
    for (size_t q = 0; q < ARRAY_LEN(quantiles); q++)
        values[q] = (double)percentile_sorted(samples, TRANSACTIONS, 0, quantiles[q]);
    values[3] = sum / TRANSACTIONS;
}

/* Whether any metric of a variant differs from the first, whose scale is 1, over @seeds. With the same
 * random numbers when @common. */
static bool differs(uint64_t trial, double scale, bool common, size_t seeds) {
    double a[METRICS][16], b[METRICS][16], p[METRICS], adjusted[METRICS];
    bool any = false;
    for (size_t s = 0; s < seeds; s++) {
        struct rng first, second;
        double values[METRICS];
        rng_init(&first, trial, s, "first");
        rng_init(&second, trial, s, common ? "first" : "second");
        measure(&first, 1, values);
        for (size_t m = 0; m < METRICS; m++)
            a[m][s] = values[m];
        measure(&second, scale, values);
        for (size_t m = 0; m < METRICS; m++)
            b[m][s] = values[m];
    }
    for (size_t m = 0; m < METRICS; m++)
        p[m] = paired_compare(a[m], b[m], seeds).p;
    holm_adjust(p, METRICS, adjusted);
    for (size_t m = 0; m < METRICS; m++)
        any = any || adjusted[m] < PAIRED_LEVEL;
    return any;
}

/* Issue 10: comparisons of a variant with itself, seeds being different, are significant in at most 5 %
 * (3.2 to 3.8 % of 5,000 in the long run: the four metrics go together, which Holm does not know). */
START_TEST(a_variant_does_not_differ_from_itself) {
    static const size_t seeds[] = {3, 5, 10};
    for (size_t i = 0; i < ARRAY_LEN(seeds); i++) {
        size_t found = 0;
        for (uint64_t trial = 0; trial < 1000; trial++)
            found += differs(trial, 1, false, seeds[i]);
        ck_assert_uint_le(found, 50);
    }
}
END_TEST

/* … and one that is 1 % slower is found, with the same random numbers; with others it is lost in the
 * seeds' own differences (control). */
START_TEST(one_percent_is_found) {
    size_t common = 0, independent = 0;
    for (uint64_t trial = 0; trial < 50; trial++) {
        common += differs(trial, 1.01, true, 5);
        independent += differs(trial, 1.01, false, 5);
    }
    ck_assert_uint_eq(common, 50);
    ck_assert_uint_lt(independent, 10);
}
END_TEST

Suite *paired_suite(void) {
    Suite *suite = suite_create("paired");
    TCase *tests = tcase_create("paired");
    tcase_add_test(tests, students_sleep);
    tcase_add_test(tests, few_pairs);
    tcase_add_test(tests, without_spread);
    tcase_add_test(tests, open_values);
    tcase_add_test(tests, signs);
    tcase_add_test(tests, holm);
    tcase_add_test(tests, intervals_hold_what_they_say);
    tcase_add_test(tests, a_variant_does_not_differ_from_itself);
    tcase_add_test(tests, one_percent_is_found);
    suite_add_tcase(suite, tests);
    return suite;
}
