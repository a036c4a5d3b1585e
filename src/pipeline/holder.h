/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Proof of hold, the holder's side: a request comes (S3), its piece comes (S4), and once both are
 * here and the piece fits what was asked for, the holder promises to keep it. A request that comes
 * again gets the same answer, byte by byte. The sender's audits are answered from the piece
 * (holder_audit.c). At its expiry, by this node's clock, the piece is dropped. */
#ifndef TIERCHAIN_PIPELINE_HOLDER_H
#define TIERCHAIN_PIPELINE_HOLDER_H

#include "env/env.h"
#include "wire/message.h"

struct held_piece;

struct holder {
    struct env *env;
    struct held_piece *pieces; /* by transaction id, in order of arrival */
    struct timer expiry;
    uint32_t lapse_ppm; /* holder_forget */
    struct rng lapses;
};

/* The longest hold that is promised. */
#define HOLDER_TTL_MAX (25 * 3600 * NS_PER_S)

void holder_init(struct holder *holder, struct env *env);
void holder_deinit(struct holder *holder);

/* Messages. 0 or the reason for the drop: ERR_SIGNATURE, ERR_EXPIRED, ERR_MISMATCH … */
int holder_request(struct holder *holder, node_id from, const struct message *message);
int holder_piece(struct holder *holder, node_id from, const struct message *message);
int holder_audit(struct holder *holder, node_id from, const struct message *message);

/* Misbehaviour, for scenarios: from now on the holder promises and then silently drops @share_ppm
 * millionths of a piece's blocks (drawn from @seed; a rest that is no whole block by its chance); it
 * keeps the hashes, so that it can still answer for the others. 0: honest again. */
void holder_forget(struct holder *holder, uint32_t share_ppm, uint64_t seed);

size_t holder_count(const struct holder *holder);

#endif
