/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What we rely on in libsodium's Ed25519: the answers of RFC 8032 and of Wycheproof. */
#include <check.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/hex.h"
#include "tests/lib/vectors.h"

START_TEST(rfc_8032_test_2) {
    uint8_t seed[32], public_key[32], secret[64], signature[64], made[64];
    ck_assert_int_ge(sodium_init(), 0);
    hex_decode("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", seed, 32);
    hex_decode("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
               "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
               signature, 64);
    crypto_sign_seed_keypair(public_key, secret, seed);
    crypto_sign_detached(made, NULL, (const uint8_t *)"\x72", 1, secret);
    ck_assert_mem_eq(made, signature, 64);
}
END_TEST

START_TEST(every_vector) {
    struct vectors vectors;
    size_t checked = 0;
    ck_assert_int_ge(sodium_init(), 0);
    if (!vectors_open(&vectors, "ed25519_rfc8032_wycheproof.txt"))
        return;
    for (; vectors_next(&vectors); checked++) {
        size_t size, signature_size;
        uint8_t public_key[32], secret[64], seed[32], made[64];
        uint8_t *message = vectors_bytes_new(&vectors, "msg", &size);
        uint8_t *signature = vectors_bytes_new(&vectors, "sig", &signature_size);
        bool valid = strcmp(vectors_text(&vectors, "result"), "valid") == 0;
        vectors_bytes(&vectors, "pk", public_key, 32);
        bool accepted = signature_size == 64 &&
                        crypto_sign_verify_detached(signature, message, size, public_key) == 0;
        ck_assert_msg(accepted == valid, "%s", vectors_text(&vectors, "name"));
        if (vectors_find(&vectors, "sk", 0)) {
            vectors_bytes(&vectors, "sk", seed, 32);
            crypto_sign_seed_keypair(public_key, secret, seed);
            crypto_sign_detached(made, NULL, message, size, secret);
            ck_assert_mem_eq(made, signature, 64);
        }
        free(message);
        free(signature);
    }
    vectors_close(&vectors, checked);
}
END_TEST

Suite *ed25519_suite(void) {
    Suite *suite = suite_create("ed25519");
    TCase *tcase = tcase_create("ed25519");
    tcase_add_test(tcase, rfc_8032_test_2);
    tcase_add_test(tcase, every_vector);
    suite_add_tcase(suite, tcase);
    return suite;
}
