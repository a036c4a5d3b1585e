/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/threshold/shamir.h"

#include <sodium.h>
#include <string.h>

#include "base/error.h"

bool scalar_is_canonical(const uint8_t bytes[SCALAR_BYTES]) {
    uint8_t wide[64] = {0}, reduced[SCALAR_BYTES];
    memcpy(wide, bytes, SCALAR_BYTES);
    crypto_core_ristretto255_scalar_reduce(reduced, wide);
    return sodium_memcmp(reduced, bytes, SCALAR_BYTES) == 0;
}

bool element_is_canonical(const uint8_t bytes[ELEMENT_BYTES]) {
    return (bytes[ELEMENT_BYTES - 1] & 0x80) == 0 && crypto_core_ristretto255_is_valid_point(bytes);
}

bool element_is_valid(const uint8_t bytes[ELEMENT_BYTES]) {
    return !sodium_is_zero(bytes, ELEMENT_BYTES) && element_is_canonical(bytes);
}

void scalar_from_number(uint8_t out[SCALAR_BYTES], uint64_t number) {
    memset(out, 0, SCALAR_BYTES);
    for (size_t i = 0; i < 8; i++)
        out[i] = (uint8_t)(number >> 8 * i);
}

int shamir_share_of(struct shamir_share *share, uint32_t holder,
                    const uint8_t coefficients[][SCALAR_BYTES], size_t threshold) {
    uint8_t point[SCALAR_BYTES], sum[SCALAR_BYTES] = {0};
    if (holder == 0 || threshold == 0)
        return ERR_INVALID;
    scalar_from_number(point, holder);
    for (size_t i = threshold; i-- > 0;) { /* Horner */
        crypto_core_ristretto255_scalar_mul(sum, sum, point);
        crypto_core_ristretto255_scalar_add(sum, sum, coefficients[i]);
    }
    share->holder = holder;
    memcpy(share->scalar, sum, sizeof sum);
    return OK;
}

static uint32_t holder_at(const uint32_t *first, size_t stride, size_t index) {
    uint32_t holder;
    memcpy(&holder, (const uint8_t *)first + index * stride, sizeof holder);
    return holder;
}

int shamir_lagrange(uint8_t out[SCALAR_BYTES], const uint32_t *first, size_t stride, size_t count,
                    size_t index) {
    const uint32_t self_holder = holder_at(first, stride, index);
    uint8_t self[SCALAR_BYTES], above[SCALAR_BYTES], below[SCALAR_BYTES];
    if (self_holder == 0)
        return ERR_INVALID;
    scalar_from_number(self, self_holder);
    scalar_from_number(above, 1);
    scalar_from_number(below, 1);
    for (size_t i = 0; i < count; i++) {
        const uint32_t holder = holder_at(first, stride, i);
        uint8_t other[SCALAR_BYTES], difference[SCALAR_BYTES];
        if (holder == 0)
            return ERR_INVALID;
        if (i == index)
            continue;
        if (holder == self_holder)
            return ERR_DUPLICATE;
        scalar_from_number(other, holder);
        crypto_core_ristretto255_scalar_sub(difference, other, self);
        crypto_core_ristretto255_scalar_mul(above, above, other);
        crypto_core_ristretto255_scalar_mul(below, below, difference);
    }
    if (crypto_core_ristretto255_scalar_invert(below, below) != 0)
        return ERR_INVALID;
    crypto_core_ristretto255_scalar_mul(out, above, below);
    return OK;
}

int shamir_combine(uint8_t secret[SCALAR_BYTES], const struct shamir_share *shares, size_t count) {
    uint8_t sum[SCALAR_BYTES] = {0};
    if (count == 0)
        return ERR_NOT_ENOUGH;
    for (size_t i = 0; i < count; i++) {
        uint8_t term[SCALAR_BYTES];
        int error = shamir_lagrange(term, &shares->holder, sizeof *shares, count, i);
        if (error)
            return error;
        crypto_core_ristretto255_scalar_mul(term, term, shares[i].scalar);
        crypto_core_ristretto255_scalar_add(sum, sum, term);
    }
    memcpy(secret, sum, sizeof sum);
    return OK;
}

int feldman_commit(uint8_t commitments[][ELEMENT_BYTES], const uint8_t coefficients[][SCALAR_BYTES],
                   size_t threshold) {
    for (size_t i = 0; i < threshold; i++)
        if (crypto_scalarmult_ristretto255_base(commitments[i], coefficients[i]) != 0)
            return ERR_INVALID;
    return OK;
}

int feldman_public_share(uint8_t element[ELEMENT_BYTES], uint32_t holder,
                         const uint8_t commitments[][ELEMENT_BYTES], size_t threshold) {
    uint8_t point[SCALAR_BYTES], sum[ELEMENT_BYTES] = {0}; /* zeros encode the identity */
    if (holder == 0 || threshold == 0)
        return ERR_INVALID;
    scalar_from_number(point, holder);
    for (size_t i = threshold; i-- > 0;) {
        uint8_t product[ELEMENT_BYTES] = {0};
        /* libsodium reports the identity as a failure, so it is kept from it. */
        if (!sodium_is_zero(sum, sizeof sum) &&
            crypto_scalarmult_ristretto255(product, point, sum) != 0)
            return ERR_INVALID;
        if (!element_is_canonical(commitments[i]) ||
            crypto_core_ristretto255_add(sum, product, commitments[i]) != 0)
            return ERR_INVALID;
    }
    memcpy(element, sum, sizeof sum);
    return OK;
}

int feldman_check(const struct shamir_share *share, const uint8_t commitments[][ELEMENT_BYTES],
                  size_t threshold) {
    uint8_t expected[ELEMENT_BYTES], actual[ELEMENT_BYTES] = {0};
    if (!scalar_is_canonical(share->scalar))
        return ERR_NON_CANONICAL;
    int error = feldman_public_share(expected, share->holder, commitments, threshold);
    if (error)
        return error;
    if (!sodium_is_zero(share->scalar, SCALAR_BYTES) &&
        crypto_scalarmult_ristretto255_base(actual, share->scalar) != 0)
        return ERR_INVALID;
    return sodium_memcmp(expected, actual, sizeof actual) == 0 ? OK : ERR_MISMATCH;
}
