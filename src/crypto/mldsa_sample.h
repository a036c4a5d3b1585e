/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Pseudorandom polynomials of ML-DSA (FIPS 204 7.3). Internal to ML-DSA. */
#ifndef TIERCHAIN_CRYPTO_MLDSA_SAMPLE_H
#define TIERCHAIN_CRYPTO_MLDSA_SAMPLE_H

#include "crypto/mldsa_poly.h"

#define MLDSA_LONG_SEED_BYTES 64

/* The entry of the matrix A at (row, column), transformed and frozen: algorithms 30 and 32. */
void mldsa_sample_matrix(struct poly *out, const uint8_t seed[MLDSA_SEED_BYTES], uint8_t row,
                         uint8_t column);

/* The @index-th polynomial of (s1, s2), coefficients in [-eta, eta]: algorithms 31 and 33. */
void mldsa_sample_secret(const struct mldsa_parameters *parameters, struct poly *out,
                         const uint8_t seed[MLDSA_LONG_SEED_BYTES], uint16_t index);

/* The mask polynomial number @index, coefficients in (-gamma1, gamma1]: algorithm 34. */
void mldsa_sample_mask(const struct mldsa_parameters *parameters, struct poly *out,
                       const uint8_t seed[MLDSA_LONG_SEED_BYTES], uint16_t index);

/* The challenge, tau coefficients ±1: algorithm 29. Its seed is public, and so is the time. */
void mldsa_sample_challenge(const struct mldsa_parameters *parameters, struct poly *out,
                            const uint8_t *commitment);

#endif
