/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/threshold/frost.h"

#include <check.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/rng.h"
#include "tests/lib/hex.h"
#include "tests/lib/vectors.h"

enum { HOLDERS = 5, THRESHOLD = 3, SIGNERS = 4 };

/* RFC 9591 Appendix E: two of three sign "test" with shares 1 and 3. */
static const struct published {
    const struct frost_suite *suite;
    const char *file;
    const char *coefficients[2];
    const char *public_key;
    const char *randomness[2][2]; /* of signers 1 and 3: hiding, binding */
    const char *shares[2];
    const char *signature;
} published[] = {
    {
        .suite = &frost_ed25519,
        .file = "frost_ed25519_sha512.txt",
        .coefficients = {"7b1c33d3f5291d85de664833beb1ad469f7fb6025a0ec78b3a790c6e13a98304",
                         "178199860edd8c62f5212ee91eff1295d0d670ab4ed4506866bae57e7030b204"},
        .public_key = "15d21ccd7ee42959562fc8aa63224c8851fb3ec85a3faf66040d380fb9738673",
        .randomness = {{"0fd2e39e111cdc266f6c0f4d0fd45c947761f1f5d3cb583dfcb9bbaf8d4c9fec",
                        "69cd85f631d5f7f2721ed5e40519b1366f340a87c2f6856363dbdcda348a7501"},
                       {"86d64a260059e495d0fb4fcc17ea3da7452391baa494d4b00321098ed2a0062f",
                        "13e6b25afb2eba51716a9a7d44130c0dbae0004a9ef8d7b5550c8a0e07c61775"}},
        .shares = {"001719ab5a53ee1a12095cd088fd149702c0720ce5fd2f29dbecf24b7281b603",
                   "bd86125de990acc5e1f13781d8e32c03a9bbd4c53539bbc106058bfd14326007"},
        .signature = "36282629c383bb820a88b71cae937d41f2f2adfcc3d02e55507e2fb9e2dd3cbe"
                     "bd9d2b0844e49ae0f3fa935161e1419aab7b47d21a37ebeae1f17d4987b3160b",
    },
    {
        .suite = &frost_ristretto255,
        .file = "frost_ristretto255_sha512.txt",
        .coefficients = {"1b25a55e463cfd15cf14a5d3acc3d15053f08da49c8afcf3ab265f2ebc4f970b",
                         "410f8b744b19325891d73736923525a4f596c805d060dfb9c98009d34e3fec02"},
        .public_key = "e2a62f39eede11269e3bd5a7d97554f5ca384f9f6d3dd9c3c0d05083c7254f57",
        .randomness = {{"f595a133b4d95c6e1f79887220c8b275ce6277e7f68a6640e1e7140f9be2fb5c",
                        "34dd1001360e3513cb37bebfabe7be4a32c5bb91ba19fbd4360d039111f0fbdc"},
                       {"daa0cf42a32617786d390e0c7edfbf2efbd428037069357b5173ae61d6dd5d5e",
                        "b4387e72b2e4108ce4168931cc2c7fcce5f345a5297368952c18b5fc8473f050"}},
        .shares = {"9285f875923ce7e0c491a592e9ea1865ec1b823ead4854b48c8a46287749ee09",
                   "7cb211fe0e3d59d25db6e36b3fb32344794139602a7b24f1ae0dc4e26ad7b908"},
        .signature = "fc45655fbc66bbffad654ea4ce5fdae253a49a64ace25d9adb62010dd9fb2555"
                     "2164141787162e5b4cab915b4aa45d94655dbb9ed7c378a53b980a0be220a802",
    },
};

/* A group of HOLDERS whose first SIGNERS sign "pay 5". */
struct group {
    const struct frost_suite *suite;
    uint8_t public_key[32];
    struct shamir_share keys[HOLDERS];
    uint8_t public_shares[HOLDERS][32];
    struct frost_nonces nonces[SIGNERS];
    struct frost_commitment commitments[SIGNERS];
    struct frost_share shares[SIGNERS];
};

static void group_init(struct group *group, const struct frost_suite *suite) {
    uint8_t coefficients[THRESHOLD][32], random[2][32];
    struct rng rng;
    ck_assert_int_ge(sodium_init(), 0);
    rng_init(&rng, 1, 0, "frost test");
    for (size_t i = 0; i < THRESHOLD; i++) {
        uint8_t wide[64];
        rng_fill(&rng, wide, sizeof wide);
        crypto_core_ristretto255_scalar_reduce(coefficients[i], wide);
    }
    group->suite = suite;
    ck_assert_int_eq(frost_public_key(suite, group->public_key, coefficients[0]), OK);
    for (uint32_t i = 0; i < HOLDERS; i++) {
        struct shamir_share *key = &group->keys[i];
        ck_assert_int_eq(shamir_share_of(key, i + 1, coefficients, THRESHOLD), OK);
        ck_assert_int_eq(frost_public_key(suite, group->public_shares[i], key->scalar), OK);
    }
    for (uint32_t i = 0; i < SIGNERS; i++) {
        rng_fill(&rng, random, sizeof random);
        ck_assert_int_eq(
            frost_commit(suite, &group->nonces[i], &group->keys[i], random[0], random[1]), OK);
        group->commitments[i] = group->nonces[i].commitment;
    }
}

static int start(struct frost_session *session, const struct group *group, size_t count) {
    return frost_session_init(session, group->suite, group->public_key, group->commitments, count,
                              THRESHOLD, "pay 5", 5);
}

static void sign_all(const struct frost_session *session, struct group *group) {
    for (size_t i = 0; i < SIGNERS; i++)
        ck_assert_int_eq(frost_sign(session, &group->keys[i], &group->nonces[i], &group->shares[i]),
                         OK);
}

START_TEST(published_figures) {
    const struct published *row = &published[_i];
    uint8_t coefficients[2][32], expected[64], public_key[32], public_shares[2][32], signature[64];
    struct shamir_share keys[2];
    struct frost_nonces nonces[2];
    struct frost_commitment commitments[2];
    struct frost_session session;
    struct frost_share shares[2];
    uint32_t culprit;
    ck_assert_int_ge(sodium_init(), 0);
    hex_decode(row->coefficients[0], coefficients[0], 32);
    hex_decode(row->coefficients[1], coefficients[1], 32);
    hex_decode(row->public_key, expected, 32);
    ck_assert_int_eq(frost_public_key(row->suite, public_key, coefficients[0]), OK);
    ck_assert_mem_eq(public_key, expected, 32);
    for (uint32_t i = 0; i < 2; i++) {
        uint8_t hiding[32], binding[32];
        hex_decode(row->randomness[i][0], hiding, 32);
        hex_decode(row->randomness[i][1], binding, 32);
        ck_assert_int_eq(shamir_share_of(&keys[i], 2 * i + 1, coefficients, 2), OK);
        ck_assert_int_eq(frost_public_key(row->suite, public_shares[i], keys[i].scalar), OK);
        ck_assert_int_eq(frost_commit(row->suite, &nonces[i], &keys[i], hiding, binding), OK);
        commitments[i] = nonces[i].commitment;
    }
    ck_assert_int_eq(
        frost_session_init(&session, row->suite, public_key, commitments, 2, 2, "test", 4), OK);
    for (size_t i = 0; i < 2; i++) {
        hex_decode(row->shares[i], expected, 32);
        ck_assert_int_eq(frost_sign(&session, &keys[i], &nonces[i], &shares[i]), OK);
        ck_assert_mem_eq(shares[i].scalar, expected, 32);
    }
    hex_decode(row->signature, expected, 64);
    ck_assert_int_eq(frost_aggregate(&session, shares, public_shares, &culprit, signature), OK);
    ck_assert_mem_eq(signature, expected, 64);
    ck_assert_int_eq(frost_verify(row->suite, public_key, "test", 4, signature), OK);
    if (row->suite == &frost_ed25519) {
        const uint8_t *message = (const uint8_t *)"test";
        ck_assert_int_eq(crypto_sign_verify_detached(signature, message, 4, public_key), 0);
    }
}
END_TEST

/* One run through a vector file, whose records are: the group, its two signers, the result. */
struct vector_run {
    const struct frost_suite *suite;
    struct vectors vectors;
    size_t checked;
    uint8_t public_key[32];
    uint8_t *message;
    size_t message_size;
    struct shamir_share keys[2];
    uint8_t public_shares[2][32];
    struct frost_nonces nonces[2];
    struct frost_commitment commitments[2];
    uint8_t binding_inputs[2][FROST_BINDING_BYTES + SCALAR_BYTES];
    uint8_t binding_factors[2][32];
    uint8_t lambdas[2][32];
    uint8_t shares[2][32];
};

static void next_record(struct vector_run *run) {
    ck_assert(vectors_next(&run->vectors));
    run->checked++;
}

static void expect_field(const struct vector_run *run, const char *key, const uint8_t *actual,
                         size_t size) {
    uint8_t expected[256];
    ck_assert_uint_le(size, sizeof expected);
    vectors_bytes(&run->vectors, key, expected, size);
    ck_assert_mem_eq(actual, expected, size);
}

static void group_record(struct vector_run *run) {
    static const char *const names[] = {"P1_participant_share", "P2_participant_share",
                                        "P3_participant_share"};
    uint8_t coefficients[2][32];
    next_record(run);
    ck_assert_uint_eq(vectors_number(&run->vectors, "MAX_PARTICIPANTS"), ARRAY_LEN(names));
    ck_assert_uint_eq(vectors_number(&run->vectors, "MIN_PARTICIPANTS"), 2);
    ck_assert_uint_eq(vectors_number(&run->vectors, "NUM_PARTICIPANTS"), 2);
    ck_assert_str_eq(vectors_text(&run->vectors, "participant_list"), "1,3");
    vectors_bytes(&run->vectors, "group_secret_key", coefficients[0], 32);
    vectors_bytes(&run->vectors, "share_polynomial_coefficient_1", coefficients[1], 32);
    ck_assert_int_eq(frost_public_key(run->suite, run->public_key, coefficients[0]), OK);
    expect_field(run, "group_public_key", run->public_key, 32);
    run->message = vectors_bytes_new(&run->vectors, "message", &run->message_size);
    for (uint32_t holder = 1; holder <= ARRAY_LEN(names); holder++) {
        struct shamir_share share;
        ck_assert_int_eq(shamir_share_of(&share, holder, coefficients, 2), OK);
        expect_field(run, names[holder - 1], share.scalar, 32);
        if (holder % 2 == 1)
            run->keys[holder / 2] = share;
    }
    ck_assert_uint_eq(run->vectors.count, 11);
}

static void signer_record(struct vector_run *run, size_t i) {
    struct frost_nonces *nonces = &run->nonces[i];
    uint8_t hiding[32], binding[32];
    next_record(run);
    ck_assert_uint_eq(vectors_number(&run->vectors, "identifier"), run->keys[i].holder);
    vectors_bytes(&run->vectors, "hiding_nonce_randomness", hiding, 32);
    vectors_bytes(&run->vectors, "binding_nonce_randomness", binding, 32);
    ck_assert_int_eq(frost_commit(run->suite, nonces, &run->keys[i], hiding, binding), OK);
    ck_assert_int_eq(frost_public_key(run->suite, run->public_shares[i], run->keys[i].scalar), OK);
    expect_field(run, "hiding_nonce", nonces->hiding, 32);
    expect_field(run, "binding_nonce", nonces->binding, 32);
    expect_field(run, "hiding_nonce_commitment", nonces->commitment.hiding, 32);
    expect_field(run, "binding_nonce_commitment", nonces->commitment.binding, 32);
    run->commitments[i] = nonces->commitment;
    vectors_bytes(&run->vectors, "binding_factor_input", run->binding_inputs[i],
                  sizeof run->binding_inputs[i]);
    vectors_bytes(&run->vectors, "binding_factor", run->binding_factors[i], 32);
    vectors_bytes(&run->vectors, "lambda_i", run->lambdas[i], 32);
    vectors_bytes(&run->vectors, "sig_share", run->shares[i], 32);
    ck_assert_uint_eq(run->vectors.count, 11);
}

static void check_signer(struct vector_run *run, const struct frost_session *session, size_t i,
                         struct frost_share *share) {
    uint8_t scalar[32];
    ck_assert_mem_eq(session->binding_input, run->binding_inputs[i], FROST_BINDING_BYTES);
    scalar_from_number(scalar, run->keys[i].holder);
    ck_assert_mem_eq(scalar, run->binding_inputs[i] + FROST_BINDING_BYTES, 32);
    frost_binding_factor(session, i, scalar);
    ck_assert_mem_eq(scalar, run->binding_factors[i], 32);
    ck_assert_int_eq(shamir_lagrange(scalar, &run->keys[0].holder, sizeof run->keys[0], 2, i), OK);
    ck_assert_mem_eq(scalar, run->lambdas[i], 32);
    ck_assert_int_eq(frost_sign(session, &run->keys[i], &run->nonces[i], share), OK);
    ck_assert_mem_eq(share->scalar, run->shares[i], 32);
    ck_assert_int_eq(frost_share_verify(session, share, run->public_shares[i]), OK);
}

START_TEST(every_vector_field) {
    struct vector_run run = {.suite = published[_i].suite};
    struct frost_session session;
    struct frost_share shares[2];
    uint8_t signature[64];
    uint32_t culprit;
    ck_assert_int_ge(sodium_init(), 0);
    if (!vectors_open(&run.vectors, published[_i].file))
        return;
    group_record(&run);
    signer_record(&run, 0);
    signer_record(&run, 1);
    next_record(&run);
    ck_assert_uint_eq(run.vectors.count, 3);
    ck_assert_int_eq(frost_session_init(&session, run.suite, run.public_key, run.commitments, 2, 2,
                                        run.message, run.message_size),
                     OK);
    expect_field(&run, "group_commitment", session.group_commitment, 32);
    expect_field(&run, "challenge", session.challenge, 32);
    check_signer(&run, &session, 0, &shares[0]);
    check_signer(&run, &session, 1, &shares[1]);
    ck_assert_int_eq(frost_aggregate(&session, shares, run.public_shares, &culprit, signature), OK);
    expect_field(&run, "sig", signature, 64);
    ck_assert(!vectors_next(&run.vectors));
    vectors_close(&run.vectors, run.checked);
    free(run.message);
}
END_TEST

START_TEST(any_three_or_more_sign) {
    struct group group;
    group_init(&group, published[_i].suite);
    for (unsigned set = 0; set < 1 << SIGNERS; set++) {
        struct frost_commitment list[SIGNERS];
        struct frost_share shares[SIGNERS];
        struct frost_session session;
        uint8_t public_shares[SIGNERS][32], signature[64];
        uint32_t culprit;
        size_t count = 0;
        for (size_t i = 0; i < SIGNERS; i++)
            if (set >> i & 1)
                list[count++] = group.commitments[i];
        int error = frost_session_init(&session, group.suite, group.public_key, list, count,
                                       THRESHOLD, "pay 5", 5);
        ck_assert_int_eq(error, count < THRESHOLD ? ERR_NOT_ENOUGH : OK);
        if (error)
            continue;
        for (size_t k = 0; k < count; k++) {
            size_t i = list[k].holder - 1;
            struct frost_nonces nonces = group.nonces[i];
            ck_assert_int_eq(frost_sign(&session, &group.keys[i], &nonces, &shares[k]), OK);
            memcpy(public_shares[k], group.public_shares[i], 32);
        }
        ck_assert_int_eq(frost_aggregate(&session, shares, public_shares, &culprit, signature), OK);
        ck_assert_int_eq(frost_verify(group.suite, group.public_key, "pay 5", 5, signature), OK);
        ck_assert_int_eq(frost_verify(group.suite, group.public_key, "pay 6", 5, signature),
                         ERR_SIGNATURE);
        for (size_t bit = 0; bit < 512; bit += 5) {
            signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
            ck_assert_int_lt(frost_verify(group.suite, group.public_key, "pay 5", 5, signature), 0);
            signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
    }
}
END_TEST

START_TEST(nonces_serve_once) {
    static const uint8_t zeros[32];
    struct group group;
    struct frost_session session, other;
    struct frost_share again;
    group_init(&group, published[_i].suite);
    ck_assert_int_eq(start(&session, &group, SIGNERS), OK);
    ck_assert_int_eq(frost_session_init(&other, group.suite, group.public_key, group.commitments,
                                        SIGNERS, THRESHOLD, "pay 6", 5),
                     OK);
    sign_all(&session, &group);
    for (size_t i = 0; i < SIGNERS; i++) {
        ck_assert(group.nonces[i].used);
        ck_assert_mem_eq(group.nonces[i].hiding, zeros, 32);
        ck_assert_mem_eq(group.nonces[i].binding, zeros, 32);
        ck_assert_int_eq(frost_sign(&session, &group.keys[i], &group.nonces[i], &again),
                         ERR_UNSAFE);
        ck_assert_int_eq(frost_sign(&other, &group.keys[i], &group.nonces[i], &again), ERR_UNSAFE);
    }
}
END_TEST

START_TEST(signer_checks_the_list) {
    struct group group;
    struct frost_session session;
    struct frost_share share;
    group_init(&group, published[_i].suite);
    memcpy(group.commitments[1].hiding, group.commitments[0].hiding, 32);
    ck_assert_int_eq(start(&session, &group, SIGNERS), OK);
    ck_assert_int_eq(frost_sign(&session, &group.keys[1], &group.nonces[1], &share), ERR_MISMATCH);
    ck_assert_int_eq(frost_sign(&session, &group.keys[0], &group.nonces[1], &share), ERR_MISMATCH);
    ck_assert_int_eq(frost_sign(&session, &group.keys[4], &group.nonces[1], &share),
                     ERR_NOT_MEMBER);
    ck_assert(!group.nonces[1].used);
    memcpy(group.commitments[1].hiding, group.nonces[1].commitment.hiding, 32);
    memcpy(group.commitments[1].binding, group.commitments[0].binding, 32);
    ck_assert_int_eq(start(&session, &group, SIGNERS), OK);
    ck_assert_int_eq(frost_sign(&session, &group.keys[1], &group.nonces[1], &share), ERR_MISMATCH);
    ck_assert_int_eq(frost_sign(&session, &group.keys[0], &group.nonces[0], &share), OK);
}
END_TEST

START_TEST(bad_signer_is_named) {
    struct group group;
    struct frost_session session;
    uint8_t signature[64], order[32];
    uint32_t culprit;
    group_init(&group, published[_i].suite);
    ck_assert_int_eq(start(&session, &group, SIGNERS), OK);
    sign_all(&session, &group);
    for (size_t bad = 0; bad < SIGNERS; bad++) {
        const struct frost_share honest = group.shares[bad];
        for (size_t bit = 0; bit < 256; bit += 23) {
            group.shares[bad].scalar[bit / 8] ^= (uint8_t)(1 << bit % 8);
            for (size_t i = 0; i < SIGNERS; i++)
                ck_assert_int_eq(
                    frost_share_verify(&session, &group.shares[i], group.public_shares[i]) == OK,
                    i != bad);
            ck_assert_int_eq(
                frost_aggregate(&session, group.shares, group.public_shares, &culprit, signature),
                ERR_SIGNATURE);
            ck_assert_uint_eq(culprit, bad + 1);
            group.shares[bad] = honest;
        }
        memset(group.shares[bad].scalar, 0xff, 32);
        ck_assert_int_eq(frost_share_verify(&session, &group.shares[bad], group.public_shares[bad]),
                         ERR_NON_CANONICAL);
        memset(group.shares[bad].scalar, 0, 32);
        ck_assert_int_eq(frost_share_verify(&session, &group.shares[bad], group.public_shares[bad]),
                         ERR_SIGNATURE);
        group.shares[bad] = honest;
    }
    /* z + L is the same number, so only the range check can refuse it. */
    hex_decode("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010", order, 32);
    sodium_add(group.shares[1].scalar, order, sizeof order);
    ck_assert_int_eq(
        frost_aggregate(&session, group.shares, group.public_shares, &culprit, signature),
        ERR_SIGNATURE);
    ck_assert_uint_eq(culprit, 2);
    group.shares[2].holder = 5;
    ck_assert_int_eq(frost_share_verify(&session, &group.shares[2], group.public_shares[4]),
                     ERR_NOT_MEMBER);
    ck_assert_int_eq(
        frost_aggregate(&session, group.shares, group.public_shares, &culprit, signature),
        ERR_CONFLICT);
}
END_TEST

/* The identity, two encodings of no reduced number, and 2, which neither group has an element for.
 */
static void make_bad_element(uint8_t out[32], const struct frost_suite *suite, size_t kind) {
    memcpy(out, suite->identity, 32);
    if (kind == 1)
        hex_decode("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", out, 32);
    if (kind == 2)
        memset(out, 0xff, 32);
    if (kind == 3)
        hex_decode("0200000000000000000000000000000000000000000000000000000000000000", out, 32);
}

START_TEST(malformed_input_is_refused) {
    struct group group, broken;
    struct frost_session session;
    struct frost_share share;
    uint8_t bad[32], signature[64] = {0};
    group_init(&group, published[_i].suite);
    ck_assert_int_eq(start(&session, &group, SIGNERS), OK);
    ck_assert_int_eq(frost_sign(&session, &group.keys[0], &group.nonces[0], &share), OK);
    for (size_t kind = 0; kind < 4; kind++) {
        struct frost_session refused;
        make_bad_element(bad, group.suite, kind);
        broken = group;
        memcpy(broken.commitments[3].hiding, bad, 32);
        ck_assert_int_eq(start(&refused, &broken, SIGNERS), ERR_NON_CANONICAL);
        broken = group;
        memcpy(broken.commitments[0].binding, bad, 32);
        ck_assert_int_eq(start(&refused, &broken, SIGNERS), ERR_NON_CANONICAL);
        broken = group;
        memcpy(broken.public_key, bad, 32);
        ck_assert_int_eq(start(&refused, &broken, SIGNERS), ERR_NON_CANONICAL);
        ck_assert_int_eq(frost_verify(group.suite, bad, "", 0, signature), ERR_NON_CANONICAL);
        memcpy(signature, bad, 32);
        ck_assert_int_eq(frost_verify(group.suite, group.public_key, "", 0, signature),
                         ERR_NON_CANONICAL);
        ck_assert_int_eq(frost_share_verify(&session, &share, bad), ERR_NON_CANONICAL);
    }
    memcpy(signature, session.group_commitment, 32);
    memset(signature + 32, 0xff, 32);
    ck_assert_int_eq(frost_verify(group.suite, group.public_key, "pay 5", 5, signature),
                     ERR_NON_CANONICAL);
}
END_TEST

START_TEST(bad_lists_are_refused) {
    static const uint8_t zero[32], ones[32] = {[31] = 0xff};
    struct group group, broken;
    struct frost_session session;
    uint8_t element[32];
    group_init(&group, published[_i].suite);
    ck_assert_int_eq(start(&session, &group, THRESHOLD - 1), ERR_NOT_ENOUGH);
    ck_assert_int_eq(
        frost_session_init(&session, group.suite, group.public_key, group.commitments, 0, 0, "", 0),
        ERR_INVALID);
    broken = group;
    broken.commitments[1].holder = 1;
    ck_assert_int_eq(start(&session, &broken, SIGNERS), ERR_INVALID);
    broken.commitments[1] = group.commitments[2];
    broken.commitments[2] = group.commitments[1];
    ck_assert_int_eq(start(&session, &broken, SIGNERS), ERR_INVALID);
    broken = group;
    broken.commitments[0].holder = 0;
    ck_assert_int_eq(start(&session, &broken, SIGNERS), ERR_INVALID);
    broken.keys[0].holder = 0;
    ck_assert_int_eq(frost_commit(group.suite, &broken.nonces[0], &broken.keys[0], zero, ones),
                     ERR_INVALID);
    ck_assert_int_eq(frost_public_key(group.suite, element, zero), ERR_INVALID);
    ck_assert_int_eq(frost_public_key(group.suite, element, ones), ERR_NON_CANONICAL);
}
END_TEST

Suite *threshold_frost_suite(void) {
    const int suites = ARRAY_LEN(published);
    Suite *suite = suite_create("threshold_frost");
    TCase *tcase = tcase_create("threshold_frost");
    tcase_add_loop_test(tcase, published_figures, 0, suites);
    tcase_add_loop_test(tcase, every_vector_field, 0, suites);
    tcase_add_loop_test(tcase, any_three_or_more_sign, 0, suites);
    tcase_add_loop_test(tcase, nonces_serve_once, 0, suites);
    tcase_add_loop_test(tcase, signer_checks_the_list, 0, suites);
    tcase_add_loop_test(tcase, bad_signer_is_named, 0, suites);
    tcase_add_loop_test(tcase, malformed_input_is_refused, 0, suites);
    tcase_add_loop_test(tcase, bad_lists_are_refused, 0, suites);
    suite_add_tcase(suite, tcase);
    return suite;
}
