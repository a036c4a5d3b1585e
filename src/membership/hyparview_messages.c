/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "membership/hyparview_messages.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/limits.h"

enum field { FIELD_PEER = 1, FIELD_TTL = 2, FIELD_FLAG = 4, FIELD_PEERS = 8 };

static const struct layout {
    uint16_t type;
    unsigned fields;
} layouts[] = {
    {MESSAGE_HYPARVIEW_JOIN, 0},
    {MESSAGE_HYPARVIEW_FORWARD_JOIN, FIELD_PEER | FIELD_TTL | FIELD_FLAG},
    {MESSAGE_HYPARVIEW_NEIGHBOR, FIELD_FLAG},
    {MESSAGE_HYPARVIEW_NEIGHBOR_REPLY, FIELD_FLAG},
    {MESSAGE_HYPARVIEW_DISCONNECT, 0},
    {MESSAGE_HYPARVIEW_SHUFFLE, FIELD_PEER | FIELD_TTL | FIELD_PEERS},
    {MESSAGE_HYPARVIEW_SHUFFLE_REPLY, FIELD_PEERS},
};

static const struct layout *layout_of(uint16_t type) {
    for (size_t i = 0; i < ARRAY_LEN(layouts); i++)
        if (layouts[i].type == type)
            return &layouts[i];
    return NULL;
}

struct frame *hyparview_encode(const struct hyparview_message *in, uint16_t channel) {
    const struct layout *layout = layout_of(in->type);
    if (layout == NULL)
        abort(); /* a caller's mistake, not a peer's */
    unsigned fields = layout->fields;
    size_t size = (fields & FIELD_PEER ? 4 : 0) + (fields & FIELD_TTL ? 1 : 0) +
                  (fields & FIELD_FLAG ? 1 : 0) +
                  (fields & FIELD_PEERS ? 1 + 4 * (size_t)in->count : 0);
    struct writer body;
    struct frame *frame = message_new(in->type, channel, size, &body);
    if (fields & FIELD_PEER)
        write_u32(&body, in->peer);
    if (fields & FIELD_TTL)
        write_u8(&body, in->ttl);
    if (fields & FIELD_FLAG)
        write_u8(&body, in->flag);
    if (fields & FIELD_PEERS) {
        write_u8(&body, in->count);
        for (size_t i = 0; i < in->count; i++)
            write_u32(&body, in->peers[i]);
    }
    return frame;
}

static node_id read_node(struct reader *reader) {
    node_id node = read_u32(reader);
    if (node >= LIMIT_NODES)
        reader_fail(reader, ERR_INVALID);
    return node;
}

static uint8_t read_limited(struct reader *reader, size_t limit, int error) {
    uint8_t value = read_u8(reader);
    if (value > limit)
        reader_fail(reader, error);
    return value;
}

static void read_peers(struct reader *reader, struct hyparview_message *out, size_t limit) {
    uint8_t count = read_limited(reader, limit, ERR_LIMIT);
    while (reader->error == OK && out->count < count) {
        node_id peer = read_node(reader);
        if (peer == out->peer)
            reader_fail(reader, ERR_DUPLICATE);
        for (size_t i = 0; i < out->count; i++)
            if (out->peers[i] == peer)
                reader_fail(reader, ERR_DUPLICATE);
        out->peers[out->count++] = peer;
    }
}

int hyparview_decode(struct hyparview_message *out, const struct message *message) {
    const struct layout *layout = layout_of(message->type);
    *out = (struct hyparview_message){.type = message->type, .peer = NODE_NONE};
    if (layout == NULL)
        return ERR_UNKNOWN_TYPE;
    struct reader reader;
    reader_init(&reader, message->body, message->size);
    if (layout->fields & FIELD_PEER)
        out->peer = read_node(&reader);
    if (layout->fields & FIELD_TTL)
        out->ttl = read_limited(&reader, HYPARVIEW_TTL, ERR_LIMIT);
    if (layout->fields & FIELD_FLAG)
        out->flag = read_limited(&reader, 1, ERR_NON_CANONICAL);
    if (layout->fields &
        FIELD_PEERS) /* an answer may hold as many as the question with its origin */
        read_peers(&reader, out, HYPARVIEW_SHUFFLE_PEERS + !(layout->fields & FIELD_PEER));
    return reader_finish(&reader);
}
