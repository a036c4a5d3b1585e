/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/vrf.h"

#include <check.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "crypto/hash_to_curve.h"
#include "tests/lib/hex.h"
#include "tests/lib/vectors.h"

/* RFC 9381 B.3 and B.4, examples 17 and 20, which share key and input. */
#define SEED   "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"
#define PUBLIC "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
#define ALPHA  "\x72"

static const struct published {
    const struct vrf_suite *suite;
    const char *file;
    const char *proof;
    const char *output;
} published[] = {
    {
        .suite = &vrf_tai,
        .file = "ecvrf_edwards25519_sha512_tai.txt",
        .proof = "f3141cd382dc42909d19ec5110469e4feae18300e94f304590abdced48aed593"
                 "3bf0864a62558b3ed7f2fea45c92a465301b3bbf5e3e54ddf2d935be3b67926d"
                 "a3ef39226bbc355bdc9850112c8f4b02",
        .output = "eb4440665d3891d668e7e0fcaf587f1b4bd7fbfe99d0eb2211ccec90496310eb"
                  "5e33821bc613efb94db5e5b54c70a848a0bef4553a41befc57663b56373a5031",
    },
    {
        .suite = &vrf_ell2,
        .file = "ecvrf_edwards25519_sha512_ell2.txt",
        .proof = "47b327393ff2dd81336f8a2ef10339112401253b3c714eeda879f12c509072ef"
                 "055b48372bb82efbdce8e10c8cb9a2f9d60e93908f93df1623ad78a86a028d6b"
                 "c064dbfc75a6a57379ef855dc6733801",
        .output = "38561d6b77b71d30eb97a062168ae12b667ce5c28caccdf76bc88e093e463598"
                  "7cd96814ce55b4689b3dd2947f80e59aac7b7675f8083865b46c89b2ce9cc735",
    },
};

static void check_example(const struct vrf_key *key, const void *alpha, size_t size,
                          const uint8_t proof[80], const uint8_t output[64]) {
    uint8_t made[VRF_PROOF_BYTES], result[VRF_OUTPUT_BYTES];
    ck_assert_int_eq(vrf_prove(key, alpha, size, made), OK);
    ck_assert_mem_eq(made, proof, sizeof made);
    ck_assert_int_eq(vrf_verify(key->suite, key->public_key, alpha, size, proof, result), OK);
    ck_assert_mem_eq(result, output, sizeof result);
    memset(result, 0, sizeof result);
    ck_assert_int_eq(vrf_proof_to_output(key->suite, proof, result), OK);
    ck_assert_mem_eq(result, output, sizeof result);
}

static void load_published(const struct published *row, uint8_t public_key[32], uint8_t proof[80]) {
    ck_assert_int_ge(sodium_init(), 0);
    hex_decode(PUBLIC, public_key, 32);
    hex_decode(row->proof, proof, 80);
}

START_TEST(published_example) {
    const struct published *row = &published[_i];
    uint8_t seed[32], public_key[32], proof[80], output[64];
    struct vrf_key key;
    load_published(row, public_key, proof);
    hex_decode(SEED, seed, sizeof seed);
    hex_decode(row->output, output, sizeof output);
    vrf_key_from_seed(&key, row->suite, seed);
    ck_assert_mem_eq(key.public_key, public_key, 32);
    check_example(&key, ALPHA, 1, proof, output);
}
END_TEST

START_TEST(suites_do_not_mix) {
    const struct published *row = &published[_i], *other = &published[1 - _i];
    uint8_t public_key[32], proof[80], output[64];
    load_published(row, public_key, proof);
    ck_assert_int_eq(vrf_verify(other->suite, public_key, ALPHA, 1, proof, output), ERR_PROOF);
}
END_TEST

static void expect_field(const struct vectors *vectors, const char *name, const void *actual,
                         size_t size) {
    uint8_t expected[64];
    ck_assert_uint_le(size, sizeof expected);
    vectors_bytes(vectors, name, expected, size);
    ck_assert_mem_eq(actual, expected, size);
}

/* U = k * B and V = k * H, and the same out of the proof: s * B - c * Y and s * H - c * Gamma. */
static void check_commitments(const struct vectors *vectors, const struct vrf_key *key,
                              const uint8_t point[32], const uint8_t proof[80]) {
    uint8_t hash[64], bytes[64], nonce[32], u[32], v[32], part[32], challenge[32] = {0};
    memcpy(bytes, key->prefix, 32);
    memcpy(bytes + 32, point, 32);
    crypto_hash_sha512(hash, bytes, sizeof bytes);
    expect_field(vectors, "k_string", hash, 64);
    crypto_core_ed25519_scalar_reduce(nonce, hash);
    expect_field(vectors, "k", nonce, 32);
    ck_assert_int_eq(crypto_scalarmult_ed25519_base_noclamp(u, nonce), 0);
    ck_assert_int_eq(crypto_scalarmult_ed25519_noclamp(v, nonce, point), 0);
    expect_field(vectors, "U", u, 32);
    expect_field(vectors, "V", v, 32);
    memcpy(challenge, proof + 32, 16);
    ck_assert_int_eq(crypto_scalarmult_ed25519_noclamp(part, challenge, key->public_key), 0);
    ck_assert_int_eq(crypto_scalarmult_ed25519_base_noclamp(u, proof + 48), 0);
    ck_assert_int_eq(crypto_core_ed25519_sub(u, u, part), 0);
    expect_field(vectors, "U", u, 32);
    ck_assert_int_eq(crypto_scalarmult_ed25519_noclamp(part, challenge, proof), 0);
    ck_assert_int_eq(crypto_scalarmult_ed25519_noclamp(v, proof + 48, point), 0);
    ck_assert_int_eq(crypto_core_ed25519_sub(v, v, part), 0);
    expect_field(vectors, "V", v, 32);
}

/* The counter is the first whose hash is a point, and that point times 8 is H. */
static void check_counter(const struct vectors *vectors, const struct vrf_key *key,
                          const uint8_t *alpha, size_t size, const uint8_t point[32]) {
    const uint64_t wanted = vectors_number(vectors, "ctr");
    for (uint64_t counter = 0; counter <= wanted; counter++) {
        const uint8_t front[2] = {0x03, 0x01}, back[2] = {(uint8_t)counter, 0x00};
        crypto_hash_sha512_state state;
        uint8_t hash[64], cleared[32];
        crypto_hash_sha512_init(&state);
        crypto_hash_sha512_update(&state, front, sizeof front);
        crypto_hash_sha512_update(&state, key->public_key, 32);
        crypto_hash_sha512_update(&state, alpha, size);
        crypto_hash_sha512_update(&state, back, sizeof back);
        crypto_hash_sha512_final(&state, hash);
        ck_assert_int_eq(clear_cofactor(cleared, hash), counter == wanted);
        if (counter == wanted)
            ck_assert_mem_eq(cleared, point, 32);
    }
    ck_assert_uint_eq(vectors->count, 13);
}

/* Elligator's intermediate values: u = uniform_bytes mod p, gx1 = x1^3 + J x1^2 + x1 with
 * x1 = -J / (1 + 2 u^2). */
static void check_elligator(const struct vectors *vectors, const struct vrf_key *key,
                            const uint8_t *alpha, size_t size) {
    static const char tag[] = "ECVRF_edwards25519_XMD:SHA-512_ELL2_NU_\x04";
    const struct hash_input input = {tag, sizeof tag - 1, key->public_key, 32, alpha, size};
    struct field25519 u, x, j, one, sum, root;
    uint8_t uniform[48], bytes[32];
    ck_assert_int_eq(expand_message(uniform, sizeof uniform, &input), OK);
    expect_field(vectors, "uniform_bytes", uniform, sizeof uniform);
    field25519_from_wide(&u, uniform);
    field25519_to_bytes(bytes, &u);
    expect_field(vectors, "u", bytes, 32);
    field25519_from_number(&one, 1);
    field25519_from_number(&j, 486662);
    field25519_square(&x, &u);
    field25519_add(&x, &x, &x);
    field25519_add(&x, &x, &one);
    field25519_invert(&x, &x);
    field25519_multiply(&x, &x, &j);
    field25519_negate(&x, &x);
    field25519_add(&sum, &x, &j);
    field25519_multiply(&sum, &sum, &x);
    field25519_add(&sum, &sum, &one);
    field25519_multiply(&sum, &sum, &x);
    field25519_to_bytes(bytes, &sum);
    expect_field(vectors, "gx1", bytes, 32);
    ck_assert_uint_eq(field25519_root(&root, &sum), vectors_number(vectors, "gx1_is_square"));
    ck_assert_uint_eq(vectors->count, 16);
}

START_TEST(every_vector_field) {
    const struct published *row = &published[_i];
    struct vectors vectors;
    size_t checked = 0, size;
    ck_assert_int_ge(sodium_init(), 0);
    if (!vectors_open(&vectors, row->file))
        return;
    for (; vectors_next(&vectors); checked++) {
        uint8_t *alpha = vectors_bytes_new(&vectors, "alpha", &size);
        uint8_t seed[32], point[32], proof[80], output[64];
        struct vrf_key key;
        vectors_bytes(&vectors, "sk", seed, sizeof seed);
        vectors_bytes(&vectors, "pi", proof, sizeof proof);
        vectors_bytes(&vectors, "beta", output, sizeof output);
        vrf_key_from_seed(&key, row->suite, seed);
        expect_field(&vectors, "pk", key.public_key, 32);
        expect_field(&vectors, "x", key.scalar, 32);
        ck_assert_int_eq(row->suite->encode(point, key.public_key, alpha, size), OK);
        expect_field(&vectors, "H", point, 32);
        ck_assert_uint_eq(vectors_number(&vectors, "example"), 16 + 3 * (size_t)_i + checked);
        check_commitments(&vectors, &key, point, proof);
        check_example(&key, alpha, size, proof, output);
        if (row->suite == &vrf_tai)
            check_counter(&vectors, &key, alpha, size, point);
        else
            check_elligator(&vectors, &key, alpha, size);
        free(alpha);
    }
    vectors_close(&vectors, checked);
}
END_TEST

START_TEST(every_flipped_bit_is_refused) {
    const struct vrf_suite *suite = published[_i].suite;
    uint8_t public_key[32], proof[80], output[64];
    load_published(&published[_i], public_key, proof);
    for (size_t bit = 0; bit < 8 * sizeof proof; bit++) {
        proof[bit / 8] ^= (uint8_t)(1 << bit % 8);
        ck_assert_int_lt(vrf_verify(suite, public_key, ALPHA, 1, proof, output), 0);
        proof[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t bit = 0; bit < 8 * sizeof public_key; bit++) {
        public_key[bit / 8] ^= (uint8_t)(1 << bit % 8);
        ck_assert_int_lt(vrf_verify(suite, public_key, ALPHA, 1, proof, output), 0);
        public_key[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    ck_assert_int_eq(vrf_verify(suite, public_key, ALPHA, 0, proof, output), ERR_PROOF);
    ck_assert_int_eq(vrf_verify(suite, public_key, "\x73", 1, proof, output), ERR_PROOF);
    ck_assert_int_eq(vrf_verify(suite, public_key, ALPHA, 1, proof, output), OK);
}
END_TEST

START_TEST(non_canonical_and_small_order_are_refused) {
    static const char *const small_order[] = {
        "0100000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    };
    const struct vrf_suite *suite = published[_i].suite;
    uint8_t public_key[32], bad[32], order[32], proof[80], output[64];
    load_published(&published[_i], public_key, proof);
    for (size_t i = 0; i < ARRAY_LEN(small_order); i++) {
        uint8_t altered[80];
        hex_decode(small_order[i], bad, sizeof bad);
        ck_assert_int_eq(vrf_verify(suite, bad, ALPHA, 1, proof, output), ERR_INVALID);
        memcpy(altered, proof, sizeof altered);
        memcpy(altered, bad, sizeof bad);
        ck_assert_int_eq(vrf_verify(suite, public_key, ALPHA, 1, altered, output),
                         ERR_NON_CANONICAL);
        ck_assert_int_eq(vrf_proof_to_output(suite, altered, output), ERR_NON_CANONICAL);
    }
    /* s + L is the same scalar, so only the range check can refuse it. */
    hex_decode("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010", order, 32);
    sodium_add(proof + 48, order, sizeof order);
    ck_assert_int_eq(vrf_verify(suite, public_key, ALPHA, 1, proof, output), ERR_NON_CANONICAL);
    ck_assert_int_eq(vrf_proof_to_output(suite, proof, output), ERR_NON_CANONICAL);
}
END_TEST

Suite *vrf_suite(void) {
    Suite *suite = suite_create("vrf");
    TCase *tcase = tcase_create("vrf");
    tcase_add_loop_test(tcase, published_example, 0, ARRAY_LEN(published));
    tcase_add_loop_test(tcase, suites_do_not_mix, 0, ARRAY_LEN(published));
    tcase_add_loop_test(tcase, every_vector_field, 0, ARRAY_LEN(published));
    tcase_add_loop_test(tcase, every_flipped_bit_is_refused, 0, ARRAY_LEN(published));
    tcase_add_loop_test(tcase, non_canonical_and_small_order_are_refused, 0, ARRAY_LEN(published));
    suite_add_tcase(suite, tcase);
    return suite;
}
