/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/threshold/coin.h"

#include <sodium.h>
#include <string.h>

#include "base/error.h"

static const char SHARE_DOMAIN[] = "coin share";

static void hash_name_to(uint8_t out[64], const char label[4], const void *name, size_t name_size,
                         const uint8_t *element) {
    crypto_hash_sha512_state state;
    crypto_hash_sha512_init(&state);
    crypto_hash_sha512_update(&state, (const uint8_t *)label, 4);
    if (element)
        crypto_hash_sha512_update(&state, element, ELEMENT_BYTES);
    crypto_hash_sha512_update(&state, name, name_size);
    crypto_hash_sha512_final(&state, out);
}

/* The generator that belongs to the coin: nobody knows its logarithm. */
static void coin_base(uint8_t base[ELEMENT_BYTES], const void *name, size_t name_size) {
    uint8_t hash[64];
    hash_name_to(hash, "coin", name, name_size, NULL);
    crypto_core_ristretto255_from_hash(base, hash);
}

int coin_share_make(struct dh_share *share, const struct shamir_share *key, const void *name,
                    size_t name_size, const uint8_t nonce[NONCE_BYTES]) {
    uint8_t base[ELEMENT_BYTES];
    coin_base(base, name, name_size);
    return dh_share_make(share, SHARE_DOMAIN, base, key, nonce);
}

int coin_share_verify(const struct dh_share *share, const uint8_t public_share[ELEMENT_BYTES],
                      const void *name, size_t name_size) {
    uint8_t base[ELEMENT_BYTES];
    coin_base(base, name, name_size);
    return dh_share_verify(share, SHARE_DOMAIN, base, public_share);
}

int coin_combine(uint8_t value[COIN_VALUE_BYTES], const struct dh_share *shares, size_t count,
                 size_t threshold, const void *name, size_t name_size) {
    uint8_t element[ELEMENT_BYTES];
    int error = dh_share_combine(element, shares, count, threshold);
    if (!error)
        hash_name_to(value, "toss", name, name_size, element);
    return error;
}

int coin_reveal(uint8_t value[COIN_VALUE_BYTES], const uint8_t secret[SCALAR_BYTES],
                const void *name, size_t name_size) {
    uint8_t base[ELEMENT_BYTES], element[ELEMENT_BYTES];
    coin_base(base, name, name_size);
    if (crypto_scalarmult_ristretto255(element, secret, base) != 0)
        return ERR_INVALID;
    hash_name_to(value, "toss", name, name_size, element);
    return OK;
}
