/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a member must not forget. The *state*, in slot 0, written before a vote leaves and whenever
 * lock or certificates have changed:
 *
 *   u64 voted view · u64 locked view · digest locked block · u64 view, u64 height, digest of the
 * last committed block · highest certificate · u8 0, or u8 1 and the timeout certificate after it ·
 * u8 0, or u8 1 and the certificate that committed that block, when it is another
 *
 * And *blocks*, in slots 1 … JOURNAL_SLOTS in turn, as the messages that brought them, a PROPOSAL or
 * BLOCKS: what this member voted for before the vote leaves, what it fetched when it takes it in,
 * what is committed at the latest then. So all members may crash at once, or one after the other:
 * every uncommitted block that f + 1 correct members voted for is there again, and so is the
 * committed chain, for those who lag, as long as it is kept (block_store.h). At most
 * STORE_TREE_BLOCKS uncommitted and STORE_HISTORY_BLOCKS committed blocks need slots; those of
 * branches that were left use up the rest, so a long time of failures shortens the history.
 *
 * The committed block may lag behind by what the last step committed: a new life then reports that
 * decision once more. */
#ifndef TIERCHAIN_CONSENSUS_HOTSTUFF_JOURNAL_H
#define TIERCHAIN_CONSENSUS_HOTSTUFF_JOURNAL_H

#include "base/types.h"

#define JOURNAL_SLOTS 40960

struct hotstuff;
struct block;
struct consensus_config;
struct frame;

/* Makes the state durable. */
void journal_save(struct hotstuff *self);

/* Makes a message with blocks durable; returns its slot, which belongs into the blocks. */
uint32_t journal_keep(struct hotstuff *self, struct frame *frame);

/* The same for a block that is not durable yet. */
void journal_keep_block(struct hotstuff *self, struct block *block);

/* Sets store, safety and certificates from records, or to genesis. Charges the hashing of blocks. */
void journal_recover(struct hotstuff *self, const struct consensus_config *config);

#endif
