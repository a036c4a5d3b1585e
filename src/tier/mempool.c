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
    uint64_t lot;     /* of a waiting item */
    uint64_t arrival; /* of a waiting item */
    uint64_t height;  /* of an ordered one */
    uint32_t size;
    uint8_t bytes[];
};

#define COUNT_BYTES   4
#define ITEM_OVERHEAD (DIGEST_BYTES + 4)

size_t mempool_batch_bytes(size_t size) {
    return COUNT_BYTES + ITEM_OVERHEAD + size;
}

void mempool_init(struct mempool *pool) {
    *pool = (struct mempool){0};
}

static void clear(struct mempool_item *items) {
    struct mempool_item *item, *next;
    HASH_ITER(hh, items, item, next) {
        HASH_DEL(items, item);
        free(item);
    }
}

void mempool_deinit(struct mempool *pool) {
    clear(pool->items);
    clear(pool->ordered);
    *pool = (struct mempool){0};
}

static struct mempool_item *find(struct mempool_item *items, const struct digest *key) {
    struct mempool_item *item;
    HASH_FIND(hh, items, key, sizeof *key, item);
    return item;
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
                uint64_t lot) {
    if (find(pool->items, key) != NULL || find(pool->ordered, key) != NULL)
        return ERR_DUPLICATE;
    if (pool->waiting == LIMIT_MEMPOOL)
        return ERR_LIMIT;
    struct mempool_item *item = item_new(key, bytes, size);
    item->lot = lot;
    item->arrival = ++pool->arrived;
    HASH_ADD(hh, pool->items, key, sizeof item->key, item);
    pool->waiting++;
    return OK;
}

bool mempool_holds(const struct mempool *pool, const struct digest *key, const void *bytes,
                   size_t size) {
    const struct mempool_item *item = find(pool->items, key);
    return item != NULL && item->size == size && memcmp(item->bytes, bytes, size) == 0;
}

bool mempool_knows(const struct mempool *pool, const struct digest *key) {
    return find(pool->items, key) != NULL || find(pool->ordered, key) != NULL;
}

uint64_t mempool_oldest(const struct mempool *pool) {
    return pool->items == NULL ? 0 : pool->items->arrival;
}

bool mempool_order(struct mempool *pool, const struct digest *key, uint64_t height) {
    if (find(pool->ordered, key) != NULL)
        return false;
    struct mempool_item *item = find(pool->items, key);
    if (item != NULL) {
        HASH_DEL(pool->items, item);
        free(item);
        pool->waiting--;
    }
    if (HASH_COUNT(pool->ordered) == LIMIT_MEMPOOL) {
        struct mempool_item *oldest = pool->ordered;
        HASH_DEL(pool->ordered, oldest);
        free(oldest);
    }
    item = item_new(key, NULL, 0);
    item->height = height;
    HASH_ADD(hh, pool->ordered, key, sizeof item->key, item);
    return true;
}

bool mempool_ordered_height(const struct mempool *pool, const struct digest *key,
                            uint64_t *height) {
    const struct mempool_item *item = find(pool->ordered, key);
    if (item != NULL)
        *height = item->height;
    return item != NULL;
}

/* The keys that ancestors hold: a small hash over keys in place. */
struct held {
    const uint8_t *key;
    UT_hash_handle hh;
};

static struct held *collect(const struct batch *ancestors, size_t count, struct held **memory) {
    struct held *table = NULL;
    size_t total = 0, used = 0, items;
    struct reader reader;
    for (size_t i = 0; i < count; i++)
        if (mempool_batch_open(&reader, ancestors[i], LIMIT_MEMPOOL, &items) == OK)
            total += items;
    *memory = memory_new(total, sizeof **memory);
    for (size_t i = 0; i < count; i++) {
        if (mempool_batch_open(&reader, ancestors[i], LIMIT_MEMPOOL, &items) != OK)
            continue;
        while (items-- > 0) {
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
                                 size_t size) {
    struct frame *frame = frame_new(size);
    struct writer writer;
    if (frame == NULL)
        abort();
    writer_init(&writer, frame->bytes, frame->size);
    write_u32(&writer, (uint32_t)count);
    for (size_t i = 0; i < count; i++) {
        write_digest(&writer, &chosen[i]->key);
        write_blob(&writer, chosen[i]->bytes, chosen[i]->size);
    }
    return frame;
}

struct frame *mempool_batch(const struct mempool *pool, size_t limit, const struct batch *ancestors,
                            size_t count, struct part part) {
    if (pool->waiting == 0)
        return NULL;
    struct held *memory = NULL;
    struct held *table = collect(ancestors, count, &memory);
    size_t room = size_min(limit, pool->waiting);
    const struct mempool_item **chosen = memory_new(room, sizeof *chosen);
    size_t taken = 0, size = COUNT_BYTES;
    for (struct mempool_item *item = pool->items; item != NULL && taken < room;
         item = item->hh.next) {
        if (item->lot % part.count != part.index)
            continue;
        if (size + ITEM_OVERHEAD + item->size > part.limit)
            break;
        if (!is_held(table, &item->key)) {
            chosen[taken++] = item;
            size += ITEM_OVERHEAD + item->size;
        }
    }
    struct frame *frame = taken == 0 ? NULL : write_batch(chosen, taken, size);
    HASH_CLEAR(hh, table);
    free(memory);
    free(chosen);
    return frame;
}

int mempool_batch_open(struct reader *reader, struct batch batch, size_t limit, size_t *count) {
    struct digest key, before = {{0}};
    size_t size;
    reader_init(reader, batch.bytes, batch.size);
    *count = read_u32(reader);
    if (*count == 0 || *count > limit)
        reader_fail(reader, ERR_LIMIT);
    for (size_t i = 0; i < *count && reader->error == OK; i++) {
        (void)mempool_batch_next(reader, &key, &size);
        if (i > 0 && memcmp(&key, &before, sizeof key) == 0)
            reader_fail(reader, ERR_DUPLICATE);
        before = key;
    }
    int error = reader_finish(reader);
    reader_init(reader, batch.bytes, batch.size);
    (void)read_u32(reader);
    return error;
}

const uint8_t *mempool_batch_next(struct reader *reader, struct digest *key, size_t *size) {
    read_digest(reader, key);
    return read_blob(reader, LIMIT_BATCH_BYTES, size);
}
