/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/world/clocks.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "sim/world/internal.h"
#include "sim/world/world.h"

static node_id master_of(const struct world *world, uint32_t place) {
    const struct world_place *at = &world->places[place];
    return at->representatives > 0 ? at->first + at->users : at->first;
}

static bool is_server(const struct world *world, node_id node) {
    switch (world->scenario->clock.sync) {
    case CLOCK_SYNC_NTP:
        return strcmp(world->roles[node], "representative") == 0;
    case CLOCK_SYNC_PTP:
        return node == master_of(world, world->place_of[node]);
    default:
        return false;
    }
}

static bool some_are_wrong(const struct scenario *scenario) {
    for (size_t i = 0; i < scenario->fault_count; i++)
        if (scenario->faults[i].kind == FAULT_CLOCK)
            return true;
    return scenario->clock.offset > 0 || scenario->clock.drift > 0 || scenario->clock.noise > 0 ||
           scenario->clock.amplitude > 0 || scenario->clock.sync != CLOCK_SYNC_NONE;
}

/* Uniform between -bound and +bound. */
static int64_t draw(struct rng *rng, int64_t bound) {
    return (int64_t)rng_below(rng, 2 * (uint64_t)bound + 1) - bound;
}

static void start_clock(struct world *world, node_id node) {
    const struct scenario *scenario = world->scenario;
    struct rng rng;
    rng_init(&rng, world->seed, node, "clock settings");
    struct clock_settings settings = {.step_at = TIME_NEVER};
    if (is_server(world, node)) {
        settings.offset = draw(&rng, scenario->clock.reference);
    } else {
        settings.offset = draw(&rng, scenario->clock.offset);
        settings.drift_ppb = draw(&rng, scenario->clock.drift);
        settings.noise = scenario->clock.noise;
        settings.amplitude = scenario->clock.amplitude;
        settings.period = scenario->clock.period;
        settings.phase = (time_ns)rng_below(&rng, (uint64_t)settings.period);
    }
    int error = clock_init(&world->clocks.models[node], &settings, world->seed, node);
    assert(error == OK); /* the scenario's keys have these bounds */
}

/* The representatives nearest to a place, nearer ones first. */
static uint32_t nearest_servers(const struct world *world, uint32_t place,
                                node_id nearest[NTP_CLIENT_SERVERS]) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < world->representative_count; i++) {
        node_id server = world->representatives[i];
        time_ns delay = world_base(world, place, world->place_of[server]);
        uint32_t slot = count < NTP_CLIENT_SERVERS ? count++ : count;
        while (slot > 0 && world_base(world, place, world->place_of[nearest[slot - 1]]) > delay) {
            if (slot < NTP_CLIENT_SERVERS)
                nearest[slot] = nearest[slot - 1];
            slot--;
        }
        if (slot < NTP_CLIENT_SERVERS)
            nearest[slot] = server;
    }
    return count;
}

static void configure_ntp(struct world *world, uint32_t place) {
    struct clock_place *at = &world->clocks.places[place];
    at->server = (struct discipline_config){.role = DISCIPLINE_NTP_SERVER};
    at->client = (struct discipline_config){
        .role = DISCIPLINE_NTP_CLIENT,
        .peers = at->servers,
        .peer_count = nearest_servers(world, place, at->servers),
        .poll = world->scenario->clock.poll,
    };
}

static void configure_ptp(struct world *world, uint32_t place) {
    const struct world_place *nodes = &world->places[place];
    struct clock_place *at = &world->clocks.places[place];
    uint32_t count = nodes->users + nodes->representatives, slaves = 0;
    at->servers[0] = master_of(world, place);
    at->slaves = memory_new(count, sizeof *at->slaves);
    for (node_id node = nodes->first; node < nodes->first + count; node++)
        if (node != at->servers[0])
            at->slaves[slaves++] = node;
    at->server = (struct discipline_config){
        .role = DISCIPLINE_PTP_MASTER,
        .peers = at->slaves,
        .peer_count = slaves,
        .poll = world->scenario->clock.poll,
    };
    at->client = (struct discipline_config){
        .role = DISCIPLINE_PTP_SLAVE,
        .peers = at->servers,
        .peer_count = 1,
        .poll = world->scenario->clock.poll,
        .asymmetry = world->scenario->clock.asymmetry,
    };
}

void world_clocks_init(struct world *world) {
    enum clock_sync sync = world->scenario->clock.sync;
    if (!some_are_wrong(world->scenario))
        return;
    world->clocks.models = memory_new(world->node_count, sizeof *world->clocks.models);
    for (node_id node = 0; node < world->node_count; node++)
        start_clock(world, node);
    if (sync == CLOCK_SYNC_NONE)
        return;
    world->clocks.places = memory_new(world->place_count, sizeof *world->clocks.places);
    for (uint32_t place = 0; place < world->place_count; place++) {
        if (sync == CLOCK_SYNC_NTP)
            configure_ntp(world, place);
        else
            configure_ptp(world, place);
    }
}

void world_clocks_deinit(struct world *world) {
    for (uint32_t place = 0; world->clocks.places != NULL && place < world->place_count; place++)
        free(world->clocks.places[place].slaves);
    free(world->clocks.places);
    free(world->clocks.models);
}

const struct discipline_config *world_discipline(const struct world *world, node_id node) {
    if (world->clocks.places == NULL)
        return NULL;
    const struct clock_place *at = &world->clocks.places[world->place_of[node]];
    return is_server(world, node) ? &at->server : &at->client;
}

time_ns world_clock(const struct world *world, node_id node, time_ns now) {
    if (world->clocks.models == NULL)
        return WORLD_EPOCH + now;
    return WORLD_EPOCH + clock_read(&world->clocks.models[node], now);
}

void world_clock_step(struct world *world, node_id node, time_ns by) {
    assert(world->clocks.models != NULL);
    world->clocks.models[node].settings.offset += by;
}

time_ns world_clock_error(const struct world *world, const struct env *env, time_ns now) {
    time_ns physical = world_clock(world, env->self, now);
    return physical + slew_at(&env->correction, physical) - (WORLD_EPOCH + now);
}
