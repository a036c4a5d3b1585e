/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "base/error.h"
#include "filter/bloom.h"
#include "sim/calibrate/rows.h"

enum { ITEMS = 65536, BITS = 10 /* an item */ };

struct filters {
    uint64_t calls;
    bool found;
    struct bloom bloom;
    uint8_t *bits;
};

/* Items repeat after ITEMS, so the filter is never fuller than it was made for. */
static bool run_insert(void *state) {
    struct filters *bench = state;
    uint64_t item[4] = {bench->calls++ % ITEMS};
    bloom_add(&bench->bloom, item, sizeof item);
    return true;
}

static bool run_query(void *state) {
    struct filters *bench = state;
    uint64_t item[4] = {bench->calls++ % ITEMS};
    bench->found ^= bloom_has(&bench->bloom, item, sizeof item);
    return true;
}

static int prepare(void *state, const struct bench_row *row) {
    struct filters *bench = state;
    static const uint8_t key[BLOOM_KEY_BYTES] = {1};
    uint32_t blocks = bloom_blocks(ITEMS, BITS);
    bench->bits = calloc(blocks, BLOOM_BLOCK_BYTES);
    if (bench->bits == NULL)
        return ERR_NO_MEMORY;
    return bloom_init(&bench->bloom, BLOOM_BLOCKED, bloom_hashes(BITS), blocks, key, bench->bits);
}

static void release(void *state) {
    struct filters *bench = state;
    free(bench->bits);
}

#define BLOCKED "blocked; 65536 items of 32 bytes; 10 bits an item; warm; src"

static const struct bench_row rows[] = {
    {"filter_insert", "Bloom filter insert", BLOCKED, NULL, 0, 1, 0, false, run_insert},
    {"filter_query", "Bloom filter query", BLOCKED, NULL, 0, 1, 0, false, run_query},
};

const struct bench_family bench_filters = {rows, ARRAY_LEN(rows), sizeof(struct filters), prepare,
                                           release};
