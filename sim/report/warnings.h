/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a reader of results should know before trusting them, each said once. */
#ifndef TIERCHAIN_SIM_REPORT_WARNINGS_H
#define TIERCHAIN_SIM_REPORT_WARNINGS_H

#include "sim/report/run_result.h"
#include "sim/report/text.h"

#define WARNINGS_MAX 16

struct warning {
    const char *id; /* for machines: overload, few_samples, … */
    struct text text;
};

struct warnings {
    struct warning list[WARNINGS_MAX];
    size_t count;
};

/* Free with warnings_deinit. */
void warnings_init(struct warnings *warnings, const struct run_result *runs, size_t count);
void warnings_deinit(struct warnings *warnings);

/* Overload: queues still grew when the load ended. In the last quarter of the load after the
 * warm-up, on average more than one and a half times as many transactions (and four more) were
 * under way as in the second quarter; by Little's law a system that keeps up has equally many. */
bool run_overloaded(const struct run_result *run);

/* The moment from which latencies are steady by MSER-5, if those before, counted though they are,
 * differ from the rest by more than a tenth in the mean; TIME_NEVER if the warm-up was long enough. */
time_ns run_steady_from(const struct run_result *run);

#endif
