/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Input: messages to one member of four, each as sender (u8), milliseconds since the one before (u8),
 * type (u8) and a body with its length (u8). Whatever is decoded must encode to the same bytes, the
 * member must survive, and heights must follow one another. In the end a second life starts from the
 * records. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "consensus/honeybadger/honeybadger.h"
#include "consensus/honeybadger/messages.h"
#include "crypto/identity.h"

enum { MEMBERS = 4, CHANNEL = 3, RECORDS = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const node_id ids[MEMBERS] = {0, 1, 2, 3};
static const uint16_t types[] = {
    MESSAGE_BROADCAST_VAL, MESSAGE_BROADCAST_ECHO,    MESSAGE_BROADCAST_READY,    MESSAGE_ABBA_BVAL,
    MESSAGE_ABBA_AUX,      MESSAGE_ABBA_CONF,         MESSAGE_ABBA_COIN,          MESSAGE_ABBA_TERM,
    MESSAGE_ABBA_TERM,     MESSAGE_HONEYBADGER_FETCH, MESSAGE_HONEYBADGER_DECIDED};

struct node {
    struct process process;
    struct consensus *consensus;
    struct record records[RECORDS];
    size_t record_count;
    uint64_t height;
};

static bool pending(void *context) {
    const struct node *node = context;
    return node->height < 2;
}

static struct frame *next_batch(void *context, const struct batch *ancestors, size_t count,
                                struct part part) {
    return frame_copy("batch", 5);
}

static bool valid(void *context, struct batch batch, struct part part) {
    return batch.bytes[0] < 0x80;
}

static void decide(void *context, const struct decision *decision) {
    struct node *node = context;
    if (decision->height != node->height + 1 || decision->batch.size == 0)
        abort();
    node->height++;
}

static void drain(struct node *node) {
    struct effects *out = &node->process.env.out;
    for (size_t i = 0; i < out->count; i++) {
        const struct effect *effect = &out->list[i];
        if (effect->type != EFFECT_PERSIST) {
            frame_unref(effect->frame);
            continue;
        }
        size_t at = 0;
        while (at < node->record_count && node->records[at].slot != effect->number)
            at++;
        if (at == RECORDS)
            abort();
        if (at == node->record_count)
            node->record_count++;
        else
            frame_unref(node->records[at].frame);
        node->records[at] = (struct record){effect->number, effect->frame};
    }
    out->count = 0;
}

static void check_canonical(const struct message *message, const struct frame *frame) {
    const struct committee committee = {ids, MEMBERS};
    struct honeybadger_decided decided;
    struct honeybadger_fetch fetch;
    struct frame *again = NULL;
    if (message->type == MESSAGE_HONEYBADGER_FETCH &&
        honeybadger_read_fetch(message, MEMBERS, &fetch) == OK)
        again = honeybadger_write_fetch(message->channel, MEMBERS, &fetch);
    if (message->type == MESSAGE_HONEYBADGER_DECIDED &&
        honeybadger_read_decided(message, &committee, &decided) == OK)
        again = honeybadger_write_decided(message->channel, &decided);
    if (again != NULL &&
        (again->size != frame->size || memcmp(again->bytes, frame->bytes, frame->size) != 0))
        abort();
    frame_unref(again);
}

static void begin(struct node *node) {
    const struct consensus_config config = {
        .env = &node->process.env,
        .committee = {ids, MEMBERS},
        .channel = CHANNEL,
        .view_timeout = 100 * NS_PER_MS,
        .client = {pending, next_batch, valid, decide, node},
        .records = node->records,
        .record_count = node->record_count,
    };
    node->consensus = consensus_new(&honeybadger_ops, &config);
    consensus_start(node->consensus);
}

static void step(struct process *process, const struct event *event) {
    struct node *node = container_of(process, struct node, process);
    struct message message;
    if (event->type == EVENT_START) {
        begin(node);
        return;
    }
    if (message_parse(&message, event->frame) != OK)
        abort(); /* made here */
    check_canonical(&message, event->frame);
    consensus_receive(node->consensus, event->from, &message);
}

static void life(struct node *node, const struct identity *identity, struct reader *reader) {
    const struct event start = {.type = EVENT_START}, timer = {.type = EVENT_TIMER};
    time_ns now = 0;
    node->height = 0;
    env_init(&node->process.env, 0, 1);
    node->process.env.identity = identity;
    node->process.step = step;
    process_step(&node->process, &start, now);
    drain(node);
    while (reader_left(reader) >= 4) {
        struct event event = {.type = EVENT_MESSAGE, .from = 1 + read_u8(reader) % 3};
        struct writer writer;
        now += read_u8(reader) * NS_PER_MS;
        const uint16_t type = types[read_u8(reader) % ARRAY_LEN(types)];
        const size_t size = size_min(read_u8(reader), reader_left(reader));
        event.frame = message_new(type, CHANNEL, size, &writer);
        write_bytes(&writer, read_view(reader, size), size);
        process_step(&node->process, &timer, now);
        drain(node);
        process_step(&node->process, &event, now);
        drain(node);
        frame_unref(event.frame);
    }
    consensus_free(node->consensus);
    env_deinit(&node->process.env);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct key_directory directory;
    struct identity identity;
    struct reader reader;
    if (sodium_init() < 0)
        abort();
    if (directory.count == 0)
        key_directory_init(&directory, suite_find("ed25519", "modelled"), MEMBERS, 1);
    struct node *node = memory_new(1, sizeof *node);
    identity_init(&identity, &directory, 0);
    reader_init(&reader, data, size);
    life(node, &identity, &reader);
    const uint64_t height = node->height;
    reader_init(&reader, NULL, 0);
    life(node, &identity, &reader);
    if (node->height < height)
        abort(); /* the chain is durable */
    for (size_t i = 0; i < node->record_count; i++)
        frame_unref(node->records[i].frame);
    identity_deinit(&identity);
    free(node);
    return 0;
}
