/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What all faults together do to nodes, clocks and links at one moment.
 *
 * Nothing is switched on by a fault's beginning and off by its end: the state at @now follows from
 * the faults that are active then, those with at <= now < until, whatever their order.
 *
 *   down    while any crash or restart is active; a crash never ends, so a restart inside it or
 *           around it does not bring the node back
 *   slow    the product of the factors, at most FAULT_SLOW_MAX
 *   forget  1 - (1 - p1)(1 - p2) ...: blocks that none of them drops are kept
 *   clock   the sum of the steps, within FAULT_CLOCK_MAX either way
 *   lost    likewise 1 - (1 - p0)(1 - p1) ..., p0 being the network's own; a fault counts once for a
 *           message, also when it hits both ends
 *   cut     when any partition has the two ends on different sides
 *
 * Pure: the caller says what time it is, and hears what changed through fault_ops. */
#ifndef TIERCHAIN_SIM_RUN_FAULT_TABLE_H
#define TIERCHAIN_SIM_RUN_FAULT_TABLE_H

#include "sim/driver/network.h"
#include "sim/scenario/scenario.h"

#define FAULT_SLOW_NONE 1000                         /* permille */
#define FAULT_SLOW_MAX  1000000000                   /* a million times slower */
#define FAULT_CLOCK_MAX (365 * 24 * 3600 * NS_PER_S) /* as one step */

/* How a loss marks nodes: it touches a message from a SENDER to a RECEIVER, and any message that an
 * END sends or receives. */
enum fault_mark { FAULT_SENDER = 1, FAULT_RECEIVER = 2, FAULT_END = 4 };

struct fault {
    enum fault_kind kind;
    time_ns at, until;    /* TIME_NEVER: to the end */
    int64_t value;        /* loss, forget: millionths; slow: permille; clock: ns */
    const uint8_t *marks; /* of each node. Loss: enum fault_mark; partition: its side from 1, 0 for
                             none; otherwise whether it is hit */
    bool one_way;         /* partition: only what goes from a side to a later one is cut */
};

/* A node's state. */
struct fault_state {
    bool down;
    uint32_t slow_permille;
    uint32_t forget_ppm;
    time_ns clock_step;
};

struct fault_table {
    const struct fault *faults; /* borrowed */
    size_t count;
    uint32_t node_count;
    const struct fault **active; /* now, in the order of the list */
    size_t active_count;
    struct fault_state *nodes; /* as told to the ops */
};

/* What changes for a node. It is told to forget again after each start. */
struct fault_ops {
    void (*crash)(void *context, node_id node);
    void (*start)(void *context, node_id node);
    void (*slow)(void *context, node_id node, uint32_t permille);
    void (*forget)(void *context, node_id node, uint32_t share_ppm);
    void (*step_clock)(void *context, node_id node, time_ns by);
};

/* No fault is active yet. Errors: none; aborts without memory. */
void fault_table_init(struct fault_table *table, const struct fault *faults, size_t count,
                      uint32_t node_count);
void fault_table_deinit(struct fault_table *table);

/* From now on it is @now. Changes are told node by node. */
void fault_table_advance(struct fault_table *table, time_ns now, const struct fault_ops *ops,
                         void *context);

/* What becomes of a message from @from to @to now: a network_link_model, with a table as @context. */
void fault_table_link(void *context, node_id from, node_id to, struct network_link *link);

#endif
