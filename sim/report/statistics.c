/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/statistics.h"

#include "base/error.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

uint64_t nearest_rank(uint64_t n, uint32_t ppm) {
    if (n == 0)
        return 0;
    /* Split, so that n ppm cannot overflow. */
    uint64_t rank = n / PPM * ppm + (n % PPM * ppm + PPM - 1) / PPM;
    return rank == 0 ? 1 : rank;
}

static int compare_samples(const void *left, const void *right) {
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

void statistics_sort(int64_t *samples, size_t count) {
    if (count > 1)
        qsort(samples, count, sizeof *samples, compare_samples);
}

int64_t percentile_sorted(const int64_t *sorted, size_t count, size_t censored, uint32_t ppm) {
    uint64_t rank = nearest_rank(count + censored, ppm);
    return rank == 0 || rank > count ? STATISTIC_CENSORED : sorted[rank - 1];
}

struct estimate estimate_mean(const double *values, size_t count) {
    double mean = 0, squares = 0;
    for (size_t i = 0; i < count; i++) {
        double delta = values[i] - mean;
        mean += delta / (double)(i + 1);
        squares += delta * (values[i] - mean);
    }
    struct estimate estimate = {.n = count, .mean = mean, .half_width = INFINITY};
    if (count >= 2) {
        double freedom = (double)(count - 1);
        estimate.deviation = sqrt(squares / freedom);
        estimate.half_width =
            gsl_cdf_tdist_Pinv(0.975, freedom) * estimate.deviation / sqrt((double)count);
    }
    return estimate;
}

/* The smallest k with P(Binomial(n, p) <= k) >= level. */
static uint32_t binomial_quantile(uint32_t n, double p, double level) {
    uint32_t low = 0, high = n;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (gsl_cdf_binomial_P(middle, p, n) >= level)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

int quantile_ranks(uint32_t n, uint32_t ppm, uint32_t *low, uint32_t *high) {
    if (n == 0 || ppm == 0 || ppm >= PPM)
        return ERR_INVALID;
    double p = (double)ppm / PPM;
    uint32_t lower = binomial_quantile(n, p, 0.025), upper = binomial_quantile(n, p, 0.975) + 1;
    if (lower == 0 || upper > n)
        return ERR_NOT_ENOUGH;
    *low = lower;
    *high = upper;
    return OK;
}

size_t warm_up_length(const double *values, size_t count) {
    size_t batches = count / 5, best = 0;
    double sum = 0, squares = 0, least = INFINITY;
    double origin = count > 0 ? values[count - 1] : 0; /* centred: no cancellation */
    for (size_t i = batches; i-- > 0;) {
        double batch = 0;
        for (size_t j = 0; j < 5; j++)
            batch += (values[5 * i + j] - origin) / 5;
        sum += batch;
        squares += batch * batch;
        double kept = (double)(batches - i);
        double error = (squares - sum * sum / kept) / (kept * kept);
        if (i <= batches / 2 && error <= least) {
            least = error;
            best = i;
        }
    }
    return 5 * best;
}
