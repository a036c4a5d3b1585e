/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/ntru.h"

#include <check.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/rng.h"
#include "crypto/keccak.h"
#include "crypto/ntru_poly.h"
#include "tests/lib/hex.h"
#include "tests/lib/vectors.h"

/* All that one exchange makes. */
struct exchange {
    uint8_t public_key[NTRU_PUBLIC_BYTES];
    uint8_t secret_key[NTRU_SECRET_BYTES];
    uint8_t ciphertext[NTRU_CIPHERTEXT_BYTES];
    uint8_t shared[NTRU_SHARED_BYTES];
};

static void exchange_make(struct exchange *exchange, const uint8_t *key_sample,
                          const uint8_t *rejection_key, const uint8_t *sample) {
    ck_assert_int_eq(
        ntru_keygen(key_sample, rejection_key, exchange->public_key, exchange->secret_key), OK);
    ck_assert_int_eq(ntru_encaps(exchange->public_key, NTRU_PUBLIC_BYTES, sample,
                                 exchange->ciphertext, exchange->shared),
                     OK);
}

static void exchange_random(struct exchange *exchange, struct rng *rng) {
    uint8_t key_sample[NTRU_SAMPLE_BYTES], sample[NTRU_SAMPLE_BYTES];
    uint8_t rejection_key[NTRU_REJECTION_BYTES];
    rng_fill(rng, key_sample, sizeof key_sample);
    rng_fill(rng, rejection_key, sizeof rejection_key);
    rng_fill(rng, sample, sizeof sample);
    exchange_make(exchange, key_sample, rejection_key, sample);
}

/* ---- official figures ---- */

/* The generator of the NIST known-answer tests: AES-256-CTR-DRBG without derivation function. */
struct drbg {
    uint8_t key[32];
    uint8_t counter[16];
};

static void drbg_blocks(struct drbg *drbg, uint8_t *out, size_t size) {
    EVP_CIPHER_CTX *aes = EVP_CIPHER_CTX_new();
    ck_assert_int_eq(EVP_EncryptInit_ex(aes, EVP_aes_256_ecb(), NULL, drbg->key, NULL), 1);
    for (size_t at = 0; at < size; at += 16) {
        uint8_t block[32];
        int written;
        for (int i = 15; i >= 0 && ++drbg->counter[i] == 0; i--)
            ;
        ck_assert_int_eq(EVP_EncryptUpdate(aes, block, &written, drbg->counter, 16), 1);
        memcpy(out + at, block, size_min(16, size - at));
    }
    EVP_CIPHER_CTX_free(aes);
}

static void drbg_update(struct drbg *drbg, const uint8_t provided[48]) {
    uint8_t fresh[48];
    drbg_blocks(drbg, fresh, sizeof fresh);
    for (size_t i = 0; i < sizeof fresh; i++)
        fresh[i] ^= provided[i];
    memcpy(drbg->key, fresh, 32);
    memcpy(drbg->counter, fresh + 32, 16);
}

static void drbg_fill(struct drbg *drbg, uint8_t *out, size_t size) {
    const uint8_t nothing[48] = {0};
    drbg_blocks(drbg, out, size);
    drbg_update(drbg, nothing);
}

static void print_field(FILE *file, const char *name, const uint8_t *bytes, size_t size) {
    fprintf(file, "%s = ", name);
    for (size_t i = 0; i < size; i++)
        fprintf(file, "%02X", bytes[i]);
    fputc('\n', file);
}

/* Count 0 of the NIST KAT file: its seed, its shared secret, and the SHA-256 by which liboqs
 * (tests/KATs/kem/kats.json, "single") knows the whole record. */
START_TEST(published_record) {
    struct drbg drbg = {0};
    struct exchange exchange;
    uint8_t seed[48], expected[32], digest[32];
    uint8_t key_sample[NTRU_SAMPLE_BYTES], sample[NTRU_SAMPLE_BYTES], rejection[32];
    char *record;
    size_t size;
    hex_decode("061550234d158c5ec95595fe04ef7a25767f2e24cc2bc479d09d86dc9abcfde7"
               "056a8c266f9ef97ed08541dbd2e1ffa1",
               seed, sizeof seed);
    drbg_update(&drbg, seed);
    drbg_fill(&drbg, key_sample, sizeof key_sample);
    drbg_fill(&drbg, rejection, sizeof rejection);
    drbg_fill(&drbg, sample, sizeof sample);
    exchange_make(&exchange, key_sample, rejection, sample);
    hex_decode("49ac4d5d1634c6affa5a08c2b228ec806d7870b1517990728663d2d8bbc184f2", expected, 32);
    ck_assert_mem_eq(exchange.shared, expected, 32);

    FILE *file = open_memstream(&record, &size);
    fprintf(file, "count = 0\n");
    print_field(file, "seed", seed, sizeof seed);
    print_field(file, "pk", exchange.public_key, sizeof exchange.public_key);
    print_field(file, "sk", exchange.secret_key, sizeof exchange.secret_key);
    print_field(file, "ct", exchange.ciphertext, sizeof exchange.ciphertext);
    print_field(file, "ss", exchange.shared, sizeof exchange.shared);
    fclose(file);
    hex_decode("33e2cad6c2a2f17991517050d7a1b745908c84b8283a4e0f07dbe6f62d166507", expected, 32);
    ck_assert_int_eq(EVP_Digest(record, size, digest, NULL, EVP_sha256(), NULL), 1);
    ck_assert_mem_eq(digest, expected, 32);
    free(record);
}
END_TEST

static void check_field(const struct vectors *vectors, const char *key, const uint8_t *got,
                        size_t size) {
    uint8_t expected[NTRU_SECRET_BYTES];
    vectors_bytes(vectors, key, expected, size);
    ck_assert_mem_eq(got, expected, size);
}

START_TEST(every_vector) {
    struct vectors vectors;
    size_t checked = 0;
    if (!vectors_open(&vectors, "ntru_hps2048677_kat.txt"))
        return;
    for (; vectors_next(&vectors); checked++) {
        uint8_t key_sample[NTRU_SAMPLE_BYTES], sample[NTRU_SAMPLE_BYTES], rejection[32];
        uint8_t shared[NTRU_SHARED_BYTES];
        struct exchange exchange;
        (void)vectors_text(&vectors, "seed"); /* of the generator that made the samples below */
        vectors_bytes(&vectors, "keygen_fg_seed", key_sample, sizeof key_sample);
        vectors_bytes(&vectors, "keygen_prf_key", rejection, sizeof rejection);
        vectors_bytes(&vectors, "encaps_rm_seed", sample, sizeof sample);
        exchange_make(&exchange, key_sample, rejection, sample);
        check_field(&vectors, "pk", exchange.public_key, sizeof exchange.public_key);
        check_field(&vectors, "sk", exchange.secret_key, sizeof exchange.secret_key);
        check_field(&vectors, "ct", exchange.ciphertext, sizeof exchange.ciphertext);
        check_field(&vectors, "ss", exchange.shared, sizeof exchange.shared);
        ck_assert_int_eq(
            ntru_decaps(exchange.secret_key, exchange.ciphertext, NTRU_CIPHERTEXT_BYTES, shared),
            OK);
        ck_assert_mem_eq(shared, exchange.shared, sizeof shared);
        vectors_bytes(&vectors, "reject_ct_byte0", exchange.ciphertext, 1);
        ck_assert_int_eq(
            ntru_decaps(exchange.secret_key, exchange.ciphertext, NTRU_CIPHERTEXT_BYTES, shared),
            OK);
        check_field(&vectors, "reject_ss", shared, sizeof shared);
    }
    vectors_close(&vectors, checked);
}
END_TEST

/* ---- properties ---- */

/* The secret of implicit rejection, by its definition. */
static void check_rejected(const struct exchange *exchange, const uint8_t *ciphertext) {
    uint8_t shared[NTRU_SHARED_BYTES], expected[NTRU_SHARED_BYTES];
    uint8_t bytes[NTRU_REJECTION_BYTES + NTRU_CIPHERTEXT_BYTES];
    memcpy(bytes, exchange->secret_key + NTRU_SECRET_BYTES - NTRU_REJECTION_BYTES,
           NTRU_REJECTION_BYTES);
    memcpy(bytes + NTRU_REJECTION_BYTES, ciphertext, NTRU_CIPHERTEXT_BYTES);
    sha3_256(expected, bytes, sizeof bytes);
    ck_assert_int_eq(ntru_decaps(exchange->secret_key, ciphertext, NTRU_CIPHERTEXT_BYTES, shared),
                     OK);
    ck_assert_mem_eq(shared, expected, sizeof shared);
}

/* 40 random keys: both sides agree; a flipped bit, random bytes and set padding are rejected. */
START_TEST(agreement_and_rejection) {
    struct rng rng;
    rng_init(&rng, 1, 0, "ntru");
    for (int round = 0; round < 40; round++) {
        struct exchange exchange;
        uint8_t shared[NTRU_SHARED_BYTES], altered[NTRU_CIPHERTEXT_BYTES];
        exchange_random(&exchange, &rng);
        ck_assert_int_eq(
            ntru_decaps(exchange.secret_key, exchange.ciphertext, NTRU_CIPHERTEXT_BYTES, shared),
            OK);
        ck_assert_mem_eq(shared, exchange.shared, sizeof shared);
        for (int flip = 0; flip < 10; flip++) {
            uint64_t bit = rng_below(&rng, 8 * NTRU_CIPHERTEXT_BYTES);
            memcpy(altered, exchange.ciphertext, sizeof altered);
            altered[bit / 8] ^= (uint8_t)(1 << bit % 8);
            check_rejected(&exchange, altered);
        }
        memcpy(altered, exchange.ciphertext, sizeof altered);
        altered[NTRU_CIPHERTEXT_BYTES - 1] |= 0x80;
        check_rejected(&exchange, altered);
        rng_fill(&rng, altered, sizeof altered);
        check_rejected(&exchange, altered);
    }
}
END_TEST

START_TEST(malformed_is_refused) {
    struct rng rng;
    struct exchange exchange;
    uint8_t sample[NTRU_SAMPLE_BYTES] = {0}, shared[NTRU_SHARED_BYTES];
    rng_init(&rng, 2, 0, "ntru");
    exchange_random(&exchange, &rng);
    for (size_t size = 0; size < NTRU_CIPHERTEXT_BYTES; size++)
        ck_assert_int_eq(ntru_decaps(exchange.secret_key, exchange.ciphertext, size, shared),
                         ERR_TRUNCATED);
    ck_assert_int_eq(ntru_decaps(exchange.secret_key, exchange.ciphertext, 931, shared),
                     ERR_TRAILING);
    ck_assert_int_eq(ntru_encaps(exchange.public_key, 929, sample, exchange.ciphertext, shared),
                     ERR_TRUNCATED);
    ck_assert_int_eq(ntru_encaps(exchange.public_key, 931, sample, exchange.ciphertext, shared),
                     ERR_TRAILING);
    exchange.public_key[NTRU_PUBLIC_BYTES - 1] |= 0x10;
    ck_assert_int_eq(ntru_encaps(exchange.public_key, 930, sample, exchange.ciphertext, shared),
                     ERR_NON_CANONICAL);
    static const struct {
        size_t at;
        uint8_t value;
    } bad[] = {{0, 243}, {135, 3}, {136, 255}, {271, 9}, {1201, 0xf0}};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        uint8_t secret_key[NTRU_SECRET_BYTES];
        memcpy(secret_key, exchange.secret_key, sizeof secret_key);
        secret_key[bad[i].at] = bad[i].value;
        ck_assert_int_eq(ntru_decaps(secret_key, exchange.ciphertext, 930, shared),
                         ERR_NON_CANONICAL);
    }
}
END_TEST

/* f = 0 is the only polynomial without an inverse; f = 1 and f = -x^675 have theirs. */
START_TEST(only_zero_has_no_key) {
    struct exchange exchange;
    uint8_t key_sample[NTRU_SAMPLE_BYTES] = {0}, rejection[NTRU_REJECTION_BYTES] = {0};
    uint8_t shared[NTRU_SHARED_BYTES];
    key_sample[7] = 3;
    ck_assert_int_eq(ntru_keygen(key_sample, rejection, exchange.public_key, exchange.secret_key),
                     ERR_INVALID);
    for (size_t i = 0; i < NTRU_SECRET_BYTES; i++)
        ck_assert_uint_eq(exchange.secret_key[i], 0);
    static const struct {
        size_t at;
        uint8_t value;
    } single[] = {{0, 1}, {675, 2}};
    for (size_t i = 0; i < ARRAY_LEN(single); i++) {
        memset(key_sample, 0, sizeof key_sample);
        key_sample[single[i].at] = single[i].value;
        exchange_make(&exchange, key_sample, rejection, key_sample);
        ck_assert_int_eq(ntru_decaps(exchange.secret_key, exchange.ciphertext, 930, shared), OK);
        ck_assert_mem_eq(shared, exchange.shared, sizeof shared);
    }
}
END_TEST

/* 20 random f: f / f = 1 modulo 3 and modulo 2048. */
START_TEST(inverses_invert) {
    struct rng rng;
    rng_init(&rng, 3, 0, "ntru");
    for (int round = 0; round < 20; round++) {
        uint8_t random[NTRU_IID_BYTES];
        struct ntru_poly f, inverse, product;
        rng_fill(&rng, random, sizeof random);
        ntru_sample_iid(&f, random);
        ck_assert_int_eq(ntru_invert_3(&inverse, &f), OK);
        ntru_multiply(&product, &f, &inverse);
        ntru_reduce_phi_3(&product);
        for (int i = 0; i < NTRU_N; i++)
            ck_assert_uint_eq(product.at[i], i == 0);
        ntru_lift(&f);
        ck_assert_int_eq(ntru_invert_q(&inverse, &f), OK);
        ntru_multiply(&product, &f, &inverse);
        ntru_reduce_phi(&product);
        for (int i = 0; i < NTRU_N; i++)
            ck_assert_uint_eq(product.at[i] % NTRU_Q, i == 0);
    }
}
END_TEST

/* Decoding and encoding again gives the same bytes, for 20 000 random encodings of each kind. */
START_TEST(encodings_are_canonical) {
    struct rng rng;
    size_t accepted = 0, refused = 0;
    rng_init(&rng, 4, 0, "ntru");
    for (int round = 0; round < 20000; round++) {
        uint8_t bytes[NTRU_PACKED_BYTES], again[NTRU_PACKED_BYTES];
        struct ntru_poly poly;
        for (int i = 0; i < NTRU_TERNARY_BYTES; i++)
            bytes[i] = (uint8_t)rng_below(&rng, i == NTRU_TERNARY_BYTES - 1 ? 4 : 243);
        if (ntru_unpack_ternary(&poly, bytes) == OK) {
            ntru_pack_ternary(again, &poly);
            ck_assert_mem_eq(again, bytes, NTRU_TERNARY_BYTES);
            accepted++;
        } else {
            ck_assert_uint_eq(bytes[NTRU_TERNARY_BYTES - 1], 3);
            refused++;
        }
        rng_fill(&rng, bytes, sizeof bytes);
        bool padded = bytes[sizeof bytes - 1] >= 16;
        ck_assert_int_eq(ntru_unpack_sum_zero(&poly, bytes), padded ? ERR_NON_CANONICAL : OK);
        bytes[sizeof bytes - 1] &= 15;
        ntru_pack_q(again, &poly);
        ck_assert_mem_eq(again, bytes, sizeof bytes);
    }
    ck_assert_uint_gt(accepted, 10000);
    ck_assert_uint_gt(refused, 1000);
}
END_TEST

Suite *ntru_suite(void) {
    Suite *suite = suite_create("ntru");
    TCase *tcase = tcase_create("ntru");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, published_record);
    tcase_add_test(tcase, every_vector);
    tcase_add_test(tcase, agreement_and_rejection);
    tcase_add_test(tcase, malformed_is_refused);
    tcase_add_test(tcase, only_zero_has_no_key);
    tcase_add_test(tcase, inverses_invert);
    tcase_add_test(tcase, encodings_are_canonical);
    suite_add_tcase(suite, tcase);
    return suite;
}
