/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What an assembly needs of a driver, so that it can play on either: the loop (stage_loop.c) or SimGrid
 * (sim/driver/stage.c). Both order what happens at one time alike, and nothing costs time, so that one
 * plan gives one history.
 *
 * Stations and nodes are those of sim/loop/loop.h. */
#ifndef TIERCHAIN_SIM_ASSEMBLY_STAGE_H
#define TIERCHAIN_SIM_ASSEMBLY_STAGE_H

#include "env/env.h"

struct stage_config {
    uint32_t count;            /* of stations */
    const node_id *speaks_for; /* NULL: each for the node of its own number; borrowed */
    void *context;             /* handed to the callbacks */
    time_ns end;               /* nothing is played after it; SimGrid wants to know */
    time_ns (*delay)(void *context, node_id from, node_id to, const struct frame *frame,
                     time_ns now);
    void (*trace)(void *context, const struct trace_record *record);
    void (*stepped)(void *context, node_id station, const struct event *event);
    void (*effect)(void *context, node_id station, const struct effect *effect);
};

struct stage_ops {
    const char *name;
    void *(*open)(const struct stage_config *config);
    void (*close)(void *driver);
    void (*start)(void *driver, node_id station, struct process *process);
    void (*crash)(void *driver, node_id station);
    void (*crash_after)(void *driver, node_id station, uint64_t effects);
    void (*forget)(void *driver, node_id station);
    bool (*alive)(const void *driver, node_id station);
    void (*submit)(void *driver, node_id station, time_ns at, uint64_t transaction, uint32_t size);
    /* Calls @function with the context of the config. */
    void (*at)(void *driver, time_ns at, void (*function)(void *context, uint64_t argument),
               uint64_t argument);
    void (*inject)(void *driver, node_id from, node_id to, time_ns at, struct frame *frame);
    void (*run)(void *driver, time_ns until); /* SimGrid: once, to the end of the config */
    void (*stop)(void *driver);
    time_ns (*now)(const void *driver);
};

extern const struct stage_ops stage_loop, stage_simgrid; /* SimGrid: one in the life of a process */

/* A driver with what drives it. */
struct stage {
    const struct stage_ops *ops;
    void *driver;
};

#endif
