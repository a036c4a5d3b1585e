/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A scenario's expectations against what a run measured. What has no sample at all meets none. */
#ifndef TIERCHAIN_SIM_RUN_EXPECTATIONS_H
#define TIERCHAIN_SIM_RUN_EXPECTATIONS_H

#include "sim/report/run_result.h"
#include "sim/scenario/scenario.h"

/* Fills result->expectations (freed by run_result_free). Durations are reported in milliseconds,
 * shares as fractions. Returns how many were missed. */
size_t expectations_judge(const struct scenario *scenario, struct run_result *result);

/* Of ascending samples and of censored ones that are larger than all of them, in ns;
 * STATISTIC_CENSORED when the value lies among the latter. Some sample must be there. */
int64_t expectations_statistic(enum statistic statistic, const int64_t *samples, size_t count,
                               size_t censored);

#endif
