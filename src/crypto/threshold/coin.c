/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/threshold/coin.h"

#include <sodium.h>
#include <string.h>

#include "base/error.h"

static void hash_name_to(uint8_t out[64], const char *label, const void *name, size_t name_size,
                         const uint8_t *element) {
    crypto_hash_sha512_state state;
    crypto_hash_sha512_init(&state);
    crypto_hash_sha512_update(&state, (const uint8_t *)label, strlen(label));
    crypto_hash_sha512_update(&state, name, name_size);
    if (element)
        crypto_hash_sha512_update(&state, element, ELEMENT_BYTES);
    crypto_hash_sha512_final(&state, out);
}

/* The generator that belongs to the coin: nobody knows its logarithm. */
static void coin_base(uint8_t base[ELEMENT_BYTES], const void *name, size_t name_size) {
    uint8_t hash[64];
    hash_name_to(hash, "coin", name, name_size, NULL);
    crypto_core_ristretto255_from_hash(base, hash);
}

static void make_challenge(uint8_t out[SCALAR_BYTES], const uint8_t *const elements[5]) {
    static const uint8_t one[SCALAR_BYTES] = {1};
    crypto_hash_sha512_state state;
    uint8_t generator[ELEMENT_BYTES], hash[64];
    int failed = crypto_scalarmult_ristretto255_base(generator, one);
    (void)failed; /* only a scalar of zero fails */
    crypto_hash_sha512_init(&state);
    crypto_hash_sha512_update(&state, (const uint8_t *)"dleq", 4);
    crypto_hash_sha512_update(&state, generator, sizeof generator);
    for (size_t i = 0; i < 5; i++)
        crypto_hash_sha512_update(&state, elements[i], ELEMENT_BYTES);
    crypto_hash_sha512_final(&state, hash);
    crypto_core_ristretto255_scalar_reduce(out, hash);
}

int coin_share_make(struct coin_share *share, const struct shamir_share *key, const void *name,
                    size_t name_size, const uint8_t nonce[64]) {
    uint8_t base[32], public_share[32], secret[32], a[32], b[32], product[32];
    coin_base(base, name, name_size);
    crypto_core_ristretto255_scalar_reduce(secret, nonce);
    if (crypto_scalarmult_ristretto255_base(public_share, key->scalar) != 0 ||
        crypto_scalarmult_ristretto255(share->element, key->scalar, base) != 0 ||
        crypto_scalarmult_ristretto255_base(a, secret) != 0 ||
        crypto_scalarmult_ristretto255(b, secret, base) != 0)
        return ERR_INVALID;
    share->holder = key->holder;
    make_challenge(share->challenge,
                   (const uint8_t *const[]){public_share, base, share->element, a, b});
    crypto_core_ristretto255_scalar_mul(product, share->challenge, key->scalar);
    crypto_core_ristretto255_scalar_add(share->response, secret, product);
    sodium_memzero(secret, sizeof secret);
    return OK;
}

/* out = response * base - challenge * element; @base NULL is the generator. */
static bool reconstruct(uint8_t out[32], const uint8_t response[32], const uint8_t *base,
                        const uint8_t challenge[32], const uint8_t element[32]) {
    uint8_t left[32], right[32];
    int failed = base ? crypto_scalarmult_ristretto255(left, response, base)
                      : crypto_scalarmult_ristretto255_base(left, response);
    return !failed && crypto_scalarmult_ristretto255(right, challenge, element) == 0 &&
           crypto_core_ristretto255_sub(out, left, right) == 0;
}

int coin_share_verify(const struct coin_share *share, const uint8_t public_share[ELEMENT_BYTES],
                      const void *name, size_t name_size) {
    uint8_t base[32], a[32], b[32], expected[32];
    if (!scalar_is_canonical(share->challenge) || !scalar_is_canonical(share->response) ||
        !crypto_core_ristretto255_is_valid_point(share->element))
        return ERR_NON_CANONICAL;
    coin_base(base, name, name_size);
    if (!reconstruct(a, share->response, NULL, share->challenge, public_share) ||
        !reconstruct(b, share->response, base, share->challenge, share->element))
        return ERR_PROOF;
    make_challenge(expected, (const uint8_t *const[]){public_share, base, share->element, a, b});
    return sodium_memcmp(expected, share->challenge, 32) == 0 ? OK : ERR_PROOF;
}

int coin_combine(uint8_t value[COIN_VALUE_BYTES], const struct coin_share *shares, size_t count,
                 size_t threshold, const void *name, size_t name_size) {
    uint8_t sum[ELEMENT_BYTES] = {0};
    if (threshold == 0)
        return ERR_INVALID;
    if (count < threshold)
        return ERR_NOT_ENOUGH;
    for (size_t i = 0; i < threshold; i++) {
        uint8_t coefficient[SCALAR_BYTES], term[ELEMENT_BYTES];
        int error = shamir_lagrange(coefficient, &shares->holder, sizeof *shares, threshold, i);
        if (error)
            return error;
        if (crypto_scalarmult_ristretto255(term, coefficient, shares[i].element) != 0 ||
            crypto_core_ristretto255_add(sum, sum, term) != 0)
            return ERR_INVALID;
    }
    hash_name_to(value, "out", name, name_size, sum);
    return OK;
}
