/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The city tier: its committee orders transaction records, answers their senders, and hands every
 * finished batch up to the continent's representatives. When cities settle transfers between them,
 * the same chain orders their items (shard/): a city is a shard. */
#ifndef TIERCHAIN_TIER_CITY_H
#define TIERCHAIN_TIER_CITY_H

#include "shard/coordinator.h"
#include "pipeline/s1.h"
#include "tier/chain.h"

struct city_config {
    struct chain_config chain;
    struct committee continent; /* its representatives */
    uint32_t acks;              /* promises that a record must carry */
    struct s1_rule selection;   /* of their holders */
    const struct presence *presence;
    const struct shard_map *shards; /* all cities; NULL: no transfers between them */
    uint16_t shard;                 /* this city */
    node_id first_account;          /* its accounts are nodes, each with its own */
    uint32_t accounts;
    uint64_t patience; /* heights (shard/participant.h) */
    time_ns retry;     /* before other cities are reminded */
    time_ns tick;      /* shard/coordinator.h */
};

/* What of a batch goes up: enough to acknowledge it to its senders. */
struct batch_origin {
    node_id node;
    uint64_t number;
};

struct city {
    struct env *env;
    struct city_config config;
    struct chain chain;
    struct coordinator coordinator; /* with config.shards */
    uint64_t height;                /* of the last batch that was reported */
    bool silent;                    /* about transfers: the chain's beginning is not known here */
    struct batch_origin *origins;   /* of the batch being reported */
    size_t origin_count;
    size_t origin_capacity;
};

void city_init(struct city *city, struct env *env, const struct city_config *config,
               const struct record *records, size_t record_count);
void city_deinit(struct city *city);

/* A sender's record. 0 or the reason for the drop. */
int city_submit(struct city *city, node_id from, const struct message *message);

/* A message about transfers between cities. As coordinator_receive; ERR_NOT_MEMBER when this member
 * has no part in them. */
int city_shard_message(struct city *city, node_id from, const struct message *message);

#endif
