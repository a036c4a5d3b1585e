/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/keccak.h"

#include <check.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "tests/lib/hex.h"
#include "tests/lib/vectors.h"

/* The examples that NIST publishes with FIPS 202, for "abc" and the empty message. */
START_TEST(published_examples) {
    uint8_t expected[64], got[64];
    hex_decode("3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532", expected, 32);
    sha3_256(got, "abc", 3);
    ck_assert_mem_eq(got, expected, 32);
    hex_decode("a69f73cca23a9ac5c8b567dc185a756e97c982164fe25859e0d1dcc1475c80a6"
               "15b2123af1f5f94c11e3e9402c3ac558f500199d95b6d3e301758586281dcd26",
               expected, 64);
    sha3_512(got, NULL, 0);
    ck_assert_mem_eq(got, expected, 64);
    hex_decode("7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26", expected, 32);
    shake128(got, 32, NULL, 0);
    ck_assert_mem_eq(got, expected, 32);
    hex_decode("46b9dd2b0ba88d13233b3feb743eeb243fcd52ea62b81b82b50c27646ed5762f", expected, 32);
    shake256(got, 32, NULL, 0);
    ck_assert_mem_eq(got, expected, 32);
}
END_TEST

START_TEST(every_vector) {
    struct vectors vectors;
    size_t checked = 0;
    if (!vectors_open(&vectors, "sha3_fips202.txt"))
        return;
    for (; vectors_next(&vectors); checked++) {
        uint8_t expected[200], got[200];
        size_t size;
        uint8_t *input = vectors_bytes_new(&vectors, "input", &size);
        ck_assert_uint_eq(size, vectors_number(&vectors, "len"));
        vectors_bytes(&vectors, "sha3_256", expected, 32);
        sha3_256(got, input, size);
        ck_assert_mem_eq(got, expected, 32);
        vectors_bytes(&vectors, "sha3_512", expected, 64);
        sha3_512(got, input, size);
        ck_assert_mem_eq(got, expected, 64);
        vectors_bytes(&vectors, "shake128_200", expected, 200);
        shake128(got, 200, input, size);
        ck_assert_mem_eq(got, expected, 200);
        vectors_bytes(&vectors, "shake256_200", expected, 200);
        shake256(got, 200, input, size);
        ck_assert_mem_eq(got, expected, 200);
        free(input);
    }
    vectors_close(&vectors, checked);
}
END_TEST

static void openssl_digest(const EVP_MD *kind, uint8_t *out, size_t out_size, const void *bytes,
                           size_t size, bool extendable) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    ck_assert_int_eq(EVP_DigestInit_ex(context, kind, NULL), 1);
    ck_assert_int_eq(EVP_DigestUpdate(context, bytes, size), 1);
    ck_assert_int_eq(extendable ? EVP_DigestFinalXOF(context, out, out_size)
                                : EVP_DigestFinal_ex(context, out, NULL),
                     1);
    EVP_MD_CTX_free(context);
}

/* OpenSSL is the oracle, every length from 0 to beyond two blocks of the widest rate. */
START_TEST(agrees_with_openssl) {
    uint8_t input[400], expected[400], got[400];
    struct rng rng;
    rng_init(&rng, 1, 0, "keccak");
    rng_fill(&rng, input, sizeof input);
    for (size_t size = 0; size <= sizeof input; size++) {
        sha3_256(got, input, size);
        openssl_digest(EVP_sha3_256(), expected, 32, input, size, false);
        ck_assert_mem_eq(got, expected, 32);
        sha3_512(got, input, size);
        openssl_digest(EVP_sha3_512(), expected, 64, input, size, false);
        ck_assert_mem_eq(got, expected, 64);
        shake128(got, 400, input, size);
        openssl_digest(EVP_shake128(), expected, 400, input, size, true);
        ck_assert_mem_eq(got, expected, 400);
        shake256(got, 400, input, size);
        openssl_digest(EVP_shake256(), expected, 400, input, size, true);
        ck_assert_mem_eq(got, expected, 400);
    }
}
END_TEST

/* 5000 random cuts of input and output. */
START_TEST(pieces_do_not_matter) {
    uint8_t input[600], whole[600], pieces[600];
    struct rng rng;
    rng_init(&rng, 2, 0, "keccak");
    for (int round = 0; round < 5000; round++) {
        size_t in_size = rng_below(&rng, sizeof input + 1);
        size_t out_size = rng_below(&rng, sizeof whole + 1);
        struct sponge sponge;
        rng_fill(&rng, input, in_size);
        bool wide = rng_chance(&rng, 1, 2);
        (wide ? shake128 : shake256)(whole, out_size, input, in_size);
        (wide ? shake128_init : shake256_init)(&sponge);
        for (size_t at = 0, piece; at < in_size; at += piece) {
            piece = size_min(rng_below(&rng, 200), in_size - at);
            sponge_absorb(&sponge, input + at, piece);
        }
        for (size_t at = 0, piece; at < out_size; at += piece) {
            piece = size_min(rng_below(&rng, 200), out_size - at);
            sponge_squeeze(&sponge, pieces + at, piece);
        }
        ck_assert_mem_eq(pieces, whole, out_size);
    }
}
END_TEST

Suite *keccak_suite(void) {
    Suite *suite = suite_create("keccak");
    TCase *tcase = tcase_create("keccak");
    tcase_add_test(tcase, published_examples);
    tcase_add_test(tcase, every_vector);
    tcase_add_test(tcase, agrees_with_openssl);
    tcase_add_test(tcase, pieces_do_not_matter);
    suite_add_tcase(suite, tcase);
    return suite;
}
