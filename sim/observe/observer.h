/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From trace records to what a run measured: time stamps per transaction, counters, drops by
 * reason. */
#ifndef TIERCHAIN_SIM_OBSERVE_OBSERVER_H
#define TIERCHAIN_SIM_OBSERVE_OBSERVER_H

#include "base/error.h"
#include "env/trace.h"
#include "sim/observe/announcements.h"
#include "sim/observe/carriage.h"
#include "sim/observe/checker.h"
#include "sim/observe/holdings.h"
#include "sim/observe/tally.h"
#include "sim/report/run_result.h"

struct observer {
    struct transaction_record *transactions; /* by number */
    size_t count;
    size_t capacity;
    uint64_t points[TRACE_COUNT];
    uint64_t drops[ERROR_COUNT]; /* by -reason */
    uint64_t done;
    int64_t *clock_errors; /* magnitudes in ns, in order of observation */
    size_t clock_error_count;
    size_t clock_error_capacity;
    struct checker checker;
    struct holdings holdings;
    struct tally tally;
    struct announcements announcements;  /* its owner starts it when the world is known */
    struct carriage carriage;            /* likewise */
    uint64_t stuck_at[RUN_STUCK_PLACES]; /* after observer_end */
};

/* @promises: how many make a transaction ready for S5. */
void observer_init(struct observer *observer, uint32_t promises);
void observer_deinit(struct observer *observer);

/* The workload intends to submit the next transaction. Its number is returned. */
uint64_t observer_intend(struct observer *observer, node_id origin, uint32_t size,
                         time_ns intended);

/* Somebody's clock is wrong by @error >= 0. */
void observer_clock_error(struct observer *observer, time_ns error);

/* A node stops: what it has open goes with it. */
void observer_stopped(struct observer *observer, node_id node);

/* The run is over, after its drain: every transaction is followed to where it must be. */
void observer_end(struct observer *observer);

void observer_record(struct observer *observer, const struct trace_record *record);

#endif
