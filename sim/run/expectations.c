/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/expectations.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "env/trace.h"
#include "sim/report/budget.h"
#include "sim/report/statistics.h"

static const uint32_t quantile_ppm[STATISTIC_COUNT] = {
    [STATISTIC_P50] = 500000, [STATISTIC_P90] = 900000,   [STATISTIC_P95] = 950000,
    [STATISTIC_P99] = 990000, [STATISTIC_P99_9] = 999000, [STATISTIC_MAX] = 1000000,
};

/* The budget that a duration metric names; "total" is what the sender waits for in all. */
static const struct budget *find_budget(enum metric metric) {
    const char *name = metric_name(metric);
    if (metric == METRIC_TOTAL)
        name = metric_name(METRIC_FELT);
    if (metric == METRIC_SETTLE)
        return &budget_settle;
    for (size_t i = 0; i < budget_count; i++)
        if (strcmp(budgets[i].name, name) == 0)
            return &budgets[i];
    return NULL;
}

/* Of ascending samples; STATISTIC_CENSORED when the value lies among those that never got there. */
static int64_t statistic(enum statistic statistic, const int64_t *samples, size_t count,
                         size_t censored) {
    double sum = 0;
    if (statistic != STATISTIC_MEAN)
        return percentile_sorted(samples, count, censored, quantile_ppm[statistic]);
    for (size_t i = 0; i < count; i++)
        sum += (double)samples[i];
    return censored > 0 || count == 0 ? STATISTIC_CENSORED : llround(sum / (double)count);
}

/* Without samples all clocks are right. */
static int64_t clock_error(const struct run_result *result, const struct expectation *bound) {
    if (result->clock_error_count == 0)
        return 0;
    return statistic(bound->statistic, result->clock_errors, result->clock_error_count, 0);
}

/* In ns. */
static int64_t duration(const struct run_result *result, const struct expectation *bound) {
    const struct announcement_totals *news = &result->announcements;
    if (bound->metric == METRIC_ANNOUNCE)
        return statistic(bound->statistic, news->latencies, news->reached,
                         news->expected - news->reached);
    if (bound->metric == METRIC_CLOCK_ERROR)
        return clock_error(result, bound);
    const struct budget *budget = find_budget(bound->metric);
    int64_t *samples = calloc(result->transaction_count + 1, sizeof *samples);
    if (samples == NULL || budget == NULL)
        abort();
    size_t count = budget_samples(budget, result, samples);
    int64_t value =
        statistic(bound->statistic, samples, count, budget_population(budget, result) - count);
    free(samples);
    return value;
}

/* In millionths; 0 of nothing. */
static int64_t share(uint64_t part, uint64_t whole) {
    return whole == 0 ? 0 : (int64_t)(part * (uint64_t)MILLION / whole);
}

static int64_t settled_share(const struct run_result *result) {
    uint64_t settled = 0;
    for (size_t i = 0; i < result->transaction_count; i++)
        settled += budget_latency(&budget_settle, &result->transactions[i]) != TIME_NEVER;
    return share(settled, budget_population(&budget_settle, result));
}

static int64_t committed(const struct run_result *result) {
    int64_t done = 0;
    for (size_t i = 0; i < result->transaction_count; i++)
        done += result->transactions[i].done != TIME_NEVER;
    return done;
}

static int64_t counter(const struct run_result *result, enum trace_point point) {
    for (size_t i = 0; i < result->counter_count; i++)
        if (strcmp(result->counters[i].name, trace_name(point)) == 0)
            return (int64_t)result->counters[i].value;
    return 0;
}

static int64_t number(const struct run_result *result, enum metric metric) {
    int64_t sum = 0;
    switch (metric) {
    case METRIC_COMMITS:
        return committed(result);
    case METRIC_COMMITTED_SHARE:
        return share((uint64_t)committed(result), result->transaction_count);
    case METRIC_SETTLED_SHARE:
        return settled_share(result);
    case METRIC_ANNOUNCEMENTS:
        return (int64_t)result->announcements.sent;
    case METRIC_ANNOUNCE_REACH:
        return share(result->announcements.reached, result->announcements.expected);
    case METRIC_ANNOUNCE_REDUNDANCY:
        return share(result->announcements.redundant, result->announcements.received);
    case METRIC_ANNOUNCE_HOPS:
        return (int64_t)result->announcements.last_hop_max;
    case METRIC_DROPPED:
        for (size_t i = 0; i < result->drop_count; i++)
            sum += (int64_t)result->drops[i].count;
        return sum;
    case METRIC_AUDITS_PASSED:
        return counter(result, TRACE_AUDIT_PASSED);
    case METRIC_AUDITS_LATE:
        return counter(result, TRACE_AUDIT_LATE);
    case METRIC_AUDITS_WRONG:
        return counter(result, TRACE_AUDIT_WRONG);
    case METRIC_MESSAGES:
        for (size_t i = 0; i < result->message_count; i++)
            sum += (int64_t)result->messages[i].count;
        return sum;
    default:
        for (size_t i = 0; i < result->invariant_count; i++)
            sum += (int64_t)result->invariants[i].value;
        return sum;
    }
}

/* In the unit that a person wrote it in. */
static double readable(enum metric metric, int64_t value) {
    if (value == STATISTIC_CENSORED)
        return INFINITY;
    switch (metric_kind(metric)) {
    case METRIC_DURATION:
        return (double)value / (double)NS_PER_MS;
    case METRIC_SHARE:
        return (double)value / (double)MILLION;
    default:
        return (double)value;
    }
}

size_t expectations_judge(const struct scenario *scenario, struct run_result *result) {
    struct expectation_record *records = calloc(scenario->expectation_count + 1, sizeof *records);
    size_t missed = 0;
    if (records == NULL)
        abort();
    for (size_t i = 0; i < scenario->expectation_count; i++) {
        const struct expectation *bound = &scenario->expectations[i].bound;
        int64_t observed = metric_kind(bound->metric) == METRIC_DURATION
                               ? duration(result, bound)
                               : number(result, bound->metric);
        records[i] = (struct expectation_record){
            .text = scenario->expectations[i].text,
            .value = readable(bound->metric, observed),
            .limit = readable(bound->metric, bound->value),
            .passed = expectation_holds(bound, observed),
        };
        missed += !records[i].passed;
    }
    result->expectations = records;
    result->expectation_count = scenario->expectation_count;
    return missed;
}
