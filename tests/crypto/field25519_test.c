/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Our field against OpenSSL's integers. */
#include "crypto/field25519.h"

#include <check.h>
#include <openssl/bn.h>
#include <string.h>

#include "base/rng.h"
#include "tests/lib/hex.h"

enum { ROUNDS = 5000, ROOT_ROUNDS = 500 };

static const char *const edges[] = {
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", /* p - 1 */
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", /* p */
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", /* p + 1 */
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", /* 2^255 - 1 */
    "ffffffffffff0700000000000000000000000000000000000000000000000000", /* one full limb */
    "00000000000000000000000000000000000000000000000000000000000000ff",
};

struct oracle {
    BN_CTX *context;
    BIGNUM *modulus, *left, *right, *result;
};

static void oracle_init(struct oracle *oracle) {
    oracle->context = BN_CTX_new();
    oracle->modulus = BN_new();
    oracle->left = BN_new();
    oracle->right = BN_new();
    oracle->result = BN_new();
    ck_assert(oracle->context && oracle->modulus && oracle->left && oracle->right &&
              oracle->result);
    ck_assert(BN_set_bit(oracle->modulus, 255) && BN_sub_word(oracle->modulus, 19));
}

static void oracle_deinit(struct oracle *oracle) {
    BN_free(oracle->modulus);
    BN_free(oracle->left);
    BN_free(oracle->right);
    BN_free(oracle->result);
    BN_CTX_free(oracle->context);
}

/* The highest bit is not part of the number. */
static void load(BIGNUM *number, const uint8_t bytes[32]) {
    ck_assert_ptr_nonnull(BN_lebin2bn(bytes, 32, number));
    BN_clear_bit(number, 255);
}

static void expect(const struct oracle *oracle, const struct field25519 *actual) {
    uint8_t expected[32], bytes[32];
    ck_assert_int_eq(BN_bn2lebinpad(oracle->result, expected, 32), 32);
    field25519_to_bytes(bytes, actual);
    ck_assert_mem_eq(bytes, expected, 32);
    ck_assert_int_eq(field25519_is_odd(actual), BN_is_odd(oracle->result));
    ck_assert_int_eq(field25519_is_zero(actual), BN_is_zero(oracle->result));
}

static void check_pair(struct oracle *oracle, const uint8_t a[32], const uint8_t b[32]) {
    struct field25519 left, right, result, again;
    field25519_from_bytes(&left, a);
    field25519_from_bytes(&right, b);
    load(oracle->left, a);
    load(oracle->right, b);
    BN_mod_add(oracle->result, oracle->left, oracle->right, oracle->modulus, oracle->context);
    field25519_add(&result, &left, &right);
    expect(oracle, &result);
    /* An unreduced result is a valid operand; outputs may be inputs. */
    BN_mod_mul(oracle->result, oracle->result, oracle->result, oracle->modulus, oracle->context);
    field25519_square(&result, &result);
    expect(oracle, &result);
    BN_mod_sub(oracle->result, oracle->left, oracle->right, oracle->modulus, oracle->context);
    field25519_subtract(&result, &left, &right);
    expect(oracle, &result);
    field25519_negate(&again, &result);
    field25519_subtract(&result, &right, &left);
    ck_assert(field25519_equal(&result, &again));
    BN_mod_mul(oracle->result, oracle->left, oracle->right, oracle->modulus, oracle->context);
    field25519_multiply(&left, &left, &right);
    expect(oracle, &left);
}

START_TEST(arithmetic_equals_that_of_integers) {
    struct oracle oracle;
    struct rng rng;
    uint8_t a[32], b[32];
    oracle_init(&oracle);
    rng_init(&rng, 1, 0, "field test");
    for (size_t i = 0; i < ARRAY_LEN(edges); i++)
        for (size_t j = 0; j < ARRAY_LEN(edges); j++) {
            hex_decode(edges[i], a, 32);
            hex_decode(edges[j], b, 32);
            check_pair(&oracle, a, b);
        }
    for (size_t i = 0; i < ROUNDS; i++) {
        rng_fill(&rng, a, 32);
        rng_fill(&rng, b, 32);
        check_pair(&oracle, a, b);
    }
    oracle_deinit(&oracle);
}
END_TEST

START_TEST(wide_numbers_are_reduced) {
    struct oracle oracle;
    struct rng rng;
    struct field25519 value;
    uint8_t bytes[48];
    oracle_init(&oracle);
    rng_init(&rng, 2, 0, "field test");
    for (size_t i = 0; i < ROUNDS; i++) {
        rng_fill(&rng, bytes, sizeof bytes);
        if (i < 2)
            memset(bytes, i == 0 ? 0 : 0xff, sizeof bytes);
        ck_assert_ptr_nonnull(BN_bin2bn(bytes, sizeof bytes, oracle.left));
        BN_mod(oracle.result, oracle.left, oracle.modulus, oracle.context);
        field25519_from_wide(&value, bytes);
        expect(&oracle, &value);
    }
    oracle_deinit(&oracle);
}
END_TEST

START_TEST(inverses_and_roots) {
    struct oracle oracle;
    struct rng rng;
    struct field25519 value, result;
    uint8_t bytes[32];
    size_t squares = 0;
    oracle_init(&oracle);
    rng_init(&rng, 3, 0, "field test");
    for (size_t i = 0; i < ROOT_ROUNDS; i++) {
        rng_fill(&rng, bytes, sizeof bytes);
        load(oracle.left, bytes);
        field25519_from_bytes(&value, bytes);
        BN_mod_inverse(oracle.result, oracle.left, oracle.modulus, oracle.context);
        field25519_invert(&result, &value);
        expect(&oracle, &result);
        bool square = BN_kronecker(oracle.left, oracle.modulus, oracle.context) == 1;
        ck_assert_int_eq(field25519_root(&result, &value), square);
        field25519_square(&result, &result);
        ck_assert_int_eq(field25519_equal(&result, &value), square);
        squares += square;
    }
    ck_assert_uint_gt(squares, ROOT_ROUNDS / 3);
    ck_assert_uint_lt(squares, 2 * ROOT_ROUNDS / 3);
    field25519_from_number(&value, 0);
    field25519_invert(&result, &value);
    ck_assert(field25519_is_zero(&result));
    ck_assert(field25519_root(&result, &value) && field25519_is_zero(&result));
    oracle_deinit(&oracle);
}
END_TEST

Suite *field25519_suite(void) {
    Suite *suite = suite_create("field25519");
    TCase *tcase = tcase_create("field25519");
    tcase_add_test(tcase, arithmetic_equals_that_of_integers);
    tcase_add_test(tcase, wide_numbers_are_reduced);
    tcase_add_test(tcase, inverses_and_roots);
    suite_add_tcase(suite, tcase);
    return suite;
}
