/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "filter/bloom.h"
#include "filter/cuckoo.h"
#include "sim/calibrate/rows.h"

/* As many as a cuckoo filter of 2^14 buckets holds at 95 %. */
enum { ITEMS = 62000, BITS = 10 /* an item */, FINGERPRINT_BITS = 12 };

static const uint8_t key[BLOOM_KEY_BYTES] = {1};

struct item {
    uint64_t words[4];
};

static struct item item_at(uint64_t number) {
    return (struct item){{number}};
}

/* Items come again after ITEMS, so the filter is never fuller than it was made for. */
struct bloom_state {
    struct bloom filter;
    uint8_t *bits;
    uint64_t calls;
    bool found;
};

static bool run_bloom_insert(void *state) {
    struct bloom_state *bench = state;
    struct item item = item_at(bench->calls++ % ITEMS);
    bloom_add(&bench->filter, &item, sizeof item);
    return true;
}

/* Every other item is in the filter. */
static bool run_bloom_query(void *state) {
    struct bloom_state *bench = state;
    uint64_t number = bench->calls++ % (2 * ITEMS);
    bool inside = number % 2 == 0;
    struct item item = item_at(inside ? number / 2 : number / 2 + ITEMS);
    bench->found = bloom_has(&bench->filter, &item, sizeof item);
    return bench->found || !inside;
}

static int prepare_bloom(void *state, const struct bench_row *row) {
    struct bloom_state *bench = state;
    const enum bloom_layout *layout = row->variant;
    uint32_t blocks = bloom_blocks(ITEMS, BITS);
    bench->bits = aligned_alloc(BLOOM_BLOCK_BYTES, (size_t)blocks * BLOOM_BLOCK_BYTES);
    if (bench->bits == NULL)
        return ERR_NO_MEMORY;
    memset(bench->bits, 0, (size_t)blocks * BLOOM_BLOCK_BYTES);
    int error = bloom_init(&bench->filter, *layout, bloom_hashes(BITS), blocks, key, bench->bits);
    for (unsigned i = 0; i < ITEMS && error == OK; i++)
        run_bloom_insert(bench);
    return error;
}

static void release_bloom(void *state) {
    struct bloom_state *bench = state;
    free(bench->bits);
}

/* Starts full; insertion starts over from empty and deletion from full when there is no more. */
struct cuckoo_state {
    struct cuckoo filter;
    struct cuckoo full;
    struct cuckoo empty;
    uint8_t *slots;
    uint8_t *full_slots;
    size_t size;
    struct rng rng;
    uint64_t calls;
    bool found;
};

static bool run_cuckoo_insert(void *state) {
    struct cuckoo_state *bench = state;
    uint64_t number = bench->calls++ % ITEMS;
    struct item item = item_at(number);
    if (number == 0) {
        bench->filter = bench->empty;
        memset(bench->slots, 0, bench->size);
    }
    return cuckoo_insert(&bench->filter, &item, sizeof item, &bench->rng) == OK;
}

static bool run_cuckoo_query(void *state) {
    struct cuckoo_state *bench = state;
    uint64_t number = bench->calls++ % (2 * ITEMS);
    bool inside = number % 2 == 0;
    struct item item = item_at(inside ? number / 2 : number / 2 + ITEMS);
    bench->found = cuckoo_has(&bench->filter, &item, sizeof item);
    return bench->found || !inside;
}

static bool run_cuckoo_delete(void *state) {
    struct cuckoo_state *bench = state;
    uint64_t number = bench->calls++ % ITEMS;
    struct item item = item_at(number);
    if (number == 0) {
        bench->filter = bench->full;
        memcpy(bench->slots, bench->full_slots, bench->size);
    }
    return cuckoo_delete(&bench->filter, &item, sizeof item, &bench->rng) == OK;
}

static int prepare_cuckoo(void *state, const struct bench_row *row) {
    struct cuckoo_state *bench = state;
    unsigned bucket_bits = (unsigned)cuckoo_bucket_bits(ITEMS);
    bench->size = cuckoo_size(FINGERPRINT_BITS, bucket_bits);
    bench->slots = malloc(bench->size);
    bench->full_slots = malloc(bench->size);
    if (bench->slots == NULL || bench->full_slots == NULL)
        return ERR_NO_MEMORY;
    rng_init(&bench->rng, 1, 0, "bench");
    int error = cuckoo_init(&bench->empty, FINGERPRINT_BITS, bucket_bits, key, bench->slots);
    if (error != OK)
        return error;
    for (unsigned i = 0; i < ITEMS; i++)
        if (!run_cuckoo_insert(bench))
            return ERR_INVALID;
    bench->full = bench->filter;
    memcpy(bench->full_slots, bench->slots, bench->size);
    return OK;
}

static void release_cuckoo(void *state) {
    struct cuckoo_state *bench = state;
    free(bench->full_slots);
    free(bench->slots);
}

static const enum bloom_layout classic = BLOOM_CLASSIC, blocked = BLOOM_BLOCKED;

#define BLOOM  "62000 items of 32 bytes; 10 bits an item; warm; src over libsodium"
#define CUCKOO "62000 items of 32 bytes; 12-bit fingerprints; warm; src over libsodium"

static const struct bench_row bloom_rows[] = {
    {.kind = "filter_insert",
     .name = "blocked Bloom filter insert",
     .note = BLOOM,
     .variant = &blocked,
     .units = 1,
     .run = run_bloom_insert},
    {.kind = "filter_query",
     .name = "blocked Bloom filter query",
     .note = "half are inside; " BLOOM,
     .variant = &blocked,
     .units = 1,
     .run = run_bloom_query},
    {.name = "classic Bloom filter insert",
     .note = BLOOM,
     .variant = &classic,
     .units = 1,
     .run = run_bloom_insert},
    {.name = "classic Bloom filter query",
     .note = "half are inside; " BLOOM,
     .variant = &classic,
     .units = 1,
     .run = run_bloom_query},
};

static const struct bench_row cuckoo_rows[] = {
    {.name = "cuckoo filter insert",
     .note = "from empty to a load of 95 %; " CUCKOO,
     .units = 1,
     .run = run_cuckoo_insert},
    {.name = "cuckoo filter query",
     .note = "half are inside; " CUCKOO,
     .units = 1,
     .run = run_cuckoo_query},
    {.name = "cuckoo filter delete",
     .note = "from a load of 95 % to empty; " CUCKOO,
     .units = 1,
     .run = run_cuckoo_delete},
};

const struct bench_family bench_bloom = {.name = "Bloom filters",
                                         .rows = bloom_rows,
                                         .row_count = ARRAY_LEN(bloom_rows),
                                         .state_bytes = sizeof(struct bloom_state),
                                         .prepare = prepare_bloom,
                                         .release = release_bloom};

const struct bench_family bench_cuckoo = {.name = "cuckoo filters",
                                          .rows = cuckoo_rows,
                                          .row_count = ARRAY_LEN(cuckoo_rows),
                                          .state_bytes = sizeof(struct cuckoo_state),
                                          .prepare = prepare_cuckoo,
                                          .release = release_cuckoo};
