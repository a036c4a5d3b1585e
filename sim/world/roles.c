/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Who does what: committees, and the configuration of every node. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "sim/world/internal.h"

static struct chain_config chain_config(const struct world *world, const struct scenario_tier *tier,
                                        enum tier level, uint32_t group) {
    return (struct chain_config){
        .consensus = consensus_find(tier->consensus),
        .channel = tier_channel(level, group),
        .view_timeout = tier->timeout,
        .certificates = certificate_scheme_find(tier->certificates),
        .leaders = {.rule = leaders_find(tier->leaders),
                    .seed = hash_combine(mix64(world->seed), tier_channel(level, group))},
        .batch_items = (uint32_t)tier->batch_size,
        .batch_delay = tier->batch_delay,
    };
}

/* Who sits on the city's committee, and in which order they lead. */
static int seat_committee(struct world *world, uint32_t place, struct world_city *city,
                          uint32_t number) {
    size_t count = (size_t)world->scenario->city.committee;
    city->members = memory_new(count, sizeof *city->members);
    int error = world_elect(world, place, tier_channel(TIER_CHAIN_CITY, number), city->members);
    for (size_t i = 0; i < count && error == OK; i++)
        world->roles[city->members[i]] = "committee";
    return error;
}

static struct sender_config sender_config(const struct world *world, uint32_t city) {
    const struct scenario *scenario = world->scenario;
    return (struct sender_config){
        .presence = &world->presence,
        .city = world->city_committees[city],
        .continent = world->continent.chain.committee,
        .city_channel = tier_channel(TIER_CHAIN_CITY, city),
        .candidates = (uint32_t)scenario->pipeline.candidates,
        .holders = (uint32_t)scenario->pipeline.holders,
        .needed = (uint32_t)scenario->pipeline.needed,
        .acks = (uint32_t)scenario->pipeline.acks,
        .enough = {(uint32_t)scenario->continent_acks, world->representative_places},
        .level = scenario->continent_ack,
        .hold_ttl = scenario->pipeline.hold_ttl,
        .index = scenario->pipeline.index,
        .audit = {.share_ppm = (uint32_t)scenario->pipeline.audit.share,
                  .blocks = (uint16_t)scenario->pipeline.audit.blocks,
                  .deadline = scenario->pipeline.audit.deadline},
        .events = world->events,
        .event_count = world->event_count,
        .retry = scenario->pipeline.retry,
    };
}

/* Until a city gives up a transfer that another city does not answer: so many heights as it can make
 * in a second of full load, as an answer from the other side of the world takes half of that; when it
 * has nothing else to order its members make one height a tick. */
#define TRANSFER_PATIENCE_LEAST 200
#define TRANSFER_PATIENCE_MOST  2000
#define TRANSFER_TICK           (100 * NS_PER_MS)

static uint64_t transfer_patience(const struct scenario *scenario) {
    time_ns delay = scenario->city.batch_delay;
    uint64_t heights = delay > 0 ? (uint64_t)(NS_PER_S / delay) : TRANSFER_PATIENCE_MOST;
    if (heights < TRANSFER_PATIENCE_LEAST)
        return TRANSFER_PATIENCE_LEAST;
    return heights < TRANSFER_PATIENCE_MOST ? heights : TRANSFER_PATIENCE_MOST;
}

/* Cities as shards; node ids are account numbers. */
static void prepare_transfers(struct world *world, uint32_t number) {
    struct world_city *city = &world->cities[number];
    const struct world_place *place = &world->places[city->place];
    world->accounts[number] = (struct settlement_city){place->first, place->users};
    city->committee.shards = &world->shards;
    city->committee.shard = (uint16_t)number;
    city->committee.first_account = place->first;
    city->committee.accounts = place->users;
    city->committee.patience = transfer_patience(world->scenario);
    city->committee.retry = 2 * world->scenario->pipeline.retry;
    city->committee.tick = TRANSFER_TICK;
    city->settlement = (struct settlement_config){
        .map = &world->shards,
        .cities = world->accounts,
        .city = (uint16_t)number,
        .share = (uint32_t)world->scenario->workload.cross_city,
        .retry = 4 * world->scenario->pipeline.retry,
    };
}

/* By representative; NULL when all stand in one place. */
static uint16_t *places_of_representatives(const struct world *world) {
    uint16_t *places = memory_new(world->representative_count, sizeof *places);
    bool apart = false;
    for (uint32_t i = 0; i < world->representative_count; i++) {
        places[i] = world->place_of[world->representatives[i]];
        apart = apart || places[i] != places[0];
    }
    if (apart)
        return places;
    free(places);
    return NULL;
}

int world_prepare_committees(struct world *world) {
    const struct scenario *scenario = world->scenario;
    world->representative_places = places_of_representatives(world);
    world->cities = memory_new(world->city_count, sizeof *world->cities);
    world->city_committees = memory_new(world->city_count, sizeof *world->city_committees);
    world->accounts = memory_new(world->city_count, sizeof *world->accounts);
    world->shards = (struct shard_map){.count = (uint16_t)world->city_count,
                                       .channel = tier_channel(TIER_CHAIN_CITY, 0),
                                       .committees = world->city_committees};
    world->continent = (struct continent_config){
        .chain = chain_config(world, &scenario->continent, TIER_CHAIN_CONTINENT, 0),
        .cities = world->city_committees,
        .city_count = world->city_count,
        .level = scenario->continent_ack,
    };
    world->continent.chain.committee =
        (struct committee){world->representatives, world->representative_count};
    for (uint32_t at = 0; at < world->place_count; at++) {
        uint32_t number = world->places[at].city;
        if (number == UINT32_MAX)
            continue;
        struct world_city *city = &world->cities[number];
        uint32_t count = (uint32_t)scenario->city.committee;
        city->place = at;
        int error = seat_committee(world, at, city, number);
        if (error != OK)
            return error;
        world->city_committees[number] = (struct committee){city->members, count};
        city->committee = (struct city_config){
            .chain = chain_config(world, &scenario->city, TIER_CHAIN_CITY, number),
            .continent = world->continent.chain.committee,
            .enough = {committee_validity(&world->continent.chain.committee),
                       world->representative_places},
            .up_retry = scenario->pipeline.retry,
            .acks = (uint32_t)scenario->pipeline.acks,
        };
        city->committee.chain.committee = world->city_committees[number];
        city->committee.chain.life = scenario->pipeline.hold_ttl;
        city->committee.presence = &world->presence;
        city->committee.selection = (struct s1_rule){
            .events = world->events,
            .event_count = world->event_count,
            .candidates = (uint32_t)scenario->pipeline.candidates,
            .holders = (uint32_t)scenario->pipeline.holders,
            .tolerance = (uint32_t)scenario->pipeline.tolerance,
        };
        city->sender = sender_config(world, number);
        city->presence = (struct node_presence_config){
            .channel = city->committee.chain.channel,
            .committee = world->city_committees[number],
            .initial = world->roster,
            .first = world->places[at].first,
            .count = world->places[at].users,
            .heartbeat = scenario->presence.heartbeat,
            .timeout = scenario->presence.timeout,
            .refresh = scenario->presence.refresh,
            .retry = scenario->pipeline.retry,
        };
        if (scenario->workload.cross_city > 0)
            prepare_transfers(world, number);
        if (city->committee.chain.consensus == NULL) {
            fprintf(stderr, "tierchain: no consensus '%s'\n", scenario->city.consensus);
            return ERR_UNKNOWN;
        }
    }
    if (world->representative_count > 0 && world->continent.chain.consensus == NULL) {
        fprintf(stderr, "tierchain: no consensus '%s'\n", scenario->continent.consensus);
        return ERR_UNKNOWN;
    }
    return OK;
}

struct process *world_spawn(struct world *world, node_id node) {
    const struct world_place *place = &world->places[world->place_of[node]];
    struct node_config config = {
        .self = node,
        .seed = world->seed,
        .directory = &world->directory,
        .clock = world_discipline(world, node),
    };
    if (strcmp(world->roles[node], "representative") == 0)
        config.continent = &world->continent;
    else
        config.sender = &world->cities[place->city].sender;
    if (config.sender != NULL)
        config.presence = &world->cities[place->city].presence;
    if (config.sender != NULL && world->scenario->workload.cross_city > 0)
        config.settlement = &world->cities[place->city].settlement;
    if (strcmp(world->roles[node], "committee") == 0)
        config.city = &world->cities[place->city].committee;
    if (world->scenario->overlay.use == OVERLAY_ON && world_is_full(world, node))
        config.announce = &world->announce;
    world_kill(world, node);
    world->nodes[node] = node_new(&config);
    return node_process(world->nodes[node]);
}

void world_kill(struct world *world, node_id node) {
    node_free(world->nodes[node]);
    world->nodes[node] = NULL;
}
