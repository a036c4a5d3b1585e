/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a representative's acknowledgement of a city's batch means, and how many are enough.
 *
 *   received  it holds the batch in memory: lost when f + 1 of them crash within the time of a write
 *   durable   it has made the batch durable: a crash does not lose it
 *   ordered   the batch stands in the continent's decided order
 *
 * Each includes those before it. A level says when the sender is told, not what is done: every
 * representative makes a batch durable and sees to it that it gets ordered. */
#ifndef TIERCHAIN_TIER_ACK_H
#define TIERCHAIN_TIER_ACK_H

#include "agreement/member_set.h"
#include "consensus/committee.h"

enum ack_level { ACK_RECEIVED, ACK_DURABLE, ACK_ORDERED, ACK_LEVELS };

/* Enough: so many representatives, and of two places at least when the continent has several: what a
 * place's end would take along is not safe yet. Not even those of the sender's own place count
 * alone. */
struct ack_rule {
    uint32_t needed;
    const uint16_t *places; /* by member, borrowed; NULL: all stand in one */
};

bool ack_rule_met(const struct ack_rule *rule, const struct committee *committee,
                  const struct member_set *members);

#endif
