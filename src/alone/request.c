/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "alone/request.h"

#include <assert.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"

struct frame *alone_request_frame(uint16_t channel, const struct alone_request *request) {
    struct writer body;
    struct frame *frame = message_new(MESSAGE_ALONE_REQUEST, channel, 8 + 4 + request->size, &body);
    write_u64(&body, request->number);
    write_blob(&body, request->content, request->size);
    assert(body.error == OK);
    return frame;
}

struct frame *alone_answer_frame(uint16_t channel, const struct alone_answer *answer) {
    struct writer body;
    struct frame *frame = message_new(MESSAGE_ALONE_ANSWER, channel, 8 + 8 + DIGEST_BYTES, &body);
    write_u64(&body, answer->number);
    write_u64(&body, answer->height);
    write_digest(&body, &answer->block);
    assert(body.error == OK);
    return frame;
}

int alone_request_read(const struct message *message, struct alone_request *request) {
    struct reader reader;
    reader_init(&reader, message->body, message->size);
    request->number = read_u64(&reader);
    request->content = read_blob(&reader, LIMIT_TRANSACTION_BYTES, &request->size);
    if (request->number == 0)
        reader_fail(&reader, ERR_INVALID);
    return reader_finish(&reader);
}

int alone_answer_read(const struct message *message, struct alone_answer *answer) {
    struct reader reader;
    reader_init(&reader, message->body, message->size);
    answer->number = read_u64(&reader);
    answer->height = read_u64(&reader);
    read_digest(&reader, &answer->block);
    if (answer->number == 0 || answer->height == 0)
        reader_fail(&reader, ERR_INVALID);
    return reader_finish(&reader);
}

bool alone_answer_equal(const struct alone_answer *a, const struct alone_answer *b) {
    return a->number == b->number && a->height == b->height &&
           memcmp(&a->block, &b->block, sizeof a->block) == 0;
}
