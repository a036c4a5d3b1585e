/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Invariants, checked after every trace record by code outside the nodes. Each has a name under
 * which results list it.
 *
 *   agreement        no two members decide different blocks at one height of a channel (G1)
 *   certificates     no two certified blocks in one (channel, phase, view) (L2)
 *   votes            no member votes for two blocks in one (channel, phase, view), restarts or not
 *   (L3)
 *   exactly_once     no member orders a transaction twice (G2)
 *   monotone_views   a node's view never falls, restarts apart (L4)
 *   acknowledged     whatever a sender was told is done, a committee has ordered
 *   carried          and after the drain it stands in the continent's order (carriage.h)
 *   atomic           an attempt at a transfer between cities commits in both or in none, at all
 *                    members, and at none twice (G7)
 *   causality        hybrid logical stamps rise along every happens-before (causality.h) */
#ifndef TIERCHAIN_SIM_OBSERVE_CHECKER_H
#define TIERCHAIN_SIM_OBSERVE_CHECKER_H

#include "sim/observe/causality.h"

enum invariant {
    INVARIANT_AGREEMENT,
    INVARIANT_CERTIFICATES,
    INVARIANT_VOTES,
    INVARIANT_EXACTLY_ONCE,
    INVARIANT_MONOTONE_VIEWS,
    INVARIANT_ACKNOWLEDGED,
    INVARIANT_CARRIED,
    INVARIANT_ATOMIC,
    INVARIANT_CAUSALITY,
    INVARIANT_COUNT,
};

struct checker_entry;

struct checker {
    struct checker_entry *entries[INVARIANT_COUNT];
    uint64_t violations[INVARIANT_COUNT];
    struct causality causality;
};

void checker_init(struct checker *checker);
void checker_deinit(struct checker *checker);

void checker_record(struct checker *checker, const struct trace_record *record);

void checker_stamp(struct checker *checker, const struct stamp_record *record);

/* @node starts anew: its view and its stamps may begin lower than before. */
void checker_restarted(struct checker *checker, node_id node);

const char *invariant_name(enum invariant invariant);

uint64_t checker_violations(const struct checker *checker);

#endif
