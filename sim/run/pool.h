/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs in processes of their own, several at a time. How many never changes a result. Workers die
 * with their parent, however it ends. */
#ifndef TIERCHAIN_SIM_RUN_POOL_H
#define TIERCHAIN_SIM_RUN_POOL_H

#include "sim/run/progress.h"
#include "sim/run/run_one.h"

struct pool {
    const struct run_request *requests; /* their scenarios outlive the results */
    size_t count;                       /* at least one */
    size_t jobs;                        /* at once */
    enum progress_mode progress;        /* on stderr */
    const char *directory;              /* for what workers hand over; NULL: the system's */
    /* Called with each result as it comes in, POOL_DONE; it may take what it wants and free the rest. NULL: none. */
    void (*done)(void *context, size_t index, struct run_result *result);
    void *context;
};

/* How a run ended: never begun (after a signal), with a result (perhaps not complete), with an
 * error that the worker told, or killed. */
enum pool_end_kind { POOL_NOT_STARTED, POOL_DONE, POOL_FAILED, POOL_KILLED };

struct pool_end {
    enum pool_end_kind kind;
    int signal; /* that killed it */
};

/* Runs all, and fills @results and @ends (zeroed) in the order of the requests; the result's
 * scenario stays NULL unless POOL_DONE. A signal that ends runs (interrupt.h) is passed on, and no
 * further run begins; after a second one workers are killed. Failures are told on stderr. Returns
 * how many failed or were killed. */
size_t pool_run(const struct pool *pool, struct run_result *results, struct pool_end *ends);

#endif
