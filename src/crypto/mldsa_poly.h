/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Arithmetic of ML-DSA: polynomials of Z_q[x]/(x^256 + 1), q = 2^23 - 2^13 + 1 (FIPS 204 2.3, 7.4,
 * 7.5). Internal to ML-DSA. No function branches on a coefficient or uses one as an index, except
 * mldsa_use_hint, which sees only public values.
 *
 * A coefficient is any int32_t of its class modulo q. "Frozen" means in [0, q), "centred" in
 * (-q/2, q/2]. A product in the transformed domain carries a factor 2^-32 (Montgomery), which the
 * inverse transform takes out again. */
#ifndef TIERCHAIN_CRYPTO_MLDSA_POLY_H
#define TIERCHAIN_CRYPTO_MLDSA_POLY_H

#include "crypto/mldsa.h"

#define MLDSA_N           256
#define MLDSA_Q           8380417
#define MLDSA_DROPPED     13 /* d: bits of t that are not in the public key */
#define MLDSA_MAX_ROWS    6
#define MLDSA_MAX_COLUMNS 5

struct poly {
    int32_t at[MLDSA_N];
};

/* A sum of products in the transformed domain, before its one reduction. */
struct poly_sum {
    int64_t at[MLDSA_N];
};

/* Algorithm 41, in place. Coefficients in (-q, q) become coefficients in (-9q, 9q). */
void poly_ntt(struct poly *poly);

/* Adds (or subtracts) a * b. The sum of |a| |b| over all products must stay below 2^31 q, that is
 * 256 q^2; a transformed polynomial counts 9q, a row of A counts q. */
void poly_sum_add(struct poly_sum *sum, const struct poly *a, const struct poly *b);
void poly_sum_subtract(struct poly_sum *sum, const struct poly *a, const struct poly *b);

/* Algorithm 42 of the reduced sum; coefficients in (-q, q). */
void poly_sum_inverse_ntt(struct poly *out, const struct poly_sum *sum);

/* out = a * b for transformed a, b; coefficients in (-q, q). */
void poly_multiply(struct poly *out, const struct poly *a, const struct poly *b);

void poly_add(struct poly *out, const struct poly *a, const struct poly *b);
void poly_subtract(struct poly *out, const struct poly *a, const struct poly *b);

/* From (-q, 2q) to [0, q), and from (-q, 2q) to (-q/2, q/2]. */
void poly_freeze(struct poly *poly);
void poly_centre(struct poly *poly);

/* Whether every coefficient of the centred polynomial is below @bound in absolute value. */
bool poly_is_below(const struct poly *poly, int32_t bound);

/* Algorithm 35 on a frozen coefficient: high * 2^13 + low. */
int32_t mldsa_power2_round(int32_t coefficient, int32_t *low);

/* Algorithm 36 on a frozen coefficient: returns the high part, in [0, high_count). */
int32_t mldsa_decompose(const struct mldsa_parameters *parameters, int32_t coefficient,
                        int32_t *low);

/* Algorithm 40 on a frozen coefficient. */
int32_t mldsa_use_hint(const struct mldsa_parameters *parameters, bool hint, int32_t coefficient);

#endif
