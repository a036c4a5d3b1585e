/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A committee whose network is in the test's hand: every message waits in a pool until the test
 * chooses it. A member is one instance of binary agreement; a faulty one has no code, and says what
 * the test puts into the pool in its name. The checkers see everything:
 *
 *   agreement  no two members decide differently
 *   one vote   one AUX and one CONF of a member in a round, over all its lives */
#ifndef TIERCHAIN_TESTS_AGREEMENT_WORLD_H
#define TIERCHAIN_TESTS_AGREEMENT_WORLD_H

#include "agreement/abba.h"
#include "crypto/identity.h"

enum { AGREEMENT_MEMBERS = 10, AGREEMENT_CHANNEL = 0x1003 };

struct agreement_config {
    uint32_t count;
    uint64_t faulty; /* bit i: member i is in the test's hand */
    enum abba_coins coins;
    enum abba_rule rule;
    const char *provider; /* NULL: modelled */
    uint64_t seed;        /* of keys and choices; also the instance */
};

/* A message on its way. */
struct travelling {
    uint32_t from, to;
    uint32_t hop; /* causal depth: of the message that led to it, plus one */
    struct frame *frame;
    struct abba_message message;
};

struct agreement_member {
    struct process process;
    struct agreement_world *world;
    struct identity identity;
    struct common_coin coin;
    struct abba abba;
    bool alive;
    bool restoring;
    bool decided, value;
    uint32_t decided_hop, decided_round;
    struct frame *record;  /* what it has made durable */
    uint64_t effects_left; /* until the power fails, UINT64_MAX: it does not */
};

struct agreement_world {
    struct agreement_config config;
    struct rng rng;
    const struct key_directory *directory;
    const struct group_keys *keys;
    node_id ids[AGREEMENT_MEMBERS];
    struct agreement_member members[AGREEMENT_MEMBERS];
    struct travelling *pool;
    size_t pool_count, pool_capacity;
    uint32_t hop;     /* of what is being delivered */
    uint64_t sent[5]; /* messages by correct members, by type - BVAL */
    uint64_t charged[WORK_COUNT];
    uint64_t dropped[64];                             /* by -reason */
    uint8_t votes[AGREEMENT_MEMBERS][2][ABBA_ROUNDS]; /* AUX and CONF seen */
    bool contradiction;
    uint64_t trace_hash;
};

void agreement_world_init(struct agreement_world *world, const struct agreement_config *config);
void agreement_world_deinit(struct agreement_world *world);

bool agreement_is_faulty(const struct agreement_world *world, uint32_t member);

void agreement_input(struct agreement_world *world, uint32_t member, bool value);

/* Puts a message of a faulty member into the pool. COIN: its share is made here. */
void agreement_say(struct agreement_world *world, uint32_t from, uint32_t to, uint16_t type,
                   uint32_t round, uint8_t set);
/* The same with a share that is none. */
void agreement_say_bad_share(struct agreement_world *world, uint32_t from, uint32_t to,
                             uint32_t round);

/* The same, handed over at once; what it leads to waits in the pool. Why it was dropped, or 0. */
int agreement_hand(struct agreement_world *world, uint32_t from, uint32_t to, uint16_t type,
                   uint32_t round, uint8_t set);

/* Takes message @index out of the pool and hands it over. */
void agreement_deliver(struct agreement_world *world, size_t index);
/* All that match (MEMBER_NONE, type 0, set 0: any), also what they lead to; the oldest first. */
void agreement_deliver_all(struct agreement_world *world, uint32_t from, uint32_t to, uint16_t type,
                           uint8_t set, uint32_t round_up_to);
/* First come, first served until the pool is empty: that is uniform delay. */
void agreement_run(struct agreement_world *world);

void agreement_crash(struct agreement_world *world, uint32_t member);
/* Goes on from its record; without one (@forget) as if new. */
void agreement_restart(struct agreement_world *world, uint32_t member, bool forget);
/* Everyone sends everything again to @to. */
void agreement_repeat(struct agreement_world *world, uint32_t to);

/* Decided by all correct members, and without disagreement. */
bool agreement_all_decided(const struct agreement_world *world);
bool agreement_holds(const struct agreement_world *world);

#endif
