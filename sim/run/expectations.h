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

#endif
