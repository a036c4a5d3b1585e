/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A shard member's part in coordinating transfers, between its own chain and the other shards. It
 * turns what the chain has ordered into signed statements to other shards, and f + 1 statements from
 * another shard into an item for the own chain. No client and no single node is needed once one
 * correct member of a touched shard has the transfer: locks of a silent coordinator are pushed on by
 * reminders, and ended by the home shard's height (participant.h).
 *
 * Costs without faults: PREPARE to all members of k shards of n; then (k-1) n^2 messages each for
 * votes, decision and settlement, n results: k n + 3 (k-1) n^2 + n. With one-way delay d and D for
 * one ordering: decided in the home shard after 2 D + 2 d, told to the origin after 2 D + 3 d,
 * settled elsewhere after 3 D + 3 d, forgotten after 4 D + 4 d. S-BAC settles elsewhere after two
 * orderings, but can't abort while one shard is silent; the third is off the origin's path. */
#ifndef TIERCHAIN_SHARD_COORDINATOR_H
#define TIERCHAIN_SHARD_COORDINATOR_H

#include "shard/hearsay.h"
#include "shard/item.h"
#include "shard/participant.h"
#include "wire/message.h"

#define COORDINATOR_RECENT      1024 /* outcomes of finished sessions, to answer late questions */
#define COORDINATOR_BACKOFF_MAX 5    /* the pause between reminders doubles so often */

struct coordinator_client {
    /* Puts an item up for ordering in the own chain; as chain_submit. */
    int (*submit)(void *context, const struct digest *key, const void *bytes, size_t size);
    /* A session changed in the replicated state. May be NULL. */
    void (*changed)(void *context, const struct session *session, enum session_change change);
    void *context;
};

struct coordinator_config {
    struct env *env;
    const struct shard_map *map; /* shared, outlives the coordinator */
    uint16_t shard;              /* the own one; the env's node is a member */
    uint64_t patience;           /* participant.h */
    time_ns retry;               /* first pause before a reminder */
    time_ns tick;                /* one height of an idle chain while a decision waits */
    struct coordinator_client client;
};

struct recent;

/* In caller memory; must not move between init and deinit. */
struct coordinator {
    struct coordinator_config config;
    size_t signature_bytes;
    struct participant participant;
    struct hearsay hearsay;
    struct recent *recent; /* by session, iterated in order of finishing */
    struct timer timer;
    uint64_t seen_height; /* at the last expiry */
    uint32_t quiet;       /* expiries since the height rose */
    bool mute;            /* says and submits nothing */
};

void coordinator_init(struct coordinator *coordinator, const struct coordinator_config *config);
void coordinator_deinit(struct coordinator *coordinator);

/* For the chain: whether an item may be ordered; an item was ordered; the height rose. */
bool coordinator_valid(struct coordinator *coordinator, const struct digest *key,
                       const uint8_t *bytes, size_t size);
void coordinator_ordered(struct coordinator *coordinator, const uint8_t *bytes, size_t size,
                         uint64_t height);
void coordinator_height(struct coordinator *coordinator, uint64_t height);

/* While @mute, what the chain reports changes the state and nothing else: an earlier life has said what
 * there was to say, and what of it was lost is reminded of later, as ever. */
void coordinator_mute(struct coordinator *coordinator, bool mute);

/* A message of MODULE_SHARD. 0 or why it was dropped: errors of the decoders and of
 * shard_item_verify; ERR_NOT_MEMBER; ERR_DUPLICATE; ERR_STALE; ERR_MISMATCH; of the chain's submit. */
int coordinator_receive(struct coordinator *coordinator, node_id from,
                        const struct message *message);

#endif
