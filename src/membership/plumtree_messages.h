/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The messages of Plumtree (plumtree.h):
 *
 *   GOSSIP  digest id · u16 round · payload, the rest of the body
 *   IHAVE   digest id · u16 round
 *   GRAFT   u8 wanted, then, when it is 1: digest id · u16 round
 *   PRUNE   nothing */
#ifndef TIERCHAIN_MEMBERSHIP_PLUMTREE_MESSAGES_H
#define TIERCHAIN_MEMBERSHIP_PLUMTREE_MESSAGES_H

#include "wire/message.h"

#define PLUMTREE_ROUNDS 1024 /* hops of a message; the overlay's diameter is far below */

struct plumtree_message {
    uint16_t type;
    bool wanted; /* GRAFT: whether it asks for a message; else only for the link */
    uint16_t round;
    struct digest id;
    const uint8_t *payload; /* GOSSIP: in place */
    size_t size;
};

/* NULL when the payload does not fit into a frame. */
struct frame *plumtree_encode(const struct plumtree_message *in, uint16_t channel);

/* Errors: ERR_TRUNCATED, ERR_TRAILING; ERR_LIMIT for a round beyond PLUMTREE_ROUNDS;
 * ERR_NON_CANONICAL for a flag; ERR_UNKNOWN_TYPE for a message of another module. */
int plumtree_decode(struct plumtree_message *out, const struct message *message);

#endif
