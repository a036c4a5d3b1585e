/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a member must not forget, in one durable record per vote, written before the vote leaves:
 *
 *   u64 voted view · u64 locked view · digest locked block · u64 view, u64 height, digest of the
 * last committed block · highest certificate · u8 0, or u8 1, digest and block that was voted for
 *
 * A record with a block goes to one of JOURNAL_BLOCKS slots in turn, so that the uncommitted blocks
 * of the good case (four) survive even when all members crash at once; one without goes to a slot
 * of its own. Recovery takes the highest of each part; all of them only grow. The committed block
 * may lag behind by what the last step committed: a new life then reports that decision once more.
 */
#ifndef TIERCHAIN_CONSENSUS_HOTSTUFF_JOURNAL_H
#define TIERCHAIN_CONSENSUS_HOTSTUFF_JOURNAL_H

#include "base/types.h"

#define JOURNAL_BLOCKS 12 /* slots 1 … 12 of 16; slot 0 holds no block */

struct hotstuff;
struct block;
struct consensus_config;

/* Makes the state durable, with @voted or NULL. */
void journal_save(struct hotstuff *self, const struct block *voted);

/* Sets store, safety and highest certificate from records, or to genesis. Has no effects. */
void journal_recover(struct hotstuff *self, const struct consensus_config *config);

#endif
