/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consensus/honeybadger/messages.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

int honeybadger_read_fetch(const struct message *message, uint32_t members,
                           struct honeybadger_fetch *out) {
    struct reader reader;
    reader_init(&reader, message->body, message->size);
    out->epoch = read_u64(&reader);
    const uint8_t open = read_u8(&reader);
    if (read_u16(&reader) != members)
        reader_fail(&reader, ERR_MISMATCH);
    out->progress = read_view(&reader, members);
    out->open = open == 1;
    if (open > 1)
        reader_fail(&reader, ERR_NON_CANONICAL);
    if (out->epoch == 0)
        reader_fail(&reader, ERR_INVALID);
    for (uint32_t i = 0; i < members && reader.error == OK; i++)
        if (out->progress[i] > HAS_ALL)
            reader_fail(&reader, ERR_NON_CANONICAL);
    return reader_finish(&reader);
}

struct frame *honeybadger_write_fetch(uint16_t channel, uint32_t members,
                                      const struct honeybadger_fetch *in) {
    struct writer writer;
    struct frame *frame =
        message_new(MESSAGE_HONEYBADGER_FETCH, channel, 8 + 1 + 2 + members, &writer);
    write_u64(&writer, in->epoch);
    write_u8(&writer, in->open);
    write_u16(&writer, (uint16_t)members);
    write_bytes(&writer, in->progress, members);
    return frame;
}

int honeybadger_read_outcome(const struct honeybadger_outcome *outcome,
                             const struct committee *committee,
                             struct batch batches[LIMIT_COMMITTEE]) {
    struct reader reader;
    uint32_t next = 0;
    memset(batches, 0, committee->count * sizeof *batches);
    reader_init(&reader, outcome->bytes, outcome->size);
    const uint32_t count = read_u16(&reader);
    if (reader.error == OK && count < committee_quorum(committee))
        reader_fail(&reader, ERR_NOT_ENOUGH);
    for (uint32_t i = 0; i < count && reader.error == OK; i++) {
        const uint32_t member = read_u16(&reader);
        if (member >= committee->count)
            reader_fail(&reader, ERR_NOT_MEMBER);
        else if (member < next)
            reader_fail(&reader, ERR_NON_CANONICAL);
        if (reader.error != OK)
            break;
        batches[member].bytes = read_blob(&reader, LIMIT_BATCH_BYTES, &batches[member].size);
        next = member + 1;
    }
    return reader_finish(&reader);
}

struct frame *honeybadger_write_outcome(uint64_t number, const struct batch *batches,
                                        uint32_t members) {
    struct writer writer;
    size_t size = 8 + 2;
    uint16_t count = 0;
    for (uint32_t i = 0; i < members; i++) {
        size += batches[i].bytes == NULL ? 0 : 2 + 4 + batches[i].size;
        count += batches[i].bytes != NULL;
    }
    struct frame *frame = frame_new(size);
    if (frame == NULL)
        abort(); /* the part's limit keeps all batches together below a frame */
    writer_init(&writer, frame->bytes, frame->size);
    write_u64(&writer, number);
    write_u16(&writer, count);
    for (uint32_t i = 0; i < members; i++) {
        if (batches[i].bytes == NULL)
            continue;
        write_u16(&writer, (uint16_t)i);
        write_blob(&writer, batches[i].bytes, batches[i].size);
    }
    return frame;
}

int honeybadger_read_decided(const struct message *message, const struct committee *committee,
                             struct honeybadger_decided *out) {
    struct batch batches[LIMIT_COMMITTEE];
    struct reader reader;
    reader_init(&reader, message->body, message->size);
    out->first = read_u64(&reader);
    out->count = read_u16(&reader);
    if (out->count == 0 || out->count > HONEYBADGER_OUTCOMES_MAX)
        reader_fail(&reader, ERR_LIMIT);
    if (out->first == 0)
        reader_fail(&reader, ERR_INVALID);
    for (uint32_t i = 0; i < out->count && reader.error == OK; i++) {
        struct honeybadger_outcome *outcome = &out->outcomes[i];
        outcome->bytes = read_blob(&reader, LIMIT_FRAME_BYTES, &outcome->size);
        if (reader.error != OK)
            break;
        int error = honeybadger_read_outcome(outcome, committee, batches);
        if (error != OK)
            reader_fail(&reader, error);
    }
    return reader_finish(&reader);
}

struct frame *honeybadger_write_decided(uint16_t channel, const struct honeybadger_decided *in) {
    struct writer writer;
    size_t size = 8 + 2;
    for (uint32_t i = 0; i < in->count; i++)
        size += 4 + in->outcomes[i].size;
    struct frame *frame = message_new(MESSAGE_HONEYBADGER_DECIDED, channel, size, &writer);
    if (frame == NULL)
        return NULL;
    write_u64(&writer, in->first);
    write_u16(&writer, (uint16_t)in->count);
    for (uint32_t i = 0; i < in->count; i++)
        write_blob(&writer, in->outcomes[i].bytes, in->outcomes[i].size);
    return frame;
}
