/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A record's promises are evidence that anyone can check, and every field of it is bound. */
#include "pipeline/record.h"

#include <check.h>
#include <string.h>

#include "base/error.h"
#include "clock/hlc.h"
#include "coding/erasure.h"
#include "tests/lib/company.h"
#include "tests/lib/property.h"
#include "tests/lib/steps.h"

#define SENDER  0
#define MEMBER  1 /* of the city's committee */
#define COMPANY 12
#define PIECES  10
#define NEEDED  6
#define ACKS    7
#define ROOM    4096

struct evidence {
    struct company company;
    struct tx_record record;
    uint8_t signatures[PIECES][LIMIT_SIGNATURE_BYTES];
    uint8_t bytes[ROOM];
    size_t size;
};

static struct evidence evidence;

static void sign(uint32_t at) {
    struct promise promise;
    tx_record_promise(&evidence.record, at, &promise);
    promise_sign(evidence.company.directory.suite,
                 evidence.company.identities[promise.holder].secret_key, &promise,
                 evidence.signatures[at]);
}

static void encode(void) {
    struct writer writer;
    size_t signature_bytes = evidence.company.directory.suite->signature_bytes;
    evidence.size = tx_record_bytes(&evidence.record, signature_bytes);
    writer_init(&writer, evidence.bytes, sizeof evidence.bytes);
    tx_record_write(&writer, &evidence.record, signature_bytes);
    ck_assert_int_eq(writer.error, OK);
    ck_assert_uint_eq(writer.at, evidence.size);
}

static void setup(const char *provider) {
    uint8_t lot[VRF_OUTPUT_SIZE];
    company_init(&evidence.company, COMPANY, "ed25519", provider);
    struct tx_record *record = &evidence.record;
    *record = (struct tx_record){.content = {{7}},
                                 .commitment = {{8}},
                                 .origin = SENDER,
                                 .number = 5,
                                 .expiry = 30 * NS_PER_S,
                                 .size = 511,
                                 .pieces = PIECES,
                                 .needed = NEEDED,
                                 .promise_count = ACKS};
    transaction_id(&record->id, SENDER, record->number, record->expiry, &record->content);
    identity_vrf_prove(&evidence.company.envs[SENDER], record->id.bytes, DIGEST_BYTES,
                       record->proof, lot);
    for (uint32_t i = 0; i < ACKS; i++) {
        record->promises[i] = (struct record_promise){.holder = 2 + i,
                                                      .index = (uint16_t)(9 - i),
                                                      .nonce = 1000 + i,
                                                      .stamp = hlc_stamp(1500, (uint16_t)i),
                                                      .root = {{(uint8_t)(40 + i)}},
                                                      .signature = evidence.signatures[i]};
        sign(i);
    }
    encode();
}

static void setup_real(void) {
    setup("real");
}

static void setup_modelled(void) {
    setup("modelled");
}

static void teardown(void) {
    company_deinit(&evidence.company);
}

/* What a member of the committee makes of @size bytes. */
static int judge(const uint8_t *bytes, size_t size, uint32_t acks) {
    struct env *env = &evidence.company.envs[MEMBER];
    uint8_t lot[VRF_OUTPUT_SIZE];
    struct tx_record read;
    int error = tx_record_read(bytes, size, identity_signature_bytes(env), &read);
    if (error == OK)
        error = tx_record_verify(env, &read, acks, lot);
    steps_drain(env);
    return error;
}

START_TEST(a_member_checks_the_promises) {
    struct promise promise;
    ck_assert_int_eq(judge(evidence.bytes, evidence.size, ACKS), OK);
    ck_assert_int_eq(judge(evidence.bytes, evidence.size, ACKS + 1), ERR_NOT_ENOUGH);
    tx_record_promise(&evidence.record, 0, &promise);
    ck_assert_uint_eq(promise.size, erasure_piece_size(NEEDED, 511));
    ck_assert_uint_eq(promise.sender, SENDER);
    ck_assert_uint_eq(promise.index, 9);
}
END_TEST

START_TEST(every_altered_byte_is_noticed) {
    const size_t pieces = 3 * DIGEST_BYTES + 4 + 8 + 8 + 4; /* so many there might be */
    for (size_t at = 0; at < evidence.size; at++) {
        evidence.bytes[at] ^= 1;
        int error = judge(evidence.bytes, evidence.size, ACKS);
        ck_assert_msg((error == OK) == (at == pieces), "byte %zu: %s", at, error_name(error));
        evidence.bytes[at] ^= 1;
    }
    for (size_t size = 0; size < evidence.size; size++)
        ck_assert_int_eq(judge(evidence.bytes, size, ACKS), ERR_TRUNCATED);
    ck_assert_int_eq(judge(evidence.bytes, evidence.size + 1, ACKS), ERR_TRAILING);
}
END_TEST

START_TEST(promises_count_once) {
    struct record_promise *promises = evidence.record.promises;
    struct record_promise kept = promises[3];
    promises[3] = promises[2];
    encode();
    ck_assert_int_eq(judge(evidence.bytes, evidence.size, ACKS), ERR_DUPLICATE);
    promises[3] = kept;
    promises[3].holder = promises[2].holder; /* two pieces at one holder */
    sign(3);
    encode();
    ck_assert_int_eq(judge(evidence.bytes, evidence.size, ACKS), ERR_DUPLICATE);
    promises[3] = kept;
    promises[3].index = PIECES; /* there is no such piece */
    sign(3);
    encode();
    ck_assert_int_eq(judge(evidence.bytes, evidence.size, ACKS), ERR_INVALID);
    promises[3] = kept;
    promises[3].holder = COMPANY; /* nor such a holder */
    encode();
    ck_assert_int_eq(judge(evidence.bytes, evidence.size, ACKS), ERR_SIGNATURE);
}
END_TEST

START_TEST(fields_out_of_range_are_refused) {
    const struct tx_record good = evidence.record;
    struct tx_record cases[6];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        cases[i] = good;
    cases[0].needed = 0;
    cases[1].needed = PIECES + 1;
    cases[2].size = 0;
    cases[3].size = LIMIT_TRANSACTION_BYTES + 1;
    cases[4].expiry = 0;
    cases[5].expiry = -1;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        evidence.record = cases[i];
        encode();
        ck_assert_int_eq(judge(evidence.bytes, evidence.size, ACKS), ERR_INVALID);
    }
    evidence.record = good;
    evidence.record.expiry = 1500 * NS_PER_MS; /* promised when it had expired */
    transaction_id(&evidence.record.id, SENDER, good.number, evidence.record.expiry, &good.content);
    identity_vrf_prove(&evidence.company.envs[SENDER], evidence.record.id.bytes, DIGEST_BYTES,
                       evidence.record.proof, (uint8_t[VRF_OUTPUT_SIZE]){0});
    for (uint32_t i = 0; i < ACKS; i++)
        sign(i);
    encode();
    ck_assert_int_eq(judge(evidence.bytes, evidence.size, ACKS), ERR_INVALID);
}
END_TEST

/* New promises for the same transaction under a later expiry: what a city has forgotten would come
 * back. The id says no. */
START_TEST(an_id_binds_its_expiry) {
    evidence.record.expiry += NS_PER_S;
    for (uint32_t i = 0; i < ACKS; i++)
        sign(i);
    encode();
    ck_assert_int_eq(judge(evidence.bytes, evidence.size, ACKS), ERR_MISMATCH);
}
END_TEST

static enum verdict records_have_one_encoding(void *context, const uint8_t *bytes, size_t size) {
    static uint8_t again[8 * ROOM];
    size_t signature_bytes = evidence.company.directory.suite->signature_bytes;
    struct tx_record read;
    struct writer writer;
    if (tx_record_read(bytes, size, signature_bytes, &read) != OK)
        return VERDICT_REFUSED;
    writer_init(&writer, again, sizeof again);
    tx_record_write(&writer, &read, signature_bytes);
    bool same = writer.error == OK && writer.at == size && memcmp(again, bytes, size) == 0 &&
                tx_record_bytes(&read, signature_bytes) == size;
    if (judge(bytes, size, ACKS) != OK)
        return same ? VERDICT_REFUSED : VERDICT_BROKEN;
    return same ? VERDICT_ACCEPTED : VERDICT_BROKEN;
}

START_TEST(mutated_records_have_one_encoding) {
    const struct sample sample = {evidence.bytes, evidence.size};
    const struct property property = {.name = "transaction record",
                                      .samples = &sample,
                                      .sample_count = 1,
                                      .check = records_have_one_encoding};
    property_holds(&property, NULL);
}
END_TEST

Suite *record_suite(void) {
    Suite *suite = suite_create("record");
    TCase *real = tcase_create("real"), *modelled = tcase_create("modelled");
    tcase_add_checked_fixture(real, setup_real, teardown);
    tcase_add_checked_fixture(modelled, setup_modelled, teardown);
    tcase_add_test(real, a_member_checks_the_promises);
    tcase_add_test(real, every_altered_byte_is_noticed);
    tcase_add_test(modelled, a_member_checks_the_promises);
    tcase_add_test(modelled, every_altered_byte_is_noticed);
    tcase_add_test(modelled, promises_count_once);
    tcase_add_test(modelled, fields_out_of_range_are_refused);
    tcase_add_test(modelled, an_id_binds_its_expiry);
    tcase_add_test(modelled, mutated_records_have_one_encoding);
    suite_add_tcase(suite, real);
    suite_add_tcase(suite, modelled);
    return suite;
}
