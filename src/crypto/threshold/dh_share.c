/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/threshold/dh_share.h"

#include <sodium.h>
#include <string.h>

#include "base/error.h"

int dh_share_make(struct dh_share *share, const char *domain, const uint8_t base[ELEMENT_BYTES],
                  const struct shamir_share *key, const uint8_t nonce[NONCE_BYTES]) {
    uint8_t public_share[ELEMENT_BYTES];
    const struct dleq_claim claim = {
        .domain = domain, .base = base, .key = public_share, .image = share->element};
    if (crypto_scalarmult_ristretto255_base(public_share, key->scalar) != 0 ||
        crypto_scalarmult_ristretto255(share->element, key->scalar, base) != 0)
        return ERR_INVALID;
    share->holder = key->holder;
    return dleq_prove(&share->proof, &claim, key->scalar, nonce);
}

int dh_share_verify(const struct dh_share *share, const char *domain,
                    const uint8_t base[ELEMENT_BYTES], const uint8_t public_share[ELEMENT_BYTES]) {
    const struct dleq_claim claim = {
        .domain = domain, .base = base, .key = public_share, .image = share->element};
    return dleq_verify(&share->proof, &claim);
}

int dh_share_combine(uint8_t element[ELEMENT_BYTES], const struct dh_share *shares, size_t count,
                     size_t threshold) {
    uint8_t sum[ELEMENT_BYTES] = {0}; /* the identity */
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
    memcpy(element, sum, sizeof sum);
    return OK;
}
