/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Votes of several views at once: a ring of vote sets for at most LIMIT_FUTURE_MESSAGES successive
 * views, so that a member can store no more than one vote per view here, and no view far ahead. */
#ifndef TIERCHAIN_CONSENSUS_HOTSTUFF_COLLECTOR_H
#define TIERCHAIN_CONSENSUS_HOTSTUFF_COLLECTOR_H

#include "consensus/certificate.h"

struct signing; /* signing.h */

struct collector_slot {
    uint64_t view;
    bool open;
    struct vote_set set;
    struct signing *signing; /* the signing round about them; NULL: none yet */
};

struct collector {
    const struct certification *certification; /* borrowed */
    uint64_t first;                            /* the window begins here */
    struct collector_slot slots[LIMIT_FUTURE_MESSAGES];
};

void collector_init(struct collector *collector, const struct certification *certification);
void collector_deinit(struct collector *collector);

/* Drops all views below @first, where the window now begins. It never moves back. */
void collector_move(struct collector *collector, uint64_t first);

/* OK, ERR_STALE (before the window) or ERR_FUTURE (beyond it). */
int collector_check(const struct collector *collector, uint64_t view);

/* The votes of a view within the window, made when there are none yet. */
struct vote_set *collector_open(struct collector *collector, uint64_t view);

/* The votes of a view, NULL when there are none. */
const struct vote_set *collector_find(const struct collector *collector, uint64_t view);

/* The slot of a view whose votes are open, NULL otherwise. */
struct collector_slot *collector_slot(struct collector *collector, uint64_t view);

#endif
