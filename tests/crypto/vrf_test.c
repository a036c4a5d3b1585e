/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/vrf.h"

#include <check.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "tests/lib/hex.h"
#include "tests/lib/vectors.h"

/* RFC 9381 B.3, example 17. */
#define SEED   "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"
#define PUBLIC "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
#define PROOF                                                                                      \
    "f3141cd382dc42909d19ec5110469e4feae18300e94f304590abdced48aed593"                             \
    "3bf0864a62558b3ed7f2fea45c92a465"                                                             \
    "301b3bbf5e3e54ddf2d935be3b67926da3ef39226bbc355bdc9850112c8f4b02"
#define RESULT                                                                                     \
    "eb4440665d3891d668e7e0fcaf587f1b4bd7fbfe99d0eb2211ccec90496310eb"                             \
    "5e33821bc613efb94db5e5b54c70a848a0bef4553a41befc57663b56373a5031"
#define ALPHA "\x72"

static void check_example(const uint8_t seed[32], const uint8_t public_key[32], const void *alpha,
                          size_t size, const uint8_t proof[80], const uint8_t output[64]) {
    struct vrf_key key;
    uint8_t made[VRF_PROOF_BYTES], result[VRF_OUTPUT_BYTES];
    ck_assert_int_ge(sodium_init(), 0);
    vrf_key_from_seed(&key, seed);
    ck_assert_mem_eq(key.public_key, public_key, 32);
    ck_assert_int_eq(vrf_prove(&key, alpha, size, made), OK);
    ck_assert_mem_eq(made, proof, sizeof made);
    ck_assert_int_eq(vrf_verify(public_key, alpha, size, proof, result), OK);
    ck_assert_mem_eq(result, output, sizeof result);
    memset(result, 0, sizeof result);
    ck_assert_int_eq(vrf_proof_to_output(proof, result), OK);
    ck_assert_mem_eq(result, output, sizeof result);
}

START_TEST(published_example) {
    uint8_t seed[32], public_key[32], proof[80], output[64];
    hex_decode(SEED, seed, sizeof seed);
    hex_decode(PUBLIC, public_key, sizeof public_key);
    hex_decode(PROOF, proof, sizeof proof);
    hex_decode(RESULT, output, sizeof output);
    check_example(seed, public_key, ALPHA, 1, proof, output);
}
END_TEST

START_TEST(every_vector) {
    struct vectors vectors;
    size_t checked = 0;
    if (!vectors_open(&vectors, "ecvrf_edwards25519_sha512_tai.txt"))
        return;
    for (; vectors_next(&vectors); checked++) {
        uint8_t seed[32], public_key[32], scalar[32], proof[80], output[64];
        size_t size;
        uint8_t *alpha = vectors_bytes_new(&vectors, "alpha", &size);
        struct vrf_key key;
        vectors_bytes(&vectors, "sk", seed, sizeof seed);
        vectors_bytes(&vectors, "pk", public_key, sizeof public_key);
        vectors_bytes(&vectors, "x", scalar, sizeof scalar);
        vectors_bytes(&vectors, "pi", proof, sizeof proof);
        vectors_bytes(&vectors, "beta", output, sizeof output);
        check_example(seed, public_key, alpha, size, proof, output);
        vrf_key_from_seed(&key, seed);
        ck_assert_mem_eq(key.scalar, scalar, sizeof scalar);
        free(alpha);
    }
    vectors_close(&vectors, checked);
}
END_TEST

START_TEST(every_flipped_bit_is_refused) {
    uint8_t public_key[32], proof[80], output[64];
    ck_assert_int_ge(sodium_init(), 0);
    hex_decode(PUBLIC, public_key, sizeof public_key);
    hex_decode(PROOF, proof, sizeof proof);
    for (size_t bit = 0; bit < 8 * sizeof proof; bit++) {
        proof[bit / 8] ^= (uint8_t)(1 << bit % 8);
        ck_assert_int_lt(vrf_verify(public_key, ALPHA, 1, proof, output), 0);
        proof[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t bit = 0; bit < 8 * sizeof public_key; bit++) {
        public_key[bit / 8] ^= (uint8_t)(1 << bit % 8);
        ck_assert_int_lt(vrf_verify(public_key, ALPHA, 1, proof, output), 0);
        public_key[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    ck_assert_int_eq(vrf_verify(public_key, ALPHA, 0, proof, output), ERR_PROOF);
    ck_assert_int_eq(vrf_verify(public_key, "\x73", 1, proof, output), ERR_PROOF);
    ck_assert_int_eq(vrf_verify(public_key, ALPHA, 1, proof, output), OK);
}
END_TEST

START_TEST(non_canonical_and_small_order_are_refused) {
    static const char *const small_order[] = {
        "0100000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    };
    uint8_t public_key[32], bad[32], order[32], proof[80], output[64];
    ck_assert_int_ge(sodium_init(), 0);
    hex_decode(PUBLIC, public_key, sizeof public_key);
    hex_decode(PROOF, proof, sizeof proof);
    for (size_t i = 0; i < ARRAY_LEN(small_order); i++) {
        uint8_t altered[80];
        hex_decode(small_order[i], bad, sizeof bad);
        ck_assert_int_eq(vrf_verify(bad, ALPHA, 1, proof, output), ERR_INVALID);
        memcpy(altered, proof, sizeof altered);
        memcpy(altered, bad, sizeof bad);
        ck_assert_int_eq(vrf_verify(public_key, ALPHA, 1, altered, output), ERR_NON_CANONICAL);
        ck_assert_int_eq(vrf_proof_to_output(altered, output), ERR_NON_CANONICAL);
    }
    /* s + L is the same scalar, so only the range check can refuse it. */
    hex_decode("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010", order, 32);
    sodium_add(proof + 48, order, sizeof order);
    ck_assert_int_eq(vrf_verify(public_key, ALPHA, 1, proof, output), ERR_NON_CANONICAL);
    ck_assert_int_eq(vrf_proof_to_output(proof, output), ERR_NON_CANONICAL);
}
END_TEST

Suite *vrf_suite(void) {
    Suite *suite = suite_create("vrf");
    TCase *tcase = tcase_create("vrf");
    tcase_add_test(tcase, published_example);
    tcase_add_test(tcase, every_vector);
    tcase_add_test(tcase, every_flipped_bit_is_refused);
    tcase_add_test(tcase, non_canonical_and_small_order_are_refused);
    suite_add_tcase(suite, tcase);
    return suite;
}
