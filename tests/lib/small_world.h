/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A scenario's world in the test loop, with uniform delays and no CPU costs: whole nodes, and every
 * frame and trace record within a test's reach. */
#ifndef TIERCHAIN_TESTS_SMALL_WORLD_H
#define TIERCHAIN_TESTS_SMALL_WORLD_H

#include "base/error.h"
#include "sim/world/world.h"
#include "sim/loop/loop.h"
#include "wire/message.h"

struct small_world {
    struct scenario scenario;
    struct world world;
    struct loop *loop;
    uint64_t points[TRACE_COUNT];
    struct trace_record last[TRACE_COUNT]; /* of each point */
    uint64_t *drops;                       /* small_world_dropped */
    uint64_t submitted;
    /* Looks at each frame that is sent; true: it is lost. May be NULL. */
    bool (*lose)(void *context, node_id from, node_id to, const struct message *message);
    /* Sees each trace record. May be NULL. */
    void (*trace)(void *context, const struct trace_record *record);
    void *context;
};

/* Starts every node of the scenario @yaml. Fails the test on an error in it. */
void small_world_open(struct small_world *world, const char *yaml, uint64_t seed);
void small_world_close(struct small_world *world);

/* @count transactions of @size bytes from user nodes in turns, one each @gap from now on. */
void small_world_submit(struct small_world *world, uint32_t count, uint32_t size, time_ns gap);

void small_world_run(struct small_world *world, time_ns until);

/* Messages of @type (0: all) that were dropped for @reason. */
uint64_t small_world_dropped(const struct small_world *world, uint16_t type, int reason);

struct node *small_world_node(struct small_world *world, node_id node);

#endif
