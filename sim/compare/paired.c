/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/compare/paired.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "sim/report/statistics.h"

#define NOTHING ((struct paired){.base = NAN, .mean = NAN, .low = NAN, .high = NAN, .p = NAN})

/* Two-sided p of @mean with its standard error. Without any spread the runs are what they are: any
 * difference is one, and none is none. */
static double student_p(double mean, double error, double freedom) {
    if (error > 0)
        return 2 * gsl_cdf_tdist_Q(fabs(mean) / error, freedom);
    return mean == 0 ? 1 : 0;
}

static void put_interval(struct paired *paired, double error, double freedom) {
    double half = gsl_cdf_tdist_Pinv(1 - PAIRED_LEVEL / 2, freedom) * error;
    paired->low = paired->mean - half;
    paired->high = paired->mean + half;
    paired->p = student_p(paired->mean, error, freedom);
}

/* The pairs' differences, all of them numbers. */
static void judge_differences(const double *differences, struct paired *paired) {
    struct estimate estimate = estimate_mean(differences, paired->n);
    paired->mean = estimate.mean;
    paired->low = -INFINITY;
    paired->high = INFINITY;
    if (paired->n < 2)
        return;
    paired->test = TEST_STUDENT;
    put_interval(paired, estimate.deviation / sqrt((double)paired->n), (double)(paired->n - 1));
}

struct paired paired_compare(const double *first, const double *second, size_t count) {
    struct paired paired = NOTHING;
    double *differences = memory_new(count, sizeof *differences), base = 0;
    for (size_t i = 0; i < count; i++) {
        if (isnan(first[i]) || isnan(second[i]))
            continue;
        paired.above += second[i] > first[i];
        paired.below += second[i] < first[i];
        paired.open += isinf(first[i]) || isinf(second[i]);
        base += first[i];
        differences[paired.n++] = second[i] - first[i];
    }
    if (paired.n > 0 && isfinite(base))
        paired.base = base / (double)paired.n;
    if (paired.open > 0 && paired.n >= 2) {
        paired.test = TEST_SIGN;
        paired.p = sign_test(paired.above, paired.below);
    } else if (paired.open == 0 && paired.n > 0) {
        judge_differences(differences, &paired);
    }
    free(differences);
    return paired;
}

/* The values without NaN; counts what is open. */
static size_t take_numbers(const double *values, size_t count, double *kept, size_t *open) {
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        *open += isinf(values[i]) != 0;
        if (!isnan(values[i]))
            kept[n++] = values[i];
    }
    return n;
}

static void judge_samples(const struct estimate *first, const struct estimate *second,
                          struct paired *paired) {
    double a = first->deviation * first->deviation / (double)first->n;
    double b = second->deviation * second->deviation / (double)second->n;
    double freedom =
        a + b > 0
            ? (a + b) * (a + b) / (a * a / (double)(first->n - 1) + b * b / (double)(second->n - 1))
            : (double)(first->n + second->n - 2);
    paired->test = TEST_WELCH;
    put_interval(paired, sqrt(a + b), freedom);
}

struct paired unpaired_compare(const double *first, size_t first_count, const double *second,
                               size_t second_count) {
    struct paired paired = NOTHING;
    double *a = memory_new(first_count, sizeof *a), *b = memory_new(second_count, sizeof *b);
    size_t a_count = take_numbers(first, first_count, a, &paired.open);
    size_t b_count = take_numbers(second, second_count, b, &paired.open);
    paired.n = size_min(a_count, b_count);
    if (paired.open == 0 && paired.n > 0) {
        struct estimate one = estimate_mean(a, a_count), two = estimate_mean(b, b_count);
        paired.base = one.mean;
        paired.mean = two.mean - one.mean;
        paired.low = -INFINITY;
        paired.high = INFINITY;
        if (paired.n >= 2)
            judge_samples(&one, &two, &paired);
    }
    free(a);
    free(b);
    return paired;
}

double sign_test(size_t above, size_t below) {
    unsigned n = (unsigned)(above + below), fewer = (unsigned)size_min(above, below);
    if (n == 0)
        return 1;
    return fmin(1, 2 * gsl_cdf_binomial_P(fewer, 0.5, n));
}

struct ranked {
    double p;
    size_t at;
};

static int compare_ranked(const void *left, const void *right) {
    const struct ranked *a = left, *b = right;
    if (a->p != b->p)
        return a->p < b->p ? -1 : 1;
    return a->at < b->at ? -1 : 1;
}

void holm_adjust(const double *p, size_t count, double *adjusted) {
    struct ranked *ranked = memory_new(count, sizeof *ranked);
    size_t tests = 0;
    for (size_t i = 0; i < count; i++) {
        adjusted[i] = NAN;
        if (!isnan(p[i]))
            ranked[tests++] = (struct ranked){p[i], i};
    }
    qsort(ranked, tests, sizeof *ranked, compare_ranked);
    double least = 0; /* never below a smaller p's */
    for (size_t i = 0; i < tests; i++) {
        least = fmax(least, fmin(1, (double)(tests - i) * ranked[i].p));
        adjusted[ranked[i].at] = least;
    }
    free(ranked);
}

const char *paired_test_name(enum paired_test test) {
    static const char *const names[] = {
        [TEST_NONE] = "none",
        [TEST_STUDENT] = "Student's t, paired",
        [TEST_SIGN] = "sign test, paired",
        [TEST_WELCH] = "Welch's t",
    };
    return names[test];
}
