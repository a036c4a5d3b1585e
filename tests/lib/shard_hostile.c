/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/lib/shard_hostile.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "tests/lib/shard_world_inside.h"

#define PAUSE (60 * NS_PER_MS)

/* A transfer that is on its way, NULL when there is none. */
static const struct seen_transfer *pick(struct shard_world *world) {
    const struct seen_transfer *seen = world->checker.seen;
    size_t count = HASH_COUNT(seen);
    if (count == 0)
        return NULL;
    for (size_t skip = rng_below(&world->rng, count); skip > 0; skip--)
        seen = seen->hh.next;
    return seen;
}

static struct shard_statement lie(struct shard_member *member, const struct seen_transfer *seen) {
    struct shard_world *world = member->world;
    struct shard_statement statement = {
        .word = (enum shard_word)(1 + rng_below(&world->rng, SHARD_WORD_LAST)),
        .epoch = world->map.epoch - (uint32_t)rng_chance(&world->rng, 1, 10),
        .speaker = member->shard,
        .session = seen->session,
    };
    do
        statement.listener = (uint16_t)rng_below(&world->rng, world->map.count);
    while (statement.listener == member->shard);
    if (statement.word != SHARD_REJECT)
        statement.ticket = 1 + rng_below(&world->rng, 6);
    return statement;
}

static void tell_lie(struct shard_member *member) {
    struct shard_world *world = member->world;
    const struct seen_transfer *seen = pick(world);
    uint8_t signature[LIMIT_SIGNATURE_BYTES];
    if (seen == NULL)
        return;
    struct shard_signed message = {lie(member, seen), signature};
    const struct committee *to = &world->committees[message.statement.listener];
    shard_statement_sign(&member->process.env, &message.statement, signature);
    if (rng_chance(&world->rng, 1, 10))
        signature[0] ^= 1;
    env_broadcast(&member->process.env, to->members, to->count,
                  shard_signed_encode(&message,
                                      (uint16_t)(world->map.channel + message.statement.listener),
                                      world->signature_bytes));
}

/* Hostile members of another shard lend their keys: all of them sign, then come zeros. */
static void forge_proof(struct shard_member *member) {
    struct shard_world *world = member->world;
    const struct seen_transfer *seen = pick(world);
    uint8_t bitmap[LIMIT_COMMITTEE / 8] = {0};
    uint8_t *signatures = calloc(world->config.members, world->signature_bytes);
    if (seen == NULL || signatures == NULL) {
        free(signatures);
        return;
    }
    struct shard_item item = {.kind = SHARD_ITEM_PROOF, .session = seen->session};
    struct shard_statement *statement = &item.proof.statement;
    *statement = lie(member, seen);
    statement->speaker = statement->listener;
    statement->listener = member->shard;
    uint32_t needed = committee_validity(&world->committees[statement->speaker]), taken = 0;
    for (uint32_t i = world->config.members; i-- > 0 && taken < needed; taken++)
        bitmap[i / 8] |= (uint8_t)(1u << (i % 8));
    uint8_t *signature = signatures;
    for (uint32_t i = world->config.members - taken; i < world->config.members; i++) {
        struct shard_member *ally = &world->members[statement->speaker * world->config.members + i];
        if (ally->hostile && loop_alive(world->loop, ally->node))
            shard_statement_sign(shard_world_forger(world, ally->node), statement, signature);
        signature += world->signature_bytes;
    }
    item.proof.bitmap = bitmap;
    item.proof.signatures = signatures;
    item.proof.attempt = (uint32_t)rng_below(&world->rng, 4);
    struct digest key;
    shard_item_key(&item, &key);
    struct frame *frame = shard_item_encode(&item, &world->map, world->signature_bytes);
    (void)shard_world_order(world, member->shard, &key, frame->bytes, frame->size);
    frame_unref(frame);
    free(signatures);
}

static void replay_item(struct shard_member *member) {
    struct shard_world *world = member->world;
    const struct shard_log *from = &world->logs[rng_below(&world->rng, world->map.count)];
    if (from->size == 0)
        return;
    const struct log_entry *entry = &from->entries[rng_below(&world->rng, from->size)];
    (void)shard_world_order(world, member->shard, &entry->key, entry->frame->bytes,
                            entry->frame->size);
}

static void replay_message(struct shard_member *member) {
    struct shard_world *world = member->world;
    struct frame *frame = world->overheard[rng_below(&world->rng, ARRAY_LEN(world->overheard))];
    if (frame != NULL)
        env_send(&member->process.env, (node_id)rng_below(&world->rng, world->member_count),
                 frame_ref(frame));
}

static void lie_to_origin(struct shard_member *member) {
    const struct seen_transfer *seen = pick(member->world);
    if (seen == NULL)
        return;
    struct shard_result result = {
        rng_chance(&member->world->rng, 1, 2) ? SHARD_COMMIT : SHARD_ABORT, seen->session};
    env_send(&member->process.env, seen->transfer.origin, shard_result_encode(&result, 0));
}

static void babble(struct shard_member *member) {
    struct rng *rng = &member->world->rng;
    struct writer body;
    uint16_t type = (uint16_t)(MESSAGE_SHARD_PREPARE + rng_below(rng, 3));
    size_t size = rng_below(rng, 200);
    struct frame *frame = message_new(type, member->world->map.channel, size, &body);
    for (size_t i = 0; i < size; i++)
        write_u8(&body, (uint8_t)rng_below(rng, 4));
    env_send(&member->process.env, (node_id)rng_below(rng, member->world->member_count), frame);
}

static void mischief(struct timer *timer) {
    static void (*const deeds[])(struct shard_member *) = {
        tell_lie, tell_lie, forge_proof, replay_item, replay_message, lie_to_origin, babble,
    };
    struct shard_member *member = container_of(timer, struct shard_member, mischief);
    struct shard_world *world = member->world;
    deeds[rng_below(&world->rng, ARRAY_LEN(deeds))](member);
    if (loop_now(world->loop) < world->config.chaos)
        env_timer_start(&member->process.env, timer, PAUSE);
}

void shard_hostile_start(struct shard_member *member) {
    timer_init(&member->mischief, mischief);
    env_timer_start(&member->process.env, &member->mischief, PAUSE);
}

void shard_hostile_overhear(struct shard_world *world, const struct frame *frame) {
    struct message message;
    if (world->config.hostile == 0 || message_parse(&message, frame) != OK ||
        *message_module(message.type) != MODULE_SHARD)
        return;
    struct frame **slot = &world->overheard[world->overheard_next++ % ARRAY_LEN(world->overheard)];
    frame_unref(*slot);
    *slot = frame_copy(frame->bytes, frame->size);
}
