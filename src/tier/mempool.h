/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What waits to be ordered by one chain: items (opaque bytes under a digest) in order of arrival,
 * and a memory of what has been ordered, so that nothing is ordered twice.
 *
 * A batch is the items one after another: u32 count, then per item a digest and a blob. */
#ifndef TIERCHAIN_TIER_MEMPOOL_H
#define TIERCHAIN_TIER_MEMPOOL_H

#include "base/limits.h"
#include "consensus/consensus.h"

struct mempool_item;

struct mempool {
    struct mempool_item *items; /* by key, iterated in order of arrival */
    struct mempool_item
        *ordered;     /* keys and heights; the oldest are forgotten beyond LIMIT_MEMPOOL */
    size_t waiting;   /* items that no decided batch holds */
    uint64_t arrived; /* items that were ever added */
};

void mempool_init(struct mempool *pool);
void mempool_deinit(struct mempool *pool);

/* The size of a batch of one item of @size bytes. */
size_t mempool_batch_bytes(size_t size);

/* Adds an item; @lot says to which part it belongs. ERR_DUPLICATE when it waits or was ordered, ERR_LIMIT when the pool is full. */
int mempool_add(struct mempool *pool, const struct digest *key, const void *bytes, size_t size,
                uint64_t lot);

/* Whether the item waits here, with exactly these bytes. */
bool mempool_holds(const struct mempool *pool, const struct digest *key, const void *bytes,
                   size_t size);

/* Whether an item of that name waits or was ordered. */
bool mempool_knows(const struct mempool *pool, const struct digest *key);

/* The number, in order of arrival from 1 on, of the item that waits longest; 0 when none does. */
uint64_t mempool_oldest(const struct mempool *pool);

/* Takes note that an item was ordered at @height; false when it had been before. */
bool mempool_order(struct mempool *pool, const struct digest *key, uint64_t height);

/* Whether the item was ordered, as far as this is remembered, and at which height. */
bool mempool_ordered_height(const struct mempool *pool, const struct digest *key, uint64_t *height);

/* The oldest items of @part, at most @limit, that no ancestor holds; NULL when there is none. */
struct frame *mempool_batch(const struct mempool *pool, size_t limit, const struct batch *ancestors,
                            size_t count, struct part part);

/* Reading a batch: mempool_batch_open checks the whole batch and gives the count; then
 * mempool_batch_next yields each item in place. Errors as of the cursor; ERR_DUPLICATE. */
int mempool_batch_open(struct reader *reader, struct batch batch, size_t limit, size_t *count);
const uint8_t *mempool_batch_next(struct reader *reader, struct digest *key, size_t *size);

#endif
