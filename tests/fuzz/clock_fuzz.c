/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Input: a role (u8), then messages for one node, each as sender (u8), milliseconds since the one
 * before (u8), what the node's own clock shows (u64, cut to 60 bits), type (u8) and a body with its
 * length (u8). Whatever is decoded must encode to the same bytes, and the node must survive. */
#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"
#include "base/error.h"
#include "clock/discipline.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct node {
    struct process process;
    struct discipline discipline;
};

static void check_canonical(const struct message *message, const struct frame *frame) {
    struct clock_message decoded;
    if (clock_decode(&decoded, message) != OK)
        return;
    struct frame *again = clock_encode(&decoded);
    if (again->size != frame->size || memcmp(again->bytes, frame->bytes, frame->size) != 0)
        abort();
    frame_unref(again);
}

static void step(struct process *process, const struct event *event) {
    struct node *node = container_of(process, struct node, process);
    struct message message;
    if (event->type != EVENT_MESSAGE)
        return;
    if (message_parse(&message, event->frame) != OK)
        abort(); /* made here */
    check_canonical(&message, event->frame);
    (void)discipline_receive(&node->discipline, event->from, &message);
}

static void drain(struct env *env) {
    for (size_t i = 0; i < env->out.count; i++)
        frame_unref(env->out.list[i].frame);
    env->out.count = 0;
}

static void hand_over(struct node *node, struct reader *reader, time_ns *now) {
    const struct event timer = {.type = EVENT_TIMER};
    struct event event = {.type = EVENT_MESSAGE, .from = read_u8(reader) % 6};
    struct writer writer;
    *now += read_u8(reader) * NS_PER_MS;
    time_ns physical = (time_ns)(read_u64(reader) >> 4);
    uint16_t type = (uint16_t)(MESSAGE_CLOCK_ASK + read_u8(reader) % 6);
    size_t size = read_u8(reader) % 32;
    const uint8_t *body = read_view(reader, size);
    if (body == NULL)
        return;
    event.frame = message_new(type, 0, size, &writer);
    write_bytes(&writer, body, size);
    process_step_at(&node->process, &timer, *now, physical);
    drain(&node->process.env);
    process_step_at(&node->process, &event, *now, physical);
    drain(&node->process.env);
    frame_unref(event.frame);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const node_id peers[] = {1, 2, 3, 4};
    struct node node = {.process.step = step};
    struct reader reader;
    time_ns now = 0;
    reader_init(&reader, data, size);
    enum discipline_role role = read_u8(&reader) % 4;
    const struct discipline_config config = {
        .role = role, .peers = peers, .peer_count = 4, .poll = 100 * NS_PER_MS};
    env_init(&node.process.env, 0, 1);
    discipline_init(&node.discipline, &node.process.env, &config);
    while (reader.error == OK && reader_left(&reader) > 0)
        hand_over(&node, &reader, &now);
    env_deinit(&node.process.env);
    return 0;
}
