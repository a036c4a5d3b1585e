/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The inside of shard_world.h, for its own files. */
#ifndef TIERCHAIN_TESTS_SHARD_WORLD_INSIDE_H
#define TIERCHAIN_TESTS_SHARD_WORLD_INSIDE_H

#include "base/error.h"
#include "crypto/identity.h"
#include "shard/shard_messages.h"
#include "tests/lib/shard_check.h"
#include "tests/lib/shard_world.h"
#include "tier/chain.h"

struct shard_member {
    struct process process;
    struct shard_world *world;
    struct identity identity;
    node_id node;
    uint16_t shard;
    bool hostile;
    struct timer mischief;
    struct coordinator coordinator;
    struct chain chain; /* with a real consensus */
    bool chain_started;
    uint64_t applied; /* entries of the log */
};

struct shard_origin {
    struct process process;
    struct shard_world *world;
    struct identity identity;
    struct shard_request request;
};

struct log_entry {
    struct digest key;
    struct frame *frame;
    uint64_t height;
};

struct shard_log {
    struct log_entry *entries;
    size_t size, capacity;
};

/* An item on its way into a log; the frame is NULL once it is there. */
struct pending {
    uint16_t shard;
    struct digest key;
    struct frame *frame;
};

struct planned {
    struct transfer transfer;
    enum shard_conduct conduct;
};

struct shard_world {
    struct shard_world_config config;
    struct loop *loop;
    struct key_directory directory;
    struct shard_map map;
    node_id *ids;
    struct committee *committees;
    uint32_t member_count; /* of all shards; origins follow */
    struct shard_member *members;
    struct shard_origin *origins;
    struct env forger;
    struct identity forger_identity;
    size_t signature_bytes;
    struct rng rng;
    uint64_t accounts; /* numbers 1 … accounts */
    struct shard_log *logs;
    struct pending *pending;
    size_t pending_count, pending_capacity;
    struct planned planned[256];
    size_t planned_count;
    struct frame *overheard[64];
    size_t overheard_next;
    uint64_t dropped[ERROR_COUNT];
    struct shard_checker checker;
};

/* Puts an item up in the abstract log. As chain_submit. */
int shard_world_order(struct shard_world *world, uint16_t shard, const struct digest *key,
                      const void *bytes, size_t size);

#endif
