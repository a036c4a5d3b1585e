/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "select/sortition.h"

#include <assert.h>
#include <string.h>

#include "base/error.h"

#define FRACTION_LIMBS 8
#define LIMBS          (FRACTION_LIMBS + 2) /* a product of two 64-bit factors fits above the point */

/* A fraction below 2^128: limbs from the least significant, the point above limb 7. */
struct fixed {
    uint64_t limbs[LIMBS];
};

static void multiply_small(struct fixed *value, uint64_t factor) {
    unsigned __int128 carry = 0;
    for (size_t i = 0; i < LIMBS; i++) {
        carry += (unsigned __int128)value->limbs[i] * factor;
        value->limbs[i] = (uint64_t)carry;
        carry >>= 64;
    }
    assert(carry == 0);
}

static void divide_small(struct fixed *value, uint64_t divisor) {
    unsigned __int128 rest = 0;
    for (size_t i = LIMBS; i-- > 0;) {
        rest = rest << 64 | value->limbs[i];
        value->limbs[i] = (uint64_t)(rest / divisor);
        rest %= divisor;
    }
}

static void add(struct fixed *value, const struct fixed *other) {
    unsigned __int128 carry = 0;
    for (size_t i = 0; i < LIMBS; i++) {
        carry += (unsigned __int128)value->limbs[i] + other->limbs[i];
        value->limbs[i] = (uint64_t)carry;
        carry >>= 64;
    }
}

static int compare(const struct fixed *a, const struct fixed *b) {
    for (size_t i = LIMBS; i-- > 0;)
        if (a->limbs[i] != b->limbs[i])
            return a->limbs[i] < b->limbs[i] ? -1 : 1;
    return 0;
}

/* The truncated product of two values of at most 1. */
static struct fixed multiply(const struct fixed *a, const struct fixed *b) {
    uint64_t product[2 * LIMBS] = {0};
    struct fixed result;
    for (size_t i = 0; i <= FRACTION_LIMBS; i++) {
        unsigned __int128 carry = 0;
        for (size_t j = 0; j <= FRACTION_LIMBS; j++) {
            carry += (unsigned __int128)a->limbs[i] * b->limbs[j] + product[i + j];
            product[i + j] = (uint64_t)carry;
            carry >>= 64;
        }
        product[i + FRACTION_LIMBS + 1] = (uint64_t)carry;
    }
    memcpy(result.limbs, product + FRACTION_LIMBS, sizeof result.limbs);
    return result;
}

static struct fixed power(struct fixed base, uint64_t exponent) {
    struct fixed result = {.limbs[FRACTION_LIMBS] = 1};
    for (; exponent; exponent >>= 1) {
        if (exponent & 1)
            result = multiply(&result, &base);
        base = multiply(&base, &base);
    }
    return result;
}

static struct fixed from_output(const uint8_t output[SORTITION_OUTPUT_BYTES]) {
    struct fixed value = {0};
    for (size_t i = 0; i < SORTITION_OUTPUT_BYTES; i++) {
        uint64_t *limb = &value.limbs[FRACTION_LIMBS - 1 - i / 8];
        *limb = *limb << 8 | output[i];
    }
    return value;
}

static bool is_zero(const struct fixed *value) {
    static const struct fixed zero;
    return compare(value, &zero) == 0;
}

int sortition_seats(const uint8_t output[SORTITION_OUTPUT_BYTES], uint64_t stake, uint64_t total,
                    uint64_t expected, uint64_t *seats) {
    static const struct fixed least = {.limbs[1] = UINT64_C(1) << 48}; /* 2^-400 */
    if (stake > total || expected >= total)
        return ERR_INVALID;
    const struct fixed ratio = from_output(output);
    struct fixed term = {.limbs[FRACTION_LIMBS] = total - expected};
    divide_small(&term, total);
    term = power(term, stake); /* the probability of no seat */
    if (compare(&term, &least) < 0)
        return ERR_LIMIT;
    struct fixed sum = term;
    uint64_t count = 0;
    /* P(k + 1) = P(k) (w - k) T / ((k + 1) (W - T)); a term of zero ends the upper tail. */
    while (count < stake && compare(&ratio, &sum) >= 0 && !is_zero(&term)) {
        multiply_small(&term, stake - count);
        divide_small(&term, total - expected);
        multiply_small(&term, expected);
        divide_small(&term, ++count);
        add(&sum, &term);
    }
    *seats = count;
    return OK;
}

size_t sortition_lowest(const uint8_t outputs[][SORTITION_OUTPUT_BYTES], size_t count) {
    size_t lowest = 0;
    assert(count > 0);
    for (size_t i = 1; i < count; i++)
        if (memcmp(outputs[i], outputs[lowest], SORTITION_OUTPUT_BYTES) < 0)
            lowest = i;
    return lowest;
}
