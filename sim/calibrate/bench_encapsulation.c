/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "base/error.h"
#include "crypto/ntru.h"
#include "sim/calibrate/rows.h"

struct encapsulation {
    uint8_t sample[NTRU_SAMPLE_BYTES];
    uint8_t rejection_key[NTRU_REJECTION_BYTES];
    uint8_t public_key[NTRU_PUBLIC_BYTES];
    uint8_t secret_key[NTRU_SECRET_BYTES];
    uint8_t ciphertext[NTRU_CIPHERTEXT_BYTES];
    uint8_t shared[NTRU_SHARED_BYTES];
    uint8_t received[NTRU_SHARED_BYTES];
};

static bool run_keys(void *state) {
    struct encapsulation *bench = state;
    return ntru_keygen(bench->sample, bench->rejection_key, bench->public_key, bench->secret_key) ==
           OK;
}

static bool run_encaps(void *state) {
    struct encapsulation *bench = state;
    return ntru_encaps(bench->public_key, sizeof bench->public_key, bench->sample,
                       bench->ciphertext, bench->shared) == OK;
}

static bool run_decaps(void *state) {
    struct encapsulation *bench = state;
    return ntru_decaps(bench->secret_key, bench->ciphertext, sizeof bench->ciphertext,
                       bench->received) == OK &&
           memcmp(bench->received, bench->shared, sizeof bench->shared) == 0;
}

static int prepare(void *state, const struct bench_row *row) {
    struct encapsulation *bench = state;
    bench_fill(bench->sample, sizeof bench->sample);
    return run_keys(bench) && run_encaps(bench) ? OK : ERR_INVALID;
}

static const struct bench_row rows[] = {
    {.name = "NTRU-HPS-2048-677 keys", .note = "src", .units = 1, .run = run_keys},
    {.kind = "kem_encaps",
     .name = "NTRU-HPS-2048-677 encapsulate",
     .note = "src",
     .units = 1,
     .run = run_encaps},
    {.kind = "kem_decaps",
     .name = "NTRU-HPS-2048-677 decapsulate",
     .note = "src",
     .units = 1,
     .run = run_decaps},
};

const struct bench_family bench_encapsulation = {.name = "key encapsulation",
                                                 .rows = rows,
                                                 .row_count = ARRAY_LEN(rows),
                                                 .state_bytes = sizeof(struct encapsulation),
                                                 .prepare = prepare};
