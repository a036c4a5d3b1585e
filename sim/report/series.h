/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A run second by second, of the transactions that count (without the warm-up's). */
#ifndef TIERCHAIN_SIM_REPORT_SERIES_H
#define TIERCHAIN_SIM_REPORT_SERIES_H

#include "sim/report/run_result.h"

struct second {
    uint64_t submitted; /* meant to be, in this second */
    uint64_t done;      /* in this second, whenever submitted */
    uint64_t in_flight; /* submitted and not done when the second ends */
    int64_t p50, p99;   /* ns, felt by those done in it; METRIC_NOTHING: none */
};

/* One for each second that the run began, from 0 on; the caller frees them. */
struct second *series_make(const struct run_result *run, size_t *count);

#endif
