/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pipeline/piece_index.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

#define ITEM_BYTES          (8 + 4)
#define CUCKOO_BITS         12
#define CUCKOO_FIRST_BITS   6 /* 64 buckets: 243 pieces */
#define BLOOM_BITS_PER_ITEM 10

static void make_item(uint64_t number, uint32_t piece, uint8_t item[ITEM_BYTES]) {
    struct writer writer;
    writer_init(&writer, item, ITEM_BYTES);
    write_u64(&writer, number);
    write_u32(&writer, piece);
}

/* ---- cuckoo ---- */

static struct indexed_pieces *queue_at(struct piece_index *index, size_t at) {
    return &index->queue[(index->first + at) % index->capacity];
}

static void queue_push(struct piece_index *index, const struct indexed_pieces *pieces) {
    if (index->queued == index->capacity) {
        size_t capacity = index->capacity == 0 ? 16 : 2 * index->capacity;
        struct indexed_pieces *queue = memory_new(capacity, sizeof *queue);
        for (size_t i = 0; i < index->queued; i++)
            queue[i] = *queue_at(index, i);
        free(index->queue);
        index->queue = queue;
        index->capacity = capacity;
        index->first = 0;
    }
    index->queued++;
    *queue_at(index, index->queued - 1) = *pieces;
}

static int cuckoo_enter(struct piece_index *index, const struct indexed_pieces *pieces) {
    uint8_t item[ITEM_BYTES];
    env_charge(index->env, WORK_FILTER_INSERT, pieces->count);
    for (uint32_t piece = 0; piece < pieces->count; piece++) {
        make_item(pieces->number, piece, item);
        int error = cuckoo_insert(&index->cuckoo, item, sizeof item, &index->kicks);
        if (error != OK)
            return error;
    }
    return OK;
}

/* A new filter with @bits of buckets for all that is queued. */
static int cuckoo_rebuild(struct piece_index *index, unsigned bits) {
    uint8_t key[CUCKOO_KEY_BYTES];
    if (bits > CUCKOO_BUCKET_BITS_MAX)
        return ERR_LIMIT;
    rng_fill(&index->kicks, key, sizeof key);
    free(index->memory);
    index->memory = memory_new(1, cuckoo_size(CUCKOO_BITS, bits));
    int error = cuckoo_init(&index->cuckoo, CUCKOO_BITS, bits, key, index->memory);
    for (size_t i = 0; i < index->queued && error == OK; i++)
        error = cuckoo_enter(index, queue_at(index, i));
    return error == ERR_LIMIT ? cuckoo_rebuild(index, bits + 1) : error;
}

static int cuckoo_add(struct piece_index *index, const struct indexed_pieces *pieces) {
    queue_push(index, pieces);
    if (index->memory == NULL)
        return cuckoo_rebuild(index, CUCKOO_FIRST_BITS);
    if (cuckoo_enter(index, pieces) == OK)
        return OK;
    int error = cuckoo_rebuild(index, index->cuckoo.bucket_bits + 1);
    if (error != OK)
        index->queued--;
    return error;
}

static void cuckoo_forget(struct piece_index *index) {
    uint8_t item[ITEM_BYTES];
    while (index->queued > 0 && queue_at(index, 0)->expiry <= env_clock(index->env)) {
        const struct indexed_pieces *pieces = queue_at(index, 0);
        for (uint32_t piece = 0; piece < pieces->count; piece++) {
            make_item(pieces->number, piece, item);
            int error = cuckoo_delete(&index->cuckoo, item, sizeof item, &index->kicks);
            assert(error == OK);
        }
        env_charge(index->env, WORK_FILTER_INSERT, pieces->count);
        index->first = (index->first + 1) % index->capacity;
        index->queued--;
    }
    if (index->queued > 0)
        env_timer_start(index->env, &index->timer,
                        queue_at(index, 0)->expiry - env_clock(index->env));
}

/* ---- bloom ---- */

static void bloom_start(struct piece_index *index) {
    uint32_t blocks = bloom_blocks(PIECE_INDEX_ITEMS, BLOOM_BITS_PER_ITEM);
    size_t bytes = (size_t)blocks * BLOOM_BLOCK_BYTES;
    uint8_t key[BLOOM_KEY_BYTES];
    rng_fill(&index->kicks, key, sizeof key);
    index->memory = memory_new(2, bytes);
    for (size_t i = 0; i < 2; i++) {
        int error =
            bloom_init(&index->generations[i], BLOOM_BLOCKED, bloom_hashes(BLOOM_BITS_PER_ITEM),
                       blocks, key, index->memory + i * bytes);
        assert(error == OK);
    }
}

static void bloom_enter(struct piece_index *index, const struct indexed_pieces *pieces) {
    uint8_t item[ITEM_BYTES];
    if (index->memory == NULL)
        bloom_start(index);
    if (!timer_running(&index->timer))
        index->turns_at = env_clock(index->env) + index->ttl;
    env_charge(index->env, WORK_FILTER_INSERT, pieces->count);
    for (uint32_t piece = 0; piece < pieces->count; piece++) {
        make_item(pieces->number, piece, item);
        bloom_add(&index->generations[0], item, sizeof item);
    }
    index->added[0] += pieces->count;
}

/* What is a hold time old lies in the older generation. */
static void bloom_turn(struct piece_index *index) {
    time_ns now = env_clock(index->env);
    if (now >= index->turns_at) {
        struct bloom older = index->generations[1];
        memset(older.bits, 0, bloom_size(&older));
        index->generations[1] = index->generations[0];
        index->generations[0] = older;
        index->added[1] = index->added[0];
        index->added[0] = 0;
        index->turns_at = now + index->ttl;
    }
    if (index->added[0] + index->added[1] > 0)
        env_timer_start(index->env, &index->timer, index->turns_at - now);
}

/* ---- both ---- */

static void hold_ended(struct timer *timer) {
    struct piece_index *index = container_of(timer, struct piece_index, timer);
    if (index->kind == PIECE_INDEX_CUCKOO)
        cuckoo_forget(index);
    else
        bloom_turn(index);
}

void piece_index_init(struct piece_index *index, struct env *env, enum piece_index_kind kind,
                      time_ns ttl) {
    *index = (struct piece_index){.env = env, .kind = kind, .ttl = ttl};
    timer_init(&index->timer, hold_ended);
    struct rng node = env->rng; /* a copy: nobody else's draws shift */
    rng_init(&index->kicks, rng_next(&node), env->self, "piece index");
}

void piece_index_deinit(struct piece_index *index) {
    timers_stop(&index->env->timers, &index->timer);
    free(index->memory);
    free(index->queue);
}

int piece_index_add(struct piece_index *index, uint64_t number, uint32_t count) {
    const struct indexed_pieces pieces = {number, env_clock(index->env) + index->ttl, count};
    int error = OK;
    if (index->kind == PIECE_INDEX_CUCKOO)
        error = cuckoo_add(index, &pieces);
    else
        bloom_enter(index, &pieces);
    if (error == OK && !timer_running(&index->timer))
        env_timer_start(index->env, &index->timer, index->ttl);
    return error;
}

bool piece_index_has(struct piece_index *index, uint64_t number, uint32_t piece) {
    uint8_t item[ITEM_BYTES];
    env_charge(index->env, WORK_FILTER_QUERY, 1);
    if (index->memory == NULL)
        return false;
    make_item(number, piece, item);
    if (index->kind == PIECE_INDEX_CUCKOO)
        return cuckoo_has(&index->cuckoo, item, sizeof item);
    return bloom_has(&index->generations[0], item, sizeof item) ||
           bloom_has(&index->generations[1], item, sizeof item);
}

size_t piece_index_count(const struct piece_index *index) {
    return index->kind == PIECE_INDEX_CUCKOO ? index->cuckoo.count
                                             : index->added[0] + index->added[1];
}
