/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The messages of HyParView (hyparview.h). All have one structure, of which each type uses the
 * fields that a table in the source file names; in this order on the wire:
 *
 *   u32 peer · u8 ttl · u8 flag · u8 count, u32 × count peers */
#ifndef TIERCHAIN_MEMBERSHIP_HYPARVIEW_MESSAGES_H
#define TIERCHAIN_MEMBERSHIP_HYPARVIEW_MESSAGES_H

#include "wire/message.h"

#define HYPARVIEW_TTL           6 /* ARWL: hops of a random walk; also of a shuffle */
#define HYPARVIEW_SHUFFLE_PEERS 7 /* ka + kp; the origin's own id stands apart */

struct hyparview_message {
    uint16_t type;
    node_id peer; /* FORWARD_JOIN: the new node; SHUFFLE: the origin */
    uint8_t ttl;  /* FORWARD_JOIN, SHUFFLE: at most HYPARVIEW_TTL */
    bool flag;    /* NEIGHBOR: high priority; NEIGHBOR_REPLY: accepted; FORWARD_JOIN: gently */
    uint8_t count;
    node_id peers[HYPARVIEW_SHUFFLE_PEERS + 1]; /* SHUFFLE: beside origin; SHUFFLE_REPLY */
};

struct frame *hyparview_encode(const struct hyparview_message *in, uint16_t channel);

/* Errors: ERR_TRUNCATED, ERR_TRAILING; ERR_INVALID for a node id beyond LIMIT_NODES; ERR_LIMIT for
 * a ttl or a count; ERR_NON_CANONICAL for a flag; ERR_DUPLICATE for an id that comes twice;
 * ERR_UNKNOWN_TYPE for a message of another module. */
int hyparview_decode(struct hyparview_message *out, const struct message *message);

#endif
