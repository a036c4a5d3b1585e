/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Input: frames for one node with three neighbours, each as sender (u8), milliseconds since the one
 * before (u8), type (u8) and a body with its length (u8). Whatever is decoded must encode to the same
 * bytes, and the node must survive. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "membership/plumtree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct node {
    struct process process;
    struct plumtree plumtree;
};

static int accept_all(void *context, const struct plumtree_message *gossip) {
    return OK;
}

static void check_canonical(const struct message *message, const struct frame *frame) {
    struct plumtree_message decoded;
    if (plumtree_decode(&decoded, message) != OK)
        return;
    struct frame *again = plumtree_encode(&decoded, message->channel);
    if (again->size != frame->size || memcmp(again->bytes, frame->bytes, frame->size) != 0)
        abort();
    frame_unref(again);
}

static void step(struct process *process, const struct event *event) {
    struct node *node = container_of(process, struct node, process);
    struct message message;
    if (message_parse(&message, event->frame) != OK)
        abort(); /* made here */
    check_canonical(&message, event->frame);
    (void)plumtree_receive(&node->plumtree, event->from, &message);
}

static void drain(struct env *env) {
    for (size_t i = 0; i < env->out.count; i++)
        frame_unref(env->out.list[i].frame);
    env->out.count = 0;
}

static void hand_over(struct node *node, struct reader *reader, time_ns *now) {
    struct event timer = {.type = EVENT_TIMER};
    struct event event = {.type = EVENT_MESSAGE, .from = read_u8(reader) % 5};
    struct writer writer;
    *now += read_u8(reader) * NS_PER_MS;
    uint16_t type = (uint16_t)(MESSAGE_PLUMTREE_GOSSIP + read_u8(reader) % 4);
    size_t size = read_u8(reader);
    const uint8_t *body = read_view(reader, size);
    if (body == NULL)
        return;
    event.frame = message_new(type, 0, size, &writer);
    write_bytes(&writer, body, size);
    process_step(&node->process, &timer, *now);
    drain(&node->process.env);
    process_step(&node->process, &event, *now);
    drain(&node->process.env);
    frame_unref(event.frame);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct node node = {.process.step = step};
    struct plumtree_config config = {.env = &node.process.env,
                                     .missing_timeout = NS_PER_S,
                                     .graft_timeout = 200 * NS_PER_MS,
                                     .client = {accept_all, NULL, NULL}};
    struct reader reader;
    time_ns now = 0;
    env_init(&node.process.env, 9, 1);
    plumtree_init(&node.plumtree, &config);
    for (node_id peer = 1; peer <= 3; peer++)
        if (plumtree_up(&node.plumtree, peer) != OK)
            abort();
    reader_init(&reader, data, size);
    while (reader.error == OK && reader_left(&reader) > 0)
        hand_over(&node, &reader, &now);
    plumtree_deinit(&node.plumtree);
    env_deinit(&node.process.env);
    return 0;
}
