/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "membership/presence_messages.h"

#include <assert.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/limits.h"

#define PLACE_BYTES (4 + 4 + 4)

static void write_place(struct writer *writer, const struct place_candidate *entry) {
    write_u32(writer, entry->area);
    write_u32(writer, (uint32_t)entry->at.lon);
    write_u32(writer, (uint32_t)entry->at.lat);
}

static void read_place(struct reader *reader, struct place_candidate *entry) {
    entry->area = read_u32(reader);
    entry->at.lon = (int32_t)read_u32(reader);
    entry->at.lat = (int32_t)read_u32(reader);
}

struct frame *presence_beat_frame(uint16_t channel, const struct place_candidate *entry) {
    struct writer writer;
    struct frame *frame = message_new(MESSAGE_PRESENCE_BEAT, channel, PLACE_BYTES, &writer);
    write_place(&writer, entry);
    return frame;
}

struct frame *presence_ask_frame(uint16_t channel, uint64_t mark) {
    struct writer writer;
    struct frame *frame = message_new(MESSAGE_PRESENCE_ASK, channel, 8, &writer);
    write_u64(&writer, mark);
    return frame;
}

struct frame *presence_list_frame(uint16_t channel, uint64_t base, uint64_t mark,
                                  const struct roster_changes *changes) {
    struct writer writer;
    size_t size = 8 + 8 + 4;
    for (size_t i = 0; i < changes->count; i++)
        size += 4 + 1 + (changes->list[i].present ? PLACE_BYTES : 0);
    struct frame *frame = message_new(MESSAGE_PRESENCE_LIST, channel, size, &writer);
    write_u64(&writer, base);
    write_u64(&writer, mark);
    write_u32(&writer, (uint32_t)changes->count);
    for (size_t i = 0; i < changes->count; i++) {
        write_u32(&writer, changes->list[i].entry.node);
        write_u8(&writer, changes->list[i].present);
        if (changes->list[i].present)
            write_place(&writer, &changes->list[i].entry);
    }
    assert(writer.error == OK);
    return frame;
}

int presence_beat_read(const struct message *message, struct place_candidate *entry) {
    struct reader reader;
    reader_init(&reader, message->body, message->size);
    read_place(&reader, entry);
    return reader_finish(&reader);
}

int presence_ask_read(const struct message *message, uint64_t *mark) {
    struct reader reader;
    reader_init(&reader, message->body, message->size);
    *mark = read_u64(&reader);
    return reader_finish(&reader);
}

static void read_change(struct reader *reader, struct roster_changes *changes) {
    struct roster_change change = {.entry.node = read_u32(reader)};
    const uint8_t present = read_u8(reader);
    if (present > 1 ||
        (changes->count > 0 && change.entry.node <= changes->list[changes->count - 1].entry.node))
        reader_fail(reader, ERR_NON_CANONICAL);
    change.present = present;
    if (change.present)
        read_place(reader, &change.entry);
    if (reader->error == OK)
        roster_changes_put(changes, &change);
}

int presence_list_read(const struct message *message, uint64_t *base, uint64_t *mark,
                       struct roster_changes *changes) {
    struct reader reader;
    reader_init(&reader, message->body, message->size);
    *base = read_u64(&reader);
    *mark = read_u64(&reader);
    const uint32_t count = read_u32(&reader);
    if (count > LIMIT_NODES)
        reader_fail(&reader, ERR_LIMIT);
    changes->count = 0;
    for (uint32_t i = 0; i < count && reader.error == OK; i++)
        read_change(&reader, changes);
    const int error = reader_finish(&reader);
    if (error != OK)
        changes->count = 0;
    return error;
}
