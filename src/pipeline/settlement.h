/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Transfers of one sender to accounts in other cities (shard/). They start when the own city has
 * ordered the transaction, and run beside what the user waits for: the page closes without them.
 * One at a time: a transfer locks the sender's account. One that was aborted (the receiver's account
 * was locked, a city was too slow) is tried again under a higher number after a random pause.
 *
 * An account is a node's, its number is the node's id, its shard is the node's city. */
#ifndef TIERCHAIN_PIPELINE_SETTLEMENT_H
#define TIERCHAIN_PIPELINE_SETTLEMENT_H

#include "shard/request.h"

#define SETTLEMENT_ATTEMPTS   8
#define SETTLEMENT_BALANCE    (UINT64_C(1) << 40) /* of every account at the start */
#define SETTLEMENT_AMOUNT_MAX 100

/* A transfer's number names its transaction, and rises from one transfer of a sender to the next,
 * for the home shard takes no lower one, ever. Transactions alone don't do: one may be ordered after
 * a later one. So the number is led by the latest transaction so far, which a restart does not set
 * back:
 *
 *   latest transaction + 1: 30 bits · transfers since it came: 8 · how far back the transaction
 *   lies: 22 · attempt: 4 */
#define SETTLEMENT_LATEST_BITS  30
#define SETTLEMENT_SINCE_BITS   8
#define SETTLEMENT_BACK_BITS    22
#define SETTLEMENT_ATTEMPT_BITS 4

/* The nodes that have accounts in a city: @count from @first on. */
struct settlement_city {
    node_id first;
    uint32_t count;
};

struct settlement_config {
    const struct shard_map *map;          /* the cities' committees */
    const struct settlement_city *cities; /* as many */
    uint16_t city;                        /* the sender's own */
    uint32_t share;                       /* of the transactions, in millionths; others stay here */
    time_ns retry;
};

struct settlement_entry {
    uint64_t number; /* of its first attempt */
    node_id receiver;
    uint16_t city;
    uint64_t amount;
};

struct settlement {
    struct env *env;
    struct settlement_config config;
    struct shard_request request;
    struct timer pause;
    struct settlement_entry *waiting; /* a ring of LIMIT_OPEN_TRANSACTIONS, made when needed */
    size_t first, count;              /* the first one is under way */
    uint32_t attempt;
    uint64_t latest; /* transaction + 1; 0: none yet */
    uint64_t since;  /* transfers under that latest one, beside its own */
};

void settlement_init(struct settlement *settlement, struct env *env,
                     const struct settlement_config *config);
void settlement_deinit(struct settlement *settlement);

/* The own city has ordered the transaction. Draws whether its receiver lives elsewhere, and who. */
void settlement_submit(struct settlement *settlement, uint64_t transaction);

/* A RESULT. Errors as of shard_request_receive. */
int settlement_result(struct settlement *settlement, node_id from, const struct message *message);

/* The transaction and the attempt that a transfer's number names. */
static inline uint64_t settlement_transaction(uint64_t number) {
    uint64_t back = number >> SETTLEMENT_ATTEMPT_BITS & ((UINT64_C(1) << SETTLEMENT_BACK_BITS) - 1);
    return (number >> (64 - SETTLEMENT_LATEST_BITS)) - 1 - back;
}

static inline uint64_t settlement_attempt(uint64_t number) {
    return number & ((1u << SETTLEMENT_ATTEMPT_BITS) - 1);
}

#endif
