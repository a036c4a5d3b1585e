/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Polynomials of NTRU-HPS-2048-677 and their bytes. Internal to NTRU.
 *
 * R = Z[x]/(x^677 - 1); S = Z[x]/Phi, Phi = (x^677 - 1)/(x - 1), whose elements have coefficient
 * 676 zero. Modulo 2048 a coefficient is any uint16_t of its class; modulo 3 it is 0, 1 or 2 (for
 * -1). */
#ifndef TIERCHAIN_CRYPTO_NTRU_POLY_H
#define TIERCHAIN_CRYPTO_NTRU_POLY_H

#include "base/types.h"

#define NTRU_N             677
#define NTRU_Q             2048
#define NTRU_Q_BITS        11
#define NTRU_WEIGHT        254 /* q/8 - 2: non-zero coefficients of g and m, half of them -1 */
#define NTRU_TERNARY_BYTES 136
#define NTRU_PACKED_BYTES  930
#define NTRU_IID_BYTES     676 /* of randomness */
#define NTRU_FIXED_BYTES   2535

struct ntru_poly {
    uint16_t at[NTRU_N];
};

/* ---- sampling: 1.10 of the specification ---- */

/* Independent coefficients, each a byte modulo 3. */
void ntru_sample_iid(struct ntru_poly *out, const uint8_t random[NTRU_IID_BYTES]);

/* WEIGHT/2 coefficients 1, as many -1: where a sort by 30-bit random keys (signed) takes them. */
void ntru_sample_fixed(struct ntru_poly *out, const uint8_t random[NTRU_FIXED_BYTES]);

/* ---- arithmetic ---- */

/* out = a b in R, modulo 2^16; @out may be neither. */
void ntru_multiply(struct ntru_poly *out, const struct ntru_poly *a, const struct ntru_poly *b);

/* From R to S, modulo 2^16 or modulo 3 (coefficients of any size). */
void ntru_reduce_phi(struct ntru_poly *poly);
void ntru_reduce_phi_3(struct ntru_poly *poly);

/* Modulo 3 to modulo 2048: 2 becomes -1. */
void ntru_lift(struct ntru_poly *poly);

/* From R modulo 2048 to S modulo 3, by the representatives in [-1024, 1023]. */
void ntru_round_to_3(struct ntru_poly *poly);

/* From S modulo 2048 to modulo 3; false, with 0 in their place, for coefficients that are not
 * 0, 1 or -1. */
bool ntru_to_ternary(struct ntru_poly *poly);

/* The inverse in S modulo 3, or modulo 2048. ERR_INVALID: there is none. */
int ntru_invert_3(struct ntru_poly *out, const struct ntru_poly *poly);
int ntru_invert_q(struct ntru_poly *out, const struct ntru_poly *poly);

/* ---- bytes: 1.8 of the specification ---- */

/* Five coefficients a byte. The decoder gives ERR_NON_CANONICAL for bytes that don't occur. */
void ntru_pack_ternary(uint8_t out[NTRU_TERNARY_BYTES], const struct ntru_poly *poly);
int ntru_unpack_ternary(struct ntru_poly *out, const uint8_t bytes[NTRU_TERNARY_BYTES]);

/* Coefficients 0 … 675, 11 bits each. The decoder sets the last one to 0 and gives
 * ERR_NON_CANONICAL, with the polynomial all the same, when padding bits are set. */
void ntru_pack_q(uint8_t out[NTRU_PACKED_BYTES], const struct ntru_poly *poly);
int ntru_unpack_q(struct ntru_poly *out, const uint8_t bytes[NTRU_PACKED_BYTES]);

/* The same for a polynomial whose coefficients sum to 0, which gives the last one. */
int ntru_unpack_sum_zero(struct ntru_poly *out, const uint8_t bytes[NTRU_PACKED_BYTES]);

#endif
