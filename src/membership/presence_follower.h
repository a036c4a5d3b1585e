/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A node's side of the presence service (presence_service.h): it tells its city's committee that it
 * lives, and keeps a copy of one member's list, as old as the refresh and the network make it.
 *
 * Beats go to all members, each period, unanswered: the next one repeats the last. The list is asked
 * for every refresh, and again, from the next member and with twice the pause each time, until an
  * answer is there. A list that lacks more than a third of what the node has is believed when f + 1
 * members in a row say so: one that is cut off takes everybody for gone. A node that starts after
 * time 0 has been away: it says so, and asks, at once. */
#ifndef TIERCHAIN_MEMBERSHIP_PRESENCE_FOLLOWER_H
#define TIERCHAIN_MEMBERSHIP_PRESENCE_FOLLOWER_H

#include "consensus/committee.h"
#include "env/env.h"
#include "membership/roster.h"
#include "wire/message.h"

#define PRESENCE_DOUBLINGS 4 /* of the pause before the next member is asked */

struct presence_follower_config {
    struct env *env;
    uint64_t seed;
    uint16_t channel;
    struct committee committee;
    struct roster *initial; /* what the node takes for present at first; borrowed */
    time_ns heartbeat;
    time_ns refresh;
    time_ns retry;
    /* The list has changed; the one before is gone. Called within a step. */
    void (*changed)(void *context);
    void *context;
};

struct presence_follower {
    struct presence_follower_config config;
    struct roster *roster;
    struct place_candidate self;
    uint32_t asked; /* which member */
    uint32_t attempts;
    uint32_t doubts; /* members in a row that list far fewer */
    struct timer beat;
    struct timer ask;
    bool waiting; /* for an answer */
};

/* In caller memory; must not move until deinit. The node must be on the initial list. */
void presence_follower_init(struct presence_follower *follower,
                            const struct presence_follower_config *config);
void presence_follower_deinit(struct presence_follower *follower);

/* presence.list. 0 or the reason for the drop: of the reading; ERR_NOT_ENOUGH: not
 * believed yet; ERR_STALE: nothing was asked, of this
 * member or since that list; ERR_MISMATCH: the changes don't make the list that they claim, and the
 * next member is asked when the pause is over. */
int presence_follower_receive(struct presence_follower *follower, node_id from,
                              const struct message *message);

#endif
