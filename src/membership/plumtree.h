/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Plumtree: epidemic broadcast trees (Leitão, Pereira, Rodrigues, SRDS 2007). Payloads travel over
 * eager links, which the first broadcast prunes down to a spanning tree; lazy links carry
 * announcements only, and mend the tree when a payload fails to come. */
#ifndef TIERCHAIN_MEMBERSHIP_PLUMTREE_H
#define TIERCHAIN_MEMBERSHIP_PLUMTREE_H

#include "env/env.h"
#include "membership/plumtree_messages.h"

#define PLUMTREE_NEIGHBOURS 16    /* at least the overlay's active view */
#define PLUMTREE_THRESHOLD  7     /* hops that a lazy link must save to replace an eager one */
#define PLUMTREE_PAYLOADS   1024  /* kept to answer GRAFT */
#define PLUMTREE_IDS        16384 /* remembered, to tell duplicates */
#define PLUMTREE_MISSING    1024  /* announced, not yet received */

#define PLUMTREE_PAYLOAD_LIFE (30 * NS_PER_S)
#define PLUMTREE_ID_LIFE      (90 * NS_PER_S)

struct plumtree_received;
struct plumtree_missing;

struct plumtree_client {
    /* A message that is new here, after round + 1 hops; the payload is borrowed. 0 to accept and
     * pass it on, or a negative error: then it is dropped, and neither remembered nor passed on. */
    int (*deliver)(void *context, const struct plumtree_message *gossip);
    /* No neighbour had a message that was announced or wanted. May be NULL. */
    void (*lost)(void *context, const struct digest *id);
    void *context;
};

struct plumtree_config {
    struct env *env;
    uint16_t channel;
    time_ns missing_timeout; /* T1: from announcement to GRAFT; above the overlay's diameter */
    time_ns graft_timeout;   /* T2: from one GRAFT to the next; above one round trip */
    time_ns offer;           /* what came within it is announced to a new neighbour; 0: nothing */
    struct plumtree_client client;
};

struct plumtree_neighbour {
    node_id peer;
    bool lazy;
};

/* In caller memory; must not move between init and deinit. */
struct plumtree {
    struct plumtree_config config;
    struct plumtree_neighbour neighbours[PLUMTREE_NEIGHBOURS];
    size_t neighbour_count;
    struct plumtree_received *received; /* by id, iterated in order of arrival */
    struct plumtree_received *payloads; /* the oldest of them that still has its payload */
    size_t payload_count;
    struct plumtree_missing *missing; /* by id */
};

void plumtree_init(struct plumtree *plumtree, const struct plumtree_config *config);
void plumtree_deinit(struct plumtree *plumtree);

/* Callbacks of the overlay's active view, within a step. A new neighbour starts eager. Beyond the
 * paper, whose broadcasts concern members only: it is sent an IHAVE for each recent message, which
 * it may have missed before its first link stood. up: ERR_DUPLICATE, and ERR_LIMIT beyond
 * PLUMTREE_NEIGHBOURS. */
int plumtree_up(struct plumtree *plumtree, node_id peer);
void plumtree_down(struct plumtree *plumtree, node_id peer);

/* Within a step: sends a message of our own to everyone; it is not delivered here. @id tells it
 * from all others. ERR_DUPLICATE for a known id, ERR_LIMIT when it does not fit into a frame. */
int plumtree_broadcast(struct plumtree *plumtree, const struct digest *id, const void *payload,
                       size_t size);

/* Within a step: asks the neighbours, one after another, for a message that is known to exist though
 * none of them has announced it; after T1, for it may be on its way. ERR_DUPLICATE when it is here
 * already, ERR_LIMIT when too many are missing. */
int plumtree_want(struct plumtree *plumtree, const struct digest *id);

/* Within a step: a message from @from. Returns 0 or why it was dropped: an error of
 * plumtree_decode or of the client's deliver; ERR_DUPLICATE (payload or announcement seen before);
 * ERR_NOT_MEMBER (control message of a node that is not our neighbour); ERR_LIMIT (too many
 * announced messages, or too many hops). */
int plumtree_receive(struct plumtree *plumtree, node_id from, const struct message *message);

#endif
