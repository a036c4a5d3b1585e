/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A scenario's world: places, nodes and their roles, committees, models. It knows no driver, so
 * that SimGrid and the test loop run the very same world.
 *
 * Nodes are numbered place by place; in a place first the users' nodes, then representatives. A
 * city's committee comes from its users by election and draw (election.c); the representatives are
 * nodes of their own, spread over continent.places in turns; in that order they lead. */
#ifndef TIERCHAIN_SIM_WORLD_WORLD_H
#define TIERCHAIN_SIM_WORLD_WORLD_H

#include "crypto/threshold/dealer.h"
#include "models/cpu.h"
#include "models/jitter.h"
#include "models/latency.h"
#include "models/loss.h"
#include "models/place.h"
#include "models/places.h"
#include "node/node.h"
#include "sim/scenario/scenario.h"
#include "sim/world/clocks.h"

struct world_place {
    const char *id;
    const struct place_info *info;
    struct site site;
    uint32_t users;
    uint32_t representatives;
    node_id first;      /* of its nodes */
    uint32_t city;      /* its city's number, or UINT32_MAX without users */
    int64_t load_share; /* weight of the load that starts here */
};

/* A city's committee and what its nodes are configured with. */
struct world_city {
    uint32_t place;
    node_id *members;
    struct sender_config sender;
    struct settlement_config settlement;
    struct city_config committee;
    struct node_presence_config presence;
    struct group_keys keys; /* of frost certificates */
};

struct world {
    const struct scenario *scenario;
    uint64_t seed;
    struct world_place *places;
    uint32_t place_count;
    struct world_city *cities;
    uint32_t city_count;
    struct committee *city_committees;
    struct shard_map shards;          /* the cities' committees, when they settle transfers */
    struct settlement_city *accounts; /* of each city */
    uint32_t node_count;
    uint16_t *place_of;
    const char **roles;       /* per node: "user", "committee", "representative" */
    time_ns *base;            /* place_count² one-way delays */
    uint64_t *pair_bps;       /* place_count² rates between places, bit/s; 0: no limit */
    struct place_model map;   /* municipal outlines */
    struct presence presence; /* who is present at time 0, and the same as nodes have it */
    struct roster *roster;
    struct roster_pool *rosters;
    struct place_multiplier *events; /* of the places with a multiplier other than 1 */
    size_t event_count;
    node_id *representatives;
    uint32_t representative_count;
    uint16_t *representative_places; /* by representative; NULL: all in one */
    struct continent_config continent;
    struct announce_config announce;  /* of every full node, when there is an overlay */
    struct group_keys continent_keys; /* of frost certificates */
    struct key_directory directory;
    struct latency_model latency;
    struct jitter_model jitter;
    struct loss_model loss;     /* bursts */
    struct bad_path *bad_paths; /* that lose messages now */
    struct clocks clocks;
    struct cpu_model cpu;
    uint64_t work_ns[WORK_COUNT]; /* its means */
    struct rng *work_streams;     /* two a node, for cores and disk; NULL when no cost is random */
    uint16_t *cores;              /* per node */
    struct node **nodes;          /* living ones */
};

/* Builds the world of one run; the scenario must outlive it. 0, or an error after a message on
 * stderr. Free with world_deinit in both cases. */
int world_init(struct world *world, const struct scenario *scenario, uint64_t seed);
void world_deinit(struct world *world);

/* Makes node @node (anew, after a crash). The world owns it. */
struct process *world_spawn(struct world *world, node_id node);

/* Frees a node that a driver has let go. */
void world_kill(struct world *world, node_id node);

/* The models' delays beyond the base, as network.h wants them; @context is the world. */
time_ns world_path_offset(void *context, node_id from, node_id to);
time_ns world_jitter(void *context, uint32_t from_place, uint32_t to_place, struct rng *rng);

/* The burst-loss model's verdict on one message; never lost when loss is independent. */
bool world_lost(void *context, node_id from, node_id to, struct rng *rng);

/* What a node's work takes, drawn; NULL when all costs are constant: then work_ns says it. */
typedef time_ns world_work_function(void *context, node_id node, enum work work, uint64_t count);
world_work_function *world_work(const struct world *world);

/* The network's own independent loss, in millionths. */
uint32_t world_independent_loss(const struct world *world);

/* The one-way delay between two places without path offset and jitter. */
time_ns world_base(const struct world *world, uint32_t from, uint32_t to);

/* Whether the node is a full node: a representative or on a city's committee. */
bool world_is_full(const struct world *world, node_id node);

/* The @index-th user node of a place. */
node_id world_user(const struct world *world, uint32_t place, uint32_t index);

#endif
