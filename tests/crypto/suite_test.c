/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What every suite must do, whichever provider it comes from. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "crypto/suite.h"

struct keys {
    uint8_t public_key[LIMIT_PUBLIC_KEY_BYTES];
    uint8_t secret_key[LIMIT_SECRET_KEY_BYTES];
};

static void make_keys(const struct suite *suite, uint8_t fill, struct keys *keys) {
    uint8_t seed[SUITE_SEED_BYTES];
    memset(seed, fill, sizeof seed);
    suite->keypair(suite, seed, keys->public_key, keys->secret_key);
}

START_TEST(signatures_bind_key_and_message) {
    const struct suite *suite = suite_at((size_t)_i);
    struct keys mine, other;
    uint8_t signature[LIMIT_SIGNATURE_BYTES], message[100] = "a transaction";
    make_keys(suite, 1, &mine);
    make_keys(suite, 2, &other);
    suite->sign(suite, mine.secret_key, message, sizeof message, signature);
    ck_assert(suite->verify(suite, mine.public_key, message, sizeof message, signature));
    ck_assert(!suite->verify(suite, other.public_key, message, sizeof message, signature));
    ck_assert(!suite->verify(suite, mine.public_key, message, sizeof message - 1, signature));
    for (size_t at = 0; at < suite->signature_bytes; at += 7) {
        signature[at] ^= 0x40;
        ck_assert(!suite->verify(suite, mine.public_key, message, sizeof message, signature));
        signature[at] ^= 0x40;
    }
}
END_TEST

START_TEST(vrf_proofs_bind_key_and_input) {
    const struct suite *suite = suite_at((size_t)_i);
    uint8_t seed[SUITE_SEED_BYTES] = {9}, public_key[VRF_KEY_SIZE], proof[VRF_PROOF_SIZE];
    uint8_t output[VRF_OUTPUT_SIZE], again[VRF_OUTPUT_SIZE];
    suite->vrf_keypair(seed, public_key);
    suite->vrf_prove(seed, public_key, "alpha", 5, proof, output);
    ck_assert(suite->vrf_verify(public_key, "alpha", 5, proof, again));
    ck_assert_mem_eq(output, again, sizeof output);
    ck_assert(!suite->vrf_verify(public_key, "alphA", 5, proof, again));
    for (size_t at = 0; at < sizeof proof; at++) {
        proof[at] ^= 1;
        ck_assert(!suite->vrf_verify(public_key, "alpha", 5, proof, again));
        proof[at] ^= 1;
    }
}
END_TEST

struct encapsulation {
    uint8_t public_key[KEM_PUBLIC_SIZE], secret_key[KEM_SECRET_SIZE];
    uint8_t ciphertext[KEM_CIPHERTEXT_SIZE], shared[KEM_SHARED_SIZE];
};

static void encapsulate(const struct suite *suite, uint8_t fill, struct encapsulation *made) {
    uint8_t seed[SUITE_SEED_BYTES];
    memset(seed, fill, sizeof seed);
    suite->kem_keypair(seed, made->public_key, made->secret_key);
    seed[0] ^= 0xff;
    ck_assert_int_eq(suite->kem_encaps(made->public_key, seed, made->ciphertext, made->shared), OK);
}

START_TEST(an_encapsulated_secret_is_the_key_owners) {
    const struct suite *suite = suite_at((size_t)_i);
    struct encapsulation mine, again, other;
    uint8_t shared[KEM_SHARED_SIZE];
    encapsulate(suite, 1, &mine);
    encapsulate(suite, 1, &again);
    encapsulate(suite, 2, &other);
    ck_assert_mem_eq(&mine, &again, sizeof mine); /* all randomness is an argument */
    ck_assert_int_ne(memcmp(mine.ciphertext, other.ciphertext, sizeof mine.ciphertext), 0);
    ck_assert_int_ne(memcmp(mine.shared, other.shared, sizeof mine.shared), 0);
    ck_assert_int_eq(suite->kem_decaps(mine.secret_key, mine.ciphertext, shared), OK);
    ck_assert_mem_eq(shared, mine.shared, sizeof shared);
    ck_assert_int_eq(suite->kem_decaps(other.secret_key, mine.ciphertext, shared), OK);
    ck_assert_int_ne(memcmp(shared, mine.shared, sizeof shared), 0);
}
END_TEST

/* Implicit rejection: an altered ciphertext gives a secret of its own, always the same one. */
START_TEST(altered_ciphertexts_give_other_secrets) {
    const struct suite *suite = suite_at((size_t)_i);
    struct encapsulation made;
    uint8_t shared[KEM_SHARED_SIZE], again[KEM_SHARED_SIZE], last[KEM_SHARED_SIZE] = {0};
    encapsulate(suite, 3, &made);
    for (size_t at = 0; at < KEM_CIPHERTEXT_SIZE; at += at < 64 || at > 920 ? 1 : 29) {
        made.ciphertext[at] ^= 0x20;
        ck_assert_int_eq(suite->kem_decaps(made.secret_key, made.ciphertext, shared), OK);
        ck_assert_int_eq(suite->kem_decaps(made.secret_key, made.ciphertext, again), OK);
        ck_assert_mem_eq(shared, again, sizeof shared);
        ck_assert_int_ne(memcmp(shared, made.shared, sizeof shared), 0);
        ck_assert_int_ne(memcmp(shared, last, sizeof shared), 0);
        memcpy(last, shared, sizeof last);
        made.ciphertext[at] ^= 0x20;
    }
}
END_TEST

START_TEST(what_is_no_kem_key_is_refused) {
    const struct suite *suite = suite_at((size_t)_i);
    struct encapsulation made;
    uint8_t seed[SUITE_SEED_BYTES] = {5};
    encapsulate(suite, 4, &made);
    made.public_key[KEM_PUBLIC_SIZE - 1] |= 0x80; /* padding in both providers */
    ck_assert_int_eq(suite->kem_encaps(made.public_key, seed, made.ciphertext, made.shared),
                     ERR_NON_CANONICAL);
}
END_TEST

/* Every modelled suite but BLS has a real twin of the same sizes and VRF outputs. */
START_TEST(providers_agree_on_sizes_and_vrf_outputs) {
    const struct suite *real = suite_at((size_t)_i);
    const struct suite *modelled = suite_find(real->name, "modelled");
    uint8_t seed[SUITE_SEED_BYTES] = {3}, key_a[VRF_KEY_SIZE], key_b[VRF_KEY_SIZE];
    uint8_t proof[VRF_PROOF_SIZE], output_a[VRF_OUTPUT_SIZE], output_b[VRF_OUTPUT_SIZE];
    ck_assert_ptr_nonnull(modelled);
    if (suite_find(real->name, "real") == NULL)
        ck_assert_str_eq(real->name, "bls12-381");
    ck_assert_uint_eq(real->signature_bytes, modelled->signature_bytes);
    ck_assert_uint_eq(real->public_key_bytes, modelled->public_key_bytes);
    ck_assert_uint_eq(real->secret_key_bytes, modelled->secret_key_bytes);
    real->vrf_keypair(seed, key_a);
    modelled->vrf_keypair(seed, key_b);
    ck_assert_mem_eq(key_a, key_b, sizeof key_a);
    real->vrf_prove(seed, key_a, "x", 1, proof, output_a);
    modelled->vrf_prove(seed, key_b, "x", 1, proof, output_b);
    ck_assert_mem_eq(output_a, output_b, sizeof output_a);
}
END_TEST

START_TEST(signing_is_deterministic) {
    const struct suite *suite = suite_at((size_t)_i);
    struct keys keys;
    uint8_t first[LIMIT_SIGNATURE_BYTES], second[LIMIT_SIGNATURE_BYTES];
    make_keys(suite, 4, &keys);
    suite->sign(suite, keys.secret_key, "again", 5, first);
    suite->sign(suite, keys.secret_key, "again", 5, second);
    ck_assert_mem_eq(first, second, suite->signature_bytes);
}
END_TEST

/* A sum is that of exactly these keys' signatures of exactly this message, whatever the order. */
START_TEST(signatures_add_up) {
    const struct suite *suite = suite_at((size_t)_i);
    struct keys keys[5];
    const uint8_t *publics[5];
    uint8_t one[5][LIMIT_SIGNATURE_BYTES], sum[LIMIT_SIGNATURE_BYTES] = {0};
    uint8_t back[LIMIT_SIGNATURE_BYTES] = {0};
    if (suite->aggregate == NULL) {
        ck_assert_ptr_null(suite->aggregate_verify);
        ck_assert_str_ne(suite->name, "bls12-381");
        return;
    }
    for (uint8_t i = 0; i < 5; i++) {
        make_keys(suite, i + 1, &keys[i]);
        publics[i] = keys[i].public_key;
        suite->sign(suite, keys[i].secret_key, "block", 5, one[i]);
    }
    for (size_t i = 0; i < 4; i++) {
        ck_assert(suite->aggregate(suite, sum, one[i]));
        ck_assert(suite->aggregate(suite, back, one[3 - i]));
    }
    ck_assert_mem_eq(sum, back, suite->signature_bytes);
    ck_assert(suite->aggregate_verify(suite, publics, 4, "block", 5, sum));
    ck_assert(!suite->aggregate_verify(suite, publics, 3, "block", 5, sum));
    ck_assert(!suite->aggregate_verify(suite, publics, 5, "block", 5, sum));
    ck_assert(!suite->aggregate_verify(suite, publics + 1, 4, "block", 5, sum));
    ck_assert(!suite->aggregate_verify(suite, publics, 4, "blocK", 5, sum));
    for (size_t bit = 0; bit < 8 * suite->signature_bytes; bit++) {
        sum[bit / 8] ^= (uint8_t)(1 << bit % 8);
        ck_assert(!suite->aggregate_verify(suite, publics, 4, "block", 5, sum));
        sum[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    /* One form only: padding is no place to hide in. */
    one[4][suite->signature_bytes - 1] = 1;
    memcpy(back, sum, suite->signature_bytes);
    ck_assert(!suite->aggregate(suite, sum, one[4]));
    ck_assert_mem_eq(sum, back, suite->signature_bytes);
}
END_TEST

START_TEST(every_suite_names_its_source) {
    ck_assert_uint_gt(strlen(suite_at((size_t)_i)->source), 0);
}
END_TEST

Suite *suite_suite(void) {
    Suite *suite = suite_create("suite");
    TCase *tcase = tcase_create("suite");
    int count = 0;
    while (suite_at((size_t)count) != NULL)
        count++;
    tcase_add_loop_test(tcase, signatures_bind_key_and_message, 0, count);
    tcase_add_loop_test(tcase, vrf_proofs_bind_key_and_input, 0, count);
    tcase_add_loop_test(tcase, an_encapsulated_secret_is_the_key_owners, 0, count);
    tcase_add_loop_test(tcase, altered_ciphertexts_give_other_secrets, 0, count);
    tcase_add_loop_test(tcase, what_is_no_kem_key_is_refused, 0, count);
    tcase_add_loop_test(tcase, providers_agree_on_sizes_and_vrf_outputs, 0, count);
    tcase_add_loop_test(tcase, signing_is_deterministic, 0, count);
    tcase_add_loop_test(tcase, signatures_add_up, 0, count);
    tcase_add_loop_test(tcase, every_suite_names_its_source, 0, count);
    suite_add_tcase(suite, tcase);
    return suite;
}
