/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The checker of shard_world.h: a reference participant per shard, outside the nodes, and what must
 * hold of all of them together. Balances are counted a second time here, from what the transfers say. */
#ifndef TIERCHAIN_TESTS_SHARD_CHECK_H
#define TIERCHAIN_TESTS_SHARD_CHECK_H

#include "shard/item.h"
#include "shard/participant.h"
#include "tests/lib/shard_world.h"

struct shard_checker;

/* A transfer that some shard has seen. */
struct seen_transfer {
    struct digest session;
    UT_hash_handle hh;
    struct transfer transfer;
    uint8_t signature[LIMIT_SIGNATURE_BYTES];
    uint16_t shards[LIMIT_TRANSFER_PARTS];
    size_t shard_count;
    enum shard_word decided; /* by the home shard; 0: not yet */
    bool locked[LIMIT_TRANSFER_PARTS];
    uint32_t commits[LIMIT_TRANSFER_PARTS];
};

struct reference {
    struct shard_checker *checker;
    struct participant participant;
    struct digest *states; /* by height */
    uint64_t heights;
};

struct shard_checker {
    const struct shard_world_config *config;
    size_t signature_bytes;
    time_ns now;
    struct reference *references; /* per shard */
    struct seen_transfer *seen;   /* by session, in order */
    int64_t *balances;            /* by account */
    uint64_t accounts;
    uint64_t renumbered; /* of MUTANT_NO_NUMBER */
    uint64_t changes[8];
    char violation[160];
    char violated[200]; /* names that have fired, each followed by ';' */
};

void shard_checker_init(struct shard_checker *checker, const struct shard_world_config *config,
                        size_t signature_bytes, uint64_t accounts);
void shard_checker_deinit(struct shard_checker *checker);

void shard_checker_open(struct shard_checker *checker, uint16_t shard, uint64_t account,
                        node_id owner);

/* The shard's chain has ordered an item. */
void shard_checker_ordered(struct shard_checker *checker, uint16_t shard,
                           const struct shard_item *item, uint64_t height, time_ns now);

/* A member is at @height with this state. */
void shard_checker_state(struct shard_checker *checker, uint16_t shard, uint64_t height,
                         const struct digest *state, node_id node);

/* An origin was told an outcome. */
void shard_checker_answer(struct shard_checker *checker, const struct digest *session, bool commit);

void shard_checker_finish(struct shard_checker *checker);

bool shard_checker_fired(const struct shard_checker *checker, const char *name);

/* Applies an item to a participant as a member would that lacks the mutant's rule. */
void shard_mutant_apply(enum shard_mutant mutant, struct participant *participant,
                        const struct shard_item *item, uint64_t height);

#endif
