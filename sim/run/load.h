/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The load on a world: the workload model's arrivals, put on users' nodes. Open loops are measured
 * from the intended submission; a closed loop's clients wait for their answer and then think. */
#ifndef TIERCHAIN_SIM_RUN_LOAD_H
#define TIERCHAIN_SIM_RUN_LOAD_H

#include "env/trace.h"
#include "models/workload.h"
#include "sim/driver/driver.h"

struct simulation;

struct load {
    struct workload workload;
    int64_t share_total; /* over all places */
    bool closed;
    uint64_t *clients; /* closed loop: by transaction */
    size_t client_capacity;
    char *trace; /* the text of a trace file, NULL for the embedded one */
};

/* 0 or an error after a message on stderr. */
int load_init(struct load *load, struct simulation *simulation);
void load_deinit(struct load *load);

/* Closed loop: the clients' first transactions. */
void load_start(struct load *load, struct simulation *simulation);

/* Open loop: the next arrival, false after the end of the load. */
bool load_next(struct load *load, struct simulation *simulation, struct submission *submission);

/* A transaction is done or has failed: a closed loop's client thinks and submits again. */
void load_finished(struct load *load, struct simulation *simulation,
                   const struct trace_record *record);

#endif
