/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shard/shard_messages.h"

#include <assert.h>

#include "base/error.h"

struct frame *shard_prepare_encode(const struct shard_prepare *in, uint16_t channel,
                                   size_t signature_bytes) {
    struct writer body;
    struct frame *frame =
        message_new(MESSAGE_SHARD_PREPARE, channel,
                    2 + 8 + transfer_bytes(&in->transfer, signature_bytes), &body);
    write_u16(&body, in->asker);
    write_u64(&body, in->ticket);
    transfer_write(&body, &in->transfer, signature_bytes);
    assert(body.error == OK);
    return frame;
}

int shard_prepare_decode(struct shard_prepare *out, const struct message *message,
                         size_t signature_bytes) {
    struct reader reader;
    reader_init(&reader, message->body, message->size);
    out->asker = read_u16(&reader);
    out->ticket = read_u64(&reader);
    if (out->asker == SHARD_NONE && out->ticket != 0)
        reader_fail(&reader, ERR_NON_CANONICAL);
    transfer_read(&reader, &out->transfer, signature_bytes);
    return reader_finish(&reader);
}

struct frame *shard_signed_encode(const struct shard_signed *in, uint16_t channel,
                                  size_t signature_bytes) {
    struct writer body;
    struct frame *frame = message_new(MESSAGE_SHARD_STATEMENT, channel,
                                      SHARD_STATEMENT_BYTES + signature_bytes, &body);
    shard_statement_write(&body, &in->statement);
    write_bytes(&body, in->signature, signature_bytes);
    assert(body.error == OK);
    return frame;
}

int shard_signed_decode(struct shard_signed *out, const struct message *message,
                        size_t signature_bytes) {
    struct reader reader;
    reader_init(&reader, message->body, message->size);
    shard_statement_read(&reader, &out->statement);
    out->signature = read_view(&reader, signature_bytes);
    return reader_finish(&reader);
}

struct frame *shard_result_encode(const struct shard_result *in, uint16_t channel) {
    struct writer body;
    struct frame *frame = message_new(MESSAGE_SHARD_RESULT, channel, 1 + DIGEST_BYTES, &body);
    write_u8(&body, (uint8_t)in->word);
    write_digest(&body, &in->session);
    assert(body.error == OK);
    return frame;
}

int shard_result_decode(struct shard_result *out, const struct message *message) {
    struct reader reader;
    reader_init(&reader, message->body, message->size);
    uint8_t word = read_u8(&reader);
    out->word = (enum shard_word)word;
    read_digest(&reader, &out->session);
    if (word != SHARD_COMMIT && word != SHARD_ABORT)
        reader_fail(&reader, ERR_INVALID);
    return reader_finish(&reader);
}
