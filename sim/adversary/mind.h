/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What behaviours have in common: keys, a memory of what was overheard, the facts in it, and ways to
 * send. */
#ifndef TIERCHAIN_SIM_ADVERSARY_MIND_H
#define TIERCHAIN_SIM_ADVERSARY_MIND_H

#include "sim/adversary/adversary.h"
#include "sim/adversary/forge.h"

#define MIND_REMEMBERED 32 /* messages of each type */
#define MIND_TYPES      64 /* rows of consensus messages, at most */

enum family { FAMILY_PBFT, FAMILY_HOTSTUFF, FAMILY_HONEYBADGER };

struct remembered {
    node_id from, to;
    struct frame *frame;
};

/* What the overheard messages say. Frames are held. */
struct facts {
    uint64_t view;             /* PBFT, HotStuff: the highest spoken of by a leader; epoch */
    uint64_t sequence;         /* PBFT: the highest proposed in it */
    struct digest block;       /* the last proposed; of HoneyBadger the last commitment */
    struct certificate high;   /* HotStuff: the highest certificate … */
    struct certificate older;  /* … the one before it … */
    struct certificate failed; /* … and the highest time-out certificate; frame NULL: none */
    struct frame *payload;     /* of the last proposal with one */
};

/* The base of a behaviour's struct, in place of struct adversary. */
struct mind {
    struct adversary base;
    enum family family;
    struct forger forger;
    struct remembered heard[MIND_TYPES][MIND_REMEMBERED];
    uint64_t counts[MIND_TYPES]; /* messages heard of each type */
    struct facts facts;
};

static inline struct mind *mind_of(struct adversary *adversary) {
    return (struct mind *)adversary;
}

/* The start, the ear and the end of every behaviour that does not have its own. */
void mind_start(struct adversary *adversary);
void mind_hear(struct adversary *adversary, node_id from, node_id to, const struct message *message,
               const struct frame *frame);
void mind_deinit(struct adversary *adversary);

/* Remembers a message: false when it is one of a broadcast that was heard before. */
bool mind_listen(struct mind *mind, node_id from, node_id to, const struct message *message,
                 const struct frame *frame);

static inline bool mind_is_hostile(const struct mind *mind, uint32_t member) {
    return (mind->base.view.hostile >> member & 1) != 0;
}

static inline uint32_t mind_members(const struct mind *mind) {
    return mind->base.view.committee.count;
}

static inline time_ns mind_now(const struct mind *mind) {
    return mind->base.view.now(mind->base.view.context);
}

/* A member's node, and back (MEMBER_NONE). */
node_id mind_node(const struct mind *mind, uint32_t member);
uint32_t mind_member(const struct mind *mind, node_id node);

/* Among the honest members: this one's place, 0, 1, 2 … */
uint32_t mind_place(const struct mind *mind, node_id node);

/* The first hostile member's node; a random one's. */
node_id mind_first(const struct mind *mind);
node_id mind_any(struct mind *mind);

/* Who leads a view, by the rule that honest members follow; NODE_NONE without leaders. */
node_id mind_leader(const struct mind *mind, uint64_t view);

/* An honest member that is up, or NULL. */
const struct consensus *mind_peek(const struct mind *mind);

/* Each takes over the reference. All: to all honest members. */
void mind_send(const struct mind *mind, node_id as, node_id to, time_ns after, struct frame *frame);
void mind_send_all(const struct mind *mind, node_id as, time_ns after, struct frame *frame);
/* As every hostile member, each of which signs for itself: calls @make for each. */
void mind_each(struct mind *mind, time_ns after,
               struct frame *(*make)(struct mind *mind, node_id as));

void mind_wake(const struct mind *mind, time_ns after);

/* A message of that type as overheard, at random; NULL: none was. */
const struct remembered *mind_recall(struct mind *mind, uint16_t type);

/* Puts @frame in the place of *@old, which is given back. Always true, for tamper. */
bool mind_replace(struct frame **old, struct frame *frame);

/* Parses what the own code has built, so it must be well-formed. */
struct message mind_parse(const struct frame *frame);

#endif
