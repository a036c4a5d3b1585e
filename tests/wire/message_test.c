/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <check.h>
#include <string.h>

#include "base/error.h"
#include "base/rng.h"
#include "wire/message.h"

START_TEST(the_registry_is_sorted_and_named) {
    for (size_t i = 0; i < message_count(); i++) {
        uint16_t type = message_at(i);
        ck_assert_int_eq(message_index(type), (int)i);
        ck_assert_ptr_nonnull(message_name(type));
        if (i > 0)
            ck_assert_uint_lt(message_at(i - 1), type);
    }
    ck_assert_int_eq(message_index(0xffff), -1);
    ck_assert_ptr_null(message_name(0xffff));
}
END_TEST

START_TEST(envelopes_are_canonical) {
    struct writer writer;
    struct frame *frame = message_new(MESSAGE_TEST, 0x1003, 3, &writer);
    struct message message;
    write_bytes(&writer, "abc", 3);
    ck_assert_int_eq(message_parse(&message, frame), OK);
    ck_assert_uint_eq(message.type, MESSAGE_TEST);
    ck_assert_uint_eq(message.channel, 0x1003);
    ck_assert_mem_eq(message.body, "abc", 3);
    for (uint32_t size = 0; size < frame->size; size++) {
        struct frame *prefix = frame_copy(frame->bytes, size);
        ck_assert_int_eq(message_parse(&message, prefix), ERR_TRUNCATED);
        frame_unref(prefix);
    }
    uint8_t longer[16] = {0};
    memcpy(longer, frame->bytes, frame->size);
    struct frame *trailing = frame_copy(longer, frame->size + 1);
    ck_assert_int_eq(message_parse(&message, trailing), ERR_TRAILING);
    frame_unref(trailing);
    frame_unref(frame);
}
END_TEST

START_TEST(random_bytes_are_refused_or_parsed) {
    struct rng rng;
    uint8_t bytes[24];
    rng_init(&rng, 3, 0, "envelope");
    for (int i = 0; i < 100000; i++) {
        struct message message;
        size_t size = rng_below(&rng, sizeof bytes + 1);
        rng_fill(&rng, bytes, size);
        struct frame *frame = frame_copy(bytes, size);
        int error = message_parse(&message, frame);
        ck_assert_int_le(error, OK);
        if (error == OK)
            ck_assert_uint_eq(message.size, frame->size - MESSAGE_HEADER_BYTES);
        frame_unref(frame);
    }
}
END_TEST

Suite *message_suite(void) {
    Suite *suite = suite_create("message");
    TCase *tcase = tcase_create("message");
    tcase_add_test(tcase, the_registry_is_sorted_and_named);
    tcase_add_test(tcase, envelopes_are_canonical);
    tcase_add_test(tcase, random_bytes_are_refused_or_parsed);
    suite_add_tcase(suite, tcase);
    return suite;
}
