/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/budget.h"

#include "sim/report/statistics.h"

#include <assert.h>
#include <string.h>

#define STAMP(name) offsetof(struct transaction_record, name)

const struct budget budgets[] = {
    {"token", "token_seconds", 40 * NS_PER_MS, STAMP(intended), STAMP(token), false},
    {"s1", "dag_layer_latency_seconds{layer=\"s1\"}", 80 * NS_PER_MS, STAMP(intended), STAMP(s1),
     false},
    {"s2", "dag_layer_latency_seconds{layer=\"s2\"}", 80 * NS_PER_MS, STAMP(s1), STAMP(s2), false},
    {"s3", "dag_layer_latency_seconds{layer=\"s3\"}", 80 * NS_PER_MS, STAMP(s2), STAMP(s3), false},
    {"s4", "dag_layer_latency_seconds{layer=\"s4\"}", 80 * NS_PER_MS, STAMP(s3), STAMP(s4), false},
    {"s5", "dag_layer_latency_seconds{layer=\"s5\"}", 80 * NS_PER_MS, STAMP(s4), STAMP(s5), false},
    {"city", "dag_layer_latency_seconds{layer=\"all\"}", 400 * NS_PER_MS, STAMP(intended),
     STAMP(s5), false},
    {"continent", "continent_ack_seconds", 50 * NS_PER_MS, STAMP(s5), STAMP(continent_ack), false},
    {"felt", "felt_seconds", 450 * NS_PER_MS, STAMP(intended), STAMP(done), false},
};
const size_t budget_count = ARRAY_LEN(budgets);
const struct budget budget_settle = {
    "settle", "cross_city_settle_seconds", 0, STAMP(transfer), STAMP(settled), true};

static time_ns stamp_at(const struct transaction_record *record, size_t offset) {
    time_ns stamp;
    memcpy(&stamp, (const char *)record + offset, sizeof stamp);
    return stamp;
}

time_ns budget_latency(const struct budget *budget, const struct transaction_record *record) {
    time_ns from = stamp_at(record, budget->from), to = stamp_at(record, budget->to);
    return from == TIME_NEVER || to == TIME_NEVER ? TIME_NEVER : to - from;
}

size_t budget_population(const struct budget *budget, const struct run_result *run) {
    size_t count = 0;
    for (size_t i = 0; i < run->transaction_count; i++)
        count += !budget->some || stamp_at(&run->transactions[i], budget->from) != TIME_NEVER;
    return count;
}

size_t budget_samples(const struct budget *budget, const struct run_result *run, int64_t *samples) {
    size_t count = 0;
    for (size_t i = 0; i < run->transaction_count; i++) {
        time_ns latency = budget_latency(budget, &run->transactions[i]);
        if (latency != TIME_NEVER)
            samples[count++] = latency;
    }
    statistics_sort(samples, count);
    return count;
}

struct histogram *budget_histogram(const struct budget *budget, const struct run_result *runs,
                                   size_t count) {
    struct histogram *histogram = histogram_new();
    assert(histogram != NULL);
    for (size_t r = 0; r < count; r++)
        for (size_t i = 0; i < runs[r].transaction_count; i++) {
            time_ns latency = budget_latency(budget, &runs[r].transactions[i]);
            if (latency != TIME_NEVER)
                histogram_record(histogram, latency / NS_PER_US);
        }
    return histogram;
}
