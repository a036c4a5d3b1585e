/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/world/world.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "sim/world/internal.h"

static uint32_t find_or_add_place(struct world *world, const char *id) {
    for (uint32_t i = 0; i < world->place_count; i++)
        if (strcmp(world->places[i].id, id) == 0)
            return i;
    struct world_place *place = &world->places[world->place_count];
    const struct place_info *info = places_find(id);
    *place = (struct world_place){.id = id, .info = info, .city = UINT32_MAX};
    place->site = (struct site){.lat = info->lat, .lon = info->lon, .aws_region = info->aws_region};
    return world->place_count++;
}

static void add_places(struct world *world) {
    const struct scenario *scenario = world->scenario;
    size_t limit = scenario->place_count + scenario->continent_places.count;
    world->places = memory_new(limit, sizeof *world->places);
    for (size_t i = 0; i < scenario->place_count; i++) {
        uint32_t at = find_or_add_place(world, scenario->places[i].id);
        struct world_place *place = &world->places[at];
        place->users = (uint32_t)scenario->places[i].nodes;
        place->city = world->city_count++;
        place->load_share = scenario->places[i].share == UNSET ? scenario->places[i].nodes
                                                               : scenario->places[i].share;
    }
    world->representative_count = (uint32_t)scenario->continent.committee;
    for (uint32_t i = 0; i < world->representative_count; i++) {
        const struct name_list *places = &scenario->continent_places;
        uint32_t at = find_or_add_place(world, places->names[i % places->count]);
        world->places[at].representatives++;
    }
}

/* In turns over continent.places, which is also the order in which they lead. */
static void seat_representatives(struct world *world) {
    const struct name_list *places = &world->scenario->continent_places;
    uint32_t *seated = memory_new(world->place_count, sizeof *seated);
    for (uint32_t i = 0; i < world->representative_count; i++) {
        uint32_t at = find_or_add_place(world, places->names[i % places->count]);
        const struct world_place *place = &world->places[at];
        world->representatives[i] = place->first + place->users + seated[at]++;
    }
    free(seated);
}

static void number_nodes(struct world *world) {
    for (uint32_t place = 0; place < world->place_count; place++) {
        world->places[place].first = world->node_count;
        world->node_count += world->places[place].users + world->places[place].representatives;
    }
    world->place_of = memory_new(world->node_count, sizeof *world->place_of);
    world->roles = memory_new(world->node_count, sizeof *world->roles);
    world->nodes = memory_new(world->node_count, sizeof *world->nodes);
    world->representatives =
        memory_new(world->representative_count, sizeof *world->representatives);
    for (uint32_t at = 0; at < world->place_count; at++) {
        const struct world_place *place = &world->places[at];
        for (uint32_t i = 0; i < place->users + place->representatives; i++) {
            node_id node = place->first + i;
            world->place_of[node] = (uint16_t)at;
            world->roles[node] = i < place->users ? "user" : "representative";
        }
    }
    seat_representatives(world);
}

/* The municipality that a point lies in. A place whose outlines aren't known is one of its own. */
static uint32_t area_at(const struct world *world, struct point point, uint32_t place) {
    uint32_t area = place_find(&world->map.map, point);
    return area != AREA_NONE ? area : world->map.map.area_count + place;
}

/* Where a user's node stands: scattered over about 4 km around the place's centre, so some stand
 * in a
 * neighbouring municipality. A place whose outlines aren't known is a municipality of its own. */
static struct place_candidate locate(const struct world *world, node_id node) {
    const struct place_info *info = world->places[world->place_of[node]].info;
    struct rng rng;
    rng_init(&rng, world->seed, node, "position");
    int32_t spread = 40000; /* millionths of a degree to either side */
    int32_t lat = (int32_t)lround(info->lat * 1e6) + (int32_t)rng_below(&rng, 2 * spread) - spread;
    int32_t lon = (int32_t)lround(info->lon * 1e6) + (int32_t)rng_below(&rng, 2 * spread) - spread;
    struct place_candidate candidate = {.node = node, .at = {.lon = lon, .lat = lat}};
    candidate.area = area_at(world, candidate.at, world->place_of[node]);
    return candidate;
}

/* A place's multiplier is its centre's municipality's: neighbours in another one don't have it. */
static void collect_events(struct world *world) {
    const struct scenario *scenario = world->scenario;
    world->events = memory_new(scenario->place_count, sizeof *world->events);
    for (size_t i = 0; i < scenario->place_count; i++) {
        uint32_t at = find_or_add_place(world, scenario->places[i].id);
        const struct place_info *info = world->places[at].info;
        uint32_t permille = (uint32_t)(scenario->places[i].multiplier / (MILLION / 1000));
        if (permille != 1000)
            world->events[world->event_count++] = (struct place_multiplier){
                area_at(world, place_point(info->lat, info->lon), at), permille};
    }
}

static void login(struct world *world) {
    presence_init(&world->presence);
    for (uint32_t at = 0; at < world->place_count; at++) {
        for (uint32_t i = 0; i < world->places[at].users; i++) {
            struct place_candidate entry = locate(world, world->places[at].first + i);
            presence_login(&world->presence, &entry);
        }
    }
    world->rosters = roster_pool_new();
    world->roster = roster_of(world->rosters, &world->presence);
}

static int prepare_models(struct world *world) {
    const struct scenario *scenario = world->scenario;
    bool uniform = strcmp(scenario->network.latency, "uniform") == 0;
    struct latency_parameters parameters = {
        .local = scenario->network.local_delay,
        .delay = uniform ? scenario->network.delay : 0,
    };
    static const char *const jitters[] = {
        [JITTER_NONE] = "none", [JITTER_MEASURED] = "measured", [JITTER_HEAVY] = "heavy"};
    int error = latency_init(&world->latency, scenario->network.latency, &parameters);
    if (error == OK)
        error = jitter_init(&world->jitter, jitters[scenario->network.jitter]);
    if (error != OK) {
        fprintf(stderr, "tierchain: latency model '%s': %s\n", scenario->network.latency,
                error_text(error));
        return error;
    }
    world->base = memory_new((size_t)world->place_count * world->place_count, sizeof *world->base);
    for (uint32_t from = 0; from < world->place_count; from++) {
        for (uint32_t to = 0; to < world->place_count; to++) {
            time_ns delay =
                latency_base(&world->latency, &world->places[from].site, &world->places[to].site);
            /* Half of a place's delay is its hosts' own link (platform.h), so it is even. */
            world->base[(size_t)from * world->place_count + to] = from == to ? delay & ~1 : delay;
        }
    }
    error = world_prepare_links(world);
    return error != OK ? error : world_prepare_costs(world);
}

int world_init(struct world *world, const struct scenario *scenario, uint64_t seed) {
    *world = (struct world){.scenario = scenario, .seed = seed};
    const struct suite *suite = suite_find(scenario->crypto.suite, scenario->crypto.provider);
    if (suite == NULL) {
        fprintf(stderr, "tierchain: no suite '%s' from provider '%s'\n", scenario->crypto.suite,
                scenario->crypto.provider);
        return ERR_UNKNOWN;
    }
    for (size_t i = 0; i < scenario->place_count; i++) {
        if (places_find(scenario->places[i].id) == NULL) {
            fprintf(stderr, "tierchain: unknown place '%s'\n", scenario->places[i].id);
            return ERR_UNKNOWN;
        }
    }
    int error = place_model_init(&world->map);
    if (error != OK)
        return error;
    add_places(world);
    number_nodes(world);
    login(world);
    collect_events(world);
    key_directory_init(&world->directory, suite, world->node_count, seed);
    error = prepare_models(world);
    if (error == OK)
        world_clocks_init(world);
    if (error == OK)
        error = world_prepare_committees(world);
    if (error == OK)
        world_prepare_machines(world);
    if (error == OK)
        world_deal_keys(world);
    if (error == OK)
        world_prepare_overlay(world);
    return error;
}

void world_deinit(struct world *world) {
    for (node_id node = 0; node < world->node_count; node++)
        world_kill(world, node); /* first: they borrow all that follows */
    world_clocks_deinit(world);
    for (uint32_t city = 0; world->cities != NULL && city < world->city_count; city++) {
        free(world->cities[city].members);
        group_keys_deinit(&world->cities[city].keys);
    }
    group_keys_deinit(&world->continent_keys);
    free(world->cities);
    free(world->city_committees);
    free(world->accounts);
    free(world->places);
    free(world->place_of);
    free(world->roles);
    free(world->nodes);
    free(world->base);
    free(world->cores);
    free(world->work_streams);
    world_free_links(world);
    free(world->representatives);
    free(world->representative_places);
    roster_unref(world->roster);
    roster_pool_free(world->rosters);
    presence_deinit(&world->presence);
    free(world->events);
    key_directory_deinit(&world->directory);
    latency_deinit(&world->latency);
    place_model_deinit(&world->map);
}

node_id world_user(const struct world *world, uint32_t place, uint32_t index) {
    return world->places[place].first + index;
}

time_ns world_base(const struct world *world, uint32_t from, uint32_t to) {
    return world->base[(size_t)from * world->place_count + to];
}

time_ns world_path_offset(void *context, node_id from, node_id to) {
    const struct world *world = context;
    return jitter_path(&world->jitter, world->seed, from, to,
                       world_base(world, world->place_of[from], world->place_of[to]));
}

time_ns world_jitter(void *context, uint32_t from_place, uint32_t to_place, struct rng *rng) {
    const struct world *world = context;
    return jitter_sample(&world->jitter, rng, world_base(world, from_place, to_place));
}
