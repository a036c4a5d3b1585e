/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Input: what happens to member 0 of shard 0 of two: u8 kind, u16 size, bytes. The low half of kind is
 * the sender of a message of shard.prepare, shard.statement or shard.result; or the bytes are an
 * item, which the member's chain orders when it is valid, and, to come deeper, when it only decodes.
 * Two transfers are under way from the start, one in each role, so that statements find them.
 * Whatever decodes must encode to the same bytes. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "shard/coordinator.h"
#include "shard/shard_messages.h"

#define MEMBERS 4
#define NODES   10 /* two committees, two origins */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const node_id ids[NODES] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
static const struct committee committees[2] = {{ids, MEMBERS}, {ids + MEMBERS, MEMBERS}};
static const struct shard_map map = {7, 2, 0x10, committees};

struct node {
    struct process process;
    struct coordinator coordinator;
    uint64_t height;
    const uint8_t *item; /* to be ordered in this step */
    size_t size;
};

static int submit(void *context, const struct digest *key, const void *bytes, size_t size) {
    struct node *node = context;
    return coordinator_valid(&node->coordinator, key, bytes, size) ? OK : ERR_INVALID;
}

static void same(const struct frame *again, const uint8_t *bytes, size_t size) {
    if (again->size != size || memcmp(again->bytes, bytes, size) != 0)
        abort();
}

static void order(struct node *node) {
    size_t signature_bytes = node->coordinator.signature_bytes;
    struct shard_item item;
    if (shard_item_decode(&item, node->item, node->size, &map, signature_bytes) != OK)
        return;
    struct frame *again = shard_item_encode(&item, &map, signature_bytes);
    struct digest key;
    same(again, node->item, node->size);
    frame_unref(again);
    shard_item_key(&item, &key);
    (void)coordinator_valid(&node->coordinator, &key, node->item, node->size);
    coordinator_ordered(&node->coordinator, node->item, node->size, ++node->height);
}

static void check_canonical(const struct message *message, size_t signature_bytes) {
    struct shard_prepare prepare;
    struct shard_signed statement;
    struct shard_result result;
    struct frame *again = NULL;
    if (message->type == MESSAGE_SHARD_PREPARE &&
        shard_prepare_decode(&prepare, message, signature_bytes) == OK)
        again = shard_prepare_encode(&prepare, message->channel, signature_bytes);
    if (message->type == MESSAGE_SHARD_STATEMENT &&
        shard_signed_decode(&statement, message, signature_bytes) == OK)
        again = shard_signed_encode(&statement, message->channel, signature_bytes);
    if (message->type == MESSAGE_SHARD_RESULT && shard_result_decode(&result, message) == OK)
        again = shard_result_encode(&result, message->channel);
    if (again != NULL)
        same(again, message->frame->bytes, message->frame->size);
    frame_unref(again);
}

/* From account 0 here to account 9 there, and back to account 1. */
static void start_transfers(struct node *node) {
    static const uint8_t signature[LIMIT_SIGNATURE_BYTES];
    struct transfer out = {.epoch = 7,
                           .origin = 8,
                           .number = 1,
                           .part_count = 2,
                           .parts = {{0, true, 0, 5}, {1, false, 9, 5}},
                           .signature = signature};
    struct transfer back = {.epoch = 7,
                            .origin = 8,
                            .number = 1,
                            .sender = 1,
                            .part_count = 2,
                            .parts = {{0, false, 1, 5}, {1, true, 9, 5}},
                            .signature = signature};
    const struct transfer *const all[] = {&out, &back};
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        struct shard_item item = {.kind = SHARD_ITEM_PREPARE, .transfer = *all[i]};
        struct frame *frame = shard_item_encode(&item, &map, node->coordinator.signature_bytes);
        node->item = frame->bytes;
        node->size = frame->size;
        order(node);
        frame_unref(frame);
    }
}

static void step(struct process *process, const struct event *event) {
    struct node *node = container_of(process, struct node, process);
    struct message message;
    if (event->type == EVENT_SUBMIT) {
        start_transfers(node);
    } else if (event->type == EVENT_START) {
        order(node);
    } else if (event->type == EVENT_MESSAGE && message_parse(&message, event->frame) == OK) {
        check_canonical(&message, node->coordinator.signature_bytes);
        (void)coordinator_receive(&node->coordinator, event->from, &message);
    }
}

static void drain(struct env *env) {
    for (size_t i = 0; i < env->out.count; i++)
        frame_unref(env->out.list[i].frame);
    env->out.count = 0;
}

static void feed(struct node *node, uint8_t kind, const uint8_t *bytes, size_t size) {
    struct env *env = &node->process.env;
    struct event event = {.type = EVENT_START, .from = (kind & 0xf) % NODES};
    struct event timer = {.type = EVENT_TIMER};
    struct writer writer;
    if (kind >> 6 < 3) {
        event.type = EVENT_MESSAGE;
        event.frame =
            message_new((uint16_t)(MESSAGE_SHARD_PREPARE + (kind >> 6)), 0x10, size, &writer);
        write_bytes(&writer, bytes, size);
    }
    node->item = bytes;
    node->size = size;
    process_step(&node->process, &event, env->now);
    drain(env);
    frame_unref(event.frame);
    time_ns deadline = timers_deadline(&env->timers);
    if (deadline != TIME_NEVER) {
        process_step(&node->process, &timer, deadline);
        drain(env);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct node node = {.process.step = step};
    struct key_directory directory;
    struct identity identity;
    struct reader reader;
    if (sodium_init() < 0)
        return 0;
    key_directory_init(&directory, suite_find("ed25519", "modelled"), NODES, 1);
    env_init(&node.process.env, 0, 1);
    identity_init(&identity, &directory, 0);
    node.process.env.identity = &identity;
    struct coordinator_config config = {.env = &node.process.env,
                                        .map = &map,
                                        .patience = 3,
                                        .retry = NS_PER_S,
                                        .tick = NS_PER_S,
                                        .client = {submit, NULL, &node}};
    coordinator_init(&node.coordinator, &config);
    for (uint64_t account = 0; account < 4; account++)
        (void)participant_open(&node.coordinator.participant, account, 8 + account % 2, 100);
    struct event begin = {.type = EVENT_SUBMIT};
    process_step(&node.process, &begin, 0);
    drain(&node.process.env);
    reader_init(&reader, data, size);
    for (int i = 0; i < 32 && reader_left(&reader) > 3; i++) {
        uint8_t kind = read_u8(&reader);
        size_t length = size_min(read_u16(&reader), reader_left(&reader));
        feed(&node, kind, read_view(&reader, length), length);
    }
    coordinator_deinit(&node.coordinator);
    identity_deinit(&identity);
    env_deinit(&node.process.env);
    key_directory_deinit(&directory);
    return 0;
}
