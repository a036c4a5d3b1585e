/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Proof that two elements of ristretto255 have the same logarithm (Chaum, Pedersen, CRYPTO 92),
 * made non-interactive with SHA-512. */
#ifndef TIERCHAIN_CRYPTO_THRESHOLD_DLEQ_H
#define TIERCHAIN_CRYPTO_THRESHOLD_DLEQ_H

#include "crypto/threshold/shamir.h"

#define NONCE_BYTES                                                                                \
    64 /* uniformly random, reduced to a scalar; one that repeats reveals the secret */

struct dleq_proof {
    uint8_t challenge[SCALAR_BYTES];
    uint8_t response[SCALAR_BYTES];
};

/* "There is an x with key = x * G and image = x * base", said about @context. Borrows all. */
struct dleq_claim {
    const char *domain; /* separates the uses of the proof; at most 255 characters */
    const uint8_t *base;
    const uint8_t *key;
    const uint8_t *image;
    const void *context; /* bound by the proof; may be NULL when the size is 0 */
    size_t context_size;
};

/* Proves a claim that holds for @secret. 0, or ERR_INVALID for a nonce of zero or a bad base. */
int dleq_prove(struct dleq_proof *proof, const struct dleq_claim *claim,
               const uint8_t secret[SCALAR_BYTES], const uint8_t nonce[NONCE_BYTES]);

/* 0; ERR_NON_CANONICAL for a scalar or element that is none; ERR_PROOF. */
int dleq_verify(const struct dleq_proof *proof, const struct dleq_claim *claim);

#endif
