/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/message.h"

#include <assert.h>

#include "base/error.h"
#include "base/limits.h"

struct message_row {
    uint16_t type;
    enum message_module module;
    const char *name;
};

#define MESSAGE(constant, number, name, module) {constant, module, name},
static const struct message_row rows[] = {
#include "wire/messages.def"
};
#undef MESSAGE

/* The registry is sorted by number (a test says so), so a look-up is a binary search. */
static const struct message_row *find(uint16_t type) {
    size_t low = 0, high = ARRAY_LEN(rows);
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (rows[middle].type < type)
            low = middle + 1;
        else
            high = middle;
    }
    return low < ARRAY_LEN(rows) && rows[low].type == type ? &rows[low] : NULL;
}

int message_parse(struct message *message, const struct frame *frame) {
    struct reader reader;
    message->frame =
        (struct frame *)frame; /* its bytes stay const; its references may be counted */
    reader_init(&reader, frame->bytes, frame->size);
    message->type = read_u16(&reader);
    message->channel = read_u16(&reader);
    message->size = read_u32(&reader);
    message->body = read_view(&reader, message->size);
    int error = reader_finish(&reader);
    if (error != OK)
        return error;
    return find(message->type) != NULL ? OK : ERR_UNKNOWN_TYPE;
}

struct frame *message_new(uint16_t type, uint16_t channel, size_t size, struct writer *body) {
    struct frame *frame = frame_new(MESSAGE_HEADER_BYTES + size);
    if (frame == NULL)
        return NULL;
    struct writer header;
    writer_init(&header, frame->bytes, MESSAGE_HEADER_BYTES);
    write_u16(&header, type);
    write_u16(&header, channel);
    write_u32(&header, (uint32_t)size);
    writer_init(body, frame->bytes + MESSAGE_HEADER_BYTES, size);
    return frame;
}

const char *message_name(uint16_t type) {
    const struct message_row *row = find(type);
    return row == NULL ? NULL : row->name;
}

const enum message_module *message_module(uint16_t type) {
    const struct message_row *row = find(type);
    return row == NULL ? NULL : &row->module;
}

int message_index(uint16_t type) {
    const struct message_row *row = find(type);
    return row == NULL ? -1 : (int)(row - rows);
}

uint16_t message_at(size_t index) {
    assert(index < ARRAY_LEN(rows));
    return rows[index].type;
}

size_t message_count(void) {
    return ARRAY_LEN(rows);
}
