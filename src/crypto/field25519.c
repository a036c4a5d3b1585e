/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/field25519.h"

#include <string.h>

#define LIMB_BITS 51
#define LIMB_MASK ((UINT64_C(1) << LIMB_BITS) - 1)

typedef unsigned __int128 uint128;

/* Makes limbs of up to 63 bits small again: what leaves the top returns 19-fold at the bottom. */
static void carry(struct field25519 *value) {
    uint64_t *limbs = value->limbs, over = 0;
    for (size_t i = 0; i < 5; i++) {
        limbs[i] += over;
        over = limbs[i] >> LIMB_BITS;
        limbs[i] &= LIMB_MASK;
    }
    limbs[0] += 19 * over;
}

void field25519_from_number(struct field25519 *out, uint32_t number) {
    *out = (struct field25519){{number}};
}

static uint64_t load64(const uint8_t bytes[8]) {
    uint64_t value = 0;
    for (size_t i = 0; i < 8; i++)
        value |= (uint64_t)bytes[i] << 8 * i;
    return value;
}

void field25519_from_bytes(struct field25519 *out, const uint8_t bytes[FIELD25519_BYTES]) {
    /* Limb i begins at bit 51 i: at byte 6, 12, 19 (152 = 8 * 19) and so on. */
    out->limbs[0] = load64(bytes) & LIMB_MASK;
    out->limbs[1] = load64(bytes + 6) >> 3 & LIMB_MASK;
    out->limbs[2] = load64(bytes + 12) >> 6 & LIMB_MASK;
    out->limbs[3] = load64(bytes + 19) >> 1 & LIMB_MASK;
    out->limbs[4] = load64(bytes + 24) >> 12 & LIMB_MASK;
}

void field25519_from_wide(struct field25519 *out, const uint8_t bytes[FIELD25519_WIDE_BYTES]) {
    enum { LOW = 31, HIGH = FIELD25519_WIDE_BYTES - LOW };
    static const uint8_t shift_bytes[FIELD25519_BYTES] = {[LOW] = 1};
    uint8_t low_bytes[FIELD25519_BYTES] = {0}, high_bytes[FIELD25519_BYTES] = {0};
    struct field25519 low, high, shift;
    for (size_t i = 0; i < LOW; i++)
        low_bytes[i] = bytes[FIELD25519_WIDE_BYTES - 1 - i];
    for (size_t i = 0; i < HIGH; i++)
        high_bytes[i] = bytes[HIGH - 1 - i];
    field25519_from_bytes(&low, low_bytes);
    field25519_from_bytes(&high, high_bytes);
    field25519_from_bytes(&shift, shift_bytes);
    field25519_multiply(&high, &high, &shift);
    field25519_add(out, &low, &high);
}

void field25519_to_bytes(uint8_t bytes[FIELD25519_BYTES], const struct field25519 *value) {
    struct field25519 reduced = *value;
    uint64_t *limbs = reduced.limbs, over = 19;
    carry(&reduced);
    carry(&reduced);
    /* The value is now below 2^255, so it is p or more exactly when adding 19 reaches 2^255. */
    for (size_t i = 0; i < 5; i++)
        over = (limbs[i] + over) >> LIMB_BITS;
    limbs[0] += 19 * over;
    for (size_t i = 0; i < 4; i++) {
        limbs[i + 1] += limbs[i] >> LIMB_BITS;
        limbs[i] &= LIMB_MASK;
    }
    limbs[4] &= LIMB_MASK;
    memset(bytes, 0, FIELD25519_BYTES);
    for (size_t bit = 0; bit < 5 * LIMB_BITS; bit++)
        bytes[bit / 8] |= (uint8_t)((limbs[bit / LIMB_BITS] >> bit % LIMB_BITS & 1) << bit % 8);
}

void field25519_add(struct field25519 *out, const struct field25519 *left,
                    const struct field25519 *right) {
    for (size_t i = 0; i < 5; i++)
        out->limbs[i] = left->limbs[i] + right->limbs[i];
    carry(out);
}

void field25519_subtract(struct field25519 *out, const struct field25519 *left,
                         const struct field25519 *right) {
    /* 4 p, limb by limb above every limb that may be subtracted. */
    static const uint64_t multiple[5] = {4 * (LIMB_MASK - 18), 4 * LIMB_MASK, 4 * LIMB_MASK,
                                         4 * LIMB_MASK, 4 * LIMB_MASK};
    for (size_t i = 0; i < 5; i++)
        out->limbs[i] = left->limbs[i] + multiple[i] - right->limbs[i];
    carry(out);
}

void field25519_negate(struct field25519 *out, const struct field25519 *value) {
    const struct field25519 zero = {{0}};
    field25519_subtract(out, &zero, value);
}

void field25519_multiply(struct field25519 *out, const struct field25519 *left,
                         const struct field25519 *right) {
    uint128 sums[5] = {0}, over = 0;
    /* Limbs below 2^52: a product is below 2^104, five of them 19-fold below 2^111. */
    for (size_t i = 0; i < 5; i++)
        for (size_t j = 0; j < 5; j++) {
            const uint64_t weight = i + j < 5 ? 1 : 19; /* 2^255 = 19 */
            sums[(i + j) % 5] += (uint128)left->limbs[i] * (weight * right->limbs[j]);
        }
    for (size_t i = 0; i < 5; i++) {
        sums[i] += over;
        over = sums[i] >> LIMB_BITS;
        out->limbs[i] = (uint64_t)sums[i] & LIMB_MASK;
    }
    /* 19 times what is left over may exceed one limb: two more steps bring it below 2^52. */
    over = over * 19 + out->limbs[0];
    out->limbs[0] = (uint64_t)over & LIMB_MASK;
    over = (over >> LIMB_BITS) + out->limbs[1];
    out->limbs[1] = (uint64_t)over & LIMB_MASK;
    out->limbs[2] += (uint64_t)(over >> LIMB_BITS);
}

void field25519_square(struct field25519 *out, const struct field25519 *value) {
    field25519_multiply(out, value, value);
}

/* The power whose exponent has @bits bits: those of @low, and ones above it. */
static void power(struct field25519 *out, const struct field25519 *value, uint8_t low,
                  unsigned bits) {
    const struct field25519 base = *value;
    field25519_from_number(out, 1);
    for (unsigned bit = bits; bit-- > 0;) {
        field25519_square(out, out);
        if (bit >= 8 || (low >> bit & 1))
            field25519_multiply(out, out, &base);
    }
}

void field25519_invert(struct field25519 *out, const struct field25519 *value) {
    power(out, value, 0xeb, 255); /* p - 2 = 2^255 - 21 (Fermat) */
}

bool field25519_root(struct field25519 *out, const struct field25519 *value) {
    static const uint8_t root_bytes[FIELD25519_BYTES] = {
        0xb0, 0xa0, 0x0e, 0x4a, 0x27, 0x1b, 0xee, 0xc4, 0x78, 0xe4, 0x2f,
        0xad, 0x06, 0x18, 0x43, 0x2f, 0xa7, 0xd7, 0xfb, 0x3d, 0x99, 0x00,
        0x4d, 0x2b, 0x0b, 0xdf, 0xc1, 0x4f, 0x80, 0x24, 0x83, 0x2b};
    const struct field25519 wanted = *value;
    struct field25519 square, root_of_minus_one;
    /* p = 5 mod 8: x^((p + 3) / 8) squared is x or -x, if x is a square (RFC 9380 I.2). */
    power(out, value, 0xfe, 252); /* (p + 3) / 8 = 2^252 - 2 */
    field25519_square(&square, out);
    if (field25519_equal(&square, &wanted))
        return true;
    field25519_from_bytes(&root_of_minus_one, root_bytes);
    field25519_multiply(out, out, &root_of_minus_one);
    field25519_square(&square, out);
    return field25519_equal(&square, &wanted);
}

bool field25519_equal(const struct field25519 *left, const struct field25519 *right) {
    uint8_t left_bytes[FIELD25519_BYTES], right_bytes[FIELD25519_BYTES];
    field25519_to_bytes(left_bytes, left);
    field25519_to_bytes(right_bytes, right);
    return memcmp(left_bytes, right_bytes, sizeof left_bytes) == 0;
}

bool field25519_is_zero(const struct field25519 *value) {
    const struct field25519 zero = {{0}};
    return field25519_equal(value, &zero);
}

bool field25519_is_odd(const struct field25519 *value) {
    uint8_t bytes[FIELD25519_BYTES];
    field25519_to_bytes(bytes, value);
    return bytes[0] & 1;
}
