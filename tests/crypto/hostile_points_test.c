/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Points of small order, points outside of the prime-order subgroup and second encodings of a point,
 * wherever a verifier takes a point. */
#include <check.h>
#include <sodium.h>
#include <string.h>

#include "base/error.h"
#include "crypto/threshold/coin.h"
#include "crypto/threshold/frost.h"
#include "crypto/threshold/tdh2.h"
#include "crypto/vrf.h"
#include "tests/lib/hex.h"

/* edwards25519: the eight points of order 1, 2, 4 and 8, second encodings, and no point. */
static const char *const bad_edwards[] = {
    "0100000000000000000000000000000000000000000000000000000000000000", /* order 1 */
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", /* 2 */
    "0000000000000000000000000000000000000000000000000000000000000000", /* 4 */
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", /* 8 */
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "0100000000000000000000000000000000000000000000000000000000000080", /* x = -0 */
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", /* y = p */
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", /* y = p + 1 */
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", /* y = p + 3 */
    "0200000000000000000000000000000000000000000000000000000000000000", /* y = 2: no point */
};

/* ristretto255: the identity and what RFC 9496 3.2 and 4.3.1 refuse, but for bit 255 of good ones. */
static const char *const bad_ristretto[] = {
    "0000000000000000000000000000000000000000000000000000000000000000", /* identity */
    "0000000000000000000000000000000000000000000000000000000000000080", /* and bit 255 */
    "00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", /* above p */
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", /* p */
    "f3ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0100000000000000000000000000000000000000000000000000000000000000", /* negative */
    "01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371", /* no square */
    "3eb858e78f5a7254d8c9731174a94f76755fd3941c0ac93735c07ba14579630e", /* negative xy */
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", /* y = 0 */
};

/* A point of order 8 L: a good one plus one of order 8. Verifiers that multiply by 8 can't see it. */
static void mixed_order(uint8_t out[32], const uint8_t good[32]) {
    uint8_t torsion[32];
    hex_decode(bad_edwards[4], torsion, sizeof torsion);
    ck_assert_int_eq(crypto_core_ed25519_add(out, good, torsion), 0);
}

/* s = 0 and R, A of small order fit together for one message in eight, if nobody looks at them. */
START_TEST(ed25519_signatures_of_small_order) {
    uint8_t signature[64] = {0}, key[32];
    for (size_t a = 0; a < ARRAY_LEN(bad_edwards); a++)
        for (size_t r = 0; r < ARRAY_LEN(bad_edwards); r++)
            for (uint8_t message = 0; message < 64; message++) {
                hex_decode(bad_edwards[a], key, sizeof key);
                hex_decode(bad_edwards[r], signature, 32);
                ck_assert_int_ne(crypto_sign_verify_detached(signature, &message, 1, key), 0);
            }
}
END_TEST

/* s + L is another encoding of s. */
START_TEST(ed25519_scalars_are_reduced) {
    uint8_t order[32], seed[32] = {1}, key[32], secret[64], signature[64];
    crypto_sign_seed_keypair(key, secret, seed);
    crypto_sign_detached(signature, NULL, seed, sizeof seed, secret);
    ck_assert_int_eq(crypto_sign_verify_detached(signature, seed, sizeof seed, key), 0);
    hex_decode("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010", order, 32);
    sodium_add(signature + 32, order, sizeof order);
    ck_assert_int_ne(crypto_sign_verify_detached(signature, seed, sizeof seed, key), 0);
}
END_TEST

static void check_vrf(const struct vrf_suite *suite, const uint8_t bad[32]) {
    const uint8_t seed[VRF_SEED_BYTES] = {3};
    uint8_t proof[VRF_PROOF_BYTES], output[VRF_OUTPUT_BYTES];
    struct vrf_key key;
    vrf_key_from_seed(&key, suite, seed);
    ck_assert_int_eq(vrf_prove(&key, "alpha", 5, proof), OK);
    ck_assert_int_eq(vrf_verify(suite, key.public_key, "alpha", 5, proof, output), OK);
    ck_assert_int_eq(vrf_verify(suite, bad, "alpha", 5, proof, output), ERR_INVALID);
    memcpy(proof, bad, 32);
    ck_assert_int_eq(vrf_verify(suite, key.public_key, "alpha", 5, proof, output),
                     ERR_NON_CANONICAL);
    ck_assert_int_eq(vrf_proof_to_output(suite, proof, output), ERR_NON_CANONICAL);
}

START_TEST(vrf_keys_and_gammas) {
    const uint8_t seed[VRF_SEED_BYTES] = {3};
    struct vrf_key key;
    uint8_t bad[32];
    for (int ell2 = 0; ell2 <= 1; ell2++) {
        const struct vrf_suite *suite = ell2 ? &vrf_ell2 : &vrf_tai;
        for (size_t i = 0; i < ARRAY_LEN(bad_edwards); i++) {
            hex_decode(bad_edwards[i], bad, sizeof bad);
            check_vrf(suite, bad);
        }
        vrf_key_from_seed(&key, suite, seed);
        mixed_order(bad, key.public_key);
        check_vrf(suite, bad);
    }
}
END_TEST

/* Every place where a coordinator, a signer or a verifier takes an element. */
static void check_frost(const struct frost_suite *suite, const uint8_t bad[32]) {
    static const uint8_t coefficients[1][SCALAR_BYTES] = {{7}}, random[32] = {1};
    uint8_t public_key[32], signature[64] = {0};
    struct frost_commitment altered;
    struct frost_session session;
    struct frost_nonces nonces;
    struct frost_share share;
    struct shamir_share key;
    ck_assert_int_eq(shamir_share_of(&key, 1, coefficients, 1), OK);
    ck_assert_int_eq(frost_public_key(suite, public_key, key.scalar), OK);
    ck_assert_int_eq(frost_commit(suite, &nonces, &key, random, random), OK);
    ck_assert_int_eq(
        frost_session_init(&session, suite, bad, &nonces.commitment, 1, 1, "message", 7),
        ERR_NON_CANONICAL);
    for (int binding = 0; binding <= 1; binding++) {
        altered = nonces.commitment;
        memcpy(binding ? altered.binding : altered.hiding, bad, 32);
        ck_assert_int_eq(frost_session_init(&session, suite, public_key, &altered, 1, 1, "m", 1),
                         ERR_NON_CANONICAL);
    }
    ck_assert_int_eq(
        frost_session_init(&session, suite, public_key, &nonces.commitment, 1, 1, "m", 1), OK);
    ck_assert_int_eq(frost_sign(&session, &key, &nonces, &share), OK);
    ck_assert_int_eq(frost_share_verify(&session, &share, public_key), OK);
    ck_assert_int_eq(frost_share_verify(&session, &share, bad), ERR_NON_CANONICAL);
    memcpy(signature, bad, 32);
    ck_assert_int_eq(frost_verify(suite, public_key, "m", 1, signature), ERR_NON_CANONICAL);
    memcpy(signature, session.group_commitment, 32);
    memcpy(signature + 32, share.scalar, 32);
    ck_assert_int_eq(frost_verify(suite, public_key, "m", 1, signature), OK);
    ck_assert_int_eq(frost_verify(suite, bad, "m", 1, signature), ERR_NON_CANONICAL);
}

START_TEST(frost_over_edwards25519) {
    const uint8_t scalar[32] = {7};
    uint8_t bad[32], good[32];
    for (size_t i = 0; i < ARRAY_LEN(bad_edwards); i++) {
        hex_decode(bad_edwards[i], bad, sizeof bad);
        check_frost(&frost_ed25519, bad);
    }
    ck_assert_int_eq(frost_public_key(&frost_ed25519, good, scalar), OK);
    mixed_order(bad, good);
    check_frost(&frost_ed25519, bad);
}
END_TEST

static void check_ristretto(const uint8_t bad[32]) {
    static const uint8_t scalar[32] = {7}, nonce[NONCE_BYTES] = {1};
    static const struct tdh2_randomness randomness = {{1}, {2}, {3}};
    uint8_t good[32], ciphertext[TDH2_OVERHEAD_BYTES], commitments[2][32], sum[32];
    const struct shamir_share key = {1, {7}};
    struct dleq_proof proof = {{1}, {1}};
    struct dh_share share;
    check_frost(&frost_ristretto255, bad);
    ck_assert(!element_is_valid(bad));
    ck_assert_int_eq(crypto_scalarmult_ristretto255_base(good, scalar), 0);
    for (int place = 0; place < 3; place++) {
        const uint8_t *base = place == 0 ? bad : good, *one = place == 1 ? bad : good;
        const struct dleq_claim claim = {"test", base, one, place == 2 ? bad : good, NULL, 0};
        ck_assert_int_eq(dleq_verify(&proof, &claim), ERR_NON_CANONICAL);
    }
    ck_assert_int_eq(coin_share_make(&share, &key, "coin", 4, nonce), OK);
    ck_assert_int_eq(coin_share_verify(&share, good, "coin", 4), OK);
    ck_assert_int_eq(coin_share_verify(&share, bad, "coin", 4), ERR_NON_CANONICAL);
    memcpy(share.element, bad, 32);
    ck_assert_int_eq(coin_share_verify(&share, good, "coin", 4), ERR_NON_CANONICAL);
    ck_assert_int_eq(tdh2_encrypt(ciphertext, bad, "", 0, "", 0, &randomness), ERR_INVALID);
    memcpy(commitments[0], good, 32);
    memcpy(commitments[1], bad, 32);
    if (!sodium_is_zero(bad,
                        32)) /* a zero coefficient is harmless, and feldman_commit refuses it */
        ck_assert_int_eq(feldman_public_share(sum, 1, commitments, 2), ERR_INVALID);
}

START_TEST(everything_over_ristretto255) {
    static const uint8_t scalar[32] = {9};
    uint8_t bad[32];
    for (size_t i = 0; i < ARRAY_LEN(bad_ristretto); i++) {
        hex_decode(bad_ristretto[i], bad, sizeof bad);
        check_ristretto(bad);
    }
    ck_assert_int_eq(crypto_scalarmult_ristretto255_base(bad, scalar), 0);
    bad[31] |= 0x80; /* libsodium 1.0.18 takes this for the same element */
    check_ristretto(bad);
}
END_TEST

Suite *hostile_points_suite(void) {
    Suite *suite = suite_create("hostile_points");
    TCase *tcase = tcase_create("hostile_points");
    tcase_add_test(tcase, ed25519_signatures_of_small_order);
    tcase_add_test(tcase, ed25519_scalars_are_reduced);
    tcase_add_test(tcase, vrf_keys_and_gammas);
    tcase_add_test(tcase, frost_over_edwards25519);
    tcase_add_test(tcase, everything_over_ristretto255);
    suite_add_tcase(suite, tcase);
    return suite;
}
