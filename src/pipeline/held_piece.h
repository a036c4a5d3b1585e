/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One piece that a node holds, or was asked to. Private to the holder's files. */
#ifndef TIERCHAIN_PIPELINE_HELD_PIECE_H
#define TIERCHAIN_PIPELINE_HELD_PIECE_H

#include <uthash.h>

#include "pipeline/hold_messages.h"
#include "pipeline/holder.h"

/* Request and piece may come in either order; the promise follows the second of them. */
struct held_piece {
    struct digest id; /* of the transaction */
    UT_hash_handle hh;
    node_id owner;
    struct hold_request request;
    struct frame *piece;   /* the fragment as it came, a copy of our own */
    uint8_t *bytes;        /* the piece in it, request.terms.size bytes */
    struct digest *leaves; /* of its blocks: an audit's answer hashes no block again */
    struct frame *answer;  /* the promise, sealed; NULL before it is made */
    time_ns drop_at;       /* by this node's clock */
    uint64_t audit_round;  /* of the last audit answered */
    bool requested;
};

struct held_piece *holder_find(const struct holder *holder, const struct digest *id);

/* A liar: drops some of the blocks that it has just promised to keep. */
void holder_lapse(struct holder *holder, struct held_piece *held);

#endif
