/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/summary.h"

#include "base/error.h"

#include <assert.h>
#include <stdlib.h>

#define P99 2 /* index in summary_quantiles */

const struct summary_quantile summary_quantiles[] = {{"p50", "p50_ns", 500000},
                                                     {"p95", "p95_ns", 950000},
                                                     {"p99", "p99_ns", 990000},
                                                     {"p99.9", "p99_9_ns", 999000},
                                                     {"max", "max_ns", 1000000}};
const size_t summary_quantile_count = ARRAY_LEN(summary_quantiles);
_Static_assert(ARRAY_LEN(summary_quantiles) == SUMMARY_QUANTILES, "one value a quantile");

/* All runs' samples, ascending, and what the runs' own p99 say; the caller frees the samples. A
 * repetition whose p99 is open has none to average: to leave it out would be to ask survivors only. */
static int64_t *collect(const struct metric *metric, const struct run_result *runs, size_t count,
                        size_t total, struct summary_row *row) {
    int64_t *samples = malloc((total + 1) * sizeof *samples);
    double *p99 = malloc((count + 1) * sizeof *p99);
    assert(samples != NULL && p99 != NULL);
    for (size_t r = 0; r < count; r++) {
        size_t population = metric_population(metric, &runs[r]);
        if (population == 0)
            continue;
        size_t got = metric_samples(metric, &runs[r], samples + row->n);
        int64_t tail =
            percentile_sorted(samples + row->n, got, population - got, summary_quantiles[P99].ppm);
        p99[row->repetitions++] = (double)tail;
        row->open += tail == STATISTIC_CENSORED;
        row->n += got;
    }
    statistics_sort(samples, row->n);
    row->p99 = estimate_mean(p99, row->open > 0 ? 0 : row->repetitions);
    free(p99);
    return samples;
}

/* Binomial ranks around the p99 of all samples. */
static void find_interval(const int64_t *samples, struct summary_row *row) {
    uint32_t low, high;
    row->p99_low = row->p99_high = METRIC_NOTHING;
    if (row->repetitions != 1 || row->n + row->censored > UINT32_MAX ||
        quantile_ranks((uint32_t)(row->n + row->censored), summary_quantiles[P99].ppm, &low,
                       &high) != OK)
        return;
    row->p99_low = low <= row->n ? samples[low - 1] : STATISTIC_CENSORED;
    row->p99_high = high <= row->n ? samples[high - 1] : STATISTIC_CENSORED;
}

void summary_measure(const struct metric *metric, const struct run_result *runs, size_t count,
                     struct summary_row *row) {
    size_t total = 0;
    for (size_t r = 0; r < count; r++)
        total += metric_population(metric, &runs[r]);
    *row = (struct summary_row){0};
    int64_t *samples = collect(metric, runs, count, total, row);
    row->censored = total - row->n;
    for (size_t q = 0; q < SUMMARY_QUANTILES; q++)
        row->values[q] = total == 0 ? METRIC_NOTHING
                                    : percentile_sorted(samples, row->n, row->censored,
                                                        summary_quantiles[q].ppm);
    find_interval(samples, row);
    if (metric->target > 0 && total > 0)
        row->verdict = row->values[P99] <= metric->target ? VERDICT_MET : VERDICT_OVER;
    free(samples);
}

bool summary_is_value(int64_t value) {
    return value != METRIC_NOTHING && value != STATISTIC_CENSORED;
}

const char *summary_verdict(enum verdict verdict) {
    return verdict == VERDICT_MET ? "met" : verdict == VERDICT_OVER ? "over" : "-";
}

size_t summary_over_target(const struct run_result *runs, size_t count) {
    size_t over = 0;
    for (size_t m = 0; m < metric_count; m++) {
        struct summary_row row;
        if (metrics[m].kind != METRIC_DURATION || metrics[m].target == 0)
            continue;
        summary_measure(&metrics[m], runs, count, &row);
        over += row.verdict == VERDICT_OVER;
    }
    return over;
}
