/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reliable broadcast in a network that the test holds in its hand: messages wait in a pool. Faulty
 * members have no code; what they say is put into the pool in their name. */
#ifndef TIERCHAIN_TESTS_BROADCAST_WORLD_H
#define TIERCHAIN_TESTS_BROADCAST_WORLD_H

#include "agreement/broadcast.h"
#include "base/rng.h"

enum {
    BROADCAST_MEMBERS = 10,
    BROADCAST_CHANNEL = 0x1004,
    BROADCAST_INSTANCE = 77,
    BROADCAST_ROOM = 4096 /* a message's greatest size */
};

/* What a member can be asked for. */
enum { BROADCAST_INPUT = 1, BROADCAST_REPEAT };

struct broadcast_travelling {
    uint32_t from, to, hop;
    struct frame *frame;
};

struct broadcast_member {
    struct process process;
    struct broadcast_world *world;
    struct broadcast broadcast;
    bool alive;
    uint32_t delivered; /* times */
    uint32_t hop;
    size_t size;
    uint8_t bytes[BROADCAST_ROOM];
    struct frame *record;
    uint64_t effects_left; /* until the power fails */
};

struct broadcast_world {
    uint32_t count, sender;
    uint64_t faulty;
    bool unchecked;
    struct erasure_code code;
    struct rng rng;
    node_id ids[BROADCAST_MEMBERS];
    struct broadcast_member members[BROADCAST_MEMBERS];
    struct broadcast_travelling *pool;
    size_t pool_count, pool_capacity;
    uint32_t hop;
    uint64_t sent[3]; /* messages by correct members, by type - VAL */
    uint64_t dropped[64];
    uint64_t said[BROADCAST_MEMBERS][2]; /* commitments of ECHO and READY over all lives */
    bool contradiction;
    uint8_t message[BROADCAST_ROOM]; /* the sender's: as durable as its record */
    size_t message_size;
};

/* Member 0 sends; bit i of @faulty: member i is in the test's hand. */
struct broadcast_world *broadcast_world_new(uint32_t count, uint64_t faulty, uint64_t seed);
void broadcast_world_free(struct broadcast_world *world);

bool broadcast_world_is_faulty(const struct broadcast_world *world, uint32_t member);

/* Another life, from the member's record if it has one. */
void broadcast_world_start(struct broadcast_world *world, uint32_t index);

/* BROADCAST_INPUT; BROADCAST_REPEAT: to @about. */
void broadcast_world_ask(struct broadcast_world *world, uint32_t member, uint32_t what,
                         uint32_t about);

/* Puts a message into the pool; takes over the reference. */
void broadcast_world_add(struct broadcast_world *world, uint32_t from, uint32_t to,
                         struct frame *frame);
/* Takes message @index out of it and hands it over. */
void broadcast_world_carry(struct broadcast_world *world, size_t index);
/* Until it is empty: first come, first served, which is uniform delay; or in any order. */
void broadcast_world_run(struct broadcast_world *world);
void broadcast_world_run_at_random(struct broadcast_world *world);
/* Hands over one message now; what it leads to waits. Why it was dropped, or 0. */
int broadcast_world_hand(struct broadcast_world *world, uint32_t from, uint32_t to,
                         struct frame *frame);

/* If one correct member delivered, all did, the same, once. */
bool broadcast_world_all_or_none(const struct broadcast_world *world, bool *all);

/* A faulty sender's pieces: random ones, which are a codeword or are not. */
void broadcast_world_pieces(struct broadcast_world *world, uint8_t *pieces, uint32_t size,
                            bool codeword);
struct frame *broadcast_world_fragment(const struct broadcast_world *world, uint16_t type,
                                       uint8_t *pieces, uint32_t size, uint32_t index);
struct frame *broadcast_world_ready_with(uint8_t first);
struct frame *broadcast_world_ready_for(const struct frame *echo_frame);
/* The sender's whole part for one member: its fragment, the sender's own ECHO, and a READY. */
void broadcast_world_feed(struct broadcast_world *world, uint32_t to, uint8_t *pieces,
                          uint32_t size);

#endif
