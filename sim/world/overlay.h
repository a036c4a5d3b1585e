/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An overlay's time-outs when a scenario says nothing (overlay.c). */
#ifndef TIERCHAIN_SIM_WORLD_OVERLAY_H
#define TIERCHAIN_SIM_WORLD_OVERLAY_H

#include "tier/announce.h"

/* Fills in the three time-outs of @config for @full nodes, the farthest @delay (one way) apart. */
void overlay_timeouts(struct announce_config *config, uint64_t full, time_ns delay);

#endif
