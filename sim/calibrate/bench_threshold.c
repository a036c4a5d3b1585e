/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Threshold cryptography among 13 holders of whom 9 sign or open: a committee's quorum. */
#include <string.h>

#include "base/error.h"
#include "base/rng.h"
#include "crypto/threshold/coin.h"
#include "crypto/threshold/frost.h"
#include "crypto/threshold/tdh2.h"
#include "sim/calibrate/rows.h"

enum { THRESHOLD = 9, MESSAGE_BYTES = 32 };

struct threshold {
    const struct frost_suite *group;
    uint8_t public_key[ELEMENT_BYTES];
    uint8_t public_shares[THRESHOLD][ELEMENT_BYTES];
    struct shamir_share keys[THRESHOLD];
    uint8_t message[MESSAGE_BYTES]; /* also a coin's name and a ciphertext's label */
    uint8_t nonce[NONCE_BYTES];
    struct frost_nonces nonces[THRESHOLD];
    struct frost_commitment commitments[THRESHOLD];
    struct frost_session session;
    struct frost_share signed_shares[THRESHOLD];
    uint8_t signature[FROST_SIGNATURE_BYTES];
    struct dh_share coin_shares[THRESHOLD];
    uint8_t element[ELEMENT_BYTES];
    struct tdh2_randomness randomness;
    uint8_t sealed[MESSAGE_BYTES + TDH2_OVERHEAD_BYTES];
    struct tdh2_ciphertext ciphertext;
    struct dh_share opening;
};

static bool run_commit(void *state) {
    struct threshold *bench = state;
    struct frost_nonces nonces;
    return frost_commit(bench->group, &nonces, &bench->keys[0], bench->nonce, bench->nonce + 32) ==
           OK;
}

static bool run_session(void *state) {
    struct threshold *bench = state;
    return frost_session_init(&bench->session, bench->group, bench->public_key, bench->commitments,
                              THRESHOLD, THRESHOLD, bench->message, MESSAGE_BYTES) == OK;
}

/* A copy of the nonces is used up. */
static bool run_sign(void *state) {
    struct threshold *bench = state;
    struct frost_nonces nonces = bench->nonces[0];
    return frost_sign(&bench->session, &bench->keys[0], &nonces, &bench->signed_shares[0]) == OK;
}

static bool run_share_verify(void *state) {
    struct threshold *bench = state;
    return frost_share_verify(&bench->session, &bench->signed_shares[0], bench->public_shares[0]) ==
           OK;
}

static bool run_aggregate(void *state) {
    struct threshold *bench = state;
    uint32_t culprit;
    return frost_aggregate(&bench->session, bench->signed_shares, bench->public_shares, &culprit,
                           bench->signature) == OK;
}

static bool run_coin_share(void *state) {
    struct threshold *bench = state;
    return coin_share_make(&bench->coin_shares[0], &bench->keys[0], bench->message, MESSAGE_BYTES,
                           bench->nonce) == OK;
}

static bool run_coin_verify(void *state) {
    struct threshold *bench = state;
    return coin_share_verify(&bench->coin_shares[0], bench->public_shares[0], bench->message,
                             MESSAGE_BYTES) == OK;
}

static bool run_combine(void *state) {
    struct threshold *bench = state;
    return dh_share_combine(bench->element, bench->coin_shares, THRESHOLD, THRESHOLD) == OK;
}

static bool run_encrypt(void *state) {
    struct threshold *bench = state;
    return tdh2_encrypt(bench->sealed, bench->public_key, bench->message, MESSAGE_BYTES,
                        bench->message, MESSAGE_BYTES, &bench->randomness) == OK;
}

static bool run_check(void *state) {
    struct threshold *bench = state;
    return tdh2_check(&bench->ciphertext, bench->sealed, sizeof bench->sealed, bench->message,
                      MESSAGE_BYTES) == OK;
}

static bool run_open(void *state) {
    struct threshold *bench = state;
    return tdh2_share_make(&bench->opening, &bench->ciphertext, &bench->keys[0], bench->nonce) ==
           OK;
}

static bool run_open_verify(void *state) {
    struct threshold *bench = state;
    return tdh2_share_verify(&bench->opening, &bench->ciphertext, bench->public_shares[0]) == OK;
}

static int deal(struct threshold *bench, struct rng *rng) {
    uint8_t coefficients[THRESHOLD][SCALAR_BYTES];
    rng_fill(rng, coefficients, sizeof coefficients);
    for (size_t i = 0; i < THRESHOLD; i++)
        coefficients[i][SCALAR_BYTES - 1] &= 0x0f; /* below the order */
    int error = frost_public_key(bench->group, bench->public_key, coefficients[0]);
    for (uint32_t i = 0; i < THRESHOLD && error == OK; i++) {
        error = shamir_share_of(&bench->keys[i], i + 1, coefficients, THRESHOLD);
        if (error == OK)
            error = frost_public_key(bench->group, bench->public_shares[i], bench->keys[i].scalar);
    }
    return error;
}

static int prepare_frost(struct threshold *bench, struct rng *rng) {
    for (size_t i = 0; i < THRESHOLD; i++) {
        uint8_t random[2 * FROST_RANDOMNESS_BYTES];
        rng_fill(rng, random, sizeof random);
        int error = frost_commit(bench->group, &bench->nonces[i], &bench->keys[i], random,
                                 random + FROST_RANDOMNESS_BYTES);
        if (error != OK)
            return error;
        bench->commitments[i] = bench->nonces[i].commitment;
    }
    if (!run_session(bench))
        return ERR_INVALID;
    for (size_t i = 0; i < THRESHOLD; i++) {
        struct frost_nonces nonces = bench->nonces[i];
        int error = frost_sign(&bench->session, &bench->keys[i], &nonces, &bench->signed_shares[i]);
        if (error != OK)
            return error;
    }
    return OK;
}

static int prepare_sharing(struct threshold *bench) {
    for (size_t i = 0; i < THRESHOLD; i++) {
        int error = coin_share_make(&bench->coin_shares[i], &bench->keys[i], bench->message,
                                    MESSAGE_BYTES, bench->nonce);
        if (error != OK)
            return error;
    }
    return run_encrypt(bench) && run_check(bench) && run_open(bench) ? OK : ERR_INVALID;
}

/* Coin and TDH2 live in ristretto255 alone. */
static int prepare(void *state, const struct bench_row *row) {
    struct threshold *bench = state;
    struct rng rng;
    bench->group = row->variant;
    rng_init(&rng, 1, 0, "bench");
    rng_fill(&rng, bench->message, sizeof bench->message);
    rng_fill(&rng, bench->nonce, sizeof bench->nonce);
    rng_fill(&rng, &bench->randomness, sizeof bench->randomness);
    int error = deal(bench, &rng);
    if (error == OK)
        error = prepare_frost(bench, &rng);
    return error == OK && bench->group == &frost_ristretto255 ? prepare_sharing(bench) : error;
}

#define OWN       "src over libsodium"
#define RISTRETTO &frost_ristretto255
#define ED25519   &frost_ed25519

static const struct bench_row rows[] = {
    {"frost_commit", "FROST-Ed25519 commit", OWN, ED25519, 0, 1, 0, false, run_commit},
    {"frost_session", "FROST-Ed25519 session", "9 signers; per signer; " OWN, ED25519, 0, THRESHOLD,
     0, false, run_session},
    {"frost_sign", "FROST-Ed25519 sign", "9 signers; the session is there; " OWN, ED25519, 0, 1, 0,
     false, run_sign},
    {"frost_verify", "FROST-Ed25519 share verify", "9 signers; the session is there; " OWN, ED25519,
     0, 1, 0, false, run_share_verify},
    {"frost_aggregate", "FROST-Ed25519 aggregate",
     "9 shares and the check of their sum; per share; " OWN, ED25519, 0, THRESHOLD, 0, false,
     run_aggregate},
    {"coin_share", "coin share", OWN, RISTRETTO, 0, 1, 0, false, run_coin_share},
    {"coin_verify", "coin share verify", OWN, RISTRETTO, 0, 1, 0, false, run_coin_verify},
    {"share_combine", "Diffie-Hellman shares combine", "9 shares; per share; " OWN, RISTRETTO, 0,
     THRESHOLD, 0, false, run_combine},
    {"tdh2_encrypt", "TDH2 encrypt", "32 bytes; " OWN, RISTRETTO, 0, 1, 0, false, run_encrypt},
    {"tdh2_check", "TDH2 check", "32 bytes; " OWN, RISTRETTO, 0, 1, 0, false, run_check},
    {"tdh2_share", "TDH2 share", OWN, RISTRETTO, 0, 1, 0, false, run_open},
    {"tdh2_verify", "TDH2 share verify", OWN, RISTRETTO, 0, 1, 0, false, run_open_verify},
};

const struct bench_family bench_threshold = {rows, ARRAY_LEN(rows), sizeof(struct threshold),
                                             prepare, NULL};
