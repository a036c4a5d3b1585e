/* SPDX-License-Identifier: GPL-3.0-or-later
 *
  * A member's part of one tier's chain: a mempool below, a consensus instance above it. What an item
 * is, and what happens once it is ordered, is the tier's affair (city.h, continent.h).
 *
 * A batch carries a time, its leader's clock. A member votes for none whose time is more than
 * LIMIT_CLOCK_AHEAD_MS ahead of its own clock: so a quorum, and correct members in it, stands behind
 * the chain's time (as in Tendermint's proposer-based timestamps, without their lower bound: a batch
 * may be late). What a leader stamps further ahead is not heard anyway (env.h), so no correct leader
 * is refused. What is ordered follows from the decided batches alone, from no member's clock. */
#ifndef TIERCHAIN_TIER_CHAIN_H
#define TIERCHAIN_TIER_CHAIN_H

#include "consensus/consensus.h"
#include "tier/mempool.h"

/* Tiers as they stand in channels (tier << 12 | group) and tables. */
enum tier { TIER_CHAIN_CITY, TIER_CHAIN_CONTINENT, TIER_CHAINS };

static inline uint16_t tier_channel(enum tier tier, uint32_t group) {
    return (uint16_t)((uint32_t)tier << 12 | group);
}

struct chain_config {
    const struct consensus_ops *consensus;
    uint16_t channel;
    struct committee committee;
    time_ns view_timeout;
    const struct certificate_scheme *certificates;
    const struct group_keys *group; /* of frost certificates; borrowed */
    struct leaders leaders;
    uint32_t batch_items; /* a batch is proposed at once when so many wait */
    time_ns batch_delay;  /* or when the oldest has waited so long */
    time_ns life;         /* of items that expire, at most (once.h) */
};

struct chain;

struct chain_client {
    /* Whether an item that this member has not checked itself may be ordered. */
    bool (*valid)(void *context, const struct digest *key, const uint8_t *bytes, size_t size);
    /* An item is ordered, for the first time in this life; chain.again says whether in an earlier one,
     * whose messages have left. */
    void (*ordered)(void *context, const struct digest *key, const uint8_t *bytes, size_t size,
                    uint64_t height);
    /* All items of a batch were reported. May be NULL. */
    void (*batch)(void *context, const struct decision *decision);
    /* What decides to which part an item belongs (struct part): the same at all members and with
     * both providers of cryptography. NULL: the key's first bytes. */
    uint64_t (*lot)(const struct digest *key, const uint8_t *bytes, size_t size);
    /* How the item may come back: of key and bytes alone. NULL: it does no harm. */
    struct once_term (*term)(void *context, const struct digest *key, const uint8_t *bytes,
                             size_t size);
    void *context;
};

struct chain {
    struct env *env;
    struct chain_config config;
    struct chain_client client;
    struct mempool pool;
    struct consensus *consensus;
    struct timer batch_timer;
    bool again; /* within a call of the client: an earlier life has reported this */
    /* Forwarding (forward.h). */
    struct timer forward_timer;
    uint64_t forward_oldest; /* what waited longest when the timer was started */
    uint32_t forward_rounds; /* since when nothing has come of it */
};

void chain_init(struct chain *chain, struct env *env, const struct chain_config *config,
                const struct chain_client *client, const struct record *records,
                size_t record_count);
void chain_deinit(struct chain *chain);
void chain_start(struct chain *chain);

/* Puts a checked item up for ordering. Errors: as mempool_add; ERR_LIMIT when no batch of this
 * consensus could hold it. */
int chain_submit(struct chain *chain, const struct digest *key, const void *bytes, size_t size);

void chain_receive(struct chain *chain, node_id from, const struct message *message);

#endif
