/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Members forward what waits. A transaction that one correct member has will be ordered, whoever
 * withheld it from the others (shard/coordinator.h rests on that): when the oldest item has waited for
 * a quarter of the view timeout, and the time that a batch may wait, the oldest items go to the
 * leader; when that did not help, to all members, with twice the pause each time, up to
 * FORWARD_DOUBLINGS doublings. Generic over the variants: it needs no vote and no timer of theirs.
 *
 *   chain.forward: the items, in the form of a batch (mempool.h) */
#ifndef TIERCHAIN_TIER_FORWARD_H
#define TIERCHAIN_TIER_FORWARD_H

#include "tier/chain.h"

#define FORWARD_BYTES     (64u << 10) /* of items in one message; one larger item goes alone */
#define FORWARD_DOUBLINGS 4           /* of the pause, at most: four view timeouts */

void forward_init(struct chain *chain);
void forward_deinit(struct chain *chain);

/* To be called when an item was added. */
void forward_watch(struct chain *chain);

/* Puts up what another member forwards. Counts the drop of the message with its reason,
 * ERR_NOT_MEMBER or as mempool_batch_open, and that of each item: ERR_INVALID or as chain_submit. */
void forward_receive(struct chain *chain, node_id from, const struct message *message);

#endif
