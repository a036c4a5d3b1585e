/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Shards in the loop driver: S committees, each with its chain (an abstract ordered log, or a real
 * consensus), and origins that own accounts in all shards. A checker outside the nodes applies every
 * shard's log to a reference of its own and watches (checks.md G7, protocols.md 22):
 *
 *   atomic        a transfer commits in all of its shards or in none
 *   once          no shard commits a transfer twice
 *   double spend  no account ever spends more than it has
 *   sum           value is moved, never made (when all transfers are finished)
 *   lock age      no undecided lock in a home shard is older than @patience heights
 *   locks         no lock is left once messages flow again, whoever died
 *   memory        nothing is remembered once everything has settled
 *   state         all members of a shard that are equally far hold the same state
 *   answer        an origin is told what was decided
 *
 * Mutants leave one rule of the protocol out, to show that the checker sees it. */
#ifndef TIERCHAIN_TESTS_SHARD_WORLD_H
#define TIERCHAIN_TESTS_SHARD_WORLD_H

#include "consensus/consensus.h"
#include "shard/coordinator.h"
#include "shard/request.h"
#include "sim/loop/loop.h"

#define SHARD_WORLD_CHANNEL  0x0010
#define SHARD_WORLD_ACCOUNTS 4   /* of each shard */
#define SHARD_WORLD_BALANCE  100 /* of each account at the start */

enum shard_mutant {
    MUTANT_NONE,
    MUTANT_LOCAL_TIMEOUT, /* a remote shard gives its lock up by itself after @patience heights */
    MUTANT_NO_TICKET,     /* a decision settles any lock of its session */
    MUTANT_NO_NUMBER,     /* the home shard takes a sender's number again */
    MUTANT_HASTY,         /* the home shard commits without waiting for votes */
    MUTANT_ONE_SIGNER,    /* one good signature is a proof */
    MUTANT_NO_REMINDER,   /* nobody asks again */
    MUTANT_COUNT,
};

/* How an origin behaves with one transfer. */
enum shard_conduct {
    CONDUCT_CORRECT,
    CONDUCT_PARTIAL,    /* sends it to some members only, and is never heard of again */
    CONDUCT_EQUIVOCATE, /* another transfer of the same number to the other half of the members */
};

struct shard_world_config {
    uint16_t shards;
    uint32_t members; /* of each shard */
    uint32_t origins;
    uint32_t hostile; /* members of each shard that lie, forge and replay: the last ones */
    uint64_t seed;
    uint64_t patience;
    time_ns retry;
    time_ns delay;                         /* one way, without chaos */
    time_ns order_delay;                   /* from submission to order; the abstract log only */
    time_ns chaos;                         /* until then messages are lost, doubled, reordered */
    bool forgetful;                        /* the log orders an item again when asked */
    const struct consensus_ops *consensus; /* NULL: the abstract log */
    enum shard_mutant mutant;
    /* Sees every change in the replicated state, as it is ordered first. May be NULL. */
    void (*changed)(void *context, uint16_t shard, const struct session *session,
                    enum session_change change, time_ns now);
    void (*done)(void *context, bool commit, time_ns now); /* an origin knows; may be NULL */
    void *context;
};

struct shard_world;

struct shard_world *shard_world_new(const struct shard_world_config *config);
void shard_world_free(struct shard_world *world);

/* The account @index of a shard, and its owner. */
uint64_t shard_world_account(const struct shard_world *world, uint16_t shard, uint32_t index);
node_id shard_world_owner(const struct shard_world *world, uint64_t account);

/* Moves @amount from one account to another at @at, as its owner would. Returns the number. */
uint64_t shard_world_transfer(struct shard_world *world, time_ns at, uint64_t from, uint64_t to,
                              uint64_t amount);
/* Any transfer (parts in any order; number is set here). */
void shard_world_submit(struct shard_world *world, time_ns at, const struct transfer *transfer,
                        enum shard_conduct conduct);
/* A random transfer over @touched shards; the seed decides. */
void shard_world_random(struct shard_world *world, time_ns at, uint32_t touched,
                        enum shard_conduct conduct);

/* Puts the log's item @index up again, in its own shard. */
void shard_world_replay(struct shard_world *world, uint16_t shard, size_t index);
size_t shard_world_log_size(const struct shard_world *world, uint16_t shard);

void shard_world_crash(struct shard_world *world, node_id node);
void shard_world_restart(struct shard_world *world, node_id node); /* learns the log anew */

void shard_world_run(struct shard_world *world, time_ns until);

/* When everything should be over: locks, memory, sum. */
void shard_world_finish(struct shard_world *world);

/* NULL, or what was violated first; whether a checker of that name has fired. */
const char *shard_world_violation(const struct shard_world *world);
bool shard_world_violated(const struct shard_world *world, const char *checker);

uint64_t shard_world_balance(const struct shard_world *world, uint64_t account);
uint64_t shard_world_height(const struct shard_world *world, uint16_t shard);
uint64_t shard_world_changes(const struct shard_world *world, enum session_change change);
uint64_t shard_world_dropped(const struct shard_world *world, int reason); /* 0: any */

struct loop *shard_world_loop(struct shard_world *world);
const struct shard_map *shard_world_map(const struct shard_world *world);
struct coordinator *shard_world_coordinator(struct shard_world *world, node_id node);

/* An env to sign in the name of a node. What it charges goes nowhere. */
struct env *shard_world_forger(struct shard_world *world, node_id node);

#endif
