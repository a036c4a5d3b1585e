/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/error.h"
#include "coding/fragment.h"
#include "crypto/merkle.h"
#include "sim/calibrate/rows.h"

enum { K = 10, N = 14, SIZE = 64 * 1024, PIECE = (SIZE + K - 1) / K };

struct fragments {
    struct erasure_code code;
    uint8_t pieces[N * PIECE];
    uint8_t rebuilt[N * PIECE];
    struct digest nodes[2 * N + 64];
    struct merkle_tree tree;
    struct fragment fragments[N];
};

static bool run_commit(void *state) {
    struct fragments *bench = state;
    fragment_commit(&bench->tree, bench->nodes, bench->pieces, PIECE, N);
    return true;
}

static bool run_verify(void *state) {
    struct fragments *bench = state;
    return fragment_verify(&bench->fragments[N - 1]) == OK;
}

/* From the last pieces: four of the data are missing. */
static bool run_reconstruct(void *state) {
    struct fragments *bench = state;
    return fragment_reconstruct(&bench->code, bench->fragments + N - K, K, bench->rebuilt) == OK;
}

static int prepare(void *state, const struct bench_row *row) {
    struct fragments *bench = state;
    bench_fill(bench->pieces, SIZE);
    int error = erasure_code_init(&bench->code, K, N, 1);
    if (error == OK)
        error = erasure_encode(&bench->code, bench->pieces, SIZE);
    if (error != OK)
        return error;
    run_commit(bench);
    for (unsigned i = 0; i < N; i++)
        fragment_make(&bench->fragments[i], &bench->tree, bench->pieces, SIZE, K, N, i);
    return OK;
}

static void release(void *state) {
    struct fragments *bench = state;
    erasure_code_deinit(&bench->code);
}

static const struct bench_row rows[] = {
    {.name = "fragments commit",
     .note = "10 of 14; 64 KiB; Merkle tree over all; src over libsodium",
     .units = 1,
     .bytes = SIZE,
     .run = run_commit},
    {.name = "fragment verify",
     .note = "10 of 14; 6.4 KiB piece; src over libsodium",
     .units = 1,
     .bytes = PIECE,
     .run = run_verify},
    {.name = "fragments reconstruct",
     .note = "10 of 14; 64 KiB; 4 lost; coded again and compared; src",
     .units = 1,
     .bytes = SIZE,
     .run = run_reconstruct},
};

const struct bench_family bench_fragments = {.name = "fragments",
                                             .rows = rows,
                                             .row_count = ARRAY_LEN(rows),
                                             .state_bytes = sizeof(struct fragments),
                                             .prepare = prepare,
                                             .release = release};
