/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/threshold/dleq.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "base/error.h"

/* The prover's first message: nonce * G and nonce * base. */
struct commitment {
    uint8_t key[ELEMENT_BYTES];
    uint8_t image[ELEMENT_BYTES];
};

static void make_challenge(uint8_t out[SCALAR_BYTES], const struct dleq_claim *claim,
                           const struct commitment *commitment) {
    const size_t length = strlen(claim->domain);
    const uint8_t prefix = (uint8_t)length;
    crypto_hash_sha512_state state;
    uint8_t hash[64];
    assert(length <= UINT8_MAX);
    crypto_hash_sha512_init(&state);
    crypto_hash_sha512_update(&state, &prefix, 1);
    crypto_hash_sha512_update(&state, (const uint8_t *)claim->domain, length);
    crypto_hash_sha512_update(&state, claim->base, ELEMENT_BYTES);
    crypto_hash_sha512_update(&state, claim->key, ELEMENT_BYTES);
    crypto_hash_sha512_update(&state, claim->image, ELEMENT_BYTES);
    crypto_hash_sha512_update(&state, commitment->key, ELEMENT_BYTES);
    crypto_hash_sha512_update(&state, commitment->image, ELEMENT_BYTES);
    crypto_hash_sha512_update(&state, claim->context, claim->context_size);
    crypto_hash_sha512_final(&state, hash);
    crypto_core_ristretto255_scalar_reduce(out, hash);
}

int dleq_prove(struct dleq_proof *proof, const struct dleq_claim *claim,
               const uint8_t secret[SCALAR_BYTES], const uint8_t nonce[NONCE_BYTES]) {
    struct commitment commitment;
    uint8_t scalar[SCALAR_BYTES], product[SCALAR_BYTES];
    crypto_core_ristretto255_scalar_reduce(scalar, nonce);
    if (crypto_scalarmult_ristretto255_base(commitment.key, scalar) != 0 ||
        crypto_scalarmult_ristretto255(commitment.image, scalar, claim->base) != 0)
        return ERR_INVALID;
    make_challenge(proof->challenge, claim, &commitment);
    crypto_core_ristretto255_scalar_mul(product, proof->challenge, secret);
    crypto_core_ristretto255_scalar_add(proof->response, scalar, product);
    sodium_memzero(scalar, sizeof scalar);
    sodium_memzero(product, sizeof product);
    return OK;
}

/* out = left - challenge * element, which leaves nonce * base if left is response * base. */
static bool take_off(uint8_t out[ELEMENT_BYTES], const uint8_t left[ELEMENT_BYTES],
                     const uint8_t challenge[SCALAR_BYTES], const uint8_t element[ELEMENT_BYTES]) {
    uint8_t right[ELEMENT_BYTES];
    return crypto_scalarmult_ristretto255(right, challenge, element) == 0 &&
           crypto_core_ristretto255_sub(out, left, right) == 0;
}

int dleq_verify(const struct dleq_proof *proof, const struct dleq_claim *claim) {
    struct commitment commitment;
    uint8_t key[ELEMENT_BYTES], image[ELEMENT_BYTES], expected[SCALAR_BYTES];
    if (!scalar_is_canonical(proof->challenge) || !scalar_is_canonical(proof->response) ||
        !element_is_valid(claim->base) || !element_is_valid(claim->key) ||
        !element_is_valid(claim->image))
        return ERR_NON_CANONICAL;
    if (crypto_scalarmult_ristretto255_base(key, proof->response) != 0 ||
        crypto_scalarmult_ristretto255(image, proof->response, claim->base) != 0 ||
        !take_off(commitment.key, key, proof->challenge, claim->key) ||
        !take_off(commitment.image, image, proof->challenge, claim->image))
        return ERR_PROOF;
    make_challenge(expected, claim, &commitment);
    return memcmp(expected, proof->challenge, sizeof expected) == 0 ? OK : ERR_PROOF;
}
