/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "membership/plumtree_messages.h"

#include "base/error.h"

#define NAME_BYTES (DIGEST_BYTES + 2) /* id and round */

/* Whether the message names one of the broadcast messages. */
static bool has_name(const struct plumtree_message *message) {
    return message->type == MESSAGE_PLUMTREE_GRAFT ? message->wanted
                                                   : message->type != MESSAGE_PLUMTREE_PRUNE;
}

struct frame *plumtree_encode(const struct plumtree_message *in, uint16_t channel) {
    size_t size = (in->type == MESSAGE_PLUMTREE_GRAFT) + (has_name(in) ? NAME_BYTES : 0) +
                  (in->type == MESSAGE_PLUMTREE_GOSSIP ? in->size : 0);
    struct writer body;
    struct frame *frame = message_new(in->type, channel, size, &body);
    if (frame == NULL)
        return NULL;
    if (in->type == MESSAGE_PLUMTREE_GRAFT)
        write_u8(&body, in->wanted);
    if (has_name(in)) {
        write_digest(&body, &in->id);
        write_u16(&body, in->round);
    }
    if (in->type == MESSAGE_PLUMTREE_GOSSIP)
        write_bytes(&body, in->payload, in->size);
    return frame;
}

int plumtree_decode(struct plumtree_message *out, const struct message *message) {
    struct reader reader;
    *out = (struct plumtree_message){.type = message->type};
    if (message->type < MESSAGE_PLUMTREE_GOSSIP || message->type > MESSAGE_PLUMTREE_PRUNE)
        return ERR_UNKNOWN_TYPE;
    reader_init(&reader, message->body, message->size);
    if (message->type == MESSAGE_PLUMTREE_GRAFT) {
        uint8_t wanted = read_u8(&reader);
        if (wanted > 1)
            reader_fail(&reader, ERR_NON_CANONICAL);
        out->wanted = wanted == 1;
    }
    if (has_name(out)) {
        read_digest(&reader, &out->id);
        out->round = read_u16(&reader);
        if (out->round > PLUMTREE_ROUNDS)
            reader_fail(&reader, ERR_LIMIT);
    }
    if (message->type == MESSAGE_PLUMTREE_GOSSIP) {
        out->size = reader_left(&reader);
        out->payload = read_view(&reader, out->size);
    }
    return reader_finish(&reader);
}
