/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Secrets shared among 13 of whom 9 are needed: dealing, coin, TDH2. */
#include "base/error.h"
#include "base/rng.h"
#include "crypto/threshold/coin.h"
#include "crypto/threshold/dealer.h"
#include "crypto/threshold/tdh2.h"
#include "sim/calibrate/rows.h"

enum { MEMBERS = 13, NEEDED = 9, NAME_BYTES = 32, MESSAGE_LIMIT = 16 * 1024 };

struct sharing {
    struct group_keys keys;
    uint8_t coefficients[NEEDED][SCALAR_BYTES];
    uint8_t commitments[NEEDED][ELEMENT_BYTES];
    struct shamir_share dealt[MEMBERS];
    uint8_t secret[SCALAR_BYTES];
    uint8_t nonce[NONCE_BYTES];
    struct dleq_proof proof;
    uint8_t name[NAME_BYTES]; /* of a coin; a ciphertext's label */
    struct dh_share coin_shares[NEEDED];
    uint8_t element[ELEMENT_BYTES];
    uint8_t value[COIN_VALUE_BYTES];
    size_t size;
    struct tdh2_randomness randomness;
    uint8_t message[MESSAGE_LIMIT];
    uint8_t sealed[MESSAGE_LIMIT + TDH2_OVERHEAD_BYTES];
    struct tdh2_ciphertext ciphertext;
    struct dh_share openings[NEEDED];
};

/* Shares for everyone, and the commitments that they are checked with. */
static bool run_deal(void *state) {
    struct sharing *bench = state;
    const uint8_t(*coefficients)[SCALAR_BYTES] =
        (const uint8_t(*)[SCALAR_BYTES])bench->coefficients;
    for (uint32_t i = 0; i < MEMBERS; i++)
        if (shamir_share_of(&bench->dealt[i], i + 1, coefficients, NEEDED) != OK)
            return false;
    return feldman_commit(bench->commitments, coefficients, NEEDED) == OK;
}

static bool run_check(void *state) {
    struct sharing *bench = state;
    return feldman_check(&bench->dealt[0], (const uint8_t(*)[ELEMENT_BYTES])bench->commitments,
                         NEEDED) == OK;
}

static bool run_recover(void *state) {
    struct sharing *bench = state;
    return shamir_combine(bench->secret, bench->dealt, NEEDED) == OK;
}

/* That a public share and a coin's share have the same logarithm: the base is any element. */
static struct dleq_claim claim(const struct sharing *bench) {
    return (struct dleq_claim){.domain = "bench",
                               .base = bench->keys.public_key,
                               .key = bench->keys.public_shares[0],
                               .image = bench->element};
}

static bool run_dleq_prove(void *state) {
    struct sharing *bench = state;
    const struct dleq_claim statement = claim(bench);
    return dleq_prove(&bench->proof, &statement, bench->keys.shares[0].scalar, bench->nonce) == OK;
}

static bool run_dleq_verify(void *state) {
    struct sharing *bench = state;
    const struct dleq_claim statement = claim(bench);
    return dleq_verify(&bench->proof, &statement) == OK;
}

static bool coin_share(struct sharing *bench, size_t holder) {
    return coin_share_make(&bench->coin_shares[holder], &bench->keys.shares[holder], bench->name,
                           NAME_BYTES, bench->nonce) == OK;
}

static bool run_coin_share(void *state) {
    return coin_share(state, 0);
}

static bool run_coin_verify(void *state) {
    struct sharing *bench = state;
    return coin_share_verify(&bench->coin_shares[0], bench->keys.public_shares[0], bench->name,
                             NAME_BYTES) == OK;
}

static bool run_combine(void *state) {
    struct sharing *bench = state;
    uint8_t element[ELEMENT_BYTES];
    return dh_share_combine(element, bench->coin_shares, NEEDED, NEEDED) == OK;
}

static bool run_coin_combine(void *state) {
    struct sharing *bench = state;
    return coin_combine(bench->value, bench->coin_shares, NEEDED, NEEDED, bench->name,
                        NAME_BYTES) == OK;
}

static bool run_encrypt(void *state) {
    struct sharing *bench = state;
    return tdh2_encrypt(bench->sealed, bench->keys.public_key, bench->name, NAME_BYTES,
                        bench->message, bench->size, &bench->randomness) == OK;
}

static bool run_tdh2_check(void *state) {
    struct sharing *bench = state;
    return tdh2_check(&bench->ciphertext, bench->sealed, bench->size + TDH2_OVERHEAD_BYTES,
                      bench->name, NAME_BYTES) == OK;
}

static bool opening(struct sharing *bench, size_t holder) {
    return tdh2_share_make(&bench->openings[holder], &bench->ciphertext,
                           &bench->keys.shares[holder], bench->nonce) == OK;
}

static bool run_tdh2_share(void *state) {
    return opening(state, 0);
}

static bool run_tdh2_verify(void *state) {
    struct sharing *bench = state;
    return tdh2_share_verify(&bench->openings[0], &bench->ciphertext,
                             bench->keys.public_shares[0]) == OK;
}

static bool run_tdh2_combine(void *state) {
    struct sharing *bench = state;
    return tdh2_combine(bench->message, &bench->ciphertext, bench->openings, NEEDED, NEEDED) == OK;
}

static bool prepare_shares(struct sharing *bench) {
    bool good = run_deal(bench) && run_encrypt(bench) && run_tdh2_check(bench);
    for (size_t i = 0; i < NEEDED; i++)
        good = good && coin_share(bench, i) && opening(bench, i);
    return good;
}

static int prepare(void *state, const struct bench_row *row) {
    struct sharing *bench = state;
    struct rng rng;
    rng_init(&rng, 1, 0, "bench");
    rng_fill(&rng, bench->coefficients, sizeof bench->coefficients);
    for (size_t i = 0; i < NEEDED; i++)
        bench->coefficients[i][SCALAR_BYTES - 1] &= 0x0f; /* below the order */
    rng_fill(&rng, bench->nonce, sizeof bench->nonce);
    rng_fill(&rng, bench->name, sizeof bench->name);
    rng_fill(&rng, &bench->randomness, sizeof bench->randomness);
    bench->size = row->size;
    int error = group_keys_deal(&bench->keys, &frost_ristretto255, MEMBERS, NEEDED, 1, 0, "bench");
    if (error == OK)
        error = frost_ristretto255.multiply(bench->element, bench->keys.shares[0].scalar,
                                            bench->keys.public_key);
    return error == OK && !(prepare_shares(bench) && run_dleq_prove(bench)) ? ERR_INVALID : error;
}

static void release(void *state) {
    struct sharing *bench = state;
    group_keys_deinit(&bench->keys);
}

#define OWN "src over libsodium"

static const struct bench_row rows[] = {
    {.name = "Feldman deal", .note = "9 of 13; for all; " OWN, .units = 1, .run = run_deal},
    {.name = "Feldman check", .note = "9 of 13; one share; " OWN, .units = 1, .run = run_check},
    {.name = "Shamir combine", .note = "9 shares; " OWN, .units = 1, .run = run_recover},
    {.name = "DLEQ prove", .note = OWN, .units = 1, .run = run_dleq_prove},
    {.name = "DLEQ verify", .note = OWN, .units = 1, .run = run_dleq_verify},
    {.kind = "coin_share", .name = "coin share", .note = OWN, .units = 1, .run = run_coin_share},
    {.kind = "coin_verify",
     .name = "coin share verify",
     .note = OWN,
     .units = 1,
     .run = run_coin_verify},
    {.kind = "share_combine",
     .name = "Diffie-Hellman shares combine",
     .note = "9 shares; per share; " OWN,
     .units = NEEDED,
     .run = run_combine},
    {.name = "coin combine", .note = "9 shares; " OWN, .units = 1, .run = run_coin_combine},
    {.kind = "tdh2_encrypt",
     .name = "TDH2 encrypt",
     .note = "32 bytes; " OWN,
     .size = 32,
     .units = 1,
     .run = run_encrypt},
    {.name = "TDH2 encrypt",
     .note = "16 KiB / 16; " OWN,
     .size = 16 * 1024,
     .units = 16,
     .bytes = 1024,
     .run = run_encrypt},
    {.kind = "tdh2_check",
     .name = "TDH2 check",
     .note = "32 bytes; " OWN,
     .size = 32,
     .units = 1,
     .run = run_tdh2_check},
    {.kind = "tdh2_share", .name = "TDH2 share", .note = OWN, .units = 1, .run = run_tdh2_share},
    {.kind = "tdh2_verify",
     .name = "TDH2 share verify",
     .note = OWN,
     .units = 1,
     .run = run_tdh2_verify},
    {.name = "TDH2 combine",
     .note = "9 shares; 32 bytes; " OWN,
     .size = 32,
     .units = 1,
     .run = run_tdh2_combine},
};

const struct bench_family bench_sharing = {.name = "shared secrets",
                                           .rows = rows,
                                           .row_count = ARRAY_LEN(rows),
                                           .state_bytes = sizeof(struct sharing),
                                           .prepare = prepare,
                                           .release = release};
