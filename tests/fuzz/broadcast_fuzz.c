/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Input: messages to member 1 of four, each as sender (u8) and then what is sent: an honest message
 * of one of two broadcasts (u8 below 8: kind and which) with up to two edits (edits.h), or raw bytes
 * with their length (u8). Whatever is decoded must encode to the same bytes; the member must survive
 * and deliver at most once, and its record must be read back. */
#include <stdlib.h>
#include <string.h>

#include "agreement/broadcast.h"
#include "base/error.h"
#include "crypto/merkle.h"
#include "tests/fuzz/edits.h"

enum { MEMBERS = 4, DATA = 2, CHANNEL = 3, INSTANCE = 5, SIZE = 50, ROOM = 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct member {
    struct process process;
    struct broadcast broadcast;
    bool delivered;
};

static void deliver(void *context, const uint8_t *bytes, size_t size) {
    struct member *member = context;
    if (member->delivered || size == 0 || size > ROOM)
        abort();
    member->delivered = true;
}

static void check_canonical(const struct message *message, const struct frame *frame) {
    struct broadcast_message decoded;
    if (broadcast_decode(&decoded, message) != OK)
        return;
    struct frame *again = broadcast_encode(&decoded, message->channel);
    if (again->size != frame->size || memcmp(again->bytes, frame->bytes, frame->size) != 0)
        abort();
    frame_unref(again);
}

static void step(struct process *process, const struct event *event) {
    struct member *member = container_of(process, struct member, process);
    struct message message;
    if (message_parse(&message, event->frame) != OK)
        return;
    check_canonical(&message, event->frame);
    (void)broadcast_receive(&member->broadcast, event->from, &message);
}

static void drain(struct env *env) {
    for (size_t i = 0; i < env->out.count; i++)
        frame_unref(env->out.list[i].frame);
    env->out.count = 0;
}

/* The genuine message of @index's fragment in broadcast @which. */
static struct frame *honest(const struct erasure_code *code, uint16_t type, uint8_t which,
                            uint32_t index) {
    uint8_t pieces[MEMBERS * SIZE];
    struct digest nodes[2 * MEMBERS + 64];
    struct merkle_tree tree;
    struct broadcast_message message = {.type = type, .instance = INSTANCE};
    memset(pieces, which, SIZE);
    if (erasure_encode(code, pieces, SIZE) != OK)
        abort();
    fragment_commit(&tree, nodes, pieces, SIZE / DATA, MEMBERS);
    fragment_make(&message.fragment, &tree, pieces, SIZE, DATA, MEMBERS, index);
    fragment_commitment(&message.fragment, &message.commitment);
    return broadcast_encode(&message, CHANNEL);
}

static struct frame *next_frame(const struct erasure_code *code, struct reader *reader,
                                uint32_t from) {
    const uint8_t choice = read_u8(reader);
    if (choice < 8) {
        const uint16_t type = (uint16_t)(MESSAGE_BROADCAST_VAL + choice / 2 % 3);
        const uint32_t index = type == MESSAGE_BROADCAST_VAL ? 1 : from;
        struct frame *frame = honest(code, type, choice % 2, index);
        if (choice >= 6)
            edit(reader, 2, frame->bytes, frame->size);
        return frame;
    }
    const uint8_t *bytes = read_view(reader, choice);
    return bytes == NULL ? NULL : frame_copy(bytes, choice);
}

static void check_record(struct member *member, const struct broadcast_config *config) {
    uint8_t first[ROOM], second[ROOM];
    struct writer writer;
    struct reader reader;
    writer_init(&writer, first, sizeof first);
    broadcast_store(&member->broadcast, &writer);
    const size_t size = writer.at;
    if (writer.error != OK || size != broadcast_store_bytes(&member->broadcast))
        abort();
    broadcast_deinit(&member->broadcast);
    broadcast_init(&member->broadcast, config);
    reader_init(&reader, first, size);
    if (broadcast_restore(&member->broadcast, &reader) != OK || reader_finish(&reader) != OK)
        abort();
    writer_init(&writer, second, sizeof second);
    broadcast_store(&member->broadcast, &writer);
    if (writer.at != size || memcmp(first, second, size) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const node_id ids[MEMBERS] = {0, 1, 2, 3};
    static struct erasure_code code;
    struct reader reader;
    if (code.n == 0 && erasure_code_init(&code, DATA, MEMBERS, 2) != OK)
        abort();
    struct member member = {.process.step = step};
    const struct broadcast_config config = {.env = &member.process.env,
                                            .committee = {ids, MEMBERS},
                                            .self = 1,
                                            .channel = CHANNEL,
                                            .instance = INSTANCE,
                                            .limit = ROOM,
                                            .code = &code,
                                            .client = {NULL, deliver, &member}};
    env_init(&member.process.env, 1, 1);
    broadcast_init(&member.broadcast, &config);
    reader_init(&reader, data, size);
    while (reader.error == OK && reader_left(&reader) > 0) {
        struct event event = {.type = EVENT_MESSAGE, .from = read_u8(&reader) % MEMBERS};
        event.frame = next_frame(&code, &reader, event.from);
        if (event.frame == NULL)
            break;
        process_step(&member.process, &event, 0);
        drain(&member.process.env);
        frame_unref(event.frame);
    }
    member.process.env.stepping = true;
    check_record(&member, &config);
    drain(&member.process.env);
    broadcast_deinit(&member.broadcast);
    env_deinit(&member.process.env);
    return 0;
}
