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
};

static bool run_keys(void *state) {
    struct signatures *bench = state;
    bench->suite->keypair(bench->suite, bench->seed, bench->public_key, bench->secret_key);
    return true;
}

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

static int prepare(void *state, const struct bench_row *row) {
    struct signatures *bench = state;
    bench->suite = suite_find(row->variant, "real");
    bench->size = row->size;
    run_keys(bench);
    run_sign(bench);
    return OK;
}

#define TOKEN "signature over 1 KiB; the look-up is left out; "

static const struct bench_row rows[] = {
    {.name = "Ed25519 keys",
     .note = "libsodium",
     .variant = "ed25519",
     .units = 1,
     .run = run_keys},
    {.kind = "sign@ed25519",
     .name = "Ed25519 sign",
     .note = "256 bytes; libsodium",
     .variant = "ed25519",
     .size = 256,
     .units = 1,
     .run = run_sign},
    {.kind = "verify@ed25519",
     .name = "Ed25519 verify",
     .note = "256 bytes; libsodium",
     .variant = "ed25519",
     .size = 256,
     .units = 1,
     .run = run_verify},
    {.kind = "token_verify@ed25519",
     .name = "Ed25519 token",
     .note = TOKEN "libsodium",
     .variant = "ed25519",
     .size = 1024,
     .units = 1,
     .run = run_verify},
    {.name = "ML-DSA-44 keys", .note = "src", .variant = "ml-dsa-44", .units = 1, .run = run_keys},
    {.kind = "sign@ml-dsa-44",
     .name = "ML-DSA-44 sign",
     .note = "256 bytes; src; mean",
     .variant = "ml-dsa-44",
     .size = 256,
     .units = 1,
     .mean = true,
     .run = run_sign},
    {.kind = "verify@ml-dsa-44",
     .name = "ML-DSA-44 verify",
     .note = "256 bytes; src",
     .variant = "ml-dsa-44",
     .size = 256,
     .units = 1,
     .run = run_verify},
    {.kind = "token_verify@ml-dsa-44",
     .name = "ML-DSA-44 token",
     .note = TOKEN "src",
     .variant = "ml-dsa-44",
     .size = 1024,
     .units = 1,
     .run = run_verify},
    {.name = "ML-DSA-65 keys", .note = "src", .variant = "ml-dsa-65", .units = 1, .run = run_keys},
    {.kind = "sign@ml-dsa-65",
     .name = "ML-DSA-65 sign",
     .note = "256 bytes; src; mean",
     .variant = "ml-dsa-65",
     .size = 256,
     .units = 1,
     .mean = true,
     .run = run_sign},
    {.kind = "verify@ml-dsa-65",
     .name = "ML-DSA-65 verify",
     .note = "256 bytes; src",
     .variant = "ml-dsa-65",
     .size = 256,
     .units = 1,
     .run = run_verify},
    {.kind = "token_verify@ml-dsa-65",
     .name = "ML-DSA-65 token",
     .note = TOKEN "src",
     .variant = "ml-dsa-65",
     .size = 1024,
     .units = 1,
     .run = run_verify},
};

const struct bench_family bench_signatures = {.name = "signatures",
                                              .rows = rows,
                                              .row_count = ARRAY_LEN(rows),
                                              .state_bytes = sizeof(struct signatures),
                                              .prepare = prepare};
