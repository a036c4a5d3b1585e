/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The city tier: its committee orders transaction records, answers their senders, and hands every
 * finished batch up to the continent's representatives. When cities settle transfers between them,
 * the same chain orders their items (shard/): a city is a shard. */
#ifndef TIERCHAIN_TIER_CITY_H
#define TIERCHAIN_TIER_CITY_H

#include "shard/coordinator.h"
#include "membership/presence_service.h"
#include "pipeline/s1.h"
#include "tier/chain.h"
#include "tier/uplink.h"

struct city_config {
    struct chain_config chain;
    struct committee continent;      /* its representatives */
    struct ack_rule enough;          /* of them, for a batch to be theirs */
    time_ns up_retry;                /* before a batch is sent up again */
    uint32_t acks;                   /* promises that a record must carry */
    struct s1_rule selection;        /* of their holders */
    const struct presence *presence; /* who may hold; without a service */
    const struct shard_map *shards;  /* all cities; NULL: no transfers between them */
    uint16_t shard;                  /* this city */
    node_id first_account;           /* its accounts are nodes, each with its own */
    uint32_t accounts;
    uint64_t patience; /* heights (shard/participant.h) */
    time_ns retry;     /* before other cities are reminded */
    time_ns tick;      /* shard/coordinator.h */
};

struct city {
    struct env *env;
    struct city_config config;
    struct chain chain;
    struct uplink uplink;
    struct coordinator coordinator; /* with config.shards */
    uint64_t height;                /* of the last batch that was reported */
    bool silent;                    /* about transfers: the chain's beginning is not known here */
    struct batch_origin *origins;   /* of the batch being reported */
    const struct presence_service *service; /* borrowed; NULL: config.presence */
    size_t origin_count;
    size_t origin_capacity;
};

void city_init(struct city *city, struct env *env, const struct city_config *config,
               const struct record *records, size_t record_count);
void city_deinit(struct city *city);

/* A sender's record. One that is ordered is answered again, one that waits is left to wait. 0 or the
 * reason for the drop. */
int city_submit(struct city *city, node_id from, const struct message *message);

/* A representative's receipt for a batch; as uplink_receipt. */
int city_batch_receipt(struct city *city, node_id from, const struct message *message);

/* A message about transfers between cities. As coordinator_receive; ERR_NOT_MEMBER when this member
 * has no part in them. */
int city_shard_message(struct city *city, node_id from, const struct message *message);

#endif
