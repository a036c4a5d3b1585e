/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The world's clocks: how wrong each node's is, and who tells whom the time.
 *
 * Servers have a reference clock (a satellite receiver), wrong by clock.reference and nothing else;
 * every other node draws offset, drift and the sine's phase from its own stream. With NTP the
 * representatives are servers and everyone else asks the four nearest; with PTP the master of a
 * place is its first representative or, without one, its first user's node. */
#ifndef TIERCHAIN_SIM_WORLD_CLOCKS_H
#define TIERCHAIN_SIM_WORLD_CLOCKS_H

#include "clock/discipline.h"
#include "models/clock.h"

struct world;

/* What clocks show at simulated time 0 when they are right: 2026-01-01 00:00:00 UTC, since 1970. Far
 * above 0, so that no clock ever shows a negative time. */
#define WORLD_EPOCH (INT64_C(1767225600) * NS_PER_S)

/* What the nodes of one place are configured with. */
struct clock_place {
    struct discipline_config server, client;
    node_id servers[NTP_CLIENT_SERVERS]; /* NTP: whom the place's nodes ask; PTP: its master */
    node_id *slaves;                     /* PTP: all its nodes but the master */
};

struct clocks {
    struct clock_model *models; /* per node; NULL: all clocks are right */
    struct clock_place *places; /* per place; NULL: nobody tells the time */
};

/* After the world's places, nodes and latencies. */
void world_clocks_init(struct world *world);
void world_clocks_deinit(struct world *world);

/* NULL without synchronisation. */
const struct discipline_config *world_discipline(const struct world *world, node_id node);

/* What the node's own clock shows at true time @now. */
time_ns world_clock(const struct world *world, node_id node, time_ns now);

/* Steps the node's clock by @by from now on. Only in a scenario with such a fault. */
void world_clock_step(struct world *world, node_id node, time_ns by);

/* By how much @env's clock is wrong at true time @now, its correction included. */
time_ns world_clock_error(const struct world *world, const struct env *env, time_ns now);

#endif
