/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What belongs together while one run lasts; private to sim/run. */
#ifndef TIERCHAIN_SIM_RUN_SIMULATION_H
#define TIERCHAIN_SIM_RUN_SIMULATION_H

#include "sim/run/faults.h"
#include "sim/run/load.h"
#include "sim/driver/driver.h"
#include "sim/observe/observer.h"
#include "sim/run/run_one.h"
#include "sim/world/world.h"

struct simulation {
    const struct run_request *request;
    struct world world;
    struct observer observer;
    struct driver *driver;
    struct load load;
    struct faults faults;
    struct path_recorder *paths; /* NULL: output.paths is off */

    time_ns end;
};

/* A node starts (anew), or stops at once. */
void simulation_start(struct simulation *simulation, node_id node);
void simulation_crash(struct simulation *simulation, node_id node);

#endif
