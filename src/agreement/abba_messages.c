/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agreement/abba_messages.h"

#include "base/error.h"

#define SHARE_BYTES (ELEMENT_BYTES + 2 * SCALAR_BYTES)

struct frame *abba_encode(const struct abba_message *in, uint16_t channel) {
    const bool coin = in->type == MESSAGE_ABBA_COIN;
    struct writer body;
    struct frame *frame = message_new(in->type, channel, 8 + 2 + (coin ? SHARE_BYTES : 1), &body);
    write_u64(&body, in->instance);
    write_u16(&body, in->round);
    if (coin) {
        write_bytes(&body, in->share.element, ELEMENT_BYTES);
        write_bytes(&body, in->share.proof.challenge, SCALAR_BYTES);
        write_bytes(&body, in->share.proof.response, SCALAR_BYTES);
    } else {
        write_u8(&body, in->set);
    }
    return frame;
}

static bool set_is_possible(uint16_t type, uint8_t set) {
    return set == SET_FALSE || set == SET_TRUE || (set == SET_BOTH && type == MESSAGE_ABBA_CONF);
}

int abba_decode(struct abba_message *out, const struct message *message) {
    struct reader reader;
    *out = (struct abba_message){.type = message->type};
    if (message->type < MESSAGE_ABBA_BVAL || message->type > MESSAGE_ABBA_TERM)
        return ERR_UNKNOWN_TYPE;
    reader_init(&reader, message->body, message->size);
    out->instance = read_u64(&reader);
    out->round = read_u16(&reader);
    if (out->round >= ABBA_ROUNDS)
        reader_fail(&reader, ERR_LIMIT);
    if (message->type == MESSAGE_ABBA_COIN) {
        read_bytes(&reader, out->share.element, ELEMENT_BYTES);
        read_bytes(&reader, out->share.proof.challenge, SCALAR_BYTES);
        read_bytes(&reader, out->share.proof.response, SCALAR_BYTES);
    } else {
        out->set = read_u8(&reader);
        if (reader.error == OK && !set_is_possible(message->type, out->set))
            reader_fail(&reader, ERR_NON_CANONICAL);
    }
    return reader_finish(&reader);
}
