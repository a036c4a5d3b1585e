/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Threshold coin of Cachin, Kursawe and Shoup (PODC 00), Diffie–Hellman version, over ristretto255.
 * Any threshold of valid shares gives the same coin; fewer say nothing about it. */
#ifndef TIERCHAIN_CRYPTO_THRESHOLD_COIN_H
#define TIERCHAIN_CRYPTO_THRESHOLD_COIN_H

#include "crypto/threshold/dh_share.h"

#define COIN_VALUE_BYTES 64

/* Makes the share of coin @name. Errors of dh_share_make. */
int coin_share_make(struct dh_share *share, const struct shamir_share *key, const void *name,
                    size_t name_size, const uint8_t nonce[NONCE_BYTES]);

/* Checks a share. Arguments and errors of dh_share_verify. */
int coin_share_verify(const struct dh_share *share, const uint8_t public_share[ELEMENT_BYTES],
                      const void *name, size_t name_size);

/* The coin from verified shares; the lowest bit of value[0] is the coin itself. Arguments and
 * errors of dh_share_combine. */
int coin_combine(uint8_t value[COIN_VALUE_BYTES], const struct dh_share *shares, size_t count,
                 size_t threshold, const void *name, size_t name_size);

/* The same coin from the secret itself, as only the dealer could: for models and tests. 0, or
 * ERR_INVALID for a secret of zero. */
int coin_reveal(uint8_t value[COIN_VALUE_BYTES], const uint8_t secret[SCALAR_BYTES],
                const void *name, size_t name_size);

#endif
