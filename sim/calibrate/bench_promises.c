/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/error.h"
#include "crypto/mldsa.h"
#include "hold/promise.h"
#include "sim/calibrate/rows.h"

struct promises {
    const struct suite *suite;
    uint8_t seed[SUITE_SEED_BYTES];
    uint8_t public_key[MLDSA_MAX_PUBLIC_BYTES];
    uint8_t secret_key[MLDSA_MAX_SECRET_BYTES];
    uint8_t sender_key[KEM_PUBLIC_SIZE];
    uint8_t sender_secret[KEM_SECRET_SIZE];
    struct promise promise;
    struct promise opened;
    uint8_t sealed[PROMISE_SEALED_MAX];
    uint8_t signature[LIMIT_SIGNATURE_BYTES];
};

/* Another promise each time, so that ML-DSA meets many rejections. */
static bool run_seal(void *state) {
    struct promises *bench = state;
    bench->promise.nonce++;
    return promise_seal(bench->suite, bench->secret_key, bench->sender_key, bench->seed,
                        &bench->promise, bench->sealed) == OK;
}

static bool run_open(void *state) {
    struct promises *bench = state;
    const struct promise_opening opening = {bench->sender_secret, bench->public_key,
                                            &bench->promise, 2 * NS_PER_S};
    return promise_open(bench->suite, &opening, bench->sealed, promise_sealed_bytes(bench->suite),
                        &bench->opened, bench->signature) == OK;
}

static int prepare(void *state, const struct bench_row *row) {
    struct promises *bench = state;
    bench->suite = suite_find(row->variant, "real");
    bench->promise =
        (struct promise){.size = 1024, .sender = 1, .holder = 2, .expiry = 100 * NS_PER_S};
    bench->suite->keypair(bench->suite, bench->seed, bench->public_key, bench->secret_key);
    bench->suite->kem_keypair(bench->seed, bench->sender_key, bench->sender_secret);
    return run_seal(bench) ? OK : ERR_INVALID;
}

#define SEAL "NTRU and signature and XChaCha20-Poly1305; "

static const struct bench_row rows[] = {
    {.name = "promise seal with Ed25519",
     .note = SEAL "src over libsodium",
     .variant = "ed25519",
     .units = 1,
     .run = run_seal},
    {.name = "promise open with Ed25519",
     .note = SEAL "src over libsodium",
     .variant = "ed25519",
     .units = 1,
     .run = run_open},
    {.name = "promise seal with ML-DSA-44",
     .note = SEAL "src; mean",
     .variant = "ml-dsa-44",
     .units = 1,
     .mean = true,
     .run = run_seal},
    {.name = "promise open with ML-DSA-44",
     .note = SEAL "src",
     .variant = "ml-dsa-44",
     .units = 1,
     .run = run_open},
    {.name = "promise seal with ML-DSA-65",
     .note = SEAL "src; mean",
     .variant = "ml-dsa-65",
     .units = 1,
     .mean = true,
     .run = run_seal},
    {.name = "promise open with ML-DSA-65",
     .note = SEAL "src",
     .variant = "ml-dsa-65",
     .units = 1,
     .run = run_open},
};

const struct bench_family bench_promises = {.name = "sealed promises",
                                            .rows = rows,
                                            .row_count = ARRAY_LEN(rows),
                                            .state_bytes = sizeof(struct promises),
                                            .prepare = prepare};
