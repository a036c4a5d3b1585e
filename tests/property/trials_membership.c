/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The envelope of all messages, and those of HyParView and Plumtree. The first two bytes of an
 * input are the type. */
#include <string.h>

#include "membership/hyparview_messages.h"
#include "membership/plumtree_messages.h"
#include "membership/presence_messages.h"
#include "tests/property/trials.h"
#include "tier/announce.h"

#define CHANNEL 3

static int decode_envelope(const uint8_t *bytes, size_t size, struct writer *again) {
    struct frame *frame = frame_copy(bytes, size);
    struct message message;
    const int error = message_parse(&message, frame);
    if (error == OK) {
        struct writer body;
        struct frame *other = message_new(message.type, message.channel, message.size, &body);
        write_bytes(&body, message.body, message.size);
        write_bytes(again, other->bytes, other->size);
        frame_unref(other);
    }
    frame_unref(frame);
    return error;
}

void trial_envelope(struct trial *out) {
    for (size_t i = 0; i < 3; i++) {
        struct writer body;
        struct frame *frame = message_new(message_at(i), (uint16_t)i, 5 * i, &body);
        trial_frame(out, frame);
    }
    out->decode = decode_envelope;
}

/* The type and the body of a frame. */
static void add(struct trial *trial, struct frame *frame) {
    uint8_t bytes[256];
    memcpy(bytes, frame->bytes, 2);
    memcpy(bytes + 2, frame->bytes + MESSAGE_HEADER_BYTES, frame->size - MESSAGE_HEADER_BYTES);
    trial_sample(trial, bytes, 2 + frame->size - MESSAGE_HEADER_BYTES);
    frame_unref(frame);
}

static int read_type(struct message *message, const uint8_t *bytes, size_t size,
                     struct writer *again) {
    struct reader reader;
    reader_init(&reader, bytes, size);
    const uint16_t type = read_u16(&reader);
    *message = trial_message(type, bytes + reader.at, size - reader.at);
    write_u16(again, type);
    return reader.error;
}

static int decode_hyparview(const uint8_t *bytes, size_t size, struct writer *again) {
    struct hyparview_message read;
    struct message message;
    int error = read_type(&message, bytes, size, again);
    if (error == OK)
        error = hyparview_decode(&read, &message);
    if (error == OK)
        trial_again(again, hyparview_encode(&read, CHANNEL));
    return error;
}

void trial_hyparview(struct trial *out) {
    for (uint16_t type = MESSAGE_HYPARVIEW_JOIN; type <= MESSAGE_HYPARVIEW_SHUFFLE_REPLY; type++) {
        struct hyparview_message message = {.type = type,
                                            .peer = 9,
                                            .ttl = 4,
                                            .flag = true,
                                            .count = HYPARVIEW_SHUFFLE_PEERS,
                                            .peers = {1, 2, 3, 4, 5, 6, 7}};
        if (type == MESSAGE_HYPARVIEW_SHUFFLE_REPLY)
            message.peer = NODE_NONE;
        add(out, hyparview_encode(&message, CHANNEL));
    }
    out->decode = decode_hyparview;
}

static int decode_plumtree(const uint8_t *bytes, size_t size, struct writer *again) {
    struct plumtree_message read;
    struct message message;
    int error = read_type(&message, bytes, size, again);
    if (error == OK)
        error = plumtree_decode(&read, &message);
    if (error == OK)
        trial_again(again, plumtree_encode(&read, CHANNEL));
    return error;
}

void trial_plumtree(struct trial *out) {
    for (uint16_t type = MESSAGE_PLUMTREE_GOSSIP; type <= MESSAGE_PLUMTREE_PRUNE; type++)
        for (int wanted = 0; wanted <= (type == MESSAGE_PLUMTREE_GRAFT); wanted++)
            add(out, plumtree_encode(&(struct plumtree_message){.type = type,
                                                                .wanted = wanted == 1,
                                                                .round = 5,
                                                                .id = {{7}},
                                                                .payload = (const uint8_t *)"news",
                                                                .size = 4},
                                     CHANNEL));
    out->decode = decode_plumtree;
}

/* ---- announcements, with a signature of 64 bytes ---- */

static int decode_announcement(const uint8_t *bytes, size_t size, struct writer *again) {
    struct announcement announcement;
    const uint8_t *signature;
    uint8_t fields[ANNOUNCEMENT_BYTES];
    const int error = announcement_read(&announcement, CHANNEL, bytes, size, 64, &signature);
    if (error != OK)
        return error;
    announcement_write(&announcement, CHANNEL, fields);
    write_bytes(again, fields, sizeof fields);
    write_bytes(again, signature, 64);
    return OK;
}

void trial_announcement(struct trial *out) {
    for (uint64_t height = 1; height <= 2; height++) {
        const struct announcement announcement = {.height = height, .announcer = 3};
        uint8_t bytes[ANNOUNCEMENT_BYTES + 64] = {0};
        announcement_write(&announcement, CHANNEL, bytes);
        trial_sample(out, bytes, sizeof bytes);
    }
    out->decode = decode_announcement;
}

/* ---- who is present ---- */

static void add_body(struct trial *trial, struct frame *frame) {
    trial_sample(trial, frame->bytes + MESSAGE_HEADER_BYTES, frame->size - MESSAGE_HEADER_BYTES);
    frame_unref(frame);
}

static void write_body(struct writer *again, struct frame *frame) {
    write_bytes(again, frame->bytes + MESSAGE_HEADER_BYTES, frame->size - MESSAGE_HEADER_BYTES);
    frame_unref(frame);
}

static int decode_beat(const uint8_t *bytes, size_t size, struct writer *again) {
    const struct message message = trial_message(MESSAGE_PRESENCE_BEAT, bytes, size);
    struct place_candidate entry = {0};
    const int error = presence_beat_read(&message, &entry);
    if (error == OK)
        write_body(again, presence_beat_frame(CHANNEL, &entry));
    return error;
}

void trial_presence_beat(struct trial *out) {
    add_body(out, presence_beat_frame(CHANNEL, &(struct place_candidate){3, 4, {-5, 6}}));
    add_body(out, presence_beat_frame(CHANNEL, &(struct place_candidate){3, 7, {1 << 20, -1}}));
    out->decode = decode_beat;
}

static int decode_ask(const uint8_t *bytes, size_t size, struct writer *again) {
    const struct message message = trial_message(MESSAGE_PRESENCE_ASK, bytes, size);
    uint64_t mark;
    const int error = presence_ask_read(&message, &mark);
    if (error == OK)
        write_body(again, presence_ask_frame(CHANNEL, mark));
    return error;
}

void trial_presence_ask(struct trial *out) {
    add_body(out, presence_ask_frame(CHANNEL, 0));
    add_body(out, presence_ask_frame(CHANNEL, UINT64_MAX - 1));
    out->decode = decode_ask;
}

static int decode_list(const uint8_t *bytes, size_t size, struct writer *again) {
    const struct message message = trial_message(MESSAGE_PRESENCE_LIST, bytes, size);
    struct roster_changes changes = {0};
    uint64_t base, mark;
    const int error = presence_list_read(&message, &base, &mark, &changes);
    if (error == OK)
        write_body(again, presence_list_frame(CHANNEL, base, mark, &changes));
    roster_changes_deinit(&changes);
    return error;
}

void trial_presence_list(struct trial *out) {
    struct roster_changes changes = {0};
    for (node_id node = 0; node < 4; node++) {
        const struct roster_change change = {{5 * node, 2, {(int32_t)node, -1}}, node % 2 == 0};
        add_body(out, presence_list_frame(CHANNEL, node, 77, &changes));
        roster_changes_put(&changes, &change);
    }
    roster_changes_deinit(&changes);
    out->decode = decode_list;
}
