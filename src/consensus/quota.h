/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How many answers a member may cause by messages that nobody asked it for. Without a limit two
 * correct members that answer each other's repetitions never stop, and a network that duplicates
 * makes it exponential. Each member has an account of @burst answers; it gets one back after each
 * @pause (the generic cell rate algorithm, ITU-T I.371: one time stamp a member). */
#ifndef TIERCHAIN_CONSENSUS_QUOTA_H
#define TIERCHAIN_CONSENSUS_QUOTA_H

#include "base/types.h"

struct quota {
    time_ns pause; /* > 0 */
    uint32_t burst;
    time_ns *full; /* per member: when its account is full again */
};

/* @members accounts, all full. */
void quota_init(struct quota *quota, uint32_t members, uint32_t burst, time_ns pause);
void quota_deinit(struct quota *quota);

/* Takes one answer for @member at @now; false when there is none left. */
bool quota_take(struct quota *quota, uint32_t member, time_ns now);

#endif
