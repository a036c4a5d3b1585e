/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/hash_to_curve.h"

#include <check.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/rng.h"
#include "tests/lib/hex.h"
#include "tests/lib/vectors.h"

#define NU       "edwards25519_XMD:SHA-512_ELL2_NU_"
#define RO       "edwards25519_XMD:SHA-512_ELL2_RO_"
#define EXPANDER "expand_message_xmd SHA-512"

static struct hash_input input_of(const char *tag, const char *message) {
    return (struct hash_input){
        .tag = tag, .tag_size = strlen(tag), .message = message, .message_size = strlen(message)};
}

static void reverse(uint8_t bytes[32]) {
    for (size_t i = 0; i < 16; i++) {
        uint8_t byte = bytes[i];
        bytes[i] = bytes[31 - i];
        bytes[31 - i] = byte;
    }
}

/* -x^2 + y^2 = 1 + d x^2 y^2 with d = -121665 / 121666; little endian. */
static bool on_edwards_curve(const uint8_t x[32], const uint8_t y[32]) {
    struct field25519 xx, yy, left, right, factor, divisor;
    field25519_from_bytes(&xx, x);
    field25519_from_bytes(&yy, y);
    field25519_square(&xx, &xx);
    field25519_square(&yy, &yy);
    field25519_subtract(&left, &yy, &xx);
    field25519_from_number(&factor, 121665);
    field25519_from_number(&divisor, 121666);
    field25519_invert(&divisor, &divisor);
    field25519_multiply(&factor, &factor, &divisor);
    field25519_multiply(&right, &xx, &yy);
    field25519_multiply(&right, &right, &factor);
    field25519_from_number(&factor, 1);
    field25519_subtract(&right, &factor, &right);
    return field25519_equal(&left, &right);
}

/* Ordinate, parity and the curve's equation leave one abscissa. */
static void check_coordinates(const struct vectors *vectors, const uint8_t point[32]) {
    uint8_t x[32], y[32], encoded[32];
    vectors_bytes(vectors, "P_x", x, 32);
    vectors_bytes(vectors, "P_y", y, 32);
    vectors_bytes(vectors, "P_encoded", encoded, 32);
    ck_assert_mem_eq(point, encoded, 32);
    reverse(x);
    reverse(y);
    ck_assert(on_edwards_curve(x, y));
    y[31] |= (uint8_t)((x[0] & 1) << 7);
    ck_assert_mem_eq(point, y, 32);
}

static void check_field_elements(const struct vectors *vectors, const struct hash_input *input,
                                 size_t count) {
    static const char *const names[] = {"u0", "u1"};
    uint8_t bytes[2 * FIELD25519_WIDE_BYTES], expected[32], actual[32];
    ck_assert_int_eq(expand_message(bytes, count * FIELD25519_WIDE_BYTES, input), OK);
    for (size_t i = 0; i < count; i++) {
        struct field25519 value;
        field25519_from_wide(&value, bytes + i * FIELD25519_WIDE_BYTES);
        field25519_to_bytes(actual, &value);
        reverse(actual);
        vectors_bytes(vectors, names[i], expected, 32);
        ck_assert_mem_eq(actual, expected, 32);
    }
}

static void check_expansion(const struct vectors *vectors, const struct hash_input *input) {
    uint8_t actual[128];
    size_t size;
    uint8_t *expected = vectors_bytes_new(vectors, "uniform_bytes", &size);
    ck_assert_uint_eq(vectors_number(vectors, "len_in_bytes"), size);
    ck_assert_uint_le(size, sizeof actual);
    ck_assert_int_eq(expand_message(actual, size, input), OK);
    ck_assert_mem_eq(actual, expected, size);
    free(expected);
}

START_TEST(every_vector_field) {
    struct vectors vectors;
    size_t checked = 0;
    ck_assert_int_ge(sodium_init(), 0);
    if (!vectors_open(&vectors, "hash_to_curve_rfc9380.txt"))
        return;
    for (; vectors_next(&vectors); checked++) {
        const char *suite = vectors_text(&vectors, "suite");
        struct hash_input input =
            input_of(vectors_text(&vectors, "dst"), vectors_text(&vectors, "msg"));
        uint8_t point[32];
        if (strcmp(suite, EXPANDER) == 0) {
            check_expansion(&vectors, &input);
            ck_assert_uint_eq(vectors.count, 5);
            continue;
        }
        bool uniform = strcmp(suite, RO) == 0;
        ck_assert(uniform || strcmp(suite, NU) == 0);
        check_field_elements(&vectors, &input, uniform ? 2 : 1);
        ck_assert_int_eq(uniform ? hash_to_curve(point, &input) : encode_to_curve(point, &input),
                         OK);
        check_coordinates(&vectors, point);
        ck_assert_uint_eq(vectors.count, uniform ? 8 : 7);
    }
    vectors_close(&vectors, checked);
}
END_TEST

/* RFC 9380 J.5.1, J.5.2 (P.y with the sign of P.x) and K.3, all of "abc". */
START_TEST(published_figures) {
    const struct hash_input nonuniform = input_of("QUUX-V01-CS02-with-" NU, "abc");
    const struct hash_input uniform = input_of("QUUX-V01-CS02-with-" RO, "abc");
    const struct hash_input expander = input_of("QUUX-V01-CS02-with-expander-SHA512-256", "abc");
    uint8_t actual[32], expected[32];
    ck_assert_int_ge(sodium_init(), 0);
    ck_assert_int_eq(encode_to_curve(actual, &nonuniform), OK);
    hex_decode("42fa27c8f5a1ae0aa38bb59d5938e5145622ba5dedd11d11736fa2f9502d7367", expected, 32);
    ck_assert_mem_eq(actual, expected, 32);
    ck_assert_int_eq(hash_to_curve(actual, &uniform), OK);
    hex_decode("31558a26887f23fb8218f143e69d5f0af2e7831130bd5b432ef23883b895839a", expected, 32);
    ck_assert_mem_eq(actual, expected, 32);
    ck_assert_int_eq(expand_message(actual, 32, &expander), OK);
    hex_decode("0da749f12fbe5483eb066a5f595055679b976e93abe9be6f0f6318bce7aca8dc", expected, 32);
    ck_assert_mem_eq(actual, expected, 32);
}
END_TEST

START_TEST(every_element_maps_to_the_curve) {
    struct rng rng;
    rng_init(&rng, 1, 0, "hash to curve test");
    for (size_t i = 0; i < 1000; i++) {
        struct field25519 value, negative;
        uint8_t bytes[32] = {0}, point[32], mirrored[32], cleared[32];
        rng_fill(&rng, bytes, sizeof bytes);
        if (i < 2) /* 0 and 1 */
            memset(bytes, 0, sizeof bytes), bytes[0] = (uint8_t)i;
        field25519_from_bytes(&value, bytes);
        field25519_negate(&negative, &value);
        map_to_curve(point, &value);
        map_to_curve(mirrored, &negative);
        ck_assert_mem_eq(point, mirrored, 32); /* only the square of the value counts */
        ck_assert(clear_cofactor(cleared, point));
        ck_assert(i == 0 || crypto_core_ed25519_is_valid_point(cleared));
    }
}
END_TEST

/* Zero maps to (0, 0) of curve25519, where the map between the curves has no value: RFC 9380 D.1
 * takes the neutral element (0, 1). */
START_TEST(exceptional_case_gives_the_neutral_element) {
    static const uint8_t neutral[32] = {1};
    struct field25519 zero;
    uint8_t point[32];
    field25519_from_number(&zero, 0);
    map_to_curve(point, &zero);
    ck_assert_mem_eq(point, neutral, 32);
}
END_TEST

START_TEST(inputs_are_separated) {
    struct hash_input input = input_of("tag", "message");
    uint8_t plain[32], other[32];
    ck_assert_int_ge(sodium_init(), 0);
    ck_assert_int_eq(encode_to_curve(plain, &input), OK);
    input.salt = "mess", input.salt_size = 4, input.message = "age", input.message_size = 3;
    ck_assert_int_eq(encode_to_curve(other, &input), OK);
    ck_assert_mem_eq(plain, other, 32); /* the salt is a prefix, RFC 9381 5.4.1.2 */
    input.tag = "tag2", input.tag_size = 4;
    ck_assert_int_eq(encode_to_curve(other, &input), OK);
    ck_assert_mem_ne(plain, other, 32);
}
END_TEST

START_TEST(limits_are_refused) {
    static uint8_t out[255 * 64 + 1], tag[256];
    struct hash_input input = {.tag = tag, .tag_size = 255};
    ck_assert_int_eq(expand_message(out, 255 * 64, &input), OK);
    ck_assert_int_eq(expand_message(out, 255 * 64 + 1, &input), ERR_INVALID);
    input.tag_size = 256;
    ck_assert_int_eq(expand_message(out, 32, &input), ERR_INVALID);
    ck_assert_int_eq(hash_to_curve(out, &input), ERR_INVALID);
    input.tag_size = 0;
    ck_assert_int_eq(encode_to_curve(out, &input), ERR_INVALID);
}
END_TEST

Suite *hash_to_curve_suite(void) {
    Suite *suite = suite_create("hash_to_curve");
    TCase *tcase = tcase_create("hash_to_curve");
    tcase_add_test(tcase, published_figures);
    tcase_add_test(tcase, every_vector_field);
    tcase_add_test(tcase, every_element_maps_to_the_curve);
    tcase_add_test(tcase, exceptional_case_gives_the_neutral_element);
    tcase_add_test(tcase, inputs_are_separated);
    tcase_add_test(tcase, limits_are_refused);
    suite_add_tcase(suite, tcase);
    return suite;
}
