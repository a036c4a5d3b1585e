/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Follows the cities' batches into the continent's order, from trace records, outside the nodes: when
 * enough representatives hold a batch in memory, when durably, when it is ordered; how many wait to
 * be. A transaction is where the batch is in which its city has ordered it.
 *
 * Enough: f + 1, by the clock of the simulation; their places are the sender's affair (tier/ack.h). */
#ifndef TIERCHAIN_SIM_OBSERVE_CARRIAGE_H
#define TIERCHAIN_SIM_OBSERVE_CARRIAGE_H

#include "env/trace.h"
#include "sim/report/run_result.h"

struct batch_carriage;

struct carriage {
    uint32_t needed;                /* representatives */
    struct batch_carriage *batches; /* by channel and height */
    uint64_t *batch_of;             /* by transaction; 0: ordered by no city */
    size_t capacity;
    uint64_t backlog, backlog_max; /* batches that a representative has and that are not ordered */
};

void carriage_init(struct carriage *carriage, uint32_t needed);
void carriage_deinit(struct carriage *carriage);

void carriage_record(struct carriage *carriage, const struct trace_record *record);

/* Sets the stamps received, durable and ordered of @count transactions, numbered from 0. */
void carriage_stamp(struct carriage *carriage, struct transaction_record *transactions,
                    size_t count);

#endif
