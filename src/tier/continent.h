/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The continental tier: representatives take the cities' batches, make them durable, acknowledge
 * them to their senders at the level that the scenario wants (ack.h: that is what a sender waits
 * for), and order them among themselves.
 *
 * A representative that holds a batch owes it to everyone until it is ordered: it answers every
 * statement about it, answers senders that ask, and puts it up in its chain with the f + 1 signatures
 * that prove it. The chain forwards what waits (forward.h), so a batch that one correct representative
 * holds is ordered once a quorum lives.
 *
 * Durable: each batch that is not ordered, in a slot of its own; an ordered batch's slot is used for
 * the next one. So there are as many slots as ever batches waited at once, at most
 * CONTINENT_BACKLOG; beyond, statements are not answered and their members come again. Whoever
 * restarts has its batches back and puts them up again.
 *
 * Memory beside that: statements of which f + 1 have not come, at most CONTINENT_TALLIES, the oldest
 * go; and what batches were ordered, some 150 bytes each, at most CONTINENT_ORDERED. */
#ifndef TIERCHAIN_TIER_CONTINENT_H
#define TIERCHAIN_TIER_CONTINENT_H

#include "tier/batch.h"
#include "tier/chain.h"

#define CONTINENT_BACKLOG 32768
#define CONTINENT_TALLIES 4096
#define CONTINENT_ORDERED 65536

struct continent_config {
    struct chain_config chain;
    const struct committee *cities; /* the city committees by group; borrowed */
    uint32_t city_count;
    enum ack_level level; /* at which senders are told */
};

struct tally;
struct carried;

/* What stands above the continental chain; called within a step. */
struct continent_client {
    void (*decided)(void *context, const struct decision *decision); /* may be NULL */
    void *context;
};

struct continent {
    struct env *env;
    struct continent_config config;
    struct continent_client client;
    struct chain chain;
    struct tally *tallies;   /* statements of which f + 1 have not come yet */
    struct carried *carried; /* by channel and height: proven batches, ordered or not */
    struct carried *backlog; /* those that are not ordered, the oldest first */
    struct carried *ordered; /* the others, likewise */
    uint32_t backlog_count, ordered_count;
    uint16_t *free_slots; /* of durable records */
    uint32_t free_count, slot_count;
    struct batch_origin origins[BATCH_ORIGINS_MAX]; /* scratch of one step */
};

void continent_init(struct continent *continent, struct env *env,
                    const struct continent_config *config, const struct continent_client *client,
                    const struct record *records, size_t record_count);
void continent_deinit(struct continent *continent);

/* Starts the chain, and puts up what an earlier life had made durable. */
void continent_start(struct continent *continent);

/* A member's statement about a finished batch. 0 or the reason for the drop. */
int continent_batch_up(struct continent *continent, node_id from, const struct message *message);

/* A sender that misses this representative's acknowledgement. Likewise; ERR_UNKNOWN: no such batch
 * has come, or not so far. */
int continent_batch_ask(struct continent *continent, node_id from, const struct message *message);

#endif
