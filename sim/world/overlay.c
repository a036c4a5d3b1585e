/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The overlay's time-outs, from the world's longest one-way delay d unless a scenario sets them:
 * a request fails after 4 d (two round trips); T1, from an IHAVE to the GRAFT, is the overlay's
 * diameter times d, for the payload may still be on its way along the longest path; T2, from one
 * GRAFT to the next, is 3 d (a round trip and half of one for jitter). A floor leaves the nodes
 * time for their work where delays are next to nothing. */
#include <string.h>

#include "sim/world/internal.h"
#include "sim/world/overlay.h"

#define FLOOR (50 * NS_PER_MS)

bool world_is_full(const struct world *world, node_id node) {
    return strcmp(world->roles[node], "user") != 0;
}

static time_ns longest_delay(const struct world *world) {
    time_ns longest = 0;
    for (size_t i = 0; i < (size_t)world->place_count * world->place_count; i++)
        longest = world->base[i] > longest ? world->base[i] : longest;
    return longest;
}

/* A random graph of degree HYPARVIEW_ACTIVE reaches everyone after about log n / log (degree - 1)
 * hops; two more for its being no perfect tree. */
static time_ns diameter(uint64_t full) {
    time_ns hops = 2;
    for (uint64_t reached = 1; reached < full; reached *= HYPARVIEW_ACTIVE - 1)
        hops++;
    return hops;
}

static time_ns at_least(time_ns derived) {
    return derived > FLOOR ? derived : FLOOR;
}

void overlay_timeouts(struct announce_config *config, uint64_t full, time_ns delay) {
    config->request_timeout = at_least(4 * delay);
    config->missing_timeout = at_least(diameter(full) * delay);
    config->graft_timeout = at_least(3 * delay);
}

static void take(time_ns *time, int64_t given) {
    if (given != UNSET)
        *time = given;
}

void world_prepare_overlay(struct world *world) {
    const struct scenario *scenario = world->scenario;
    uint64_t full = 0;
    for (node_id node = 0; node < world->node_count; node++)
        full += world_is_full(world, node);
    world->announce = (struct announce_config){
        .seed = world->seed,
        .channel = world->continent.chain.channel,
        .announcers = world->continent.chain.committee,
        .join_spread = scenario->overlay.join,
        .shuffle_period = scenario->overlay.shuffle,
        .heartbeat_period = scenario->overlay.heartbeat,
    };
    overlay_timeouts(&world->announce, full, longest_delay(world));
    take(&world->announce.request_timeout, scenario->overlay.timeout);
    take(&world->announce.missing_timeout, scenario->overlay.missing);
    take(&world->announce.graft_timeout, scenario->overlay.graft);
}
