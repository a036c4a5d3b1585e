/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A scenario's faults in a run: whom they hit in this world, and a control on the driver's agenda for
 * each moment at which one begins or ends. What they do together is fault_table.h's matter. */
#ifndef TIERCHAIN_SIM_RUN_FAULTS_H
#define TIERCHAIN_SIM_RUN_FAULTS_H

#include "sim/report/run_result.h"
#include "sim/run/fault_table.h"
#include "sim/world/world.h"

struct simulation;

struct faults {
    struct fault *list;
    uint8_t *marks; /* one row of nodes a fault */
    struct fault_table table;
};

/* Finds out whom the scenario's faults hit; after the world. 0, or ERR_INVALID after a message on
 * stderr when two sides of a partition share a node here. Free with faults_deinit in both cases. */
int faults_init(struct faults *faults, const struct world *world);
void faults_deinit(struct faults *faults);

/* Before anything is written: whether no side of a partition shares a node with another in the world
 * of @seed. Builds that world only where the scenario alone does not say so. Needs sodium_init. 0, or
 * an error after a message on stderr. */
int faults_check(const struct scenario *scenario, uint64_t seed);

/* Lists them in result->faults (freed by run_result_free). */
void faults_collect(const struct faults *faults, struct run_result *result);

/* Puts every fault's beginning and end on the agenda. */
void faults_schedule(struct simulation *simulation);

#endif
