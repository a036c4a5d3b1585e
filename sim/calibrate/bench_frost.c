/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * FROST in a committee of 13 whose quorum of 9 signs. */
#include <sodium.h>
#include <string.h>

#include "base/error.h"
#include "base/rng.h"
#include "crypto/threshold/dealer.h"
#include "sim/calibrate/rows.h"

enum { MEMBERS = 13, SIGNERS = 9, MESSAGE_BYTES = 256 };

struct frost {
    const struct frost_suite *group;
    struct group_keys keys;
    uint8_t message[MESSAGE_BYTES];
    uint8_t randomness[2 * FROST_RANDOMNESS_BYTES];
    struct frost_nonces nonces[SIGNERS];
    struct frost_commitment commitments[SIGNERS];
    struct frost_session session;
    struct frost_share shares[SIGNERS];
    uint8_t signature[FROST_SIGNATURE_BYTES];
};

static bool run_commit(void *state) {
    struct frost *bench = state;
    struct frost_nonces nonces;
    return frost_commit(bench->group, &nonces, &bench->keys.shares[0], bench->randomness,
                        bench->randomness + FROST_RANDOMNESS_BYTES) == OK;
}

static bool run_session(void *state) {
    struct frost *bench = state;
    return frost_session_init(&bench->session, bench->group, bench->keys.public_key,
                              bench->commitments, SIGNERS, SIGNERS, bench->message,
                              MESSAGE_BYTES) == OK;
}

/* Uses up a copy of the nonces. */
static bool sign(struct frost *bench, size_t signer) {
    struct frost_nonces nonces = bench->nonces[signer];
    return frost_sign(&bench->session, &bench->keys.shares[signer], &nonces,
                      &bench->shares[signer]) == OK;
}

static bool run_sign(void *state) {
    return sign(state, 0);
}

static bool run_share_verify(void *state) {
    struct frost *bench = state;
    return frost_share_verify(&bench->session, &bench->shares[0], bench->keys.public_shares[0]) ==
           OK;
}

static bool run_aggregate(void *state) {
    struct frost *bench = state;
    uint32_t culprit;
    return frost_aggregate(&bench->session, bench->shares,
                           (const uint8_t(*)[ELEMENT_BYTES])bench->keys.public_shares, &culprit,
                           bench->signature) == OK;
}

static bool run_verify(void *state) {
    struct frost *bench = state;
    return frost_verify(bench->group, bench->keys.public_key, bench->message, MESSAGE_BYTES,
                        bench->signature) == OK;
}

static int prepare(void *state, const struct bench_row *row) {
    struct frost *bench = state;
    struct rng rng;
    bench->group = row->variant;
    rng_init(&rng, 1, 0, "bench");
    rng_fill(&rng, bench->message, sizeof bench->message);
    int error = group_keys_deal(&bench->keys, bench->group, MEMBERS, SIGNERS, 1, 0, "bench");
    for (size_t i = 0; i < SIGNERS && error == OK; i++) {
        rng_fill(&rng, bench->randomness, sizeof bench->randomness);
        error = frost_commit(bench->group, &bench->nonces[i], &bench->keys.shares[i],
                             bench->randomness, bench->randomness + FROST_RANDOMNESS_BYTES);
        bench->commitments[i] = bench->nonces[i].commitment;
    }
    if (error != OK)
        return error;
    bool good = run_session(bench);
    for (size_t i = 0; i < SIGNERS; i++)
        good = good && sign(bench, i);
    return good && run_aggregate(bench) ? OK : ERR_INVALID;
}

static void release(void *state) {
    struct frost *bench = state;
    group_keys_deinit(&bench->keys);
}

#define OWN     "src over libsodium"
#define SESSION "9 signers; the session is there; " OWN

static const struct bench_row rows[] = {
    {.kind = "frost_commit",
     .name = "FROST-Ed25519 commit",
     .note = OWN,
     .variant = &frost_ed25519,
     .units = 1,
     .run = run_commit},
    {.kind = "frost_session",
     .name = "FROST-Ed25519 session",
     .note = "9 signers; per signer; " OWN,
     .variant = &frost_ed25519,
     .units = SIGNERS,
     .run = run_session},
    {.kind = "frost_sign",
     .name = "FROST-Ed25519 sign",
     .note = SESSION,
     .variant = &frost_ed25519,
     .units = 1,
     .run = run_sign},
    {.kind = "frost_verify",
     .name = "FROST-Ed25519 share verify",
     .note = SESSION,
     .variant = &frost_ed25519,
     .units = 1,
     .run = run_share_verify},
    {.kind = "frost_aggregate",
     .name = "FROST-Ed25519 aggregate",
     .note = "9 shares and the check of their sum; per share; " OWN,
     .variant = &frost_ed25519,
     .units = SIGNERS,
     .run = run_aggregate},
    {.name = "FROST-Ed25519 verify",
     .note = "256 bytes; " OWN,
     .variant = &frost_ed25519,
     .units = 1,
     .run = run_verify},
    {.name = "FROST-ristretto255 commit",
     .note = OWN,
     .variant = &frost_ristretto255,
     .units = 1,
     .run = run_commit},
    {.name = "FROST-ristretto255 session",
     .note = "9 signers; per signer; " OWN,
     .variant = &frost_ristretto255,
     .units = SIGNERS,
     .run = run_session},
    {.name = "FROST-ristretto255 sign",
     .note = SESSION,
     .variant = &frost_ristretto255,
     .units = 1,
     .run = run_sign},
    {.name = "FROST-ristretto255 share verify",
     .note = SESSION,
     .variant = &frost_ristretto255,
     .units = 1,
     .run = run_share_verify},
    {.name = "FROST-ristretto255 aggregate",
     .note = "9 shares and the check of their sum; per share; " OWN,
     .variant = &frost_ristretto255,
     .units = SIGNERS,
     .run = run_aggregate},
    {.name = "FROST-ristretto255 verify",
     .note = "256 bytes; " OWN,
     .variant = &frost_ristretto255,
     .units = 1,
     .run = run_verify},
};

const struct bench_family bench_frost = {.name = "FROST",
                                         .rows = rows,
                                         .row_count = ARRAY_LEN(rows),
                                         .state_bytes = sizeof(struct frost),
                                         .prepare = prepare,
                                         .release = release};
