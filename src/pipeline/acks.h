/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a sender hears from the continent: representatives acknowledge the batch in which its city
 * has ordered a transaction, at the level that the scenario wants (tier/ack.h). Counted is each
 * representative's word about the height that the city has told; a sender that misses some asks those
 * that have said nothing, for as long as it lives: what is ordered is never given up. */
#ifndef TIERCHAIN_PIPELINE_ACKS_H
#define TIERCHAIN_PIPELINE_ACKS_H

#include "pipeline/open_tx.h"

/* Reads and checks an acknowledgement and keeps it. *@tx is whose it is. Errors: as of the cursor;
 * ERR_NOT_MEMBER; ERR_STALE: nobody waits for it; ERR_MISMATCH: of another city, or of a lower
 * level than wanted; ERR_SIGNATURE. */
int acks_take(struct sender *sender, node_id from, const struct message *message,
              struct open_tx **tx);

/* Whether enough representatives have acknowledged the height at which the transaction is ordered. */
bool acks_enough(const struct open_tx *tx);

/* Asks those that have not. */
void acks_ask(const struct open_tx *tx);

#endif
