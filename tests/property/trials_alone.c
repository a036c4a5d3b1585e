/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What passes between the clients and the replicas of a committee alone. */
#include "alone/request.h"
#include "tests/property/trials.h"

#define CHANNEL 0

static int decode_request(const uint8_t *bytes, size_t size, struct writer *again) {
    const struct message message = trial_message(MESSAGE_ALONE_REQUEST, bytes, size);
    struct alone_request request;
    const int error = alone_request_read(&message, &request);
    if (error == OK)
        trial_again(again, alone_request_frame(CHANNEL, &request));
    return error;
}

void trial_alone_request(struct trial *out) {
    uint8_t content[300];
    trial_bytes(content, sizeof content, 1);
    for (size_t size = 0; size <= sizeof content; size += 100) {
        const struct alone_request request = {1 + size, content, size};
        trial_body(out, alone_request_frame(CHANNEL, &request));
    }
    out->decode = decode_request;
}

static int decode_answer(const uint8_t *bytes, size_t size, struct writer *again) {
    const struct message message = trial_message(MESSAGE_ALONE_ANSWER, bytes, size);
    struct alone_answer answer;
    const int error = alone_answer_read(&message, &answer);
    if (error == OK)
        trial_again(again, alone_answer_frame(CHANNEL, &answer));
    return error;
}

void trial_alone_answer(struct trial *out) {
    struct alone_answer answer = {1, 1, {{0}}};
    trial_body(out, alone_answer_frame(CHANNEL, &answer));
    trial_bytes(answer.block.bytes, sizeof answer.block.bytes, 2);
    answer.number = UINT64_MAX;
    trial_body(out, alone_answer_frame(CHANNEL, &answer));
    out->decode = decode_answer;
}
