/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "base/error.h"
#include "crypto/mldsa.h"
#include "crypto/suite.h"
#include "sim/calibrate/rows.h"

struct signatures {
    const struct suite *suite;
    size_t size;
    uint64_t calls;
    uint8_t seed[SUITE_SEED_BYTES];
    uint8_t message[1024];
    uint8_t public_key[MLDSA_MAX_PUBLIC_BYTES];
    uint8_t secret_key[MLDSA_MAX_SECRET_BYTES];
    uint8_t signature[MLDSA_MAX_SIGNATURE];
    uint8_t vrf_public[VRF_KEY_SIZE];
    uint8_t proof[VRF_PROOF_SIZE];
    uint8_t output[VRF_OUTPUT_SIZE];
};

/* Another message at every call, so that ML-DSA meets many rejections. */
static bool run_sign(void *state) {
    struct signatures *bench = state;
    memcpy(bench->message, &bench->calls, sizeof bench->calls);
    bench->calls++;
    bench->suite->sign(bench->suite, bench->secret_key, bench->message, bench->size,
                       bench->signature);
    return true;
}

static bool run_verify(void *state) {
    struct signatures *bench = state;
    return bench->suite->verify(bench->suite, bench->public_key, bench->message, bench->size,
                                bench->signature);
}

static bool run_vrf_prove(void *state) {
    struct signatures *bench = state;
    bench->suite->vrf_prove(bench->seed, bench->vrf_public, bench->message, bench->size,
                            bench->proof, bench->output);
    return true;
}

static bool run_vrf_verify(void *state) {
    struct signatures *bench = state;
    return bench->suite->vrf_verify(bench->vrf_public, bench->message, bench->size, bench->proof,
                                    bench->output);
}

static int prepare(void *state, const struct bench_row *row) {
    struct signatures *bench = state;
    bench->suite = suite_find(row->variant, "real");
    bench->size = row->size;
    bench->suite->keypair(bench->suite, bench->seed, bench->public_key, bench->secret_key);
    bench->suite->vrf_keypair(bench->seed, bench->vrf_public);
    run_sign(bench);
    run_vrf_prove(bench);
    return OK;
}

#define LOOK_UP "signature over 1 KiB; the look-up is left out; "

static const struct bench_row rows[] = {
    {"sign@ed25519", "Ed25519 sign", "256 bytes; libsodium", "ed25519", 256, 1, 0, false, run_sign},
    {"sign@ml-dsa-44", "ML-DSA-44 sign", "256 bytes; src; mean", "ml-dsa-44", 256, 1, 0, true,
     run_sign},
    {"sign@ml-dsa-65", "ML-DSA-65 sign", "256 bytes; src; mean", "ml-dsa-65", 256, 1, 0, true,
     run_sign},
    {"verify@ed25519", "Ed25519 verify", "256 bytes; libsodium", "ed25519", 256, 1, 0, false,
     run_verify},
    {"verify@ml-dsa-44", "ML-DSA-44 verify", "256 bytes; src", "ml-dsa-44", 256, 1, 0, false,
     run_verify},
    {"verify@ml-dsa-65", "ML-DSA-65 verify", "256 bytes; src", "ml-dsa-65", 256, 1, 0, false,
     run_verify},
    {"token_verify@ed25519", "Ed25519 token", LOOK_UP "libsodium", "ed25519", 1024, 1, 0, false,
     run_verify},
    {"token_verify@ml-dsa-44", "ML-DSA-44 token", LOOK_UP "src", "ml-dsa-44", 1024, 1, 0, false,
     run_verify},
    {"token_verify@ml-dsa-65", "ML-DSA-65 token", LOOK_UP "src", "ml-dsa-65", 1024, 1, 0, false,
     run_verify},
    {"vrf_prove", "ECVRF TAI prove", "64 bytes; src over libsodium", "ed25519", 64, 1, 0, false,
     run_vrf_prove},
    {"vrf_verify", "ECVRF TAI verify", "64 bytes; src over libsodium", "ed25519", 64, 1, 0, false,
     run_vrf_verify},
};

const struct bench_family bench_signatures = {rows, ARRAY_LEN(rows), sizeof(struct signatures),
                                              prepare, NULL};
