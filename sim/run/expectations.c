/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/expectations.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/report/statistics.h"

static const uint32_t quantile_ppm[STATISTIC_COUNT] = {
    [STATISTIC_P50] = 500000, [STATISTIC_P90] = 900000,   [STATISTIC_P95] = 950000,
    [STATISTIC_P99] = 990000, [STATISTIC_P99_9] = 999000, [STATISTIC_MAX] = 1000000,
};

int64_t expectations_statistic(enum statistic statistic, const int64_t *samples, size_t count,
                               size_t censored) {
    double sum = 0;
    if (statistic != STATISTIC_MEAN)
        return percentile_sorted(samples, count, censored, quantile_ppm[statistic]);
    for (size_t i = 0; i < count; i++)
        sum += (double)samples[i];
    return censored > 0 ? STATISTIC_CENSORED : llround(sum / (double)count);
}

/* In ns. */
static int64_t duration(const struct run_result *result, const struct expectation *bound) {
    size_t population = metric_population(bound->metric, result);
    if (population == 0)
        return METRIC_NOTHING;
    int64_t *samples = calloc(population, sizeof *samples);
    if (samples == NULL)
        abort();
    size_t count = metric_samples(bound->metric, result, samples);
    int64_t value = expectations_statistic(bound->statistic, samples, count, population - count);
    free(samples);
    return value;
}

/* In the unit that a person wrote it in. */
static double readable(const struct metric *metric, int64_t value) {
    if (value == METRIC_NOTHING)
        return NAN;
    if (value == STATISTIC_CENSORED)
        return INFINITY;
    switch (metric->kind) {
    case METRIC_DURATION:
        return (double)value / (double)NS_PER_MS;
    case METRIC_SHARE:
        return (double)value / (double)MILLION;
    default:
        return (double)value;
    }
}

static const char *readable_unit(const struct metric *metric) {
    if (metric->kind == METRIC_DURATION)
        return "ms";
    return metric->kind == METRIC_SHARE ? "fraction" : metric->unit;
}

static bool speaks_of(const struct scenario *scenario, const char *metric) {
    for (size_t i = 0; i < scenario->expectation_count; i++)
        if (strcmp(scenario->expectations[i].bound.metric->name, metric) == 0)
            return true;
    return false;
}

size_t expectations_judge(const struct scenario *scenario, struct run_result *result) {
    struct expectation_record *records = calloc(scenario->expectation_count + 1, sizeof *records);
    size_t missed = 0;
    if (records == NULL)
        abort();
    for (size_t i = 0; i < scenario->expectation_count; i++) {
        const struct expectation *bound = &scenario->expectations[i].bound;
        const struct metric *metric = bound->metric;
        int64_t observed =
            metric->kind == METRIC_DURATION ? duration(result, bound) : metric->value(result);
        records[i] = (struct expectation_record){
            .text = scenario->expectations[i].text,
            .value = readable(metric, observed),
            .limit = readable(metric, bound->value),
            .unit = readable_unit(metric),
            .passed = expectation_holds(bound, observed),
        };
        missed += !records[i].passed;
    }
    result->expectations = records;
    result->expectation_count = scenario->expectation_count;
    if (result->complete && result->stuck > 0 && !speaks_of(scenario, "stuck")) {
        records[result->expectation_count++] =
            (struct expectation_record){.text = "stuck == 0, as nothing else is expected",
                                        .value = (double)result->stuck,
                                        .unit = "transactions"};
        missed++;
    }
    return missed;
}
