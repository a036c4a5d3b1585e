/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The one table of latency metrics, which drives every table, file and plot: what is measured,
 * between which stamps, under which Prometheus name, against which target (system.md 5). */
#ifndef TIERCHAIN_SIM_REPORT_BUDGET_H
#define TIERCHAIN_SIM_REPORT_BUDGET_H

#include "sim/report/histogram.h"
#include "sim/report/run_result.h"

struct budget {
    const char *name;
    const char *prometheus;
    time_ns target;  /* p99 target; 0 = none */
    size_t from, to; /* offsets of the two stamps in struct transaction_record */
    bool some;       /* only of the transactions that have the first stamp */
};

extern const struct budget budgets[];
extern const size_t budget_count;

/* Transfers to other cities: beside the table, since most worlds have none. */
extern const struct budget budget_settle;

/* How many transactions of @run the metric is about. */
size_t budget_population(const struct budget *budget, const struct run_result *run);

/* The latency of @record in ns; TIME_NEVER when either stamp did not happen. */
time_ns budget_latency(const struct budget *budget, const struct transaction_record *record);

/* Collects the latencies of @run into @samples (room for transaction_count), ascending. Returns how
 * many; the rest of the transactions are censored. */
size_t budget_samples(const struct budget *budget, const struct run_result *run, int64_t *samples);

/* The latencies of all @runs in one histogram of microseconds; the caller frees it. */
struct histogram *budget_histogram(const struct budget *budget, const struct run_result *runs,
                                   size_t count);

#endif
