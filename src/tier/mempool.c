/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tier/mempool.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "base/cursor.h"
#include "base/error.h"
#include "base/memory.h"

struct mempool_item {
    struct digest key;
    UT_hash_handle hh;
    uint64_t lot;
    uint64_t arrival;
    struct once_term term;
    uint32_t size;
    uint8_t bytes[];
};

#define HEAD_BYTES    (8 + 4)
#define ITEM_OVERHEAD (DIGEST_BYTES + 4)

size_t mempool_batch_bytes(size_t size) {
    return HEAD_BYTES + ITEM_OVERHEAD + size;
}

void mempool_init(struct mempool *pool, time_ns life) {
    *pool = (struct mempool){.earliest = TIME_NEVER};
    once_init(&pool->once, life);
}

static void remove_item(struct mempool *pool, struct mempool_item *item) {
    HASH_DEL(pool->items, item);
    free(item);
    pool->waiting--;
}

void mempool_deinit(struct mempool *pool) {
    struct mempool_item *item, *next;
    HASH_ITER(hh, pool->items, item, next)
    remove_item(pool, item);
    once_deinit(&pool->once);
}

static struct mempool_item *find(const struct mempool *pool, const struct digest *key) {
    struct mempool_item *item;
    HASH_FIND(hh, pool->items, key, sizeof *key, item);
    return item;
}

static time_ns expiry_of(const struct mempool_item *item) {
    return item->term.kind == ONCE_EXPIRES ? item->term.expiry : TIME_NEVER;
}

static struct mempool_item *item_new(const struct digest *key, const void *bytes, size_t size) {
    struct mempool_item *item = memory_new(1, sizeof *item + size);
    item->key = *key;
    item->size = (uint32_t)size;
    if (size > 0)
        memcpy(item->bytes, bytes, size);
    return item;
}

int mempool_add(struct mempool *pool, const struct digest *key, const void *bytes, size_t size,
                uint64_t lot, const struct once_term *term) {
    int error = find(pool, key) != NULL ? ERR_DUPLICATE : once_verdict(&pool->once, key, term);
    if (error != OK)
        return error;
    if (pool->waiting == LIMIT_MEMPOOL)
        return ERR_LIMIT;
    struct mempool_item *item = item_new(key, bytes, size);
    item->lot = lot;
    item->arrival = ++pool->arrived;
    item->term = *term;
    if (expiry_of(item) < pool->earliest)
        pool->earliest = expiry_of(item);
    HASH_ADD(hh, pool->items, key, sizeof item->key, item);
    pool->waiting++;
    return OK;
}

bool mempool_holds(const struct mempool *pool, const struct digest *key, const void *bytes,
                   size_t size) {
    const struct mempool_item *item = find(pool, key);
    return item != NULL && item->size == size && memcmp(item->bytes, bytes, size) == 0;
}

bool mempool_knows(const struct mempool *pool, const struct digest *key) {
    uint64_t height;
    return find(pool, key) != NULL || once_height(&pool->once, key, &height);
}

uint64_t mempool_oldest(const struct mempool *pool) {
    return pool->items == NULL ? 0 : pool->items->arrival;
}

int mempool_order(struct mempool *pool, const struct digest *key, const struct once_term *term,
                  uint64_t height) {
    struct mempool_item *item = find(pool, key);
    int error = once_order(&pool->once, key, term, height);
    if (item != NULL && error != ERR_LIMIT)
        remove_item(pool, item);
    return error;
}

bool mempool_ordered_height(const struct mempool *pool, const struct digest *key,
                            uint64_t *height) {
    return once_height(&pool->once, key, height);
}

void mempool_expire(struct mempool *pool, time_ns now) {
    struct mempool_item *item, *next;
    if (now < pool->earliest)
        return;
    pool->earliest = TIME_NEVER;
    HASH_ITER(hh, pool->items, item, next) {
        if (expiry_of(item) <= now)
            remove_item(pool, item);
        else if (expiry_of(item) < pool->earliest)
            pool->earliest = expiry_of(item);
    }
}

/* The keys that ancestors hold: a small hash over keys in place. */
struct held {
    const uint8_t *key;
    UT_hash_handle hh;
};

static struct held *collect(const struct batch *ancestors, size_t count, struct held **memory) {
    struct held *table = NULL;
    size_t total = 0, used = 0;
    struct batch_head head;
    struct reader reader;
    for (size_t i = 0; i < count; i++)
        if (mempool_batch_open(&reader, ancestors[i], LIMIT_MEMPOOL, &head) == OK)
            total += head.count;
    *memory = memory_new(total, sizeof **memory);
    for (size_t i = 0; i < count; i++) {
        if (mempool_batch_open(&reader, ancestors[i], LIMIT_MEMPOOL, &head) != OK)
            continue;
        while (head.count-- > 0) {
            struct held *held = &(*memory)[used++];
            size_t size;
            held->key = read_view(&reader, DIGEST_BYTES);
            (void)read_blob(&reader, LIMIT_BATCH_BYTES, &size);
            HASH_ADD_KEYPTR(hh, table, held->key, DIGEST_BYTES, held);
        }
    }
    return table;
}

static bool is_held(struct held *table, const struct digest *key) {
    struct held *held = NULL;
    if (table != NULL)
        HASH_FIND(hh, table, key->bytes, DIGEST_BYTES, held);
    return held != NULL;
}

static struct frame *write_batch(const struct mempool_item *const *chosen, size_t count,
                                 size_t size, time_ns time) {
    struct frame *frame = frame_new(size);
    struct writer writer;
    if (frame == NULL)
        abort();
    writer_init(&writer, frame->bytes, frame->size);
    write_u64(&writer, (uint64_t)time);
    write_u32(&writer, (uint32_t)count);
    for (size_t i = 0; i < count; i++) {
        write_digest(&writer, &chosen[i]->key);
        write_blob(&writer, chosen[i]->bytes, chosen[i]->size);
    }
    return frame;
}

struct frame *mempool_batch(const struct mempool *pool, size_t limit, const struct batch *ancestors,
                            size_t count, struct part part, time_ns now) {
    const time_ns time = now > pool->once.time ? now : pool->once.time;
    if (pool->waiting == 0)
        return NULL;
    struct held *memory = NULL;
    struct held *table = collect(ancestors, count, &memory);
    size_t room = size_min(limit, pool->waiting);
    const struct mempool_item **chosen = memory_new(room, sizeof *chosen);
    size_t taken = 0, size = HEAD_BYTES;
    for (struct mempool_item *item = pool->items; item != NULL && taken < room;
         item = item->hh.next) {
        if (item->lot % part.count != part.index || !once_fits(&pool->once, &item->term, time))
            continue;
        if (size + ITEM_OVERHEAD + item->size > part.limit)
            break;
        if (!is_held(table, &item->key)) {
            chosen[taken++] = item;
            size += ITEM_OVERHEAD + item->size;
        }
    }
    struct frame *frame = taken == 0 ? NULL : write_batch(chosen, taken, size, time);
    HASH_CLEAR(hh, table);
    free(memory);
    free(chosen);
    return frame;
}

int mempool_batch_open(struct reader *reader, struct batch batch, size_t limit,
                       struct batch_head *head) {
    struct digest key, before = {{0}};
    size_t size;
    reader_init(reader, batch.bytes, batch.size);
    head->time = (time_ns)read_u64(reader);
    head->count = read_u32(reader);
    if (head->count == 0 || head->count > limit)
        reader_fail(reader, ERR_LIMIT);
    for (size_t i = 0; i < head->count && reader->error == OK; i++) {
        (void)mempool_batch_next(reader, &key, &size);
        if (i > 0 && memcmp(&key, &before, sizeof key) == 0)
            reader_fail(reader, ERR_DUPLICATE);
        before = key;
    }
    int error = reader_finish(reader);
    reader_init(reader, batch.bytes, batch.size);
    (void)read_view(reader, HEAD_BYTES);
    return error;
}

const uint8_t *mempool_batch_next(struct reader *reader, struct digest *key, size_t *size) {
    read_digest(reader, key);
    return read_blob(reader, LIMIT_BATCH_BYTES, size);
}
