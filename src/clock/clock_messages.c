/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "clock/clock_messages.h"

#include <assert.h>

#include "base/error.h"

#define TIME_LIMIT (INT64_C(1) << 61) /* of ntp.h and ptp.h, in magnitude */

static const struct layout {
    uint16_t type;
    uint8_t times;
} layouts[] = {
    {MESSAGE_CLOCK_ASK, 0},           {MESSAGE_CLOCK_ANSWER, 2},
    {MESSAGE_CLOCK_SYNC, 0},          {MESSAGE_CLOCK_FOLLOW_UP, 1},
    {MESSAGE_CLOCK_DELAY_REQUEST, 0}, {MESSAGE_CLOCK_DELAY_RESPONSE, 1},
};

static const struct layout *layout_of(uint16_t type) {
    for (size_t i = 0; i < ARRAY_LEN(layouts); i++)
        if (layouts[i].type == type)
            return &layouts[i];
    return NULL;
}

struct frame *clock_encode(const struct clock_message *in) {
    const struct layout *layout = layout_of(in->type);
    struct writer body;
    assert(layout != NULL);
    struct frame *frame = message_new(in->type, 0, 4 + 8 * (size_t)layout->times, &body);
    write_u32(&body, in->exchange);
    for (size_t i = 0; i < layout->times; i++)
        write_u64(&body, (uint64_t)in->times[i]);
    return frame;
}

int clock_decode(struct clock_message *out, const struct message *message) {
    const struct layout *layout = layout_of(message->type);
    struct reader reader;
    if (layout == NULL)
        return ERR_UNKNOWN_TYPE;
    *out = (struct clock_message){.type = message->type};
    reader_init(&reader, message->body, message->size);
    out->exchange = read_u32(&reader);
    for (size_t i = 0; i < layout->times; i++) {
        out->times[i] = (time_ns)read_u64(&reader);
        if (out->times[i] >= TIME_LIMIT || out->times[i] <= -TIME_LIMIT)
            reader_fail(&reader, ERR_INVALID);
    }
    return reader_finish(&reader);
}
