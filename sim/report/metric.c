/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/metric.h"

#include "sim/report/stamp.h"
#include "sim/report/statistics.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

const struct metric *metric_find(const char *name) {
    for (size_t m = 0; m < metric_count; m++)
        if (strcmp(metrics[m].name, name) == 0 ||
            (metrics[m].also != NULL && strcmp(metrics[m].also, name) == 0))
            return &metrics[m];
    return NULL;
}

const char *metric_unit(const struct metric *metric) {
    if (metric->kind == METRIC_DURATION)
        return "ns";
    return metric->kind == METRIC_SHARE ? "ppm" : metric->unit;
}

time_ns metric_span(const struct metric *metric, const struct transaction_record *record) {
    if (metric->from == metric->to)
        return TIME_NEVER;
    time_ns from = stamp_at(record, metric->from), to = stamp_at(record, metric->to);
    return from == TIME_NEVER || to == TIME_NEVER ? TIME_NEVER : to - from;
}

size_t metric_population(const struct metric *metric, const struct run_result *run) {
    if (metric->population != NULL)
        return metric->population(run);
    size_t count = 0;
    for (size_t i = 0; i < run->transaction_count; i++)
        count += !metric->some || stamp_at(&run->transactions[i], metric->from) != TIME_NEVER;
    return count;
}

size_t metric_samples(const struct metric *metric, const struct run_result *run, int64_t *samples) {
    size_t count = 0;
    if (metric->sample != NULL)
        count = metric->sample(run, samples);
    else
        for (size_t i = 0; i < run->transaction_count; i++) {
            time_ns span = metric_span(metric, &run->transactions[i]);
            if (span != TIME_NEVER)
                samples[count++] = span;
        }
    statistics_sort(samples, count);
    return count;
}

bool metric_present(const struct metric *metric, const struct run_result *runs, size_t count) {
    for (size_t r = 0; r < count; r++)
        if (metric->kind == METRIC_DURATION ? metric_population(metric, &runs[r]) > 0
                                            : metric->value(&runs[r]) != METRIC_NOTHING)
            return true;
    return false;
}

struct histogram *metric_histogram(const struct metric *metric, const struct run_result *runs,
                                   size_t count) {
    struct histogram *histogram = histogram_new();
    assert(histogram != NULL);
    for (size_t r = 0; r < count; r++) {
        int64_t *samples = malloc((metric_population(metric, &runs[r]) + 1) * sizeof *samples);
        assert(samples != NULL);
        size_t n = metric_samples(metric, &runs[r], samples);
        for (size_t i = 0; i < n; i++)
            histogram_record(histogram, samples[i] / NS_PER_US);
        free(samples);
    }
    return histogram;
}
