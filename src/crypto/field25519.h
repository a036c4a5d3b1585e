/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Arithmetic modulo p = 2^255 - 19, which libsodium has but does not offer. For public values only:
 * square roots branch on their argument. Outputs may be the same objects as inputs. */
#ifndef TIERCHAIN_CRYPTO_FIELD25519_H
#define TIERCHAIN_CRYPTO_FIELD25519_H

#include "base/types.h"

#define FIELD25519_BYTES      32
#define FIELD25519_WIDE_BYTES 48

/* The sum of limbs[i] * 2^(51 i), not always reduced; every limb stays below 2^52. */
struct field25519 {
    uint64_t limbs[5];
};

void field25519_from_number(struct field25519 *out, uint32_t number);

/* Little endian, reduced modulo p; the highest bit is ignored (RFC 7748 5). */
void field25519_from_bytes(struct field25519 *out, const uint8_t bytes[FIELD25519_BYTES]);

/* 48 bytes *big* endian, reduced modulo p (RFC 9380 5.2). */
void field25519_from_wide(struct field25519 *out, const uint8_t bytes[FIELD25519_WIDE_BYTES]);

/* Little endian, below p. */
void field25519_to_bytes(uint8_t bytes[FIELD25519_BYTES], const struct field25519 *value);

void field25519_add(struct field25519 *out, const struct field25519 *left,
                    const struct field25519 *right);
void field25519_subtract(struct field25519 *out, const struct field25519 *left,
                         const struct field25519 *right);
void field25519_negate(struct field25519 *out, const struct field25519 *value);
void field25519_multiply(struct field25519 *out, const struct field25519 *left,
                         const struct field25519 *right);
void field25519_square(struct field25519 *out, const struct field25519 *value);

/* 1 / value, and 0 for 0 (inv0 of RFC 9380 4). */
void field25519_invert(struct field25519 *out, const struct field25519 *value);

/* One of the square roots; false when there is none, and @out is then not one. */
bool field25519_root(struct field25519 *out, const struct field25519 *value);

bool field25519_equal(const struct field25519 *left, const struct field25519 *right);
bool field25519_is_zero(const struct field25519 *value);

/* The parity of the number below p (sgn0 of RFC 9380 4.1). */
bool field25519_is_odd(const struct field25519 *value);

#endif
