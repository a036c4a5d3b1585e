/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A committee: the nodes that agree on one chain, and the quorum arithmetic.
 *
 * f = floor((n-1)/3), quorum q = n - f: two quorums share at least f + 1 members for every n
 * (2q - n = n - 2f >= f + 1), and the n - f correct members suffice to form one. */
#ifndef TIERCHAIN_CONSENSUS_COMMITTEE_H
#define TIERCHAIN_CONSENSUS_COMMITTEE_H

#include "base/limits.h"
#include "base/types.h"

#define MEMBER_NONE UINT32_MAX

struct committee {
    const node_id *members; /* borrowed, distinct, in the order that fixes the leaders' rotation */
    uint32_t count;         /* n >= 1, <= LIMIT_COMMITTEE */
};

static inline uint32_t committee_faults(const struct committee *committee) {
    return (committee->count - 1) / 3;
}

static inline uint32_t committee_quorum(const struct committee *committee) {
    return committee->count - committee_faults(committee);
}

/* f + 1: at least one of so many members is correct. */
static inline uint32_t committee_validity(const struct committee *committee) {
    return committee_faults(committee) + 1;
}

/* The member's index, MEMBER_NONE for an outsider. */
static inline uint32_t committee_index(const struct committee *committee, node_id node) {
    for (uint32_t i = 0; i < committee->count; i++)
        if (committee->members[i] == node)
            return i;
    return MEMBER_NONE;
}

#endif
