/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Promises under every suite. */
#include "hold/promise.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/rng.h"
#include "clock/hlc.h"

/* A sender with its keys, a holder with its keys, and what the one asks of the other. */
struct parties {
    const struct suite *suite;
    struct rng rng;
    uint8_t sender_key[KEM_PUBLIC_SIZE], sender_secret[KEM_SECRET_SIZE];
    uint8_t holder_key[LIMIT_PUBLIC_KEY_BYTES], holder_secret[LIMIT_SECRET_KEY_BYTES];
    struct promise promise;
    uint8_t sealed[PROMISE_SEALED_MAX + 1]; /* and room for a byte too many */
    struct promise opened;
    uint8_t signature[LIMIT_SIGNATURE_BYTES];
};

static void sender_keys(struct parties *parties, uint8_t *public_key, uint8_t *secret_key) {
    uint8_t seed[SUITE_SEED_BYTES];
    rng_fill(&parties->rng, seed, sizeof seed);
    parties->suite->kem_keypair(seed, public_key, secret_key);
}

static void parties_init(struct parties *parties, size_t suite) {
    uint8_t seed[SUITE_SEED_BYTES];
    *parties = (struct parties){.suite = suite_at(suite)};
    rng_init(&parties->rng, 29, suite, "promise test");
    sender_keys(parties, parties->sender_key, parties->sender_secret);
    rng_fill(&parties->rng, seed, sizeof seed);
    parties->suite->keypair(parties->suite, seed, parties->holder_key, parties->holder_secret);
    parties->promise = (struct promise){.id = {{1}},
                                        .commitment = {{2}},
                                        .root = {{3}},
                                        .size = 5000,
                                        .index = 7,
                                        .sender = 3,
                                        .holder = 4,
                                        .nonce = 77,
                                        .stamp = hlc_stamp(10000, 3),
                                        .expiry = 20 * NS_PER_S};
}

static void seal(struct parties *parties) {
    uint8_t seed[SUITE_SEED_BYTES];
    rng_fill(&parties->rng, seed, sizeof seed);
    ck_assert_int_eq(promise_seal(parties->suite, parties->holder_secret, parties->sender_key, seed,
                                  &parties->promise, parties->sealed),
                     OK);
}

static int open_as(struct parties *parties, const struct promise *terms, time_ns now, size_t size) {
    const struct promise_opening opening = {.sender_secret = parties->sender_secret,
                                            .holder_key = parties->holder_key,
                                            .terms = terms,
                                            .now = now};
    return promise_open(parties->suite, &opening, parties->sealed, size, &parties->opened,
                        parties->signature);
}

static int open_at(struct parties *parties, time_ns now) {
    return open_as(parties, &parties->promise, now, promise_sealed_bytes(parties->suite));
}

START_TEST(an_opened_promise_is_evidence) {
    struct parties parties;
    uint8_t first[PROMISE_BYTES], second[PROMISE_BYTES];
    struct writer writer;
    parties_init(&parties, (size_t)_i);
    seal(&parties);
    ck_assert_int_eq(open_at(&parties, 11 * NS_PER_S), OK);
    writer_init(&writer, first, sizeof first);
    promise_write(&writer, &parties.promise);
    ck_assert_uint_eq(writer.at, sizeof first);
    writer_init(&writer, second, sizeof second);
    promise_write(&writer, &parties.opened);
    ck_assert_mem_eq(first, second, sizeof first);
    ck_assert_int_eq(
        promise_verify(parties.suite, parties.holder_key, &parties.opened, parties.signature), OK);
    parties.opened.index ^= 1;
    ck_assert_int_eq(
        promise_verify(parties.suite, parties.holder_key, &parties.opened, parties.signature),
        ERR_SIGNATURE);
}
END_TEST

START_TEST(it_binds_from_issue_to_expiry) {
    struct parties parties;
    parties_init(&parties, (size_t)_i);
    seal(&parties);
    const time_ns issued = (time_ns)hlc_milliseconds(parties.promise.stamp) * NS_PER_MS;
    const time_ns expiry = parties.promise.expiry;
    ck_assert_int_eq(open_at(&parties, issued - PROMISE_CLOCK_OFFSET_MAX - 1), ERR_FUTURE);
    ck_assert_int_eq(open_at(&parties, issued - PROMISE_CLOCK_OFFSET_MAX), OK);
    ck_assert_int_eq(open_at(&parties, expiry - 1), OK);
    ck_assert_int_eq(open_at(&parties, expiry), ERR_EXPIRED);
    parties.promise.stamp = hlc_stamp((INT64_MAX - 1) / NS_PER_MS, UINT16_MAX);
    parties.promise.expiry = INT64_MAX;
    seal(&parties);
    ck_assert_int_eq(open_at(&parties, -NS_PER_S), ERR_FUTURE);
    ck_assert_int_eq(open_at(&parties, INT64_MAX - PROMISE_CLOCK_OFFSET_MAX), OK);
}
END_TEST

START_TEST(altered_promises_are_refused) {
    struct parties parties;
    parties_init(&parties, (size_t)_i);
    seal(&parties);
    const size_t size = promise_sealed_bytes(parties.suite);
    for (size_t at = 0; at < size; at += at < KEM_CIPHERTEXT_SIZE ? 31 : 5) {
        parties.sealed[at] ^= 4;
        ck_assert_int_eq(open_at(&parties, 11 * NS_PER_S), ERR_PROOF);
        parties.sealed[at] ^= 4;
    }
    /* The ciphertext's padding bits: a second encoding of it must not pass either. */
    parties.sealed[KEM_CIPHERTEXT_SIZE - 1] ^= 0x80;
    ck_assert_int_eq(open_at(&parties, 11 * NS_PER_S), ERR_PROOF);
    parties.sealed[KEM_CIPHERTEXT_SIZE - 1] ^= 0x80;
    ck_assert_int_eq(open_as(&parties, &parties.promise, 11 * NS_PER_S, size - 1), ERR_TRUNCATED);
    ck_assert_int_eq(open_as(&parties, &parties.promise, 11 * NS_PER_S, size + 1), ERR_TRAILING);
    ck_assert_int_eq(open_at(&parties, 11 * NS_PER_S), OK);
}
END_TEST

START_TEST(it_answers_one_request_of_one_sender) {
    struct parties parties;
    parties_init(&parties, (size_t)_i);
    seal(&parties);
    const size_t size = promise_sealed_bytes(parties.suite);
    struct promise request = parties.promise;
    request.nonce++;
    ck_assert_int_eq(open_as(&parties, &request, 11 * NS_PER_S, size), ERR_STALE);
    struct promise others[8];
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        others[i] = parties.promise;
    others[0].id.bytes[31]++;
    others[1].root.bytes[31]++;
    others[2].size++;
    others[3].index++;
    others[4].sender++;
    others[5].holder++;
    others[6].expiry++;
    others[7].commitment.bytes[0]++;
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        ck_assert_int_eq(open_as(&parties, &others[i], 11 * NS_PER_S, size), ERR_MISMATCH);
    uint8_t ignored[KEM_PUBLIC_SIZE];
    sender_keys(&parties, ignored, parties.sender_secret);
    ck_assert_int_eq(open_at(&parties, 11 * NS_PER_S), ERR_PROOF);
}
END_TEST

START_TEST(another_holders_signature_is_refused) {
    struct parties parties;
    uint8_t seed[SUITE_SEED_BYTES] = {1}, ignored[LIMIT_PUBLIC_KEY_BYTES];
    parties_init(&parties, (size_t)_i);
    parties.suite->keypair(parties.suite, seed, ignored, parties.holder_secret);
    seal(&parties);
    ck_assert_int_eq(open_at(&parties, 11 * NS_PER_S), ERR_SIGNATURE);
}
END_TEST

/* Fields out of range: no encoding of them is read, sealed or taken for signed. */
START_TEST(fields_out_of_range_are_refused) {
    struct parties parties;
    uint8_t seed[SUITE_SEED_BYTES] = {1}, bytes[PROMISE_BYTES];
    struct promise read;
    struct writer writer;
    struct reader reader;
    parties_init(&parties, (size_t)_i);
    const struct {
        uint64_t stamp;
        time_ns expiry;
        uint32_t size;
    } cases[] = {
        {hlc_stamp(5, 0), 5 * NS_PER_MS, 1},
        {hlc_stamp(6, 0), 5 * NS_PER_MS, 1},
        {0, 0, 1},
        {0, -1, 1},
        {UINT64_MAX, INT64_MAX, 1},
        {0, INT64_MIN, 1},
        {hlc_stamp(4, 0), 5 * NS_PER_MS, 0},
        {hlc_stamp(4, 0), 5 * NS_PER_MS, UINT32_MAX},
        {0, NS_PER_S, LIMIT_TRANSACTION_BYTES + 1},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        parties.promise.stamp = cases[i].stamp;
        parties.promise.expiry = cases[i].expiry;
        parties.promise.size = cases[i].size;
        writer_init(&writer, bytes, sizeof bytes);
        promise_write(&writer, &parties.promise);
        reader_init(&reader, bytes, sizeof bytes);
        promise_read(&reader, &read);
        ck_assert_int_eq(reader_finish(&reader), ERR_INVALID);
        ck_assert_int_eq(promise_seal(parties.suite, parties.holder_secret, parties.sender_key,
                                      seed, &parties.promise, parties.sealed),
                         ERR_INVALID);
        promise_sign(parties.suite, parties.holder_secret, &parties.promise, parties.signature);
        ck_assert_int_eq(
            promise_verify(parties.suite, parties.holder_key, &parties.promise, parties.signature),
            ERR_INVALID);
    }
    parties.promise.stamp = hlc_stamp(4, UINT16_MAX);
    parties.promise.expiry = 5 * NS_PER_MS;
    parties.promise.size = LIMIT_TRANSACTION_BYTES;
    seal(&parties);
    ck_assert_int_eq(open_at(&parties, 4 * NS_PER_MS), OK);
}
END_TEST

/* The same promise sealed twice has two ciphertexts; what a holder sends again is the first one. */
START_TEST(each_sealing_takes_its_own_secret) {
    struct parties parties;
    uint8_t first[PROMISE_SEALED_MAX];
    parties_init(&parties, (size_t)_i);
    const size_t size = promise_sealed_bytes(parties.suite);
    seal(&parties);
    memcpy(first, parties.sealed, size);
    seal(&parties);
    ck_assert_int_ne(memcmp(first, parties.sealed, KEM_CIPHERTEXT_SIZE), 0);
    /* Neither half opens with the other's. */
    memcpy(parties.sealed, first, KEM_CIPHERTEXT_SIZE);
    ck_assert_int_eq(open_at(&parties, 11 * NS_PER_S), ERR_PROOF);
}
END_TEST

Suite *promise_suite(void) {
    Suite *suite = suite_create("promise");
    TCase *tcase = tcase_create("promise");
    int count = 0;
    while (suite_at((size_t)count) != NULL)
        count++;
    tcase_add_loop_test(tcase, an_opened_promise_is_evidence, 0, count);
    tcase_add_loop_test(tcase, it_binds_from_issue_to_expiry, 0, count);
    tcase_add_loop_test(tcase, altered_promises_are_refused, 0, count);
    tcase_add_loop_test(tcase, it_answers_one_request_of_one_sender, 0, count);
    tcase_add_loop_test(tcase, another_holders_signature_is_refused, 0, count);
    tcase_add_loop_test(tcase, fields_out_of_range_are_refused, 0, count);
    tcase_add_loop_test(tcase, each_sealing_takes_its_own_secret, 0, count);
    suite_add_tcase(suite, tcase);
    return suite;
}
