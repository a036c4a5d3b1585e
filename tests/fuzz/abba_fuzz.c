/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Input: the schedule (u8), then messages to one member of four, each as sender (u8), type (u8) and a
 * body with its length (u8). Whatever is decoded must encode to the same bytes; the member must
 * survive, and another life that starts from its record must have said the same. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "agreement/abba.h"
#include "base/error.h"
#include "crypto/identity.h"

enum { MEMBERS = 4, CHANNEL = 3, RECORD_ROOM = 2048 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct member {
    struct process process;
    struct abba abba;
    bool decided;
};

static void on_decide(void *context, bool value) {
    struct member *member = context;
    if (member->decided)
        abort(); /* once */
    member->decided = true;
}

static void check_canonical(const struct message *message, const struct frame *frame) {
    struct abba_message decoded;
    if (abba_decode(&decoded, message) != OK)
        return;
    struct frame *again = abba_encode(&decoded, message->channel);
    if (again->size != frame->size || memcmp(again->bytes, frame->bytes, frame->size) != 0)
        abort();
    frame_unref(again);
}

static void step(struct process *process, const struct event *event) {
    struct member *member = container_of(process, struct member, process);
    struct message message;
    if (message_parse(&message, event->frame) != OK)
        abort(); /* made here */
    check_canonical(&message, event->frame);
    (void)abba_receive(&member->abba, event->from, &message);
}

static void drain(struct env *env) {
    for (size_t i = 0; i < env->out.count; i++)
        frame_unref(env->out.list[i].frame);
    env->out.count = 0;
}

static void hand_over(struct member *member, struct reader *reader) {
    struct event event = {.type = EVENT_MESSAGE, .from = 1 + read_u8(reader) % (MEMBERS - 1)};
    struct writer writer;
    uint16_t type = (uint16_t)(MESSAGE_ABBA_BVAL + read_u8(reader) % 5);
    size_t size = read_u8(reader);
    const uint8_t *body = read_view(reader, size);
    if (body == NULL)
        return;
    event.frame = message_new(type, CHANNEL, size, &writer);
    write_bytes(&writer, body, size);
    process_step(&member->process, &event, 0);
    drain(&member->process.env);
    frame_unref(event.frame);
}

static size_t store(const struct abba *abba, uint8_t record[RECORD_ROOM]) {
    struct writer writer;
    writer_init(&writer, record, RECORD_ROOM);
    abba_store(abba, &writer);
    if (writer.error != OK || writer.at != abba_store_bytes(abba))
        abort();
    return writer.at;
}

/* A record is read back; what a member makes of it can only be more. */
static void check_restore(struct member *member, const struct abba_config *config) {
    uint8_t first[RECORD_ROOM], second[RECORD_ROOM];
    struct reader reader;
    size_t size = store(&member->abba, first);
    abba_deinit(&member->abba);
    abba_init(&member->abba, config);
    reader_init(&reader, first, size);
    if (abba_restore(&member->abba, &reader) != OK || reader_finish(&reader) != OK)
        abort();
    if (store(&member->abba, second) < size)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const node_id ids[MEMBERS] = {0, 1, 2, 3};
    static struct group_keys keys;
    static struct key_directory directory;
    struct identity identity;
    struct common_coin coin;
    struct reader reader;
    if (sodium_init() < 0)
        abort();
    if (keys.members == 0) {
        key_directory_init(&directory, suite_find("ed25519", "modelled"), MEMBERS, 1);
        if (group_keys_deal(&keys, &frost_ristretto255, MEMBERS, 2, 1, CHANNEL, "coin") != OK)
            abort();
    }
    struct member member = {.process.step = step};
    struct abba_config config = {.env = &member.process.env,
                                 .committee = {ids, MEMBERS},
                                 .channel = CHANNEL,
                                 .coin = &coin,
                                 .client = {NULL, on_decide, &member}};
    env_init(&member.process.env, 0, 1);
    identity_init(&identity, &directory, 0);
    member.process.env.identity = &identity;
    common_coin_init(&coin, &member.process.env, &keys, 0);
    reader_init(&reader, data, size);
    config.coins = (enum abba_coins)(read_u8(&reader) % 2);
    abba_init(&member.abba, &config);
    while (reader.error == OK && reader_left(&reader) > 0)
        hand_over(&member, &reader);
    member.process.env.stepping = true;
    check_restore(&member, &config);
    drain(&member.process.env);
    abba_deinit(&member.abba);
    env_deinit(&member.process.env);
    identity_deinit(&identity);
    return 0;
}
