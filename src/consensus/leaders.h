/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Who leads which view: a pure function of the rule, the committee's size and the turn (a view's
 * number, counted from 0), so that all members name the same leader.
 *
 *   round-robin  members lead in the committee's order, a view each. The world orders committees so
 *                that places take turns (sim/world/world.c)
 *   sticky       the same, but each leads for LEADERS_STICKY_VIEWS views in a row
 *   random       each leads once in every n views, in an order drawn anew for each n from the seed:
 *                the swap-or-not shuffle (Hoang, Morris, Rogaway, CRYPTO 2012; so shuffles Ethereum's
 *                beacon chain), which finds one member without shuffling all. So f faulty members
 *                lead at most 2 f views in a row, as nobody can wish for with plain draws. The hash
 *                is base/rng.h's: unpredictable to no adversary, and none is modelled that adapts */
#ifndef TIERCHAIN_CONSENSUS_LEADERS_H
#define TIERCHAIN_CONSENSUS_LEADERS_H

#include "base/types.h"

enum leaders_rule {
    LEADERS_OWN, /* whatever the variant prefers: the first that it supports */
    LEADERS_ROUND_ROBIN,
    LEADERS_RANDOM,
    LEADERS_STICKY,
    LEADERS_RULES
};

/* A three-chain and the collector of its last votes: enough for a chained HotStuff commit. */
#define LEADERS_STICKY_VIEWS 4

struct leaders {
    enum leaders_rule rule;
    uint64_t seed; /* random: of the committee */
};

/* The index of the member who leads at @turn; @count > 0 members. The rule is not LEADERS_OWN. */
uint32_t leaders_member(const struct leaders *leaders, uint32_t count, uint64_t turn);

/* The rule of that name; LEADERS_OWN for NULL, LEADERS_RULES for an unknown one. */
enum leaders_rule leaders_find(const char *name);

/* Not of LEADERS_OWN. */
const char *leaders_name(enum leaders_rule rule);

#endif
