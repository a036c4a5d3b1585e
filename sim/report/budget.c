/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/budget.h"

#include "sim/report/statistics.h"

#include <assert.h>
#include <string.h>

#define STAMP(name) offsetof(struct transaction_record, name)

const struct budget budgets[] = {
    {"token", "token_seconds", 40 * NS_PER_MS, STAMP(intended), STAMP(token)},
    {"s1", "dag_layer_latency_seconds{layer=\"s1\"}", 80 * NS_PER_MS, STAMP(intended), STAMP(s1)},
    {"s2", "dag_layer_latency_seconds{layer=\"s2\"}", 80 * NS_PER_MS, STAMP(s1), STAMP(s2)},
    {"s3", "dag_layer_latency_seconds{layer=\"s3\"}", 80 * NS_PER_MS, STAMP(s2), STAMP(s3)},
    {"s4", "dag_layer_latency_seconds{layer=\"s4\"}", 80 * NS_PER_MS, STAMP(s3), STAMP(s4)},
    {"s5", "dag_layer_latency_seconds{layer=\"s5\"}", 80 * NS_PER_MS, STAMP(s4), STAMP(s5)},
    {"city", "dag_layer_latency_seconds{layer=\"all\"}", 400 * NS_PER_MS, STAMP(intended),
     STAMP(s5)},
    {"continent", "continent_ack_seconds", 50 * NS_PER_MS, STAMP(s5), STAMP(continent_ack)},
    {"felt", "felt_seconds", 450 * NS_PER_MS, STAMP(intended), STAMP(done)},
};
const size_t budget_count = ARRAY_LEN(budgets);

static time_ns stamp_at(const struct transaction_record *record, size_t offset) {
    time_ns stamp;
    memcpy(&stamp, (const char *)record + offset, sizeof stamp);
    return stamp;
}

time_ns budget_latency(const struct budget *budget, const struct transaction_record *record) {
    time_ns from = stamp_at(record, budget->from), to = stamp_at(record, budget->to);
    return from == TIME_NEVER || to == TIME_NEVER ? TIME_NEVER : to - from;
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
