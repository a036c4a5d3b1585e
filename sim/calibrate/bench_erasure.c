/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "base/error.h"
#include "coding/erasure.h"
#include "sim/calibrate/rows.h"

struct shape {
    unsigned k;
    unsigned n;
};

struct erasure {
    struct erasure_code code;
    size_t size;
    size_t piece_size;
    uint8_t *pieces;
    uint64_t calls;
};

static bool run_encode(void *state) {
    struct erasure *bench = state;
    return erasure_encode(&bench->code, bench->pieces, bench->size) == OK;
}

/* As many data pieces are lost as may be. @turn 0 and 1 lose different ones, or use different parity
 * pieces, but equally many. The survivors lie where they belong. */
static bool decode(struct erasure *bench, unsigned turn) {
    const unsigned k = bench->code.k, n = bench->code.n, parity = n - k;
    const unsigned lost = (unsigned)size_min(k, parity);
    const unsigned first = lost < k ? turn : 0;
    const unsigned shift = parity > lost ? turn : 0;
    struct erasure_piece pieces[LIMIT_PIECES];
    size_t count = 0;
    for (unsigned i = 0; i < k + shift + lost; i++)
        if (i < first || (i >= first + lost && i < k) || i >= k + shift)
            pieces[count++] = (struct erasure_piece){i, bench->pieces + i * bench->piece_size};
    return erasure_decode(&bench->code, pieces, count, bench->piece_size, bench->pieces) == OK;
}

static bool run_decode(void *state) {
    return decode(state, 0);
}

/* The one decoder in the cache is never the right one. */
static bool run_decode_new(void *state) {
    struct erasure *bench = state;
    return decode(bench, bench->calls++ % 2);
}

static int prepare(void *state, const struct bench_row *row) {
    struct erasure *bench = state;
    const struct shape *shape = row->variant;
    int error = erasure_code_init(&bench->code, shape->k, shape->n, 1);
    if (error != OK)
        return error;
    bench->size = row->size;
    bench->piece_size = erasure_piece_size(shape->k, row->size);
    bench->pieces = malloc(shape->n * bench->piece_size);
    if (bench->pieces == NULL)
        return ERR_NO_MEMORY;
    bench_fill(bench->pieces, bench->size);
    return run_encode(bench) ? OK : ERR_INVALID;
}

static void release(void *state) {
    struct erasure *bench = state;
    free(bench->pieces);
    erasure_code_deinit(&bench->code);
}

static const struct shape small = {4, 7}, usual = {10, 14}, wide = {22, 64}, widest = {67, 200};

#define KIB    64
#define CACHED "64 KiB; per KiB; decoder from the cache; ISA-L"
#define NEW    "64 KiB; per KiB; decoder computed; src and ISA-L"

static const struct bench_row rows[] = {
    {.kind = "rs_encode_kib",
     .name = "Reed-Solomon 10 of 14 encode",
     .note = "640 KiB; per KiB; ISA-L",
     .variant = &usual,
     .size = 640 * 1024,
     .units = 640,
     .bytes = 1024,
     .run = run_encode},
    {.kind = "rs_decode_kib",
     .name = "Reed-Solomon 10 of 14 decode",
     .note = "640 KiB; per KiB; 4 lost; decoder from the cache; ISA-L",
     .variant = &usual,
     .size = 640 * 1024,
     .units = 640,
     .bytes = 1024,
     .run = run_decode},
    {.name = "Reed-Solomon 4 of 7 encode",
     .note = "64 KiB; per KiB; ISA-L",
     .variant = &small,
     .size = KIB * 1024,
     .units = KIB,
     .bytes = 1024,
     .run = run_encode},
    {.name = "Reed-Solomon 4 of 7 decode",
     .note = CACHED,
     .variant = &small,
     .size = KIB * 1024,
     .units = KIB,
     .bytes = 1024,
     .run = run_decode},
    {.name = "Reed-Solomon 4 of 7 decode",
     .note = NEW,
     .variant = &small,
     .size = KIB * 1024,
     .units = KIB,
     .bytes = 1024,
     .run = run_decode_new},
    {.name = "Reed-Solomon 10 of 14 encode",
     .note = "64 KiB; per KiB; ISA-L",
     .variant = &usual,
     .size = KIB * 1024,
     .units = KIB,
     .bytes = 1024,
     .run = run_encode},
    {.name = "Reed-Solomon 10 of 14 decode",
     .note = CACHED,
     .variant = &usual,
     .size = KIB * 1024,
     .units = KIB,
     .bytes = 1024,
     .run = run_decode},
    {.name = "Reed-Solomon 10 of 14 decode",
     .note = NEW,
     .variant = &usual,
     .size = KIB * 1024,
     .units = KIB,
     .bytes = 1024,
     .run = run_decode_new},
    {.name = "Reed-Solomon 22 of 64 encode",
     .note = "64 KiB; per KiB; ISA-L",
     .variant = &wide,
     .size = KIB * 1024,
     .units = KIB,
     .bytes = 1024,
     .run = run_encode},
    {.name = "Reed-Solomon 22 of 64 decode",
     .note = CACHED,
     .variant = &wide,
     .size = KIB * 1024,
     .units = KIB,
     .bytes = 1024,
     .run = run_decode},
    {.name = "Reed-Solomon 22 of 64 decode",
     .note = NEW,
     .variant = &wide,
     .size = KIB * 1024,
     .units = KIB,
     .bytes = 1024,
     .run = run_decode_new},
    {.name = "Reed-Solomon 67 of 200 encode",
     .note = "64 KiB; per KiB; ISA-L",
     .variant = &widest,
     .size = KIB * 1024,
     .units = KIB,
     .bytes = 1024,
     .run = run_encode},
    {.name = "Reed-Solomon 67 of 200 decode",
     .note = CACHED,
     .variant = &widest,
     .size = KIB * 1024,
     .units = KIB,
     .bytes = 1024,
     .run = run_decode},
    {.name = "Reed-Solomon 67 of 200 decode",
     .note = NEW,
     .variant = &widest,
     .size = KIB * 1024,
     .units = KIB,
     .bytes = 1024,
     .run = run_decode_new},
};

const struct bench_family bench_erasure = {.name = "erasure coding",
                                           .rows = rows,
                                           .row_count = ARRAY_LEN(rows),
                                           .state_bytes = sizeof(struct erasure),
                                           .prepare = prepare,
                                           .release = release};
