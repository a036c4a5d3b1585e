/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Threshold coin of Cachin, Kursawe and Shoup (PODC 00), Diffie–Hellman version, over ristretto255.
 * Any threshold of valid shares gives the same coin; fewer say nothing about it. */
#ifndef TIERCHAIN_CRYPTO_THRESHOLD_COIN_H
#define TIERCHAIN_CRYPTO_THRESHOLD_COIN_H

#include "crypto/threshold/shamir.h"

#define COIN_VALUE_BYTES 64

/* A share with its proof of equal logarithms; goes over the wire as it is. */
struct coin_share {
    uint32_t holder;
    uint8_t element[ELEMENT_BYTES];
    uint8_t challenge[SCALAR_BYTES];
    uint8_t response[SCALAR_BYTES];
};

/* Makes the share of coin @name. @nonce: 64 uniformly random bytes, never used twice.
 * 0, or ERR_INVALID for a key or nonce of zero. */
int coin_share_make(struct coin_share *share, const struct shamir_share *key, const void *name,
                    size_t name_size, const uint8_t nonce[64]);

/* Checks a share against its holder's public key (feldman_public_share).
 * 0; ERR_NON_CANONICAL; ERR_PROOF. */
int coin_share_verify(const struct coin_share *share, const uint8_t public_share[ELEMENT_BYTES],
                      const void *name, size_t name_size);

/* The coin from @count verified shares, of which the first @threshold are used; the lowest bit of
 * value[0] is the coin itself. 0; ERR_NOT_ENOUGH for fewer; ERR_DUPLICATE; ERR_INVALID. */
int coin_combine(uint8_t value[COIN_VALUE_BYTES], const struct coin_share *shares, size_t count,
                 size_t threshold, const void *name, size_t name_size);

#endif
