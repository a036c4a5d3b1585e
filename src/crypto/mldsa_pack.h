/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Polynomials and hints as bytes (FIPS 204 7.1, 7.2). Internal to ML-DSA. */
#ifndef TIERCHAIN_CRYPTO_MLDSA_PACK_H
#define TIERCHAIN_CRYPTO_MLDSA_PACK_H

#include "crypto/mldsa_poly.h"

#define MLDSA_MAX_BITS       20 /* of one coefficient */
#define MLDSA_MAX_POLY_BYTES (MLDSA_N * MLDSA_MAX_BITS / 8)

/* Bytes of a polynomial with @bits a coefficient. */
static inline size_t mldsa_poly_bytes(unsigned bits) {
    return MLDSA_N / 8 * bits;
}

/* Algorithms 16 and 18: coefficients in [0, 2^bits). */
void mldsa_pack(uint8_t *out, const struct poly *poly, unsigned bits);
void mldsa_unpack(struct poly *out, const uint8_t *bytes, unsigned bits);

/* Algorithms 17 and 19: coefficients in (top - 2^bits, top], each written as top minus it. */
void mldsa_pack_signed(uint8_t *out, const struct poly *poly, unsigned bits, int32_t top);
void mldsa_unpack_signed(struct poly *out, const uint8_t *bytes, unsigned bits, int32_t top);

/* One flag for each coefficient of a vector of @rows polynomials. */
struct mldsa_hints {
    bool at[MLDSA_MAX_ROWS][MLDSA_N];
};

/* Algorithm 20, a row at a time and in their order: appends to the omega + k bytes at @out, zero at
 * first, of which @count are used. False when more than omega hints would be needed. */
bool mldsa_pack_hints(const struct mldsa_parameters *parameters, uint8_t *out, unsigned row,
                      const bool hints[MLDSA_N], unsigned *count);

/* Algorithm 21. ERR_NON_CANONICAL for all that algorithm 20 would not have written. */
int mldsa_unpack_hints(const struct mldsa_parameters *parameters, struct mldsa_hints *out,
                       const uint8_t *bytes);

#endif
