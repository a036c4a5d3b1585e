/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Estimators. A percentile is the smallest value whose rank is at least p n (nearest rank); p is
 * given in millionths, so that ranks are exact integers. */
#ifndef TIERCHAIN_SIM_REPORT_STATISTICS_H
#define TIERCHAIN_SIM_REPORT_STATISTICS_H

#include "base/types.h"

#define PPM                1000000
#define STATISTIC_CENSORED INT64_MAX

struct estimate {
    size_t n;
    double mean, deviation; /* sample standard deviation; 0 for n < 2 */
    double half_width;      /* 95 % Student-t half-width; infinite for n < 2 */
};

/* max(1, ceil(n ppm / 10^6)) for n > 0, else 0. */
uint64_t nearest_rank(uint64_t n, uint32_t ppm);

void statistics_sort(int64_t *samples, size_t count);

/* The percentile of @count ascending samples and @censored ones that are larger than all of them:
 * STATISTIC_CENSORED when the rank falls among the censored or there is no sample at all. */
int64_t percentile_sorted(const int64_t *sorted, size_t count, size_t censored, uint32_t ppm);

/* Mean, deviation and interval of independent values (Welford). */
struct estimate estimate_mean(const double *values, size_t count);

/* Order-statistics interval of a quantile: the 1-based ranks [*low, *high] with binomial tails of
 * at most 2.5 % each. ERR_INVALID for n = 0 or ppm outside 1 … 999 999; ERR_NOT_ENOUGH when n is
 * too small for such ranks to exist. */
int quantile_ranks(uint32_t n, uint32_t ppm, uint32_t *low, uint32_t *high);

/* MSER-5 (White, Cobb, Spratt 2000): how many leading values to delete as warm-up, a multiple of 5,
 * at most half of the series. */
size_t warm_up_length(const double *values, size_t count);

#endif
