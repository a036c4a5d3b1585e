/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Shamir sharing of a scalar modulo the order L of ristretto255, and Feldman's commitments that let
 * each holder check its share. Scalars are 32 bytes, little endian, below L; holders count from 1.
 *
 * This folder serves simulation and is not hardened. Secret scalars go through libsodium's arithmetic
 * alone, without branches or indices of ours that depend on them, and comparisons of them take
 * constant time; but nobody has inspected the machine code, and dealers know all secrets. */
#ifndef TIERCHAIN_CRYPTO_THRESHOLD_SHAMIR_H
#define TIERCHAIN_CRYPTO_THRESHOLD_SHAMIR_H

#include "base/types.h"

#define SCALAR_BYTES  32
#define ELEMENT_BYTES 32

struct shamir_share {
    uint32_t holder; /* >= 1: the share of 0 would be the secret */
    uint8_t scalar[SCALAR_BYTES];
};

/* True when @bytes is the canonical encoding of a scalar, that is, below L. */
bool scalar_is_canonical(const uint8_t bytes[SCALAR_BYTES]);

/* True when @bytes is the canonical encoding of an element of ristretto255 (RFC 9496 4.3.1), maybe
 * of the identity. libsodium 1.0.18 ignores the highest bit, so that there would be two encodings. */
bool element_is_canonical(const uint8_t bytes[ELEMENT_BYTES]);

/* The same, but for the identity. */
bool element_is_valid(const uint8_t bytes[ELEMENT_BYTES]);

/* The scalar of a small number. */
void scalar_from_number(uint8_t out[SCALAR_BYTES], uint64_t number);

/* The value at @holder of the polynomial with the @threshold given @coefficients; the secret comes
 * first, the others must be uniformly random. 0, or ERR_INVALID for holder 0 or threshold 0. */
int shamir_share_of(struct shamir_share *share, uint32_t holder,
                    const uint8_t coefficients[][SCALAR_BYTES], size_t threshold);

/* The Lagrange coefficient at 0 of holder @index among @count holders, which lie @stride bytes
 * apart from @first on: the first members of an array of structures. 0; ERR_INVALID for a holder 0;
 * ERR_DUPLICATE when holder @index occurs twice. */
int shamir_lagrange(uint8_t out[SCALAR_BYTES], const uint32_t *first, size_t stride, size_t count,
                    size_t index);

/* The secret from exactly the threshold's number of shares. Errors of shamir_lagrange, or
 * ERR_NOT_ENOUGH for no share. Too few shares give an unrelated scalar. */
int shamir_combine(uint8_t secret[SCALAR_BYTES], const struct shamir_share *shares, size_t count);

/* Feldman's commitment to each coefficient. 0, or ERR_INVALID for a coefficient of zero. */
int feldman_commit(uint8_t commitments[][ELEMENT_BYTES], const uint8_t coefficients[][SCALAR_BYTES],
                   size_t threshold);

/* The public key of @holder, its share times the generator, from the commitments. 0; ERR_INVALID
 * for a bad element, holder 0 or threshold 0. */
int feldman_public_share(uint8_t element[ELEMENT_BYTES], uint32_t holder,
                         const uint8_t commitments[][ELEMENT_BYTES], size_t threshold);

/* Checks a dealt share. 0; ERR_NON_CANONICAL; ERR_MISMATCH when the dealer cheated; ERR_INVALID. */
int feldman_check(const struct shamir_share *share, const uint8_t commitments[][ELEMENT_BYTES],
                  size_t threshold);

#endif
