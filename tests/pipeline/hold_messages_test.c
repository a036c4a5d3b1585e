/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * S3's messages against everything that may happen to them on the way, and who may send them. */
#include "pipeline/hold_messages.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "clock/hlc.h"
#include "tests/lib/company.h"
#include "tests/lib/property.h"
#include "tests/lib/steps.h"

enum { SENDER, HOLDER, STRANGER, COMPANY };

#define NOW (3 * NS_PER_S)

static struct company company;
static struct hold_request request;

static void setup(const char *provider) {
    company_init(&company, COMPANY, "ed25519", provider);
    company_at(&company, NOW);
    request = (struct hold_request){.number = 12,
                                    .terms = {.id = {{1}},
                                              .commitment = {{2}},
                                              .root = {{3}},
                                              .size = 86,
                                              .index = 4,
                                              .sender = SENDER,
                                              .holder = HOLDER,
                                              .nonce = 99,
                                              .expiry = NOW + 30 * NS_PER_S}};
}

static void setup_real(void) {
    setup("real");
}

static void setup_modelled(void) {
    setup("modelled");
}

static void teardown(void) {
    for (node_id node = 0; node < COMPANY; node++)
        steps_drain(&company.envs[node]);
    company_deinit(&company);
}

static int open_at(node_id self, node_id from, struct frame *frame, time_ns now,
                   struct hold_request *read) {
    struct message message;
    int error = message_parse(&message, frame);
    return error != OK ? error : hold_request_open(&company.envs[self], from, &message, now, read);
}

START_TEST(a_request_reaches_its_holder_alone) {
    struct hold_request read;
    struct frame *frame = hold_request_frame(&company.envs[SENDER], 7, &request);
    ck_assert_int_eq(open_at(HOLDER, SENDER, frame, NOW, &read), OK);
    ck_assert(hold_request_equal(&read, &request));
    ck_assert_int_eq(open_at(STRANGER, SENDER, frame, NOW, &read), ERR_MISMATCH);
    ck_assert_int_eq(open_at(HOLDER, STRANGER, frame, NOW, &read), ERR_NOT_MEMBER);
    ck_assert_int_eq(open_at(HOLDER, SENDER, frame, request.terms.expiry, &read), ERR_EXPIRED);
    ck_assert_int_eq(open_at(HOLDER, SENDER, frame, request.terms.expiry - 1, &read), OK);
    frame_unref(frame);
    request.terms.sender = STRANGER; /* a signature of one's own for another's request */
    frame = hold_request_frame(&company.envs[SENDER], 7, &request);
    ck_assert_int_eq(open_at(HOLDER, STRANGER, frame, NOW, &read), ERR_SIGNATURE);
    frame_unref(frame);
}
END_TEST

START_TEST(every_altered_byte_of_a_request_is_refused) {
    struct hold_request read;
    struct frame *frame = hold_request_frame(&company.envs[SENDER], 7, &request);
    for (size_t at = MESSAGE_HEADER_BYTES; at < frame->size; at++) {
        frame->bytes[at] ^= 0x04;
        ck_assert_int_ne(open_at(HOLDER, SENDER, frame, NOW, &read), OK);
        frame->bytes[at] ^= 0x04;
    }
    ck_assert_int_eq(open_at(HOLDER, SENDER, frame, NOW, &read), OK);
    frame_unref(frame);
}
END_TEST

/* Opens what @holder sealed as an answer to @request at @sender. */
static int answer(node_id sender, struct frame *frame, struct promise *promise) {
    uint8_t signature[LIMIT_SIGNATURE_BYTES];
    struct message message;
    struct hold_ack ack;
    int error = message_parse(&message, frame);
    if (error == OK)
        error = hold_ack_read(&company.envs[sender], &message, &ack);
    if (error != OK)
        return error;
    return hold_ack_open(&company.envs[sender], &ack, &request.terms, NOW, promise, signature);
}

static struct frame *seal(node_id holder, const struct promise *terms) {
    struct promise promise = *terms;
    promise.stamp = hlc_stamp((uint64_t)NOW / NS_PER_MS, 5);
    return hold_ack_frame(&company.envs[holder], request.number, &promise);
}

START_TEST(a_promise_comes_back_sealed) {
    struct promise promise;
    struct frame *frame = seal(HOLDER, &request.terms);
    ck_assert_uint_eq(company_charged(&company, HOLDER, WORK_KEM_ENCAPS), 1);
    ck_assert_int_eq(answer(SENDER, frame, &promise), OK);
    ck_assert_uint_eq(promise.stamp, hlc_stamp((uint64_t)NOW / NS_PER_MS, 5));
    ck_assert_uint_eq(company_charged(&company, SENDER, WORK_VERIFY), 1);
    ck_assert_int_eq(answer(SENDER, frame, &promise), OK);
    ck_assert_uint_eq(company_charged(&company, SENDER, WORK_KEM_DECAPS), 1);
    ck_assert_int_eq(answer(SENDER, frame, &promise), OK);
    ck_assert_uint_eq(company_charged(&company, SENDER, WORK_SEAL_KIB), 1);
    /* Nobody else learns anything: the number and the index alone are in the clear. */
    ck_assert_int_eq(answer(STRANGER, frame, &promise), ERR_PROOF);
    ck_assert_uint_eq(company_charged(&company, STRANGER, WORK_VERIFY), 0);
    ck_assert_ptr_null(memmem(frame->bytes, frame->size, &request.terms.id, DIGEST_BYTES));
    ck_assert_ptr_null(memmem(frame->bytes, frame->size, &request.terms.root, DIGEST_BYTES));
    frame_unref(frame);
}
END_TEST

START_TEST(promises_of_something_else_are_refused) {
    struct promise promise, terms = request.terms;
    terms.nonce++;
    struct frame *replayed = seal(HOLDER, &terms);
    ck_assert_int_eq(answer(SENDER, replayed, &promise), ERR_STALE);
    frame_unref(replayed);
    terms = request.terms;
    terms.root.bytes[5]++;
    struct frame *other = seal(HOLDER, &terms);
    ck_assert_int_eq(answer(SENDER, other, &promise), ERR_MISMATCH);
    frame_unref(other);
    struct frame *forged = seal(STRANGER, &request.terms); /* signed with a stranger's key */
    ck_assert_int_eq(answer(SENDER, forged, &promise), ERR_SIGNATURE);
    ck_assert_uint_eq(company_charged(&company, SENDER, WORK_VERIFY), 1);
    frame_unref(forged);
    terms = request.terms;
    terms.sender = COMPANY;
    ck_assert_ptr_null(seal(HOLDER, &terms));
    terms = request.terms;
    terms.expiry = NOW;
    ck_assert_ptr_null(seal(HOLDER, &terms));
}
END_TEST

START_TEST(altered_and_cut_answers_are_refused) {
    struct promise promise;
    struct frame *frame = seal(HOLDER, &request.terms);
    const size_t first = MESSAGE_HEADER_BYTES + 8 + 2;
    for (size_t at = first; at < frame->size; at += 13) {
        frame->bytes[at] ^= 0x10;
        ck_assert_int_eq(answer(SENDER, frame, &promise), ERR_PROOF);
        frame->bytes[at] ^= 0x10;
    }
    struct message message;
    struct hold_ack ack;
    ck_assert_int_eq(message_parse(&message, frame), OK);
    for (uint32_t size = 0, whole = message.size; size <= whole; size++) {
        message.size = size;
        ck_assert_int_eq(hold_ack_read(&company.envs[SENDER], &message, &ack),
                         size < whole ? ERR_TRUNCATED : OK);
    }
    frame_unref(frame);
}
END_TEST

/* A message body around @bytes. */
static struct message body(uint16_t type, const uint8_t *bytes, size_t size) {
    return (struct message){.type = type, .body = bytes, .size = (uint32_t)size};
}

static enum verdict requests_have_one_encoding(void *context, const uint8_t *bytes, size_t size) {
    struct message message = body(MESSAGE_HOLD_REQUEST, bytes, size);
    struct hold_request read;
    int error = hold_request_open(&company.envs[HOLDER], SENDER, &message, NOW, &read);
    steps_drain(&company.envs[HOLDER]);
    if (error != OK)
        return VERDICT_REFUSED;
    struct frame *again = hold_request_frame(&company.envs[SENDER], 7, &read);
    bool same = again->size == MESSAGE_HEADER_BYTES + size &&
                memcmp(again->bytes + MESSAGE_HEADER_BYTES, bytes, size) == 0;
    frame_unref(again);
    steps_drain(&company.envs[SENDER]);
    return same ? VERDICT_ACCEPTED : VERDICT_BROKEN;
}

static enum verdict only_the_genuine_answer_opens(void *context, const uint8_t *bytes,
                                                  size_t size) {
    const struct sample *genuine = context;
    struct message message = body(MESSAGE_HOLD_ACK, bytes, size);
    uint8_t signature[LIMIT_SIGNATURE_BYTES];
    struct promise promise;
    struct hold_ack ack;
    if (hold_ack_read(&company.envs[SENDER], &message, &ack) != OK)
        return VERDICT_REFUSED;
    int error =
        hold_ack_open(&company.envs[SENDER], &ack, &request.terms, NOW, &promise, signature);
    steps_drain(&company.envs[SENDER]);
    /* All but the number and the index, which the sender looks up. */
    bool same = memcmp(bytes + 10, (const uint8_t *)genuine->bytes + 10, size - 10) == 0;
    return (error == OK) != same ? VERDICT_BROKEN : same ? VERDICT_ACCEPTED : VERDICT_REFUSED;
}

START_TEST(mutated_messages_are_refused) {
    struct frame *asked = hold_request_frame(&company.envs[SENDER], 7, &request);
    struct frame *answered = seal(HOLDER, &request.terms);
    struct sample samples[] = {
        {asked->bytes + MESSAGE_HEADER_BYTES, asked->size - MESSAGE_HEADER_BYTES},
        {answered->bytes + MESSAGE_HEADER_BYTES, answered->size - MESSAGE_HEADER_BYTES},
    };
    const struct property requests = {.name = "hold request",
                                      .samples = &samples[0],
                                      .sample_count = 1,
                                      .check = requests_have_one_encoding};
    const struct property answers = {.name = "hold answer",
                                     .samples = &samples[1],
                                     .sample_count = 1,
                                     .context = &samples[1],
                                     .check = only_the_genuine_answer_opens};
    property_holds(&requests, NULL);
    property_holds(&answers, NULL);
    frame_unref(asked);
    frame_unref(answered);
}
END_TEST

Suite *hold_messages_suite(void) {
    Suite *suite = suite_create("hold_messages");
    const struct {
        const char *name;
        void (*setup)(void);
    } providers[] = {{"real", setup_real}, {"modelled", setup_modelled}};
    for (size_t i = 0; i < ARRAY_LEN(providers); i++) {
        TCase *tcase = tcase_create(providers[i].name);
        tcase_add_checked_fixture(tcase, providers[i].setup, teardown);
        tcase_add_test(tcase, a_request_reaches_its_holder_alone);
        tcase_add_test(tcase, every_altered_byte_of_a_request_is_refused);
        tcase_add_test(tcase, a_promise_comes_back_sealed);
        tcase_add_test(tcase, promises_of_something_else_are_refused);
        tcase_add_test(tcase, altered_and_cut_answers_are_refused);
        if (i == 1) /* the real one would take minutes for so many */
            tcase_add_test(tcase, mutated_messages_are_refused);
        suite_add_tcase(suite, tcase);
    }
    return suite;
}
