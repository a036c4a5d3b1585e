/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/threshold/coin.h"

#include <check.h>
#include <sodium.h>
#include <string.h>

#include "base/error.h"
#include "base/rng.h"

enum { HOLDERS = 7, THRESHOLD = 3 };

struct deal {
    struct rng rng;
    uint8_t coefficients[THRESHOLD][SCALAR_BYTES];
    uint8_t commitments[THRESHOLD][ELEMENT_BYTES];
    struct shamir_share shares[HOLDERS];
};

static void deal_init(struct deal *deal) {
    ck_assert_int_ge(sodium_init(), 0);
    rng_init(&deal->rng, 1, 0, "threshold test");
    for (size_t i = 0; i < THRESHOLD; i++) {
        uint8_t wide[64];
        rng_fill(&deal->rng, wide, sizeof wide);
        crypto_core_ristretto255_scalar_reduce(deal->coefficients[i], wide);
    }
    ck_assert_int_eq(feldman_commit(deal->commitments, deal->coefficients, THRESHOLD), OK);
    for (uint32_t i = 0; i < HOLDERS; i++)
        ck_assert_int_eq(shamir_share_of(&deal->shares[i], i + 1, deal->coefficients, THRESHOLD),
                         OK);
}

START_TEST(any_three_shares_give_the_secret) {
    struct deal deal;
    uint8_t secret[32];
    deal_init(&deal);
    for (size_t a = 0; a < HOLDERS; a++)
        for (size_t b = 0; b < HOLDERS; b++)
            for (size_t c = 0; c < HOLDERS; c++) {
                struct shamir_share some[] = {deal.shares[a], deal.shares[b], deal.shares[c]};
                int expected = a == b || b == c || a == c ? ERR_DUPLICATE : OK;
                ck_assert_int_eq(shamir_combine(secret, some, 3), expected);
                if (expected == OK)
                    ck_assert_mem_eq(secret, deal.coefficients[0], 32);
            }
    ck_assert_int_eq(shamir_combine(secret, deal.shares, 2), OK);
    ck_assert_mem_ne(secret, deal.coefficients[0], 32);
    ck_assert_int_eq(shamir_combine(secret, deal.shares, 0), ERR_NOT_ENOUGH);
    deal.shares[0].holder = 0;
    ck_assert_int_eq(shamir_combine(secret, deal.shares, 1), ERR_INVALID);
}
END_TEST

START_TEST(cheating_dealer_is_seen) {
    struct deal deal;
    deal_init(&deal);
    for (size_t i = 0; i < HOLDERS; i++) {
        ck_assert_int_eq(feldman_check(&deal.shares[i], deal.commitments, THRESHOLD), OK);
        deal.shares[i].scalar[0] ^= 1;
        ck_assert_int_eq(feldman_check(&deal.shares[i], deal.commitments, THRESHOLD), ERR_MISMATCH);
    }
    memset(deal.shares[0].scalar, 0xff, 32);
    ck_assert_int_eq(feldman_check(&deal.shares[0], deal.commitments, THRESHOLD),
                     ERR_NON_CANONICAL);
}
END_TEST

START_TEST(coin_agrees_and_names_bad_shares) {
    struct deal deal;
    struct dh_share shares[HOLDERS];
    uint8_t public_share[32], first[64], second[64];
    deal_init(&deal);
    for (size_t i = 0; i < HOLDERS; i++) {
        uint8_t nonce[64];
        rng_fill(&deal.rng, nonce, sizeof nonce);
        ck_assert_int_eq(coin_share_make(&shares[i], &deal.shares[i], "epoch 1", 7, nonce), OK);
        ck_assert_int_eq(
            feldman_public_share(public_share, (uint32_t)i + 1, deal.commitments, THRESHOLD), OK);
        ck_assert_int_eq(coin_share_verify(&shares[i], public_share, "epoch 1", 7), OK);
        ck_assert_int_eq(coin_share_verify(&shares[i], public_share, "epoch 2", 7), ERR_PROOF);
        for (size_t bit = 0; bit < 768; bit += 7) {
            struct dh_share bad = shares[i];
            uint8_t *const parts[] = {bad.element, bad.proof.challenge, bad.proof.response};
            parts[bit / 256][bit / 8 % 32] ^= (uint8_t)(1 << bit % 8);
            ck_assert_int_lt(coin_share_verify(&bad, public_share, "epoch 1", 7), 0);
        }
    }
    ck_assert_int_eq(coin_combine(first, shares, HOLDERS, THRESHOLD, "epoch 1", 7), OK);
    for (size_t i = 1; i + THRESHOLD <= HOLDERS; i++) {
        ck_assert_int_eq(coin_combine(second, shares + i, THRESHOLD, THRESHOLD, "epoch 1", 7), OK);
        ck_assert_mem_eq(first, second, 64);
    }
    for (size_t few = 0; few < THRESHOLD; few++)
        ck_assert_int_eq(coin_combine(second, shares, few, THRESHOLD, "epoch 1", 7),
                         ERR_NOT_ENOUGH);
    ck_assert_int_eq(coin_combine(second, shares, 0, 0, "epoch 1", 7), ERR_INVALID);
    /* A lower threshold than the sharing's gives some value, but not the coin. */
    ck_assert_int_eq(coin_combine(second, shares, 2, THRESHOLD - 1, "epoch 1", 7), OK);
    ck_assert_mem_ne(first, second, 64);
    shares[1] = shares[0];
    ck_assert_int_eq(coin_combine(second, shares, THRESHOLD, THRESHOLD, "epoch 1", 7),
                     ERR_DUPLICATE);
    shares[1].holder = 0;
    ck_assert_int_eq(coin_combine(second, shares, THRESHOLD, THRESHOLD, "epoch 1", 7), ERR_INVALID);
}
END_TEST

/* The challenge as a verifier would compute it that forgets the share: length and text of the domain,
 * base, key and the two commitments. */
static void weak_challenge(uint8_t challenge[SCALAR_BYTES], const struct dleq_claim *claim,
                           const uint8_t commitments[2][ELEMENT_BYTES]) {
    crypto_hash_sha512_state state;
    uint8_t hash[64], length = (uint8_t)strlen(claim->domain);
    crypto_hash_sha512_init(&state);
    crypto_hash_sha512_update(&state, &length, 1);
    crypto_hash_sha512_update(&state, (const uint8_t *)claim->domain, length);
    crypto_hash_sha512_update(&state, claim->base, ELEMENT_BYTES);
    crypto_hash_sha512_update(&state, claim->key, ELEMENT_BYTES);
    crypto_hash_sha512_update(&state, *commitments, 2 * ELEMENT_BYTES);
    crypto_hash_sha512_final(&state, hash);
    crypto_core_ristretto255_scalar_reduce(challenge, hash);
}

/* A member that knows its key could choose its share after the challenge, if that did not bind it:
 * any commitment Z, and the share (r * base - Z) / c. */
START_TEST(a_share_is_not_chosen_after_its_challenge) {
    struct deal deal;
    uint8_t base[32], key[32], image[32], left[32], inverse[32], nonce[32], commitments[2][32];
    struct dleq_proof proof;
    const struct dleq_claim claim = {
        .domain = "coin share", .base = base, .key = key, .image = image};
    deal_init(&deal);
    const uint8_t *secret = deal.shares[0].scalar;
    crypto_core_ristretto255_random(base);
    crypto_core_ristretto255_random(commitments[1]);
    crypto_core_ristretto255_scalar_random(nonce);
    ck_assert_int_eq(crypto_scalarmult_ristretto255_base(key, secret), 0);
    ck_assert_int_eq(crypto_scalarmult_ristretto255_base(commitments[0], nonce), 0);
    weak_challenge(proof.challenge, &claim, commitments);
    crypto_core_ristretto255_scalar_mul(proof.response, proof.challenge, secret);
    crypto_core_ristretto255_scalar_add(proof.response, proof.response, nonce);
    ck_assert_int_eq(crypto_core_ristretto255_scalar_invert(inverse, proof.challenge), 0);
    ck_assert_int_eq(crypto_scalarmult_ristretto255(left, proof.response, base), 0);
    ck_assert_int_eq(crypto_core_ristretto255_sub(left, left, commitments[1]), 0);
    ck_assert_int_eq(crypto_scalarmult_ristretto255(image, inverse, left), 0);
    ck_assert_int_eq(dleq_verify(&proof, &claim), ERR_PROOF);
}
END_TEST

/* A proof of one use is none of another, for the same base, key and share. */
START_TEST(proofs_belong_to_their_use) {
    struct deal deal;
    uint8_t base[32], key[32], nonce[64];
    struct dh_share share;
    deal_init(&deal);
    crypto_core_ristretto255_random(base);
    rng_fill(&deal.rng, nonce, sizeof nonce);
    ck_assert_int_eq(crypto_scalarmult_ristretto255_base(key, deal.shares[0].scalar), 0);
    ck_assert_int_eq(dh_share_make(&share, "one", base, &deal.shares[0], nonce), OK);
    ck_assert_int_eq(dh_share_verify(&share, "one", base, key), OK);
    ck_assert_int_eq(dh_share_verify(&share, "two", base, key), ERR_PROOF);
}
END_TEST

Suite *threshold_coin_suite(void) {
    Suite *suite = suite_create("threshold_coin");
    TCase *tcase = tcase_create("threshold_coin");
    tcase_add_test(tcase, any_three_shares_give_the_secret);
    tcase_add_test(tcase, cheating_dealer_is_seen);
    tcase_add_test(tcase, coin_agrees_and_names_bad_shares);
    tcase_add_test(tcase, a_share_is_not_chosen_after_its_challenge);
    tcase_add_test(tcase, proofs_belong_to_their_use);
    suite_add_tcase(suite, tcase);
    return suite;
}
