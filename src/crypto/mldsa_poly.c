/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/mldsa_poly.h"

#define Q_INVERSE 58728449 /* of q modulo 2^32 */
#define UNSCALE   41978    /* 2^64 / 256 modulo q: ends the inverse transform, removes 2^-32 */

/* zeta^BitRev8(k) * 2^32 modulo q, centred, for zeta = 1753 (FIPS 204 appendix B). */
static const int32_t zetas[MLDSA_N] = {
    -4186625, 25847,    -2608894, -518909,  237124,   -777960,  -876248,  466468,   1826347,
    2353451,  -359251,  -2091905, 3119733,  -2884855, 3111497,  2680103,  2725464,  1024112,
    -1079900, 3585928,  -549488,  -1119584, 2619752,  -2108549, -2118186, -3859737, -1399561,
    -3277672, 1757237,  -19422,   4010497,  280005,   2706023,  95776,    3077325,  3530437,
    -1661693, -3592148, -2537516, 3915439,  -3861115, -3043716, 3574422,  -2867647, 3539968,
    -300467,  2348700,  -539299,  -1699267, -1643818, 3505694,  -3821735, 3507263,  -2140649,
    -1600420, 3699596,  811944,   531354,   954230,   3881043,  3900724,  -2556880, 2071892,
    -2797779, -3930395, -1528703, -3677745, -3041255, -1452451, 3475950,  2176455,  -1585221,
    -1257611, 1939314,  -4083598, -1000202, -3190144, -3157330, -3632928, 126922,   3412210,
    -983419,  2147896,  2715295,  -2967645, -3693493, -411027,  -2477047, -671102,  -1228525,
    -22981,   -1308169, -381987,  1349076,  1852771,  -1430430, -3343383, 264944,   508951,
    3097992,  44288,    -1100098, 904516,   3958618,  -3724342, -8578,    1653064,  -3249728,
    2389356,  -210977,  759969,   -1316856, 189548,   -3553272, 3159746,  -1851402, -2409325,
    -177440,  1315589,  1341330,  1285669,  -1584928, -812732,  -1439742, -3019102, -3881060,
    -3628969, 3839961,  2091667,  3407706,  2316500,  3817976,  -3342478, 2244091,  -2446433,
    -3562462, 266997,   2434439,  -1235728, 3513181,  -3520352, -3759364, -1197226, -3193378,
    900702,   1859098,  909542,   819034,   495491,   -1613174, -43260,   -522500,  -655327,
    -3122442, 2031748,  3207046,  -3556995, -525098,  -768622,  -3595838, 342297,   286988,
    -2437823, 4108315,  3437287,  -3342277, 1735879,  203044,   2842341,  2691481,  -2590150,
    1265009,  4055324,  1247620,  2486353,  1595974,  -3767016, 1250494,  2635921,  -3548272,
    -2994039, 1869119,  1903435,  -1050970, -1333058, 1237275,  -3318210, -1430225, -451100,
    1312455,  3306115,  -1962642, -1279661, 1917081,  -2546312, -1374803, 1500165,  777191,
    2235880,  3406031,  -542412,  -2831860, -1671176, -1846953, -2584293, -3724270, 594136,
    -3776993, -2013608, 2432395,  2454455,  -164721,  1957272,  3369112,  185531,   -1207385,
    -3183426, 162844,   1616392,  3014001,  810149,   1652634,  -3694233, -1799107, -3038916,
    3523897,  3866901,  269760,   2213111,  -975884,  1717735,  472078,   -426683,  1723600,
    -1803090, 1910376,  -1667432, -1104333, -260646,  -3833893, -2939036, -2235985, -420899,
    -2286327, 183443,   -976891,  1612842,  -3545687, -554416,  3919660,  -48306,   -1362209,
    3937738,  1400424,  -846154,  1976782,
};

/* product * 2^-32 modulo q, in (-q, q), for |product| < 2^31 q: subtracts the multiple of q that
 * clears the lower half. */
static inline int32_t montgomery(int64_t product) {
    int32_t multiple = (int32_t)((uint32_t)product * (uint32_t)Q_INVERSE);
    return (int32_t)((product - (int64_t)multiple * MLDSA_Q) >> 32);
}

/* All ones when negative, otherwise 0. */
static inline int32_t sign_mask(int32_t value) {
    return value >> 31;
}

static inline int32_t freeze(int32_t value) {
    value += MLDSA_Q & sign_mask(value);
    value -= MLDSA_Q;
    return value + (MLDSA_Q & sign_mask(value));
}

void poly_ntt(struct poly *poly) {
    int32_t *at = poly->at;
    int k = 0;
    for (int half = MLDSA_N / 2; half > 0; half /= 2) {
        for (int start = 0; start < MLDSA_N; start += 2 * half) {
            int64_t zeta = zetas[++k];
            for (int i = start; i < start + half; i++) {
                int32_t turned = montgomery(zeta * at[i + half]);
                at[i + half] = at[i] - turned;
                at[i] += turned;
            }
        }
    }
}

/* Sums double with each of the 8 layers: 256 (q - 1) is still below 2^31. */
static void inverse_ntt(struct poly *poly) {
    int32_t *at = poly->at;
    int k = MLDSA_N;
    for (int half = 1; half < MLDSA_N; half *= 2) {
        for (int start = 0; start < MLDSA_N; start += 2 * half) {
            int64_t zeta = -zetas[--k];
            for (int i = start; i < start + half; i++) {
                int32_t first = at[i];
                at[i] = first + at[i + half];
                at[i + half] = montgomery(zeta * (first - at[i + half]));
            }
        }
    }
    for (int i = 0; i < MLDSA_N; i++)
        at[i] = montgomery((int64_t)UNSCALE * at[i]);
}

void poly_sum_add(struct poly_sum *sum, const struct poly *a, const struct poly *b) {
    for (int i = 0; i < MLDSA_N; i++)
        sum->at[i] += (int64_t)a->at[i] * b->at[i];
}

void poly_sum_subtract(struct poly_sum *sum, const struct poly *a, const struct poly *b) {
    for (int i = 0; i < MLDSA_N; i++)
        sum->at[i] -= (int64_t)a->at[i] * b->at[i];
}

void poly_sum_inverse_ntt(struct poly *out, const struct poly_sum *sum) {
    for (int i = 0; i < MLDSA_N; i++)
        out->at[i] = montgomery(sum->at[i]);
    inverse_ntt(out);
}

void poly_multiply(struct poly *out, const struct poly *a, const struct poly *b) {
    for (int i = 0; i < MLDSA_N; i++)
        out->at[i] = montgomery((int64_t)a->at[i] * b->at[i]);
    inverse_ntt(out);
}

void poly_add(struct poly *out, const struct poly *a, const struct poly *b) {
    for (int i = 0; i < MLDSA_N; i++)
        out->at[i] = a->at[i] + b->at[i];
}

void poly_subtract(struct poly *out, const struct poly *a, const struct poly *b) {
    for (int i = 0; i < MLDSA_N; i++)
        out->at[i] = a->at[i] - b->at[i];
}

void poly_freeze(struct poly *poly) {
    for (int i = 0; i < MLDSA_N; i++)
        poly->at[i] = freeze(poly->at[i]);
}

void poly_centre(struct poly *poly) {
    for (int i = 0; i < MLDSA_N; i++) {
        int32_t value = freeze(poly->at[i]);
        poly->at[i] = value - (MLDSA_Q & sign_mask(MLDSA_Q / 2 - value));
    }
}

bool poly_is_below(const struct poly *poly, int32_t bound) {
    int32_t exceeded = 0;
    for (int i = 0; i < MLDSA_N; i++) {
        int32_t sign = sign_mask(poly->at[i]);
        int32_t absolute = (poly->at[i] ^ sign) - sign;
        exceeded |= sign_mask(bound - 1 - absolute);
    }
    return exceeded == 0;
}

int32_t mldsa_power2_round(int32_t coefficient, int32_t *low) {
    int32_t high = (coefficient + (1 << (MLDSA_DROPPED - 1)) - 1) >> MLDSA_DROPPED;
    *low = coefficient - (high << MLDSA_DROPPED);
    return high;
}

/* The quotient is a multiplication, because division takes a time that depends on the operand. The
 * rounded-up reciprocal is exact here: its error times q is below 1 / (2 gamma2). */
int32_t mldsa_decompose(const struct mldsa_parameters *parameters, int32_t coefficient,
                        int32_t *low) {
    int64_t shifted = coefficient + parameters->gamma2 - 1;
    int32_t high = (int32_t)(shifted * parameters->reciprocal >> 44);
    /* Values next to q belong to the high part 0, with a low part one smaller. */
    int32_t wraps = sign_mask(parameters->high_count - 1 - high);
    high &= ~wraps;
    *low = coefficient - high * 2 * parameters->gamma2 - (MLDSA_Q & wraps);
    return high;
}

int32_t mldsa_use_hint(const struct mldsa_parameters *parameters, bool hint, int32_t coefficient) {
    int32_t low;
    int32_t high = mldsa_decompose(parameters, coefficient, &low);
    if (!hint)
        return high;
    if (low > 0)
        return high + 1 == parameters->high_count ? 0 : high + 1;
    return high == 0 ? parameters->high_count - 1 : high - 1;
}
