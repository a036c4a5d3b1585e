/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs in processes of their own, several at a time. How many never changes a result. */
#ifndef TIERCHAIN_SIM_RUN_POOL_H
#define TIERCHAIN_SIM_RUN_POOL_H

#include "sim/run/run_one.h"

/* Runs @count requests, at most @jobs at once, and fills @results in the same order; a run that
 * failed leaves its result's scenario NULL. Returns how many failed. */
size_t pool_run(const struct run_request *requests, size_t count, size_t jobs,
                struct run_result *results);

#endif
