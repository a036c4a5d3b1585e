/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/error.h"
#include "coding/erasure.h"
#include "sim/calibrate/rows.h"

enum { NEEDED = 10, PIECES = 14, PIECE_BYTES = 64 * 1024, DATA_KIB = NEEDED * PIECE_BYTES / 1024 };

struct coding {
    struct erasure_code code;
    uint8_t pieces[PIECES * PIECE_BYTES];
};

static bool run_encode(void *state) {
    struct coding *bench = state;
    return erasure_encode(&bench->code, bench->pieces, (size_t)NEEDED * PIECE_BYTES) == OK;
}

/* The first pieces are lost; the others lie where they belong. */
static bool run_decode(void *state) {
    struct coding *bench = state;
    struct erasure_piece pieces[NEEDED];
    for (unsigned i = 0; i < NEEDED; i++) {
        unsigned index = i + PIECES - NEEDED;
        pieces[i] = (struct erasure_piece){index, bench->pieces + (size_t)index * PIECE_BYTES};
    }
    return erasure_decode(&bench->code, pieces, NEEDED, PIECE_BYTES, bench->pieces) == OK;
}

static int prepare(void *state, const struct bench_row *row) {
    struct coding *bench = state;
    for (size_t i = 0; i < sizeof bench->pieces; i++)
        bench->pieces[i] = (uint8_t)(i * 2654435761u >> 13);
    int error = erasure_code_init(&bench->code, NEEDED, PIECES, 1);
    return error == OK && !run_encode(bench) ? ERR_INVALID : error;
}

static void release(void *state) {
    struct coding *bench = state;
    erasure_code_deinit(&bench->code);
}

static const struct bench_row rows[] = {
    {"rs_encode_kib", "Reed-Solomon encode", "ISA-L 10 + 4 pieces of 64 KiB; per KiB of data", NULL,
     0, DATA_KIB, 1024, false, run_encode},
    {"rs_decode_kib", "Reed-Solomon decode",
     "ISA-L 10 + 4 with 4 lost; per KiB of data; the matrix from the cache", NULL, 0, DATA_KIB,
     1024, false, run_decode},
};

const struct bench_family bench_coding = {rows, ARRAY_LEN(rows), sizeof(struct coding), prepare,
                                          release};
