/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/mldsa.h"

#include <check.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/rng.h"
#include "crypto/keccak.h"
#include "crypto/mldsa_pack.h"
#include "crypto/mldsa_poly.h"
#include "tests/lib/hex.h"
#include "tests/lib/vectors.h"

static const struct mldsa_parameters *const both[] = {&mldsa_44, &mldsa_65};

/* A key pair and a signature of any set. */
struct made {
    uint8_t public_key[MLDSA_MAX_PUBLIC_BYTES];
    uint8_t secret_key[MLDSA_MAX_SECRET_BYTES];
    uint8_t signature[MLDSA_MAX_SIGNATURE];
};

static struct mldsa_bytes text(const char *characters) {
    return (struct mldsa_bytes){characters, strlen(characters)};
}

static struct mldsa_bytes field_new(const struct vectors *vectors, const char *key) {
    struct mldsa_bytes bytes;
    bytes.at = vectors_bytes_new(vectors, key, &bytes.size);
    return bytes;
}

static void field_free(struct mldsa_bytes bytes) {
    free((void *)bytes.at);
}

static const struct mldsa_parameters *parameters_of(const struct vectors *vectors) {
    for (size_t i = 0; i < ARRAY_LEN(both); i++)
        if (strcmp(both[i]->name, vectors_text(vectors, "parameterSet")) == 0)
            return both[i];
    ck_abort_msg("unknown parameter set");
}

static void check_field(const struct vectors *vectors, const char *key, const uint8_t *got,
                        size_t size) {
    struct mldsa_bytes expected = field_new(vectors, key);
    ck_assert_uint_eq(expected.size, size);
    ck_assert_mem_eq(got, expected.at, size);
    field_free(expected);
}

/* ---- official figures ---- */

/* NIST ACVP ML-DSA-keyGen-FIPS204, tcId 1 and 26: the seed, the first 32 bytes of t1, and (to keep
 * 6 kB of figures out of here) SHA3-256 of the public and the secret key. */
START_TEST(published_keys) {
    static const struct {
        const struct mldsa_parameters *parameters;
        const char *seed, *start, *digest;
    } rows[] = {
        {&mldsa_44, "93ef2e6ef1fb08999d142abe0295482370d3f43bdb254a78e2b0d5168eca065f",
         "230a19d75adbded52db855e252a719fcbd147ba67b2fad14ed0e68fdfe8c65ba",
         "23485009037c174ca5d1fc0d130e3648e2885f73b19c8ef2cdcfe1ac0d8a61d8"},
        {&mldsa_65, "70cefb9aed5b68e018b079da8284b9d5cad5499ed9c265ff73588005d85c225c",
         "bb111923f194a7cc8a7bb2ebc5c0e71aa637cc800e6103b850a539b2a39e1b6d",
         "426173c8079498129e7f040a2f04afc03d98110401cbf6ff7d58e82d490ec8a0"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct mldsa_parameters *parameters = rows[i].parameters;
        const size_t public_bytes = parameters->public_key_bytes;
        uint8_t keys[MLDSA_MAX_PUBLIC_BYTES + MLDSA_MAX_SECRET_BYTES];
        uint8_t seed[32], expected[32], digest[32];
        hex_decode(rows[i].seed, seed, sizeof seed);
        mldsa_keygen_internal(parameters, seed, keys, keys + public_bytes);
        hex_decode(rows[i].start, expected, sizeof expected);
        ck_assert_mem_eq(keys + MLDSA_SEED_BYTES, expected, sizeof expected);
        hex_decode(rows[i].digest, expected, sizeof expected);
        sha3_256(digest, keys, public_bytes + parameters->secret_key_bytes);
        ck_assert_mem_eq(digest, expected, sizeof expected);
    }
}
END_TEST

/* KAT f238e34, kat_MLDSA_44_det_pure and kat_MLDSA_65_det_pure, count 0: SHA3-256 of the signature. */
START_TEST(published_signatures) {
    static const struct {
        const struct mldsa_parameters *parameters;
        const char *digest;
        uint32_t iterations;
    } rows[] = {
        {&mldsa_44, "0f9537e27278391d6dd3139d18ad85b07e4b81cb7e4416da2110c2dfabd4052f", 1},
        {&mldsa_65, "32d0c34c58b58d70997228145abfc2a3f3e8a74326476caae9754d033aed8669", 10},
    };
    uint8_t seed[32], context[16], message[16], expected[32], digest[32];
    hex_decode("f696484048ec21f96cf50a56d0759c448f3779752f0383d37449690694cf7a68", seed, 32);
    hex_decode("480c658c0cb3e040bde084345cef0df7", context, 16);
    hex_decode("6dbbc4375136df3b07f7c70e639e223e", message, 16);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const uint8_t deterministic[MLDSA_RANDOM_BYTES] = {0};
        struct made made;
        uint32_t iterations;
        mldsa_keygen_internal(rows[i].parameters, seed, made.public_key, made.secret_key);
        ck_assert_int_eq(mldsa_sign(rows[i].parameters, made.secret_key,
                                    (struct mldsa_bytes){context, 16},
                                    (struct mldsa_bytes){message, 16}, deterministic,
                                    made.signature, &iterations),
                         OK);
        hex_decode(rows[i].digest, expected, sizeof expected);
        sha3_256(digest, made.signature, rows[i].parameters->signature_bytes);
        ck_assert_mem_eq(digest, expected, sizeof expected);
        ck_assert_uint_eq(iterations, rows[i].iterations);
    }
}
END_TEST

START_TEST(every_keygen_vector) {
    struct vectors vectors;
    size_t checked = 0;
    if (!vectors_open(&vectors, "mldsa_acvp_keygen.txt"))
        return;
    for (; vectors_next(&vectors); checked++) {
        const struct mldsa_parameters *parameters = parameters_of(&vectors);
        struct made made;
        uint8_t seed[MLDSA_SEED_BYTES];
        vectors_bytes(&vectors, "seed", seed, sizeof seed);
        mldsa_keygen_internal(parameters, seed, made.public_key, made.secret_key);
        check_field(&vectors, "pk", made.public_key, parameters->public_key_bytes);
        check_field(&vectors, "sk", made.secret_key, parameters->secret_key_bytes);
    }
    vectors_close(&vectors, checked);
}
END_TEST

START_TEST(every_sign_internal_vector) {
    struct vectors vectors;
    size_t checked = 0;
    if (!vectors_open(&vectors, "mldsa_acvp_siggen_internal.txt"))
        return;
    for (; vectors_next(&vectors); checked++) {
        const struct mldsa_parameters *parameters = parameters_of(&vectors);
        struct mldsa_bytes message = field_new(&vectors, "message");
        struct made made;
        uint8_t random[MLDSA_RANDOM_BYTES];
        uint32_t iterations = 0;
        vectors_bytes(&vectors, "sk", made.secret_key, parameters->secret_key_bytes);
        vectors_bytes(&vectors, "rnd", random, sizeof random);
        ck_assert_int_eq(sodium_is_zero(random, sizeof random),
                         (int)vectors_number(&vectors, "deterministic"));
        ck_assert_int_eq(mldsa_sign_internal(parameters, made.secret_key, message, random,
                                             made.signature, &iterations),
                         OK);
        check_field(&vectors, "signature", made.signature, parameters->signature_bytes);
        ck_assert_uint_eq(iterations, vectors_number(&vectors, "iterations"));
        field_free(message);
    }
    vectors_close(&vectors, checked);
}
END_TEST

START_TEST(every_verify_internal_vector) {
    struct vectors vectors;
    size_t checked = 0;
    if (!vectors_open(&vectors, "mldsa_acvp_sigver_internal.txt"))
        return;
    for (; vectors_next(&vectors); checked++) {
        struct mldsa_bytes public_key = field_new(&vectors, "pk");
        struct mldsa_bytes message = field_new(&vectors, "message");
        struct mldsa_bytes signature = field_new(&vectors, "signature");
        int got = mldsa_verify_internal(parameters_of(&vectors), public_key, message, signature);
        ck_assert_msg((got == OK) == (vectors_number(&vectors, "testPassed") == 1), "%s: %s",
                      vectors_text(&vectors, "reason"), error_text(got));
        field_free(public_key);
        field_free(message);
        field_free(signature);
    }
    vectors_close(&vectors, checked);
}
END_TEST

START_TEST(every_pure_vector) {
    struct vectors vectors;
    size_t checked = 0;
    if (!vectors_open(&vectors, "mldsa_kat_sign_pure_ctx.txt"))
        return;
    for (; vectors_next(&vectors); checked++) {
        const struct mldsa_parameters *parameters = parameters_of(&vectors);
        struct mldsa_bytes context = field_new(&vectors, "ctx");
        struct mldsa_bytes message = field_new(&vectors, "msg");
        struct made made;
        uint8_t seed[MLDSA_SEED_BYTES], random[MLDSA_RANDOM_BYTES];
        uint32_t iterations = 0;
        vectors_bytes(&vectors, "xi", seed, sizeof seed);
        vectors_bytes(&vectors, "rnd", random, sizeof random);
        mldsa_keygen_internal(parameters, seed, made.public_key, made.secret_key);
        check_field(&vectors, "pk", made.public_key, parameters->public_key_bytes);
        check_field(&vectors, "sk", made.secret_key, parameters->secret_key_bytes);
        ck_assert_int_eq(mldsa_sign(parameters, made.secret_key, context, message, random,
                                    made.signature, &iterations),
                         OK);
        check_field(&vectors, "signature", made.signature, parameters->signature_bytes);
        ck_assert_uint_eq(iterations, vectors_number(&vectors, "iterations"));
        ck_assert_int_eq(
            mldsa_verify(parameters,
                         (struct mldsa_bytes){made.public_key, parameters->public_key_bytes},
                         context, message,
                         (struct mldsa_bytes){made.signature, parameters->signature_bytes}),
            OK);
        field_free(context);
        field_free(message);
    }
    vectors_close(&vectors, checked);
}
END_TEST

START_TEST(every_wycheproof_vector) {
    struct vectors vectors;
    size_t checked = 0;
    if (!vectors_open(&vectors, "mldsa_wycheproof_verify.txt"))
        return;
    for (; vectors_next(&vectors); checked++) {
        struct mldsa_bytes public_key = field_new(&vectors, "publicKey");
        struct mldsa_bytes context = field_new(&vectors, "ctx");
        struct mldsa_bytes message = field_new(&vectors, "msg");
        struct mldsa_bytes signature = field_new(&vectors, "sig");
        int got = mldsa_verify(parameters_of(&vectors), public_key, context, message, signature);
        ck_assert_msg((got == OK) == (strcmp(vectors_text(&vectors, "result"), "valid") == 0),
                      "%s: %s", vectors_text(&vectors, "comment"), error_text(got));
        field_free(public_key);
        field_free(context);
        field_free(message);
        field_free(signature);
    }
    vectors_close(&vectors, checked);
}
END_TEST

/* ---- arithmetic against its definitions ---- */

/* FIPS 204 algorithms 35 and 36, literally, for every coefficient there is. */
START_TEST(rounding_of_every_coefficient) {
    for (size_t set = 0; set < ARRAY_LEN(both); set++) {
        const int32_t gamma2 = both[set]->gamma2;
        for (int32_t r = 0; r < MLDSA_Q; r++) {
            int32_t low, expected_low = r % (2 * gamma2), expected_high;
            if (expected_low > gamma2)
                expected_low -= 2 * gamma2;
            if (r - expected_low == MLDSA_Q - 1) {
                expected_high = 0;
                expected_low--;
            } else {
                expected_high = (r - expected_low) / (2 * gamma2);
            }
            if (mldsa_decompose(both[set], r, &low) != expected_high || low != expected_low)
                ck_abort_msg("%s: decompose(%d)", both[set]->name, r);
        }
    }
    for (int32_t r = 0; r < MLDSA_Q; r++) {
        int32_t low, expected_low = r % 8192;
        if (expected_low > 4096)
            expected_low -= 8192;
        if (mldsa_power2_round(r, &low) != (r - expected_low) / 8192 || low != expected_low)
            ck_abort_msg("power2_round(%d)", r);
    }
}
END_TEST

/* FIPS 204 algorithm 40 and the lemma behind it: the hint gives back HighBits(r + z). */
START_TEST(hints_recover_high_parts) {
    struct rng rng;
    rng_init(&rng, 3, 0, "mldsa");
    for (int round = 0; round < 100000; round++) {
        const struct mldsa_parameters *parameters = both[round % 2];
        int32_t low, r = (int32_t)rng_below(&rng, MLDSA_Q);
        int32_t z = (int32_t)rng_below(&rng, 2 * (uint64_t)parameters->gamma2 + 1);
        int32_t moved = (r + z - parameters->gamma2 + MLDSA_Q) % MLDSA_Q;
        int32_t target = mldsa_decompose(parameters, moved, &low);
        bool hint = mldsa_decompose(parameters, r, &low) != target;
        ck_assert_int_eq(mldsa_use_hint(parameters, hint, r), target);
    }
}
END_TEST

/* 30 random products by the transform and by the definition of Z_q[x]/(x^256 + 1). */
START_TEST(transform_multiplies) {
    struct rng rng;
    rng_init(&rng, 4, 0, "mldsa");
    for (int round = 0; round < 30; round++) {
        struct poly a, b, product;
        int64_t expected[MLDSA_N] = {0};
        for (int i = 0; i < MLDSA_N; i++) {
            a.at[i] = round == 0 ? MLDSA_Q - 1 : (int32_t)rng_below(&rng, MLDSA_Q);
            b.at[i] = round == 0 ? 1 - MLDSA_Q : -(int32_t)rng_below(&rng, MLDSA_Q);
        }
        for (int i = 0; i < MLDSA_N; i++)
            for (int j = 0; j < MLDSA_N; j++) {
                int64_t term = (int64_t)a.at[i] * b.at[j] % MLDSA_Q;
                expected[(i + j) % MLDSA_N] += i + j < MLDSA_N ? term : -term;
            }
        poly_ntt(&a);
        poly_ntt(&b);
        poly_multiply(&product, &a, &b);
        poly_freeze(&product);
        for (int i = 0; i < MLDSA_N; i++)
            ck_assert_int_eq(product.at[i], (expected[i] % MLDSA_Q + MLDSA_Q) % MLDSA_Q);
    }
}
END_TEST

/* What decodes encodes to the same bytes: 100 000 near-canonical hint encodings a set. */
START_TEST(hint_decoding_is_canonical) {
    struct rng rng;
    size_t accepted = 0, refused = 0;
    rng_init(&rng, 5, 0, "mldsa");
    for (int round = 0; round < 200000; round++) {
        const struct mldsa_parameters *parameters = both[round % 2];
        const size_t size = parameters->omega + parameters->rows;
        uint8_t bytes[128] = {0}, again[128] = {0};
        struct mldsa_hints hints;
        unsigned used = (unsigned)rng_below(&rng, 8), count = 0;
        for (unsigned i = 0; i < used; i++)
            bytes[i] = (uint8_t)(40 * i + rng_below(&rng, 45));
        for (unsigned row = 0; row < parameters->rows; row++)
            bytes[parameters->omega + row] = (uint8_t)used;
        if (rng_chance(&rng, 1, 2))
            bytes[rng_below(&rng, size)] = (uint8_t)rng_next(&rng);
        if (mldsa_unpack_hints(parameters, &hints, bytes) != OK) {
            refused++;
            continue;
        }
        accepted++;
        for (unsigned row = 0; row < parameters->rows; row++)
            ck_assert(mldsa_pack_hints(parameters, again, row, hints.at[row], &count));
        ck_assert_mem_eq(again, bytes, size);
    }
    ck_assert_uint_gt(accepted, 10000);
    ck_assert_uint_gt(refused, 10000);
}
END_TEST

/* ---- hostile input ---- */

static void make(const struct mldsa_parameters *parameters, struct rng *rng, struct made *made,
                 struct mldsa_bytes context, struct mldsa_bytes message) {
    uint8_t seed[MLDSA_SEED_BYTES], random[MLDSA_RANDOM_BYTES];
    uint32_t iterations = 0;
    rng_fill(rng, seed, sizeof seed);
    rng_fill(rng, random, sizeof random);
    mldsa_keygen_internal(parameters, seed, made->public_key, made->secret_key);
    ck_assert_int_eq(mldsa_sign(parameters, made->secret_key, context, message, random,
                                made->signature, &iterations),
                     OK);
    ck_assert_uint_gt(iterations, 0);
}

static int check_made(const struct mldsa_parameters *parameters, const struct made *made,
                      struct mldsa_bytes context, struct mldsa_bytes message) {
    return mldsa_verify(
        parameters, (struct mldsa_bytes){made->public_key, parameters->public_key_bytes}, context,
        message, (struct mldsa_bytes){made->signature, parameters->signature_bytes});
}

/* 100 random keys and messages a set; then one bit of signature, key, message or context altered.
 */
START_TEST(altered_is_refused) {
    struct rng rng;
    rng_init(&rng, 6, 0, "mldsa");
    for (int round = 0; round < 200; round++) {
        const struct mldsa_parameters *parameters = both[round % 2];
        struct made made;
        uint8_t message[100], context[20];
        const struct mldsa_bytes about = {message, 1 + rng_below(&rng, sizeof message)};
        const struct mldsa_bytes within = {context, rng_below(&rng, sizeof context)};
        rng_fill(&rng, message, sizeof message);
        rng_fill(&rng, context, sizeof context);
        make(parameters, &rng, &made, within, about);
        ck_assert_int_eq(check_made(parameters, &made, within, about), OK);
        for (int flip = 0; flip < 5; flip++) {
            struct made altered = made;
            uint64_t bit = rng_below(&rng, 8 * parameters->signature_bytes);
            altered.signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
            ck_assert_int_ne(check_made(parameters, &altered, within, about), OK);
        }
        struct made altered = made;
        altered.public_key[rng_below(&rng, parameters->public_key_bytes)] ^= 0x10;
        ck_assert_int_eq(check_made(parameters, &altered, within, about), ERR_SIGNATURE);
        message[rng_below(&rng, about.size)] ^= 1;
        ck_assert_int_eq(check_made(parameters, &made, within, about), ERR_SIGNATURE);
    }
}
END_TEST

START_TEST(sizes_are_checked) {
    struct rng rng;
    rng_init(&rng, 7, 0, "mldsa");
    for (size_t set = 0; set < ARRAY_LEN(both); set++) {
        const struct mldsa_parameters *p = both[set];
        struct made made;
        make(p, &rng, &made, text(""), text("tier"));
        struct mldsa_bytes key = {made.public_key, p->public_key_bytes};
        struct mldsa_bytes signature = {made.signature, p->signature_bytes};
        for (size_t size = 0; size < p->signature_bytes; size++) {
            uint8_t *exact = malloc(size + 1); /* so that ASan sees a read beyond */
            memcpy(exact, made.signature, size);
            struct mldsa_bytes prefix = {size == 0 ? NULL : exact, size};
            ck_assert_int_eq(mldsa_verify(p, key, text(""), text("tier"), prefix), ERR_TRUNCATED);
            free(exact);
        }
        signature.size++;
        ck_assert_int_eq(mldsa_verify(p, key, text(""), text("tier"), signature), ERR_TRAILING);
        signature.size--;
        key.size--;
        ck_assert_int_eq(mldsa_verify(p, key, text(""), text("tier"), signature), ERR_TRUNCATED);
        key.size += 2;
        ck_assert_int_eq(mldsa_verify(p, key, text(""), text("tier"), signature), ERR_TRAILING);
    }
}
END_TEST

START_TEST(context_is_bound_and_limited) {
    struct rng rng;
    struct made made;
    uint8_t context[256] = {0};
    const uint8_t zero[MLDSA_MAX_SIGNATURE] = {0};
    rng_init(&rng, 8, 0, "mldsa");
    make(&mldsa_44, &rng, &made, (struct mldsa_bytes){context, 255}, text("tier"));
    ck_assert_int_eq(check_made(&mldsa_44, &made, (struct mldsa_bytes){context, 255}, text("tier")),
                     OK);
    ck_assert_int_eq(check_made(&mldsa_44, &made, (struct mldsa_bytes){context, 254}, text("tier")),
                     ERR_SIGNATURE);
    ck_assert_int_eq(check_made(&mldsa_44, &made, (struct mldsa_bytes){context, 256}, text("tier")),
                     ERR_INVALID);
    ck_assert_int_eq(mldsa_sign(&mldsa_44, made.secret_key, (struct mldsa_bytes){context, 256},
                                text("tier"), zero, made.signature, NULL),
                     ERR_INVALID);
    ck_assert_mem_eq(made.signature, zero, mldsa_44.signature_bytes);
}
END_TEST

/* s1 of ML-DSA-44 has 3 bits a coefficient, of which 5, 6 and 7 stand for nothing. */
START_TEST(impossible_secret_key_is_refused) {
    struct rng rng;
    struct made made;
    const uint8_t zero[MLDSA_MAX_SIGNATURE] = {0};
    rng_init(&rng, 9, 0, "mldsa");
    for (size_t set = 0; set < ARRAY_LEN(both); set++) {
        make(both[set], &rng, &made, text(""), text("tier"));
        made.secret_key[128] = 0xff;
        ck_assert_int_eq(mldsa_sign(both[set], made.secret_key, text(""), text("tier"), zero,
                                    made.signature, NULL),
                         ERR_NON_CANONICAL);
        ck_assert_mem_eq(made.signature, zero, both[set]->signature_bytes);
    }
}
END_TEST

/* The mean of 400 iteration counts lies within four standard errors of FIPS 204 table 1: 4.25,
 * 5.1. */
START_TEST(iterations_follow_the_standard) {
    static const double expected[] = {4.25, 5.1};
    enum { SIGNATURES = 400 };
    struct rng rng;
    rng_init(&rng, 10, 0, "mldsa");
    for (size_t set = 0; set < ARRAY_LEN(both); set++) {
        struct made made;
        uint8_t random[MLDSA_RANDOM_BYTES];
        uint64_t total = 0;
        make(both[set], &rng, &made, text(""), text("tier"));
        for (int i = 0; i < SIGNATURES; i++) {
            uint32_t iterations = 0;
            rng_fill(&rng, random, sizeof random);
            ck_assert_int_eq(mldsa_sign(both[set], made.secret_key, text(""), text("tier"), random,
                                        made.signature, &iterations),
                             OK);
            total += iterations;
        }
        double mean = (double)total / SIGNATURES;
        double error = 4 * expected[set] / 20; /* geometric: deviation below the mean */
        ck_assert_double_gt(mean, expected[set] - error);
        ck_assert_double_lt(mean, expected[set] + error);
    }
}
END_TEST

Suite *mldsa_suite(void) {
    Suite *suite = suite_create("mldsa");
    TCase *tcase = tcase_create("mldsa");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, published_keys);
    tcase_add_test(tcase, published_signatures);
    tcase_add_test(tcase, every_keygen_vector);
    tcase_add_test(tcase, every_sign_internal_vector);
    tcase_add_test(tcase, every_verify_internal_vector);
    tcase_add_test(tcase, every_pure_vector);
    tcase_add_test(tcase, every_wycheproof_vector);
    tcase_add_test(tcase, rounding_of_every_coefficient);
    tcase_add_test(tcase, hints_recover_high_parts);
    tcase_add_test(tcase, transform_multiplies);
    tcase_add_test(tcase, hint_decoding_is_canonical);
    tcase_add_test(tcase, altered_is_refused);
    tcase_add_test(tcase, sizes_are_checked);
    tcase_add_test(tcase, context_is_bound_and_limited);
    tcase_add_test(tcase, impossible_secret_key_is_refused);
    tcase_add_test(tcase, iterations_follow_the_standard);
    suite_add_tcase(suite, tcase);
    return suite;
}
