/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "alone/request.h"
#include "base/error.h"
#include "base/limits.h"

#define CHANNEL 3

static int read_request(struct frame *frame, struct alone_request *out) {
    struct message message;
    ck_assert_int_eq(message_parse(&message, frame), OK);
    ck_assert_uint_eq(message.type, MESSAGE_ALONE_REQUEST);
    ck_assert_uint_eq(message.channel, CHANNEL);
    return alone_request_read(&message, out);
}

static int read_answer(struct frame *frame, struct alone_answer *out) {
    struct message message;
    ck_assert_int_eq(message_parse(&message, frame), OK);
    ck_assert_uint_eq(message.type, MESSAGE_ALONE_ANSWER);
    return alone_answer_read(&message, out);
}

START_TEST(a_request_keeps_number_and_content) {
    static const uint8_t content[] = {7, 0, 9};
    struct alone_request out;
    struct frame *frame =
        alone_request_frame(CHANNEL, &(struct alone_request){UINT64_MAX, content, sizeof content});
    ck_assert_int_eq(read_request(frame, &out), OK);
    ck_assert_uint_eq(out.number, UINT64_MAX);
    ck_assert_uint_eq(out.size, sizeof content);
    ck_assert_mem_eq(out.content, content, sizeof content);
    frame_unref(frame);
}
END_TEST

START_TEST(content_is_empty_or_up_to_the_limit) {
    uint8_t *content = calloc(1, LIMIT_TRANSACTION_BYTES + 1);
    const struct {
        size_t size;
        int error;
    } cases[] = {{0, OK}, {LIMIT_TRANSACTION_BYTES, OK}, {LIMIT_TRANSACTION_BYTES + 1, ERR_LIMIT}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct alone_request out;
        struct frame *frame =
            alone_request_frame(CHANNEL, &(struct alone_request){1, content, cases[i].size});
        ck_assert_int_eq(read_request(frame, &out), cases[i].error);
        if (cases[i].error == OK)
            ck_assert_uint_eq(out.size, cases[i].size);
        frame_unref(frame);
    }
    free(content);
}
END_TEST

START_TEST(numbers_and_heights_start_at_one) {
    struct alone_request request;
    struct alone_answer answer;
    struct frame *frame = alone_request_frame(CHANNEL, &(struct alone_request){0, NULL, 0});
    ck_assert_int_eq(read_request(frame, &request), ERR_INVALID);
    frame_unref(frame);
    for (uint64_t i = 0; i < 4; i++) {
        frame = alone_answer_frame(CHANNEL, &(struct alone_answer){i & 1, i >> 1, {{0}}});
        ck_assert_int_eq(read_answer(frame, &answer), i == 3 ? OK : ERR_INVALID);
        frame_unref(frame);
    }
}
END_TEST

START_TEST(answers_are_equal_in_all_or_not_at_all) {
    const struct alone_answer said = {5, 6, {{1}}};
    struct alone_answer out, other = said;
    struct frame *frame = alone_answer_frame(CHANNEL, &said);
    ck_assert_int_eq(read_answer(frame, &out), OK);
    frame_unref(frame);
    ck_assert(alone_answer_equal(&said, &out));
    other.number = 4;
    ck_assert(!alone_answer_equal(&said, &other));
    other = said;
    other.height = 7;
    ck_assert(!alone_answer_equal(&said, &other));
    other = said;
    other.block.bytes[DIGEST_BYTES - 1] = 1;
    ck_assert(!alone_answer_equal(&said, &other));
}
END_TEST

Suite *alone_request_suite(void) {
    Suite *suite = suite_create("alone_request");
    TCase *tcase = tcase_create("alone_request");
    tcase_add_test(tcase, a_request_keeps_number_and_content);
    tcase_add_test(tcase, content_is_empty_or_up_to_the_limit);
    tcase_add_test(tcase, numbers_and_heights_start_at_one);
    tcase_add_test(tcase, answers_are_equal_in_all_or_not_at_all);
    suite_add_tcase(suite, tcase);
    return suite;
}
