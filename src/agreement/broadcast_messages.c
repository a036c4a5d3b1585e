/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agreement/broadcast_messages.h"

#include "base/error.h"

struct frame *broadcast_encode(const struct broadcast_message *in, uint16_t channel) {
    const bool ready = in->type == MESSAGE_BROADCAST_READY;
    const size_t size = 8 + (ready ? DIGEST_BYTES : fragment_bytes(&in->fragment));
    struct writer body;
    struct frame *frame = message_new(in->type, channel, size, &body);
    if (frame == NULL)
        return NULL;
    write_u64(&body, in->instance);
    if (ready)
        write_digest(&body, &in->commitment);
    else
        fragment_write(&body, &in->fragment);
    return frame;
}

int broadcast_decode(struct broadcast_message *out, const struct message *message) {
    struct reader reader;
    *out = (struct broadcast_message){.type = message->type};
    if (message->type < MESSAGE_BROADCAST_VAL || message->type > MESSAGE_BROADCAST_READY)
        return ERR_UNKNOWN_TYPE;
    reader_init(&reader, message->body, message->size);
    out->instance = read_u64(&reader);
    if (message->type == MESSAGE_BROADCAST_READY) {
        read_digest(&reader, &out->commitment);
        return reader_finish(&reader);
    }
    if (reader.error != OK)
        return reader.error;
    return fragment_decode(&out->fragment, message->body + reader.at, reader_left(&reader));
}
