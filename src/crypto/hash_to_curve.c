/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/hash_to_curve.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "base/error.h"

#define HASH_BYTES  64
#define BLOCK_BYTES 128

#define MONTGOMERY_J 486662 /* of curve25519: t^2 = s^3 + J s^2 + s */

static void hash_tag(crypto_hash_sha512_state *state, const struct hash_input *input) {
    const uint8_t size = (uint8_t)input->tag_size;
    crypto_hash_sha512_update(state, input->tag, input->tag_size);
    crypto_hash_sha512_update(state, &size, 1);
}

/* b_0 of RFC 9380 5.3.1, from everything that is hashed. */
static void hash_first(uint8_t out[HASH_BYTES], size_t size, const struct hash_input *input) {
    static const uint8_t padding[BLOCK_BYTES];
    const uint8_t length[3] = {(uint8_t)(size >> 8), (uint8_t)size, 0};
    crypto_hash_sha512_state state;
    crypto_hash_sha512_init(&state);
    crypto_hash_sha512_update(&state, padding, sizeof padding);
    crypto_hash_sha512_update(&state, input->salt, input->salt_size);
    crypto_hash_sha512_update(&state, input->message, input->message_size);
    crypto_hash_sha512_update(&state, length, sizeof length);
    hash_tag(&state, input);
    crypto_hash_sha512_final(&state, out);
}

int expand_message(uint8_t *out, size_t size, const struct hash_input *input) {
    uint8_t first[HASH_BYTES], block[HASH_BYTES] = {0};
    if (input->tag_size == 0 || input->tag_size > 255 || size > 255 * HASH_BYTES)
        return ERR_INVALID;
    hash_first(first, size, input);
    for (size_t done = 0; done < size; done += HASH_BYTES) {
        const uint8_t index = (uint8_t)(done / HASH_BYTES + 1);
        crypto_hash_sha512_state state;
        for (size_t i = 0; i < HASH_BYTES; i++) /* b_1 hashes b_0 alone: there the block is zero */
            block[i] ^= first[i];
        crypto_hash_sha512_init(&state);
        crypto_hash_sha512_update(&state, block, sizeof block);
        crypto_hash_sha512_update(&state, &index, 1);
        hash_tag(&state, input);
        crypto_hash_sha512_final(&state, block);
        memcpy(out + done, block, size_min(HASH_BYTES, size - done));
    }
    return OK;
}

/* out = s^3 + J s^2 + s, the square of t. */
static void curve_equation(struct field25519 *out, const struct field25519 *s) {
    struct field25519 sum, term;
    field25519_from_number(&term, MONTGOMERY_J);
    field25519_add(&sum, s, &term);
    field25519_multiply(&sum, &sum, s);
    field25519_from_number(&term, 1);
    field25519_add(&sum, &sum, &term);
    field25519_multiply(out, &sum, s);
}

/* Elligator 2 (RFC 9380 6.7.1) to the point (s, t) of curve25519. */
static void map_to_montgomery(struct field25519 *s, struct field25519 *t,
                              const struct field25519 *value) {
    struct field25519 denominator, first, square, one, j;
    field25519_from_number(&one, 1);
    field25519_from_number(&j, MONTGOMERY_J);
    field25519_square(&denominator, value);
    field25519_add(&denominator, &denominator, &denominator); /* Z = 2 (RFC 9380 8.5) */
    /* Never zero: -1/2 is no square modulo p, so the RFC's exception cannot happen. */
    field25519_add(&denominator, &denominator, &one);
    field25519_invert(&denominator, &denominator);
    field25519_multiply(&first, &j, &denominator);
    field25519_negate(&first, &first);
    curve_equation(&square, &first);
    bool on_first = field25519_root(t, &square);
    if (on_first) {
        *s = first;
    } else {
        field25519_add(s, &first, &j);
        field25519_negate(s, s);
        curve_equation(&square, s);
        bool on_second = field25519_root(t, &square);
        assert(on_second); /* Z is no square, so one of the two must be on the curve */
    }
    if (field25519_is_odd(t) != on_first)
        field25519_negate(t, t);
}

/* The rational map of RFC 9380 D.1: x = sqrt(-486664) s / t, y = (s - 1) / (s + 1). */
void map_to_curve(uint8_t point[CURVE_POINT_BYTES], const struct field25519 *value) {
    static const uint8_t factor_bytes[FIELD25519_BYTES] = {
        0x06, 0x7e, 0x45, 0xff, 0xaa, 0x04, 0x6e, 0xcc, 0x82, 0x1a, 0x7d,
        0x4b, 0xd1, 0xd3, 0xa1, 0xc5, 0x7e, 0x4f, 0xfc, 0x03, 0xdc, 0x08,
        0x7b, 0xd2, 0xbb, 0x06, 0xa0, 0x60, 0xf4, 0xed, 0x26, 0x0f};
    struct field25519 s, t, above, below, inverse, x, y, one;
    field25519_from_number(&one, 1);
    map_to_montgomery(&s, &t, value);
    field25519_add(&above, &s, &one);
    field25519_multiply(&below, &above, &t);
    field25519_invert(&inverse, &below);
    field25519_from_bytes(&x, factor_bytes);
    field25519_multiply(&x, &x, &s);
    field25519_multiply(&x, &x, &above);
    field25519_multiply(&x, &x, &inverse);
    field25519_subtract(&y, &s, &one);
    field25519_multiply(&y, &y, &t);
    field25519_multiply(&y, &y, &inverse);
    if (field25519_is_zero(&below)) /* the map is undefined there: (0, 1) by convention */
        y = one;
    field25519_to_bytes(point, &y);
    point[CURVE_POINT_BYTES - 1] |= (uint8_t)(field25519_is_odd(&x) << 7);
}

bool clear_cofactor(uint8_t out[CURVE_POINT_BYTES], const uint8_t point[CURVE_POINT_BYTES]) {
    return crypto_core_ed25519_add(out, point, point) == 0 &&
           crypto_core_ed25519_add(out, out, out) == 0 &&
           crypto_core_ed25519_add(out, out, out) == 0;
}

/* hash_to_field and map_to_curve for @count elements at once (RFC 9380 5.2). */
static int map_hash(uint8_t points[][CURVE_POINT_BYTES], size_t count,
                    const struct hash_input *input) {
    uint8_t bytes[2 * FIELD25519_WIDE_BYTES];
    int error = expand_message(bytes, count * FIELD25519_WIDE_BYTES, input);
    for (size_t i = 0; i < count && !error; i++) {
        struct field25519 value;
        field25519_from_wide(&value, bytes + i * FIELD25519_WIDE_BYTES);
        map_to_curve(points[i], &value);
    }
    return error;
}

int encode_to_curve(uint8_t point[CURVE_POINT_BYTES], const struct hash_input *input) {
    uint8_t mapped[1][CURVE_POINT_BYTES];
    int error = map_hash(mapped, 1, input);
    if (error)
        return error;
    bool on_curve = clear_cofactor(point, mapped[0]);
    assert(on_curve);
    return OK;
}

int hash_to_curve(uint8_t point[CURVE_POINT_BYTES], const struct hash_input *input) {
    uint8_t mapped[2][CURVE_POINT_BYTES];
    int error = map_hash(mapped, 2, input);
    if (error)
        return error;
    bool on_curve =
        crypto_core_ed25519_add(point, mapped[0], mapped[1]) == 0 && clear_cofactor(point, point);
    assert(on_curve);
    return OK;
}
