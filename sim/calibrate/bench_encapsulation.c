/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "base/error.h"
#include "crypto/ntru.h"
#include "sim/calibrate/rows.h"

struct encapsulation {
    uint8_t sample[NTRU_SAMPLE_BYTES];
    uint8_t prf_key[32];
    uint8_t public_key[NTRU_PUBLIC_BYTES];
    uint8_t secret_key[NTRU_SECRET_BYTES];
    uint8_t ciphertext[NTRU_CIPHERTEXT_BYTES];
    uint8_t shared[NTRU_SHARED_BYTES];
    uint8_t received[NTRU_SHARED_BYTES];
};

static bool run_keygen(void *state) {
    struct encapsulation *bench = state;
    return ntru_keygen(bench->sample, bench->prf_key, bench->public_key, bench->secret_key) == OK;
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
    for (size_t i = 0; i < sizeof bench->sample; i++)
        bench->sample[i] = (uint8_t)(i * 2654435761u >> 13);
    return run_keygen(bench) && run_encaps(bench) ? OK : ERR_INVALID;
}

static const struct bench_row rows[] = {
    {NULL, "NTRU-HPS-2048-677 keys", "src", NULL, 0, 1, 0, false, run_keygen},
    {"kem_encaps", "NTRU-HPS-2048-677 encapsulate", "src", NULL, 0, 1, 0, false, run_encaps},
    {"kem_decaps", "NTRU-HPS-2048-677 decapsulate", "src", NULL, 0, 1, 0, false, run_decaps},
};

const struct bench_family bench_encapsulation = {rows, ARRAY_LEN(rows),
                                                 sizeof(struct encapsulation), prepare, NULL};
