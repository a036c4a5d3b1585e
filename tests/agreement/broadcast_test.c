/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reliable broadcast in a network that the test holds in its hand: messages wait in a pool. Faulty
 * members have no code; what they say is put into the pool in their name. */
#include "agreement/broadcast.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "crypto/merkle.h"
#include "tests/lib/property.h"

enum { MEMBERS = 10, CHANNEL = 0x1004, INSTANCE = 77, ROOM = 4096, INPUT, REPEAT };

struct travelling {
    uint32_t from, to, hop;
    struct frame *frame;
};

struct member {
    struct process process;
    struct world *world;
    struct broadcast broadcast;
    bool alive;
    uint32_t delivered; /* times */
    uint32_t hop;
    size_t size;
    uint8_t bytes[ROOM];
    struct frame *record;
    uint64_t effects_left; /* until the power fails */
};

struct world {
    uint32_t count, sender;
    uint64_t faulty;
    bool unchecked;
    struct erasure_code code;
    struct rng rng;
    node_id ids[MEMBERS];
    struct member members[MEMBERS];
    struct travelling *pool;
    size_t pool_count, pool_capacity;
    uint32_t hop;
    uint64_t sent[3];
    uint64_t dropped[64];
    uint64_t said[MEMBERS][2]; /* commitments of ECHO and READY over all lives */
    bool contradiction;
    uint8_t message[ROOM]; /* the sender's: as durable as its record */
    size_t message_size;
};

static bool is_faulty(const struct world *world, uint32_t member) {
    return (world->faulty >> member & 1) != 0;
}

static void persist(void *context) {
    struct member *member = context;
    struct writer writer;
    struct frame *frame = frame_new(broadcast_store_bytes(&member->broadcast));
    writer_init(&writer, frame->bytes, frame->size);
    broadcast_store(&member->broadcast, &writer);
    ck_assert(writer.error == OK && writer.at == writer.size);
    env_persist(&member->process.env, 0, frame);
}

static void deliver(void *context, const uint8_t *bytes, size_t size) {
    struct member *member = context;
    ck_assert_uint_le(size, ROOM);
    member->delivered++;
    member->hop = member->world->hop;
    member->size = size;
    memcpy(member->bytes, bytes, size);
}

static void begin(struct member *member) {
    struct world *world = member->world;
    struct reader reader;
    const struct broadcast_config config = {
        .env = &member->process.env,
        .committee = {world->ids, world->count},
        .self = member->process.env.self,
        .sender = world->sender,
        .channel = CHANNEL,
        .instance = INSTANCE,
        .limit = ROOM,
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
    struct member *member = container_of(process, struct member, process);
    struct world *world = member->world;
    struct message message;
    if (event->type == EVENT_START) {
        begin(member);
    } else if (event->type == EVENT_MESSAGE) {
        int error = message_parse(&message, event->frame);
        if (error == OK)
            error = broadcast_receive(&member->broadcast, event->from, &message);
        if (error != OK)
            env_drop(&process->env, message.type, error);
    } else if (event->size == REPEAT) {
        broadcast_repeat(&member->broadcast, event->from, true);
    } else {
        ck_assert_int_eq(broadcast_start(&member->broadcast, world->message, world->message_size),
                         OK);
    }
}

static void add(struct world *world, uint32_t from, uint32_t to, struct frame *frame) {
    if (world->pool_count == world->pool_capacity) {
        world->pool_capacity = world->pool_capacity == 0 ? 256 : 2 * world->pool_capacity;
        world->pool = memory_resize(world->pool, world->pool_capacity, sizeof *world->pool);
    }
    world->pool[world->pool_count++] = (struct travelling){from, to, world->hop + 1, frame};
}

static void check_said(struct world *world, uint32_t from, const struct frame *frame) {
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

static void crash(struct member *member) {
    broadcast_deinit(&member->broadcast);
    env_deinit(&member->process.env);
    member->alive = false;
}

static void run_step(struct member *member, const struct event *event) {
    struct world *world = member->world;
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
            add(world, member->process.env.self, effect->number, effect->frame);
        } else if (effect->type == EFFECT_PERSIST) {
            frame_unref(member->record);
            member->record = effect->frame;
        } else if (effect->type == EFFECT_TRACE && effect->number == TRACE_DROPPED) {
            world->dropped[effect->b]++;
        }
    }
    out->count = 0;
}

static void new_life(struct world *world, uint32_t index) {
    struct member *member = &world->members[index];
    const struct event start = {.type = EVENT_START};
    member->world = world;
    member->process.step = step;
    member->alive = true;
    member->effects_left = UINT64_MAX;
    env_init(&member->process.env, index, 1);
    run_step(member, &start);
}

static void ask(struct world *world, uint32_t member, uint32_t what, uint32_t about) {
    const struct event event = {.type = EVENT_SUBMIT, .size = what, .from = about};
    world->hop = 0;
    run_step(&world->members[member], &event);
}

static struct world *world_of(uint32_t count, uint64_t faulty, uint64_t seed) {
    struct world *world = memory_new(1, sizeof *world);
    world->count = count;
    world->faulty = faulty;
    rng_init(&world->rng, seed, 0, "broadcast world");
    ck_assert_int_eq(erasure_code_init(&world->code, count - 2 * ((count - 1) / 3), count, 4), OK);
    for (uint32_t i = 0; i < count; i++)
        world->ids[i] = i;
    for (uint32_t i = 0; i < count; i++)
        if (!is_faulty(world, i))
            new_life(world, i);
    world->message_size = 1 + (size_t)rng_below(&world->rng, 300);
    rng_fill(&world->rng, world->message, world->message_size);
    return world;
}

static void free_world(struct world *world) {
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

static void carry(struct world *world, size_t index) {
    const struct travelling travelling = world->pool[index];
    struct member *member = &world->members[travelling.to];
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
static void run(struct world *world) {
    while (world->pool_count > 0)
        carry(world, 0);
}

static void run_at_random(struct world *world) {
    while (world->pool_count > 0)
        carry(world, (size_t)rng_below(&world->rng, world->pool_count));
}

/* If one correct member delivered, all did, the same, once. */
static bool all_or_none(const struct world *world, bool *all) {
    const struct member *first = NULL;
    uint32_t delivered = 0, correct = 0;
    for (uint32_t i = 0; i < world->count; i++) {
        const struct member *member = &world->members[i];
        if (is_faulty(world, i))
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

static void assert_message_delivered(const struct world *world) {
    for (uint32_t i = 0; i < world->count; i++) {
        if (is_faulty(world, i))
            continue;
        ck_assert_uint_eq(world->members[i].delivered, 1);
        ck_assert_uint_eq(world->members[i].size, world->message_size);
        ck_assert_mem_eq(world->members[i].bytes, world->message, world->message_size);
    }
}

/* checks.md 5.1, 5.2: 3 hops, (n - 1)(2n + 1) messages; all sizes. */
START_TEST(three_hops_and_exact_counts) {
    for (uint32_t n = 1; n <= MEMBERS; n++) {
        struct world *world = world_of(n, 0, n);
        ask(world, 0, INPUT, 0);
        run(world);
        assert_message_delivered(world);
        for (uint32_t i = 0; i < n && n >= 4; i++) /* with f = 0 some know earlier */
            ck_assert_uint_eq(world->members[i].hop, 3);
        ck_assert_uint_eq(world->sent[0], n - 1);
        ck_assert_uint_eq(world->sent[1], n * (n - 1));
        ck_assert_uint_eq(world->sent[2], n * (n - 1));
        ck_assert_uint_eq(world->sent[0] + world->sent[1] + world->sent[2], (n - 1) * (2 * n + 1));
        free_world(world);
    }
}
END_TEST

/* A correct sender is heard whatever the order, with f members silent. */
START_TEST(correct_sender_reaches_all) {
    for (uint64_t seed = 0; seed < 2000; seed++) {
        const uint32_t n = 4 + 3 * (uint32_t)(seed % 3);
        struct world *world = world_of(n, n == 4 ? 2 : n == 7 ? 0x12 : 0x92, seed);
        ask(world, 0, INPUT, 0);
        run_at_random(world);
        assert_message_delivered(world);
        free_world(world);
    }
}
END_TEST

/* A faulty sender's fragments: n pieces under one root, which need not be a codeword. */
static struct frame *fragment_frame(const struct world *world, uint16_t type, uint8_t *pieces,
                                    uint32_t size, uint32_t index) {
    struct digest nodes[2 * MEMBERS + 64];
    struct merkle_tree tree;
    struct broadcast_message message = {.type = type, .instance = INSTANCE};
    fragment_commit(&tree, nodes, pieces, erasure_piece_size(world->code.k, size), world->code.n);
    fragment_make(&message.fragment, &tree, pieces, size, world->code.k, world->code.n, index);
    return broadcast_encode(&message, CHANNEL);
}

/* The sender's whole part for one member: its fragment, the sender's own ECHO, and a READY. */
static void feed(struct world *world, uint32_t to, uint8_t *pieces, uint32_t size) {
    struct broadcast_message echo;
    struct message message;
    struct frame *frame = fragment_frame(world, MESSAGE_BROADCAST_ECHO, pieces, size, 0);
    struct broadcast_message ready = {.type = MESSAGE_BROADCAST_READY, .instance = INSTANCE};
    ck_assert_int_eq(message_parse(&message, frame), OK);
    ck_assert_int_eq(broadcast_decode(&echo, &message), OK);
    fragment_commitment(&echo.fragment, &ready.commitment);
    add(world, 0, to, fragment_frame(world, MESSAGE_BROADCAST_VAL, pieces, size, to));
    add(world, 0, to, frame);
    add(world, 0, to, broadcast_encode(&ready, CHANNEL));
}

static void make_pieces(struct world *world, uint8_t *pieces, uint32_t size, bool codeword) {
    rng_fill(&world->rng, pieces, size);
    ck_assert_int_eq(erasure_encode(&world->code, pieces, size), OK);
    if (!codeword)
        pieces[rng_below(&world->rng, world->code.n * erasure_piece_size(world->code.k, size))] ^=
            1;
}

/* checks.md RB-1: pieces that are no codeword under one root. All abort, or nobody gets so far; with
 * the unchecked rule members deliver different messages. */
static void run_inconsistent(uint64_t seed, bool unchecked, uint32_t *delivered,
                             uint32_t *disagreed) {
    uint8_t pieces[ROOM] = {0};
    bool all;
    struct world *world = world_of(4, 1, seed);
    for (uint32_t i = 1; i < 4; i++)
        world->members[i].broadcast.config.unchecked = unchecked;
    make_pieces(world, pieces, 40, false);
    for (uint32_t i = 1; i < 4; i++)
        feed(world, i, pieces, 40);
    run_at_random(world);
    *disagreed += !all_or_none(world, &all);
    for (uint32_t i = 1; i < 4; i++)
        *delivered += world->members[i].delivered;
    if (!unchecked)
        for (uint32_t i = 1; i < 4; i++)
            ck_assert(world->members[i].broadcast.aborted);
    free_world(world);
}

START_TEST(inconsistent_fragments_are_delivered_by_nobody) {
    uint32_t delivered = 0, disagreed = 0;
    for (uint64_t seed = 0; seed < 1000; seed++)
        run_inconsistent(seed, false, &delivered, &disagreed);
    ck_assert_uint_eq(delivered, 0);
    ck_assert_uint_eq(disagreed, 0);
    for (uint64_t seed = 0; seed < 1000; seed++)
        run_inconsistent(seed, true, &delivered, &disagreed);
    ck_assert_uint_gt(delivered, 1000);
    ck_assert_uint_gt(disagreed, 100);
}
END_TEST

/* checks.md RB-2: two messages, each to a half. */
START_TEST(two_roots_are_delivered_by_nobody) {
    for (uint64_t seed = 0; seed < 500; seed++) {
        uint8_t pieces[2][ROOM] = {{0}};
        bool all;
        struct world *world = world_of(7, 1, seed);
        for (int i = 0; i < 2; i++)
            make_pieces(world, pieces[i], 60, true);
        for (uint32_t i = 1; i < 7; i++)
            feed(world, i, pieces[i % 2], 60);
        run_at_random(world);
        ck_assert(all_or_none(world, &all) && !all);
        free_world(world);
    }
}
END_TEST

/* A faulty sender that reaches only some: all of the others, or none. */
START_TEST(partial_senders_reach_all_or_none) {
    uint32_t delivered = 0, runs = 3000;
    for (uint64_t seed = 0; seed < runs; seed++) {
        uint8_t pieces[ROOM] = {0};
        bool all = false;
        struct world *world = world_of(7, 1, seed);
        make_pieces(world, pieces, 100, true);
        for (uint32_t i = 1; i < 7; i++)
            if (rng_chance(&world->rng, 3, 4))
                feed(world, i, pieces, 100);
        run_at_random(world);
        ck_assert_msg(all_or_none(world, &all), "seed %u", (unsigned)seed);
        delivered += all;
        free_world(world);
    }
    ck_assert_uint_gt(delivered, runs / 10);
    ck_assert_uint_lt(delivered, runs * 9 / 10);
}
END_TEST

static int hand(struct world *world, uint32_t from, uint32_t to, struct frame *frame) {
    uint64_t before[ARRAY_LEN(world->dropped)];
    memcpy(before, world->dropped, sizeof before);
    add(world, from, to, frame);
    carry(world, world->pool_count - 1);
    for (size_t i = 0; i < ARRAY_LEN(before); i++)
        if (world->dropped[i] != before[i])
            return -(int)i;
    return OK;
}

static struct frame *ready_with(uint8_t first) {
    const struct broadcast_message message = {
        .type = MESSAGE_BROADCAST_READY, .instance = INSTANCE, .commitment = {{first}}};
    return broadcast_encode(&message, CHANNEL);
}

/* checks.md RB-3: f READY are not enough to join, f + 1 are; 2f + 1 without fragments deliver
 * nothing. */
START_TEST(ready_is_joined_at_f_plus_one) {
    struct world *world = world_of(7, 0x7e, 1);
    ck_assert_int_eq(hand(world, 1, 0, ready_with(1)), OK);
    ck_assert_int_eq(hand(world, 2, 0, ready_with(1)), OK);
    ck_assert_int_eq(hand(world, 3, 0, ready_with(2)), OK);
    ck_assert_uint_eq(world->sent[2], 0);
    ck_assert_int_eq(hand(world, 4, 0, ready_with(1)), OK);
    ck_assert_uint_eq(world->sent[2], 6);
    ck_assert_int_eq(hand(world, 5, 0, ready_with(1)), OK);
    ck_assert_int_eq(hand(world, 6, 0, ready_with(1)), OK);
    ck_assert_uint_eq(world->members[0].delivered, 0);
    free_world(world);
}
END_TEST

static struct frame *ready_for(const struct frame *echo_frame) {
    struct broadcast_message ready = {.type = MESSAGE_BROADCAST_READY, .instance = INSTANCE}, echo;
    struct frame *copy = frame_copy(echo_frame->bytes, echo_frame->size);
    struct message message;
    ck_assert_int_eq(message_parse(&message, copy), OK);
    ck_assert_int_eq(broadcast_decode(&echo, &message), OK);
    fragment_commitment(&echo.fragment, &ready.commitment);
    frame_unref(copy);
    return broadcast_encode(&ready, CHANNEL);
}

/* With all fragments at hand and two READY, one its own, a member has not delivered: of f + 1 only one
 * need be correct, and then the others might never. With 2f + 1 it has. */
START_TEST(f_plus_one_ready_deliver_nothing) {
    uint8_t pieces[ROOM] = {0};
    struct world *world = world_of(4, 0xd, 1); /* member 1 is ours, 0 sends */
    make_pieces(world, pieces, 50, true);
    struct frame *echo = fragment_frame(world, MESSAGE_BROADCAST_ECHO, pieces, 50, 0);
    struct frame *ready[2] = {ready_for(echo), ready_for(echo)};
    ck_assert_int_eq(hand(world, 0, 1, fragment_frame(world, MESSAGE_BROADCAST_VAL, pieces, 50, 1)),
                     OK);
    ck_assert_int_eq(hand(world, 0, 1, echo), OK);
    ck_assert_int_eq(
        hand(world, 2, 1, fragment_frame(world, MESSAGE_BROADCAST_ECHO, pieces, 50, 2)), OK);
    ck_assert_uint_eq(world->sent[2], 3); /* three ECHO: the own READY */
    ck_assert_int_eq(hand(world, 2, 1, ready[0]), OK);
    ck_assert_uint_eq(world->members[1].delivered, 0);
    ck_assert_int_eq(hand(world, 3, 1, ready[1]), OK);
    ck_assert_uint_eq(world->members[1].delivered, 1);
    free_world(world);
}
END_TEST

START_TEST(each_mistake_has_its_reason) {
    uint8_t pieces[2][ROOM] = {{0}};
    struct world *world = world_of(4, 0xd, 1); /* member 1 is ours, 0 sends */
    make_pieces(world, pieces[0], 50, true);
    make_pieces(world, pieces[1], 50, true);
#define FRAGMENT(type, which, index) fragment_frame(world, type, pieces[which], 50, index)
    ck_assert_int_eq(hand(world, 2, 1, FRAGMENT(MESSAGE_BROADCAST_VAL, 0, 1)), ERR_NOT_LEADER);
    ck_assert_int_eq(hand(world, 0, 1, FRAGMENT(MESSAGE_BROADCAST_VAL, 0, 2)), ERR_INVALID);
    struct frame *broken = FRAGMENT(MESSAGE_BROADCAST_VAL, 0, 1);
    broken->bytes[broken->size - 1] ^= 1;
    ck_assert_int_eq(hand(world, 0, 1, broken), ERR_PROOF);
    ck_assert_uint_eq(world->sent[1], 0);
    ck_assert_int_eq(hand(world, 0, 1, FRAGMENT(MESSAGE_BROADCAST_VAL, 0, 1)), OK);
    ck_assert_uint_eq(world->sent[1], 3);
    ck_assert_int_eq(hand(world, 0, 1, FRAGMENT(MESSAGE_BROADCAST_VAL, 0, 1)), ERR_DUPLICATE);
    ck_assert_int_eq(hand(world, 0, 1, FRAGMENT(MESSAGE_BROADCAST_VAL, 1, 1)), ERR_CONFLICT);
    ck_assert_int_eq(hand(world, 2, 1, FRAGMENT(MESSAGE_BROADCAST_ECHO, 0, 3)), ERR_INVALID);
    ck_assert_int_eq(hand(world, 2, 1, FRAGMENT(MESSAGE_BROADCAST_ECHO, 1, 2)), OK);
    ck_assert_int_eq(hand(world, 2, 1, FRAGMENT(MESSAGE_BROADCAST_ECHO, 1, 2)), ERR_DUPLICATE);
    ck_assert_int_eq(hand(world, 2, 1, FRAGMENT(MESSAGE_BROADCAST_ECHO, 0, 2)), ERR_CONFLICT);
    ck_assert_int_eq(hand(world, 3, 1, ready_with(1)), OK);
    ck_assert_int_eq(hand(world, 3, 1, ready_with(1)), ERR_DUPLICATE);
    ck_assert_int_eq(hand(world, 3, 1, ready_with(2)), ERR_CONFLICT);
#undef FRAGMENT
    for (uint32_t i = 0; i < 4; i++)
        ck_assert(member_set_has(&world->members[1].broadcast.faulty, i) == (i != 1));
    free_world(world);
}
END_TEST

/* The power of one member fails in the middle of a step; its next life goes on from the record, and
 * everything is sent again. */
static bool crash_and_restart(uint64_t seed, bool forget) {
    const uint32_t victim = forget ? 3 : (uint32_t)(seed % 2);
    bool all;
    uint8_t pieces[2][ROOM] = {{0}};
    struct world *world = world_of(4, forget ? 1 : 4, seed);
    struct member *member = &world->members[victim];
    member->effects_left = rng_below(&world->rng, 25);
    for (int i = 0; i < 2; i++)
        make_pieces(world, pieces[i], 60, true);
    if (forget) /* the sender is faulty and sends the victim one message in each life */
        for (uint32_t i = 1; i < 4; i++)
            feed(world, i, pieces[0], 60);
    else
        ask(world, 0, INPUT, 0);
    run_at_random(world);
    member->effects_left = UINT64_MAX;
    if (!member->alive) {
        if (forget) {
            frame_unref(member->record);
            member->record = NULL;
        }
        new_life(world, victim);
        member->delivered = 0; /* a new life delivers again */
        if (forget)
            feed(world, 3, pieces[1], 60);
        else if (victim == 0)
            ask(world, 0, INPUT, 0);
    }
    for (uint32_t round = 0; round < 2 && !forget; round++)
        for (uint32_t from = 0; from < 4; from++)
            for (uint32_t to = 0; to < 4; to++)
                if (from != to && !is_faulty(world, from))
                    ask(world, from, REPEAT, to);
    run_at_random(world);
    const bool sound = forget ? !world->contradiction : all_or_none(world, &all);
    if (!forget)
        assert_message_delivered(world);
    free_world(world);
    return sound;
}

START_TEST(a_restarted_member_never_contradicts_itself) {
    for (uint64_t seed = 0; seed < 1000; seed++)
        ck_assert_msg(crash_and_restart(seed, false), "seed %u", (unsigned)seed);
}
END_TEST

/* The control. */
START_TEST(a_member_that_forgets_contradicts_itself) {
    uint32_t contradictions = 0;
    for (uint64_t seed = 0; seed < 200; seed++)
        contradictions += !crash_and_restart(seed, true);
    ck_assert_uint_gt(contradictions, 20);
}
END_TEST

START_TEST(sizes_are_bounded) {
    struct world *world = world_of(4, 0, 1);
    struct env *env = &world->members[0].process.env;
    struct broadcast *broadcast = &world->members[0].broadcast;
    env->stepping = true;
    ck_assert_int_eq(broadcast_start(broadcast, world->message, 0), ERR_LIMIT);
    ck_assert_int_eq(broadcast_start(broadcast, world->message, ROOM + 1), ERR_LIMIT);
    ck_assert_uint_eq(env->out.count, 0);
    ck_assert_int_eq(broadcast_start(broadcast, world->message, ROOM), OK);
    ck_assert_int_eq(broadcast_start(broadcast, world->message, ROOM), ERR_DUPLICATE);
    for (size_t i = 0; i < env->out.count; i++)
        frame_unref(env->out.list[i].frame);
    env->out.count = 0;
    free_world(world);
}
END_TEST

static enum verdict decode_is_canonical(void *context, const uint8_t *bytes, size_t size) {
    struct message message;
    struct broadcast_message decoded;
    enum verdict verdict = VERDICT_REFUSED;
    struct frame *frame = frame_copy(bytes, size);
    if (message_parse(&message, frame) == OK && broadcast_decode(&decoded, &message) == OK) {
        struct frame *again = broadcast_encode(&decoded, message.channel);
        bool equal = again->size == size && memcmp(again->bytes, bytes, size) == 0;
        verdict = equal ? VERDICT_ACCEPTED : VERDICT_BROKEN;
        frame_unref(again);
    }
    frame_unref(frame);
    return verdict;
}

START_TEST(decoding_is_canonical) {
    uint8_t pieces[ROOM] = {0};
    struct world *world = world_of(7, 0, 1);
    make_pieces(world, pieces, 40, true);
    struct frame *frames[] = {fragment_frame(world, MESSAGE_BROADCAST_VAL, pieces, 40, 3),
                              fragment_frame(world, MESSAGE_BROADCAST_ECHO, pieces, 40, 6),
                              ready_with(9)};
    struct sample samples[ARRAY_LEN(frames)];
    struct property_result result;
    for (size_t i = 0; i < ARRAY_LEN(frames); i++)
        samples[i] = (struct sample){frames[i]->bytes, frames[i]->size};
    const struct property property = {.name = "broadcast",
                                      .samples = samples,
                                      .sample_count = ARRAY_LEN(samples),
                                      .check = decode_is_canonical};
    property_holds(&property, &result);
    ck_assert_uint_gt(result.accepted, 1000);
    ck_assert_uint_gt(result.refused, 1000);
    for (size_t i = 0; i < ARRAY_LEN(frames); i++)
        frame_unref(frames[i]);
    free_world(world);
}
END_TEST

Suite *broadcast_suite(void) {
    Suite *suite = suite_create("broadcast");
    TCase *test = tcase_create("broadcast");
    tcase_set_timeout(test, 60);
    tcase_add_test(test, three_hops_and_exact_counts);
    tcase_add_test(test, correct_sender_reaches_all);
    tcase_add_test(test, inconsistent_fragments_are_delivered_by_nobody);
    tcase_add_test(test, two_roots_are_delivered_by_nobody);
    tcase_add_test(test, partial_senders_reach_all_or_none);
    tcase_add_test(test, ready_is_joined_at_f_plus_one);
    tcase_add_test(test, f_plus_one_ready_deliver_nothing);
    tcase_add_test(test, each_mistake_has_its_reason);
    tcase_add_test(test, a_restarted_member_never_contradicts_itself);
    tcase_add_test(test, a_member_that_forgets_contradicts_itself);
    tcase_add_test(test, sizes_are_bounded);
    tcase_add_test(test, decoding_is_canonical);
    suite_add_tcase(suite, test);
    return suite;
}
