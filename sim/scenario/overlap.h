/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a scenario alone says about the nodes that a fault chooses, before there is a world.
 *
 * A world numbers its nodes place by place, in a place first the users' nodes and then the
 * representatives (world.h), so choices by place and position are known here, and so are positions
 * among a city's committee. Who sits on a committee, and what a random share draws, only the world
 * knows: faults.c looks again there. */
#ifndef TIERCHAIN_SIM_SCENARIO_OVERLAP_H
#define TIERCHAIN_SIM_SCENARIO_OVERLAP_H

#include "sim/scenario/scenario.h"

/* How many nodes the term's tier and place leave, before index and share. */
int64_t selector_count(const struct scenario *scenario, const struct node_selector *selector);

/* Whether two sides of the partition are sure to share a node; then @first < @second name them. */
bool sides_overlap(const struct scenario *scenario, const struct scenario_fault *fault,
                   size_t *first, size_t *second);

#endif
