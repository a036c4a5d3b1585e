/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/threshold/dealer.h"

#include <check.h>
#include <sodium.h>
#include <string.h>

#include "base/error.h"
#include "base/rng.h"
#include "crypto/threshold/coin.h"
#include "crypto/threshold/tdh2.h"

enum { MEMBERS = 7, THRESHOLD = 3, SEED = 11, CHANNEL = 0x1002 };

static const struct frost_suite *const groups[] = {&frost_ristretto255, &frost_ed25519};

static void deal(struct group_keys *keys, const struct frost_suite *group) {
    ck_assert_int_ge(sodium_init(), 0);
    ck_assert_int_eq(group_keys_deal(keys, group, MEMBERS, THRESHOLD, SEED, CHANNEL, "group"), OK);
}

START_TEST(any_threshold_of_shares_is_the_published_key) {
    struct group_keys keys;
    uint8_t secret[SCALAR_BYTES], element[ELEMENT_BYTES];
    deal(&keys, groups[_i]);
    for (uint32_t first = 0; first + THRESHOLD <= MEMBERS; first++) {
        ck_assert_int_eq(shamir_combine(secret, keys.shares + first, THRESHOLD), OK);
        ck_assert_int_eq(frost_public_key(groups[_i], element, secret), OK);
        ck_assert_mem_eq(element, keys.public_key, ELEMENT_BYTES);
        ck_assert_int_eq(shamir_combine(secret, keys.shares + first, THRESHOLD - 1), OK);
        ck_assert_int_eq(frost_public_key(groups[_i], element, secret), OK);
        ck_assert_mem_ne(element, keys.public_key, ELEMENT_BYTES);
    }
    for (uint32_t i = 0; i < MEMBERS; i++) {
        ck_assert_uint_eq(keys.shares[i].holder, i + 1);
        ck_assert_int_eq(frost_public_key(groups[_i], element, keys.shares[i].scalar), OK);
        ck_assert_mem_eq(element, keys.public_shares[i], ELEMENT_BYTES);
    }
    group_keys_deinit(&keys);
    ck_assert_ptr_null(keys.shares);
}
END_TEST

START_TEST(each_of_seed_channel_and_purpose_gives_other_keys) {
    static const struct {
        uint64_t seed;
        uint16_t channel;
        const char *purpose;
    } inputs[] = {{SEED, CHANNEL, "group"},
                  {SEED, CHANNEL, "group"},
                  {SEED + 1, CHANNEL, "group"},
                  {SEED, CHANNEL + 1, "group"},
                  {SEED, CHANNEL, "coin"}};
    struct group_keys keys[ARRAY_LEN(inputs)];
    ck_assert_int_ge(sodium_init(), 0);
    for (size_t i = 0; i < ARRAY_LEN(inputs); i++)
        ck_assert_int_eq(group_keys_deal(&keys[i], &frost_ristretto255, MEMBERS, THRESHOLD,
                                         inputs[i].seed, inputs[i].channel, inputs[i].purpose),
                         OK);
    ck_assert_mem_eq(keys[0].shares, keys[1].shares, MEMBERS * sizeof *keys[0].shares);
    ck_assert_mem_eq(keys[0].public_key, keys[1].public_key, ELEMENT_BYTES);
    for (size_t i = 1; i < ARRAY_LEN(inputs); i++)
        for (size_t j = i + 1; j < ARRAY_LEN(inputs); j++)
            ck_assert_mem_ne(keys[i].public_key, keys[j].public_key, ELEMENT_BYTES);
    for (size_t i = 0; i < ARRAY_LEN(inputs); i++)
        group_keys_deinit(&keys[i]);
}
END_TEST

START_TEST(impossible_groups_are_refused) {
    struct group_keys keys;
    static const uint32_t bad[][2] = {{0, 0}, {4, 0}, {4, 5}, {0, 1}, {LIMIT_COMMITTEE + 1, 2}};
    ck_assert_int_ge(sodium_init(), 0);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        ck_assert_int_eq(
            group_keys_deal(&keys, &frost_ed25519, bad[i][0], bad[i][1], SEED, CHANNEL, "group"),
            ERR_INVALID);
        ck_assert_ptr_null(keys.shares);
        group_keys_deinit(&keys);
    }
    static const uint32_t good[][2] = {{1, 1}, {4, 4}, {LIMIT_COMMITTEE, LIMIT_COMMITTEE}};
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        ck_assert_int_eq(
            group_keys_deal(&keys, &frost_ed25519, good[i][0], good[i][1], SEED, CHANNEL, "group"),
            OK);
        group_keys_deinit(&keys);
    }
}
END_TEST

/* What the keys are for: coin, encryption and signature work with what was dealt. */
START_TEST(coin_shares_verify_against_the_dealt_public_shares) {
    struct group_keys keys;
    struct dh_share shares[MEMBERS];
    uint8_t values[2][COIN_VALUE_BYTES];
    struct rng rng;
    deal(&keys, &frost_ristretto255);
    rng_init(&rng, SEED, 0, "nonces");
    for (uint32_t i = 0; i < MEMBERS; i++) {
        uint8_t nonce[NONCE_BYTES];
        rng_fill(&rng, nonce, sizeof nonce);
        ck_assert_int_eq(coin_share_make(&shares[i], &keys.shares[i], "c", 1, nonce), OK);
        ck_assert_int_eq(coin_share_verify(&shares[i], keys.public_shares[i], "c", 1), OK);
        ck_assert_int_eq(
            coin_share_verify(&shares[i], keys.public_shares[(i + 1) % MEMBERS], "c", 1),
            ERR_PROOF);
    }
    ck_assert_int_eq(coin_combine(values[0], shares, THRESHOLD, THRESHOLD, "c", 1), OK);
    ck_assert_int_eq(coin_combine(values[1], shares + 4, THRESHOLD, THRESHOLD, "c", 1), OK);
    ck_assert_mem_eq(values[0], values[1], COIN_VALUE_BYTES);
    group_keys_deinit(&keys);
}
END_TEST

START_TEST(what_is_encrypted_to_the_group_opens) {
    struct group_keys keys;
    struct tdh2_randomness randomness;
    struct tdh2_ciphertext ciphertext;
    struct dh_share shares[THRESHOLD];
    uint8_t bytes[5 + TDH2_OVERHEAD_BYTES], message[5], nonce[NONCE_BYTES];
    struct rng rng;
    deal(&keys, &frost_ristretto255);
    rng_init(&rng, SEED, 0, "nonces");
    rng_fill(&rng, &randomness, sizeof randomness);
    ck_assert_int_eq(tdh2_encrypt(bytes, keys.public_key, "l", 1, "hello", 5, &randomness), OK);
    ck_assert_int_eq(tdh2_check(&ciphertext, bytes, sizeof bytes, "l", 1), OK);
    for (uint32_t i = 0; i < THRESHOLD; i++) {
        rng_fill(&rng, nonce, sizeof nonce);
        ck_assert_int_eq(tdh2_share_make(&shares[i], &ciphertext, &keys.shares[2 * i], nonce), OK);
        ck_assert_int_eq(tdh2_share_verify(&shares[i], &ciphertext, keys.public_shares[2 * i]), OK);
    }
    ck_assert_int_eq(tdh2_combine(message, &ciphertext, shares, THRESHOLD, THRESHOLD), OK);
    ck_assert_mem_eq(message, "hello", 5);
    group_keys_deinit(&keys);
}
END_TEST

START_TEST(the_group_signs) {
    struct group_keys keys;
    struct frost_nonces nonces[THRESHOLD];
    struct frost_commitment commitments[THRESHOLD];
    struct frost_share shares[THRESHOLD];
    struct frost_session session;
    uint8_t random[2][FROST_RANDOMNESS_BYTES], signature[FROST_SIGNATURE_BYTES];
    uint32_t culprit;
    struct rng rng;
    const struct frost_suite *group = groups[_i];
    deal(&keys, group);
    rng_init(&rng, SEED, 0, "nonces");
    for (uint32_t i = 0; i < THRESHOLD; i++) {
        rng_fill(&rng, random, sizeof random);
        ck_assert_int_eq(frost_commit(group, &nonces[i], &keys.shares[i], random[0], random[1]),
                         OK);
        commitments[i] = nonces[i].commitment;
    }
    ck_assert_int_eq(frost_session_init(&session, group, keys.public_key, commitments, THRESHOLD,
                                        THRESHOLD, "m", 1),
                     OK);
    for (uint32_t i = 0; i < THRESHOLD; i++)
        ck_assert_int_eq(frost_sign(&session, &keys.shares[i], &nonces[i], &shares[i]), OK);
    ck_assert_int_eq(frost_aggregate(&session, shares,
                                     (const uint8_t(*)[ELEMENT_BYTES])keys.public_shares, &culprit,
                                     signature),
                     OK);
    ck_assert_int_eq(frost_verify(group, keys.public_key, "m", 1, signature), OK);
    group_keys_deinit(&keys);
}
END_TEST

Suite *threshold_dealer_suite(void) {
    Suite *suite = suite_create("threshold_dealer");
    TCase *test = tcase_create("dealer");
    tcase_add_loop_test(test, any_threshold_of_shares_is_the_published_key, 0, ARRAY_LEN(groups));
    tcase_add_test(test, each_of_seed_channel_and_purpose_gives_other_keys);
    tcase_add_test(test, impossible_groups_are_refused);
    tcase_add_test(test, coin_shares_verify_against_the_dealt_public_shares);
    tcase_add_test(test, what_is_encrypted_to_the_group_opens);
    tcase_add_loop_test(test, the_group_signs, 0, ARRAY_LEN(groups));
    suite_add_tcase(suite, test);
    return suite;
}
