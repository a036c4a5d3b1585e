/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Diffie–Hellman with a shared secret: any threshold of holders make secret * base out of their
 * share * base, and nobody ever holds the secret. The threshold coin and TDH2 are both this. */
#ifndef TIERCHAIN_CRYPTO_THRESHOLD_DH_SHARE_H
#define TIERCHAIN_CRYPTO_THRESHOLD_DH_SHARE_H

#include "crypto/threshold/dleq.h"

/* Bytes only but for the holder: goes over the wire member by member. */
struct dh_share {
    uint32_t holder;
    uint8_t element[ELEMENT_BYTES];
    struct dleq_proof proof;
};

/* Makes the share of @base. 0, or ERR_INVALID for a key or nonce of zero or a bad base. */
int dh_share_make(struct dh_share *share, const char *domain, const uint8_t base[ELEMENT_BYTES],
                  const struct shamir_share *key, const uint8_t nonce[NONCE_BYTES]);

/* Checks a share against its holder's public key (feldman_public_share). 0; ERR_NON_CANONICAL;
 * ERR_PROOF. */
int dh_share_verify(const struct dh_share *share, const char *domain,
                    const uint8_t base[ELEMENT_BYTES], const uint8_t public_share[ELEMENT_BYTES]);

/* secret * base from @count verified shares, of which the first @threshold are used. 0;
 * ERR_NOT_ENOUGH for fewer; ERR_DUPLICATE; ERR_INVALID. */
int dh_share_combine(uint8_t element[ELEMENT_BYTES], const struct dh_share *shares, size_t count,
                     size_t threshold);

#endif
