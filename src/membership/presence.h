/* SPDX-License-Identifier: GPL-3.0-or-later
 *
  * A list of who is present in a region: a node that logs in is added, and the list is read to choose
 * nodes. How nodes come by it: presence_service.h, presence_follower.h. */
#ifndef TIERCHAIN_MEMBERSHIP_PRESENCE_H
#define TIERCHAIN_MEMBERSHIP_PRESENCE_H

#include "place/place.h"

struct presence {
    struct place_candidate *entries; /* by node id, ascending */
    size_t count;
    size_t capacity;
};

void presence_init(struct presence *presence);
void presence_deinit(struct presence *presence);

/* A node logs in, or moves: its entry is added or replaced. */
void presence_login(struct presence *presence, const struct place_candidate *entry);

/* A node logs out; does nothing when it was not present. */
void presence_logout(struct presence *presence, node_id node);

/* The node's entry, or NULL. */
const struct place_candidate *presence_find(const struct presence *presence, node_id node);

#endif
