/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The codec of clock synchronisation's messages: canonical, and closed to what ntp.h cannot compute
 * with. */
#include "clock/clock_messages.h"

#include <check.h>
#include <string.h>

#include "base/error.h"
#include "tests/lib/property.h"

static int decode(struct clock_message *out, const struct frame *frame) {
    struct message message;
    int error = message_parse(&message, frame);
    return error != OK ? error : clock_decode(out, &message);
}

START_TEST(every_type_comes_back) {
    static const struct clock_message messages[] = {
        {MESSAGE_CLOCK_ASK, 1, {0, 0}},
        {MESSAGE_CLOCK_ANSWER, UINT32_MAX, {(INT64_C(1) << 61) - 1, 1 - (INT64_C(1) << 61)}},
        {MESSAGE_CLOCK_SYNC, 3, {0, 0}},
        {MESSAGE_CLOCK_FOLLOW_UP, 4, {-5, 0}},
        {MESSAGE_CLOCK_DELAY_REQUEST, 5, {0, 0}},
        {MESSAGE_CLOCK_DELAY_RESPONSE, 6, {7, 0}},
    };
    struct clock_message out;
    for (size_t i = 0; i < ARRAY_LEN(messages); i++) {
        struct frame *frame = clock_encode(&messages[i]);
        ck_assert_int_eq(decode(&out, frame), OK);
        ck_assert_uint_eq(out.type, messages[i].type);
        ck_assert_uint_eq(out.exchange, messages[i].exchange);
        ck_assert_int_eq(out.times[0], messages[i].times[0]);
        ck_assert_int_eq(out.times[1], messages[i].times[1]);
        frame_unref(frame);
    }
}
END_TEST

START_TEST(times_beyond_the_arithmetic_are_refused) {
    static const time_ns beyond[] = {INT64_C(1) << 61, -(INT64_C(1) << 61), INT64_MAX, INT64_MIN};
    struct clock_message out;
    for (size_t i = 0; i < ARRAY_LEN(beyond); i++) {
        const struct clock_message in = {MESSAGE_CLOCK_ANSWER, 1, {0, beyond[i]}};
        struct frame *frame = clock_encode(&in);
        ck_assert_int_eq(decode(&out, frame), ERR_INVALID);
        frame_unref(frame);
    }
    struct writer body;
    struct frame *other = message_new(MESSAGE_TEST, 0, 4, &body);
    ck_assert_int_eq(decode(&out, other), ERR_UNKNOWN_TYPE);
    frame_unref(other);
}
END_TEST

/* The first byte names the type, the rest is the body. */
static enum verdict check(void *context, const uint8_t *bytes, size_t size) {
    static const uint16_t types[] = {MESSAGE_CLOCK_ASK,           MESSAGE_CLOCK_ANSWER,
                                     MESSAGE_CLOCK_SYNC,          MESSAGE_CLOCK_FOLLOW_UP,
                                     MESSAGE_CLOCK_DELAY_REQUEST, MESSAGE_CLOCK_DELAY_RESPONSE};
    struct clock_message out;
    if (size == 0)
        return VERDICT_REFUSED;
    const struct message message = {
        .type = types[bytes[0] % ARRAY_LEN(types)], .body = bytes + 1, .size = (uint32_t)size - 1};
    if (clock_decode(&out, &message) != OK)
        return VERDICT_REFUSED;
    struct frame *frame = clock_encode(&out);
    bool same = frame->size == MESSAGE_HEADER_BYTES + size - 1 &&
                memcmp(frame->bytes + MESSAGE_HEADER_BYTES, bytes + 1, size - 1) == 0;
    frame_unref(frame);
    return same ? VERDICT_ACCEPTED : VERDICT_BROKEN;
}

START_TEST(decoding_is_canonical) {
    static const uint8_t ask[5] = {0}, answer[21] = {1, 9, 0, 0, 0, 7}, follow_up[13] = {3};
    const struct sample samples[] = {
        {ask, sizeof ask}, {answer, sizeof answer}, {follow_up, sizeof follow_up}};
    struct property_result result;
    const struct property property = {
        .name = "clock message", .samples = samples, .sample_count = 3, .check = check};
    property_holds(&property, &result);
    ck_assert_uint_gt(result.accepted, 1000);
    ck_assert_uint_gt(result.refused, 1000);
}
END_TEST

Suite *clock_messages_suite(void) {
    Suite *suite = suite_create("clock_messages");
    TCase *tcase = tcase_create("clock_messages");
    tcase_add_test(tcase, every_type_comes_back);
    tcase_add_test(tcase, times_beyond_the_arithmetic_are_refused);
    tcase_add_test(tcase, decoding_is_canonical);
    suite_add_tcase(suite, tcase);
    return suite;
}
