/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The envelope of every message: a header of 8 bytes, then the body.
 *
 *   u16 type · u16 channel · u32 body size
 *
 * The channel says which instance of a module the message is for: tier << 12 | group, so that a
 * node can sit in committees of several tiers. */
#ifndef TIERCHAIN_WIRE_MESSAGE_H
#define TIERCHAIN_WIRE_MESSAGE_H

#include "base/cursor.h"
#include "base/types.h"
#include "env/frame.h"

enum message_module {
    MODULE_PIPELINE,
    MODULE_TIER,
    MODULE_CONSENSUS,
    MODULE_MEMBERSHIP,
    MODULE_PRESENCE,
    MODULE_HOLD,
    MODULE_SHARD,
    MODULE_CLOCK,
    MODULE_ALONE,
    MODULE_TEST,
};

#define MESSAGE(constant, number, name, module) constant = (number),
enum message_type {
#include "wire/messages.def"
};
#undef MESSAGE

#define MESSAGE_HEADER_BYTES 8

/* A received message: header fields and the body in place (borrowed from the frame). */
struct message {
    uint16_t type;
    uint16_t channel;
    const uint8_t *body;
    uint32_t size;
    struct frame *frame; /* holds the body; take a reference to keep it */
};

/* Reads the envelope. Errors: ERR_TRUNCATED, ERR_TRAILING, ERR_UNKNOWN_TYPE. */
int message_parse(struct message *message, const struct frame *frame);

/* A new frame with the header written; the caller writes @size body bytes through @body. NULL when
 * the body is beyond LIMIT_FRAME_BYTES. */
struct frame *message_new(uint16_t type, uint16_t channel, size_t size, struct writer *body);

/* A row's name and module; NULL for an unknown type. */
const char *message_name(uint16_t type);
const enum message_module *message_module(uint16_t type);

/* Rows in the order of the registry, for statistics: index of a type, its inverse, and the count.
 */
int message_index(uint16_t type); /* -1 when unknown */
uint16_t message_at(size_t index);
size_t message_count(void);

#endif
