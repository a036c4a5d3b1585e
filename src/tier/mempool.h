/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What waits to be ordered by one chain: items (opaque bytes under a digest) in order of arrival,
 * and a memory of what has been ordered, so that nothing is ordered twice (once.h).
 *
 * A batch is u64 time · u32 count, then per item a digest and a blob. The time is its proposer's
 * clock, or the chain's time if that is later; chain.h and once.h say what follows from it. */
#ifndef TIERCHAIN_TIER_MEMPOOL_H
#define TIERCHAIN_TIER_MEMPOOL_H

#include "base/limits.h"
#include "consensus/consensus.h"
#include "tier/once.h"

struct mempool_item;

struct mempool {
    struct mempool_item *items; /* by key, iterated in order of arrival */
    size_t waiting;             /* items that no decided batch holds */
    uint64_t arrived;           /* items that were ever added */
    time_ns earliest;           /* none of them expires before */
    struct once once;           /* what was ordered */
};

/* @life: as once_init. */
void mempool_init(struct mempool *pool, time_ns life);
void mempool_deinit(struct mempool *pool);

/* The size of a batch of one item of @size bytes. */
size_t mempool_batch_bytes(size_t size);

/* Adds an item; @lot says to which part it belongs. ERR_DUPLICATE when it waits or was ordered,
 * ERR_EXPIRED or ERR_STALE when it can't be ordered any more, ERR_LIMIT when the pool is full. */
int mempool_add(struct mempool *pool, const struct digest *key, const void *bytes, size_t size,
                uint64_t lot, const struct once_term *term);

/* Drops the items that have expired at @now, by this member's clock: it won't propose them. */
void mempool_expire(struct mempool *pool, time_ns now);

/* Whether the item waits here, with exactly these bytes. */
bool mempool_holds(const struct mempool *pool, const struct digest *key, const void *bytes,
                   size_t size);

/* Whether an item of that name waits or was ordered. */
bool mempool_knows(const struct mempool *pool, const struct digest *key);

/* The number, in order of arrival from 1 on, of the item that waits longest; 0 when none does. */
uint64_t mempool_oldest(const struct mempool *pool);

/* A decided batch has the item at @height: as once_order. It waits no more, unless ERR_LIMIT. */
int mempool_order(struct mempool *pool, const struct digest *key, const struct once_term *term,
                  uint64_t height);

/* Whether the item was ordered, as far as this is remembered, and at which height. */
bool mempool_ordered_height(const struct mempool *pool, const struct digest *key, uint64_t *height);

/* The oldest items of @part, at most @limit, that no ancestor holds, in a batch that carries the
 * later of @now and the chain's time; NULL when there is none. */
struct frame *mempool_batch(const struct mempool *pool, size_t limit, const struct batch *ancestors,
                            size_t count, struct part part, time_ns now);

struct batch_head {
    time_ns time;
    size_t count;
};

/* Reading a batch: mempool_batch_open checks the whole batch and gives its head; then
 * mempool_batch_next yields each item in place. Errors as of the cursor; ERR_DUPLICATE. */
int mempool_batch_open(struct reader *reader, struct batch batch, size_t limit,
                       struct batch_head *head);
const uint8_t *mempool_batch_next(struct reader *reader, struct digest *key, size_t *size);

#endif
