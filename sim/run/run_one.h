/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One run: a scenario's world under SimGrid, observed from start to end. SimGrid allows one engine
 * a process, so every run has a process of its own (pool.h). */
#ifndef TIERCHAIN_SIM_RUN_RUN_ONE_H
#define TIERCHAIN_SIM_RUN_RUN_ONE_H

#include <stdio.h>

#include "sim/report/run_result.h"
#include "sim/scenario/scenario.h"

struct progress_slot;

struct run_request {
    const struct scenario *scenario;
    uint64_t seed;
    uint32_t repetition;
    const char *label; /* in messages, before the repetition; NULL: the scenario's name */
    struct progress_slot *progress; /* where to tell how far it is, or NULL */
    const char *platform_path;      /* where to write the SimGrid platform; NULL: nowhere */
};

/* Runs, until the end or a signal (interrupt.h), and fills @result, whose arrays run_result_free frees. Transactions from before the end of
 * the warm-up are left out. 0 or an error after a message on stderr. */
int run_one(const struct run_request *request, struct run_result *result);

void run_result_free(struct run_result *result);

#endif
