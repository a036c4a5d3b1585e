/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/ntru_poly.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

enum { LAST = NTRU_N - 1, TRITS_A_BYTE = 5, KEY_BITS = 30, PADDED = (NTRU_N + 15) / 16 * 16 };

/* ---- sampling ---- */

void ntru_sample_iid(struct ntru_poly *out, const uint8_t random[NTRU_IID_BYTES]) {
    for (int i = 0; i < LAST; i++)
        out->at[i] = random[i] % 3;
    out->at[LAST] = 0;
}

/* As signed numbers: that is the order the known answers were made with. */
static int compare_keys(const void *a, const void *b) {
    int32_t first = *(const int32_t *)a, second = *(const int32_t *)b;
    return (first > second) - (first < second);
}

/* Each 30-bit key carries its coefficient in two bits below it, so that one sort moves both, and
 * the order of equal keys does not depend on the sorting algorithm. */
void ntru_sample_fixed(struct ntru_poly *out, const uint8_t random[NTRU_FIXED_BYTES]) {
    uint32_t keys[LAST];
    uint64_t pending = 0;
    unsigned held = 0;
    for (int i = 0; i < LAST; i++) {
        for (; held < KEY_BITS; held += 8)
            pending |= (uint64_t)*random++ << held;
        keys[i] = (uint32_t)(pending & ((UINT32_C(1) << KEY_BITS) - 1)) << 2;
        keys[i] |= i < NTRU_WEIGHT / 2 ? 1 : i < NTRU_WEIGHT ? 2 : 0;
        pending >>= KEY_BITS;
        held -= KEY_BITS;
    }
    qsort(keys, LAST, sizeof keys[0], compare_keys);
    for (int i = 0; i < LAST; i++)
        out->at[i] = keys[i] & 3;
    out->at[LAST] = 0;
}

/* ---- arithmetic ---- */

/* Two copies of b side by side make every rotation a run of memory. The runs are padded to whole
 * vectors, which lets compilers use them. */
void ntru_multiply(struct ntru_poly *out, const struct ntru_poly *a, const struct ntru_poly *b) {
    uint16_t twice[NTRU_N + PADDED] = {0}, sum[PADDED] = {0};
    memcpy(twice, b->at, sizeof b->at);
    memcpy(twice + NTRU_N, b->at, sizeof b->at);
    for (int i = 0; i < NTRU_N; i++) {
        const uint32_t factor = a->at[i];
        const uint16_t *turned = twice + NTRU_N - i;
        for (int k = 0; k < PADDED; k++)
            sum[k] = (uint16_t)(sum[k] + factor * turned[k]);
    }
    memcpy(out->at, sum, sizeof out->at);
}

void ntru_reduce_phi(struct ntru_poly *poly) {
    const uint16_t last = poly->at[LAST];
    for (int i = 0; i < NTRU_N; i++)
        poly->at[i] = (uint16_t)(poly->at[i] - last);
}

void ntru_reduce_phi_3(struct ntru_poly *poly) {
    const uint32_t minus_last = 2 * (uint32_t)poly->at[LAST];
    for (int i = 0; i < NTRU_N; i++)
        poly->at[i] = (uint16_t)((poly->at[i] + minus_last) % 3);
}

void ntru_lift(struct ntru_poly *poly) {
    for (int i = 0; i < NTRU_N; i++)
        if (poly->at[i] == 2)
            poly->at[i] = NTRU_Q - 1;
}

void ntru_round_to_3(struct ntru_poly *poly) {
    for (int i = 0; i < NTRU_N; i++) {
        uint16_t value = poly->at[i] % NTRU_Q;
        /* value - 2048, and -2048 is 1 modulo 3 */
        poly->at[i] = value >= NTRU_Q / 2 ? value + 1 : value;
    }
    ntru_reduce_phi_3(poly);
}

bool ntru_to_ternary(struct ntru_poly *poly) {
    bool ternary = true;
    for (int i = 0; i < NTRU_N; i++) {
        uint16_t value = poly->at[i] % NTRU_Q;
        bool minus = value == NTRU_Q - 1;
        ternary &= value <= 1 || minus;
        poly->at[i] = minus ? 2 : value == 1;
    }
    return ternary;
}

/* ---- inverses ---- */

/* One side of the extended Euclidean algorithm: remainder = cofactor * input modulo Phi. */
struct side {
    int degree; /* of the remainder, -1 for 0 */
    int cofactor_degree;
    uint8_t remainder[NTRU_N];
    uint8_t cofactor[NTRU_N];
};

static int degree_of(const uint8_t *coefficients, int from) {
    while (from >= 0 && coefficients[from] == 0)
        from--;
    return from;
}

/* to -= factor * x^shift * from, for to[shift … shift + degree]. Modulo 2 and 3 a non-zero number
 * is its own inverse, and values stay small enough for one remainder. */
static void subtract_shifted(uint8_t *to, const uint8_t *from, int degree, int shift,
                             unsigned factor, unsigned modulus) {
    const unsigned minus = modulus - factor;
    for (int i = 0; i <= degree; i++)
        to[i + shift] = (uint8_t)((to[i + shift] + minus * from[i]) % modulus);
}

/* Divides the remainder of @big by that of @small, and takes the cofactor along. */
static void divide(struct side *big, const struct side *small, unsigned modulus) {
    while (big->degree >= small->degree) {
        const int shift = big->degree - small->degree;
        const unsigned factor =
            big->remainder[big->degree] * small->remainder[small->degree] % modulus;
        subtract_shifted(big->remainder, small->remainder, small->degree, shift, factor, modulus);
        subtract_shifted(big->cofactor, small->cofactor, small->cofactor_degree, shift, factor,
                         modulus);
        if (small->cofactor_degree + shift > big->cofactor_degree)
            big->cofactor_degree = small->cofactor_degree + shift;
        big->degree = degree_of(big->remainder, big->degree - 1);
    }
}

/* The inverse in S modulo 2 or 3 of a polynomial reduced by Phi. */
static int invert_small(struct ntru_poly *out, const struct ntru_poly *poly, unsigned modulus) {
    struct side sides[2] = {{.degree = LAST}, {.cofactor = {1}}};
    struct side *big = &sides[0], *small = &sides[1];
    memset(big->remainder, 1, sizeof big->remainder); /* Phi: all coefficients 1 */
    for (int i = 0; i < NTRU_N; i++)
        small->remainder[i] = (uint8_t)(poly->at[i] % modulus);
    small->degree = degree_of(small->remainder, LAST - 1);
    while (small->degree > 0) {
        divide(big, small, modulus);
        struct side *swap = big;
        big = small;
        small = swap;
    }
    if (small->degree < 0)
        return ERR_INVALID;
    for (int i = 0; i < NTRU_N; i++)
        out->at[i] = (uint16_t)(small->cofactor[i] * small->remainder[0] % modulus);
    return OK;
}

int ntru_invert_3(struct ntru_poly *out, const struct ntru_poly *poly) {
    return invert_small(out, poly, 3);
}

/* Newton: from an inverse modulo 2^k, v (2 - v poly) is one modulo 2^2k. 2, 4, 16, 256, 2^16. */
int ntru_invert_q(struct ntru_poly *out, const struct ntru_poly *poly) {
    struct ntru_poly reduced = *poly, product, next;
    ntru_reduce_phi(&reduced);
    int error = invert_small(out, &reduced, 2);
    for (int step = 0; step < 4 && error == OK; step++) {
        ntru_multiply(&product, out, &reduced);
        ntru_reduce_phi(&product);
        for (int i = 0; i < NTRU_N; i++)
            product.at[i] = (uint16_t)-product.at[i];
        product.at[0] = (uint16_t)(product.at[0] + 2);
        ntru_multiply(&next, out, &product);
        ntru_reduce_phi(&next);
        *out = next;
    }
    return error;
}

/* ---- bytes ---- */

void ntru_pack_ternary(uint8_t out[NTRU_TERNARY_BYTES], const struct ntru_poly *poly) {
    for (int byte = 0; byte < NTRU_TERNARY_BYTES; byte++) {
        unsigned value = 0;
        for (int i = TRITS_A_BYTE * (byte + 1) - 1; i >= TRITS_A_BYTE * byte; i--)
            value = 3 * value + (i < LAST ? poly->at[i] : 0);
        out[byte] = (uint8_t)value;
    }
}

int ntru_unpack_ternary(struct ntru_poly *out, const uint8_t bytes[NTRU_TERNARY_BYTES]) {
    int error = OK;
    for (int byte = 0; byte < NTRU_TERNARY_BYTES; byte++) {
        unsigned value = bytes[byte];
        for (int i = TRITS_A_BYTE * byte; i < TRITS_A_BYTE * (byte + 1) && i < LAST; i++) {
            out->at[i] = value % 3;
            value /= 3;
        }
        if (value != 0)
            error = ERR_NON_CANONICAL;
    }
    out->at[LAST] = 0;
    return error;
}

void ntru_pack_q(uint8_t out[NTRU_PACKED_BYTES], const struct ntru_poly *poly) {
    uint32_t pending = 0;
    unsigned held = 0;
    for (int i = 0; i < LAST; i++) {
        pending |= (uint32_t)(poly->at[i] % NTRU_Q) << held;
        for (held += NTRU_Q_BITS; held >= 8; held -= 8) {
            *out++ = (uint8_t)pending;
            pending >>= 8;
        }
    }
    *out = (uint8_t)pending; /* 676 * 11 bits leave four of the last byte free */
}

int ntru_unpack_q(struct ntru_poly *out, const uint8_t bytes[NTRU_PACKED_BYTES]) {
    uint32_t pending = 0;
    unsigned held = 0;
    for (int i = 0; i < LAST; i++) {
        for (; held < NTRU_Q_BITS; held += 8)
            pending |= (uint32_t)*bytes++ << held;
        out->at[i] = pending % NTRU_Q;
        pending >>= NTRU_Q_BITS;
        held -= NTRU_Q_BITS;
    }
    out->at[LAST] = 0;
    return pending == 0 ? OK : ERR_NON_CANONICAL;
}

int ntru_unpack_sum_zero(struct ntru_poly *out, const uint8_t bytes[NTRU_PACKED_BYTES]) {
    uint32_t sum = 0;
    int error = ntru_unpack_q(out, bytes);
    for (int i = 0; i < LAST; i++)
        sum += out->at[i];
    out->at[LAST] = (uint16_t)-sum;
    return error;
}
