/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/lib/broadcast_world.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "crypto/merkle.h"

bool broadcast_world_is_faulty(const struct broadcast_world *world, uint32_t member) {
    return (world->faulty >> member & 1) != 0;
}

static void persist(void *context) {
    struct broadcast_member *member = context;
    struct writer writer;
    struct frame *frame = frame_new(broadcast_store_bytes(&member->broadcast));
    writer_init(&writer, frame->bytes, frame->size);
    broadcast_store(&member->broadcast, &writer);
    ck_assert(writer.error == OK && writer.at == writer.size);
    env_persist(&member->process.env, 0, frame);
}

static void deliver(void *context, const uint8_t *bytes, size_t size) {
    struct broadcast_member *member = context;
    ck_assert_uint_le(size, BROADCAST_ROOM);
    member->delivered++;
    member->hop = member->world->hop;
    member->size = size;
    memcpy(member->bytes, bytes, size);
}

static void begin(struct broadcast_member *member) {
    struct broadcast_world *world = member->world;
    struct reader reader;
    const struct broadcast_config config = {
        .env = &member->process.env,
        .committee = {world->ids, world->count},
        .self = member->process.env.self,
        .sender = world->sender,
        .channel = BROADCAST_CHANNEL,
        .instance = BROADCAST_INSTANCE,
        .limit = BROADCAST_ROOM,
        .code = &world->code,
        .unchecked = world->unchecked,
        .client = {persist, deliver, member},
    };
    broadcast_init(&member->broadcast, &config);
    if (member->record == NULL)
        return;
    reader_init(&reader, member->record->bytes, member->record->size);
    ck_assert_int_eq(broadcast_restore(&member->broadcast, &reader), OK);
    ck_assert_int_eq(reader_finish(&reader), OK);
}

static void step(struct process *process, const struct event *event) {
    struct broadcast_member *member = container_of(process, struct broadcast_member, process);
    struct broadcast_world *world = member->world;
    struct message message;
    if (event->type == EVENT_START) {
        begin(member);
    } else if (event->type == EVENT_MESSAGE) {
        int error = message_parse(&message, event->frame);
        if (error == OK)
            error = broadcast_receive(&member->broadcast, event->from, &message);
        if (error != OK)
            env_drop(&process->env, message.type, error);
    } else if (event->size == BROADCAST_REPEAT) {
        broadcast_repeat(&member->broadcast, event->from, true);
    } else {
        ck_assert_int_eq(broadcast_start(&member->broadcast, world->message, world->message_size),
                         OK);
    }
}

void broadcast_world_add(struct broadcast_world *world, uint32_t from, uint32_t to,
                         struct frame *frame) {
    if (world->pool_count == world->pool_capacity) {
        world->pool_capacity = world->pool_capacity == 0 ? 256 : 2 * world->pool_capacity;
        world->pool = memory_resize(world->pool, world->pool_capacity, sizeof *world->pool);
    }
    world->pool[world->pool_count++] =
        (struct broadcast_travelling){from, to, world->hop + 1, frame};
}

static void check_said(struct broadcast_world *world, uint32_t from, const struct frame *frame) {
    struct message message;
    struct broadcast_message said;
    struct digest digest;
    ck_assert_int_eq(message_parse(&message, frame), OK);
    ck_assert_int_eq(broadcast_decode(&said, &message), OK);
    world->sent[said.type - MESSAGE_BROADCAST_VAL]++;
    if (said.type == MESSAGE_BROADCAST_VAL)
        return;
    if (said.type == MESSAGE_BROADCAST_ECHO)
        fragment_commitment(&said.fragment, &digest);
    else
        digest = said.commitment;
    uint64_t *before = &world->said[from][said.type == MESSAGE_BROADCAST_READY];
    if (*before != 0 && *before != trace_digest(&digest))
        world->contradiction = true;
    *before = trace_digest(&digest);
}

static void crash(struct broadcast_member *member) {
    broadcast_deinit(&member->broadcast);
    env_deinit(&member->process.env);
    member->alive = false;
}

static void run_step(struct broadcast_member *member, const struct event *event) {
    struct broadcast_world *world = member->world;
    struct effects *out = &member->process.env.out;
    process_step(&member->process, event, 0);
    for (size_t i = 0; i < out->count; i++) {
        const struct effect *effect = &out->list[i];
        if (member->effects_left-- == 0) {
            for (; i < out->count; i++)
                frame_unref(out->list[i].frame);
            out->count = 0;
            crash(member);
            return;
        }
        if (effect->type == EFFECT_SEND) {
            check_said(world, member->process.env.self, effect->frame);
            broadcast_world_add(world, member->process.env.self, effect->number, effect->frame);
        } else if (effect->type == EFFECT_PERSIST) {
            frame_unref(member->record);
            member->record = effect->frame;
        } else if (effect->type == EFFECT_TRACE && effect->number == TRACE_DROPPED) {
            world->dropped[effect->b]++;
        }
    }
    out->count = 0;
}

void broadcast_world_start(struct broadcast_world *world, uint32_t index) {
    struct broadcast_member *member = &world->members[index];
    const struct event start = {.type = EVENT_START};
    member->world = world;
    member->process.step = step;
    member->alive = true;
    member->effects_left = UINT64_MAX;
    env_init(&member->process.env, index, 1);
    run_step(member, &start);
}

void broadcast_world_ask(struct broadcast_world *world, uint32_t member, uint32_t what,
                         uint32_t about) {
    const struct event event = {.type = EVENT_SUBMIT, .size = what, .from = about};
    world->hop = 0;
    run_step(&world->members[member], &event);
}

struct broadcast_world *broadcast_world_new(uint32_t count, uint64_t faulty, uint64_t seed) {
    struct broadcast_world *world = memory_new(1, sizeof *world);
    world->count = count;
    world->faulty = faulty;
    rng_init(&world->rng, seed, 0, "broadcast world");
    ck_assert_int_eq(erasure_code_init(&world->code, count - 2 * ((count - 1) / 3), count, 4), OK);
    for (uint32_t i = 0; i < count; i++)
        world->ids[i] = i;
    for (uint32_t i = 0; i < count; i++)
        if (!broadcast_world_is_faulty(world, i))
            broadcast_world_start(world, i);
    world->message_size = 1 + (size_t)rng_below(&world->rng, 300);
    rng_fill(&world->rng, world->message, world->message_size);
    return world;
}

void broadcast_world_free(struct broadcast_world *world) {
    for (uint32_t i = 0; i < world->count; i++) {
        if (world->members[i].alive)
            crash(&world->members[i]);
        frame_unref(world->members[i].record);
    }
    for (size_t i = 0; i < world->pool_count; i++)
        frame_unref(world->pool[i].frame);
    free(world->pool);
    erasure_code_deinit(&world->code);
    free(world);
}

void broadcast_world_carry(struct broadcast_world *world, size_t index) {
    const struct broadcast_travelling travelling = world->pool[index];
    struct broadcast_member *member = &world->members[travelling.to];
    const struct event event = {
        .type = EVENT_MESSAGE, .from = travelling.from, .frame = travelling.frame};
    memmove(&world->pool[index], &world->pool[index + 1],
            (world->pool_count - index - 1) * sizeof *world->pool);
    world->pool_count--;
    world->hop = travelling.hop;
    if (member->alive)
        run_step(member, &event);
    frame_unref(travelling.frame);
}

/* First come, first served: uniform delay. */
void broadcast_world_run(struct broadcast_world *world) {
    while (world->pool_count > 0)
        broadcast_world_carry(world, 0);
}

void broadcast_world_run_at_random(struct broadcast_world *world) {
    while (world->pool_count > 0)
        broadcast_world_carry(world, (size_t)rng_below(&world->rng, world->pool_count));
}

/* If one correct member delivered, all did, the same, once. */
bool broadcast_world_all_or_none(const struct broadcast_world *world, bool *all) {
    const struct broadcast_member *first = NULL;
    uint32_t delivered = 0, correct = 0;
    for (uint32_t i = 0; i < world->count; i++) {
        const struct broadcast_member *member = &world->members[i];
        if (broadcast_world_is_faulty(world, i))
            continue;
        correct++;
        if (member->delivered == 0)
            continue;
        delivered++;
        if (first != NULL &&
            (first->size != member->size || memcmp(first->bytes, member->bytes, member->size) != 0))
            return false;
        first = member;
    }
    *all = delivered == correct;
    return (delivered == 0 || *all) && !world->contradiction;
}

/* A faulty sender's fragments: n pieces under one root, which need not be a codeword. */
struct frame *broadcast_world_fragment(const struct broadcast_world *world, uint16_t type,
                                       uint8_t *pieces, uint32_t size, uint32_t index) {
    struct digest nodes[2 * BROADCAST_MEMBERS + 64];
    struct merkle_tree tree;
    struct broadcast_message message = {.type = type, .instance = BROADCAST_INSTANCE};
    fragment_commit(&tree, nodes, pieces, erasure_piece_size(world->code.k, size), world->code.n);
    fragment_make(&message.fragment, &tree, pieces, size, world->code.k, world->code.n, index);
    return broadcast_encode(&message, BROADCAST_CHANNEL);
}

/* The sender's whole part for one member: its fragment, the sender's own ECHO, and a READY. */
void broadcast_world_feed(struct broadcast_world *world, uint32_t to, uint8_t *pieces,
                          uint32_t size) {
    struct broadcast_message echo;
    struct message message;
    struct frame *frame = broadcast_world_fragment(world, MESSAGE_BROADCAST_ECHO, pieces, size, 0);
    struct broadcast_message ready = {.type = MESSAGE_BROADCAST_READY,
                                      .instance = BROADCAST_INSTANCE};
    ck_assert_int_eq(message_parse(&message, frame), OK);
    ck_assert_int_eq(broadcast_decode(&echo, &message), OK);
    fragment_commitment(&echo.fragment, &ready.commitment);
    broadcast_world_add(world, 0, to,
                        broadcast_world_fragment(world, MESSAGE_BROADCAST_VAL, pieces, size, to));
    broadcast_world_add(world, 0, to, frame);
    broadcast_world_add(world, 0, to, broadcast_encode(&ready, BROADCAST_CHANNEL));
}

void broadcast_world_pieces(struct broadcast_world *world, uint8_t *pieces, uint32_t size,
                            bool codeword) {
    rng_fill(&world->rng, pieces, size);
    ck_assert_int_eq(erasure_encode(&world->code, pieces, size), OK);
    if (!codeword)
        pieces[rng_below(&world->rng, world->code.n * erasure_piece_size(world->code.k, size))] ^=
            1;
}

int broadcast_world_hand(struct broadcast_world *world, uint32_t from, uint32_t to,
                         struct frame *frame) {
    uint64_t before[ARRAY_LEN(world->dropped)];
    memcpy(before, world->dropped, sizeof before);
    broadcast_world_add(world, from, to, frame);
    broadcast_world_carry(world, world->pool_count - 1);
    for (size_t i = 0; i < ARRAY_LEN(before); i++)
        if (world->dropped[i] != before[i])
            return -(int)i;
    return OK;
}

struct frame *broadcast_world_ready_with(uint8_t first) {
    const struct broadcast_message message = {
        .type = MESSAGE_BROADCAST_READY, .instance = BROADCAST_INSTANCE, .commitment = {{first}}};
    return broadcast_encode(&message, BROADCAST_CHANNEL);
}

struct frame *broadcast_world_ready_for(const struct frame *echo_frame) {
    struct broadcast_message ready = {.type = MESSAGE_BROADCAST_READY,
                                      .instance = BROADCAST_INSTANCE},
                             echo;
    struct frame *copy = frame_copy(echo_frame->bytes, echo_frame->size);
    struct message message;
    ck_assert_int_eq(message_parse(&message, copy), OK);
    ck_assert_int_eq(broadcast_decode(&echo, &message), OK);
    fragment_commitment(&echo.fragment, &ready.commitment);
    frame_unref(copy);
    return broadcast_encode(&ready, BROADCAST_CHANNEL);
}
