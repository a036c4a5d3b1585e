/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The safety rules of chained HotStuff: Yin et al., PODC 2019, Algorithm 3 with safeNode of
 * Algorithm 1. Pure functions on the block store: no timer, no message, no leader.
 *
 * Names as in the paper: a proposal b* carries the certificate of its parent b''; b' is the parent
 * of b'', b that of b'. There are no dummy blocks here: a block's parent is always the block that
 * its certificate is for. A gap in the chain shows as views that are not consecutive, so the
 * condition "b''.parent = b' and b'.parent = b" of the commit rule becomes view(b'') = view(b') + 1
 * and view(b') = view(b) + 1. */
#ifndef TIERCHAIN_CONSENSUS_HOTSTUFF_SAFETY_H
#define TIERCHAIN_CONSENSUS_HOTSTUFF_SAFETY_H

#include "consensus/hotstuff/block_store.h"

/* What a vote depends on; durable before the vote leaves. */
struct safety {
    uint64_t voted_view;
    uint64_t locked_view;
    struct digest locked;
};

/* safeNode: a proposal on @parent (its b'') is acceptable when it extends the locked block (safety)
 * or its certificate is of a later view than the lock (liveness). */
bool safety_safe_node(const struct safety *safety, const struct block *parent);

/* A vote for @view on @parent: safeNode, and later than every vote before. */
bool safety_may_vote(const struct safety *safety, uint64_t view, const struct block *parent);

/* With a certificate for @certified (b''): locks its parent b' when that is later than the lock (a
 * two-chain; views need not be consecutive). Whether the lock has changed. */
bool safety_update_lock(struct safety *safety, const struct block *certified);

/* With a certificate for @certified (b''): the block b that is committed by it, with all its
 * ancestors; NULL when there is none that is not committed yet (a three-chain of consecutive
 * views). */
struct block *safety_committed(const struct block *certified);

#endif
