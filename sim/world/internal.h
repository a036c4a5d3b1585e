/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Shared by the world's own files. */
#ifndef TIERCHAIN_SIM_WORLD_INTERNAL_H
#define TIERCHAIN_SIM_WORLD_INTERNAL_H

#include "sim/world/world.h"

/* Deals their keys to the committees whose certificates are a group's signatures. */
void world_deal_keys(struct world *world);

/* Fills work_ns from the scenario's CPU table and overrides. */
int world_prepare_costs(struct world *world);

/* Each node's cores and streams; after the committees. */
void world_prepare_machines(struct world *world);

/* The rates between places, and the loss model. 0, or an error after a message on stderr. */
int world_prepare_links(struct world *world);
void world_free_links(struct world *world);

/* Settles the overlay's time-outs; after the committees and the delays. */
void world_prepare_overlay(struct world *world);

/* Elects a city's committee into @members (city.committee of them); @channel is its chain's. 0, or
 * an error after a message on stderr. */
int world_elect(const struct world *world, uint32_t place, uint16_t channel, node_id *members);

/* Seats the committees and fills the nodes' configurations. */
int world_prepare_committees(struct world *world);

#endif
