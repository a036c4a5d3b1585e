/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * S2, sharding: content → n pieces of which any k rebuild it, under one commitment, and a root over
 * the blocks of each for audits; each piece is entered in the sender's index. */
#ifndef TIERCHAIN_PIPELINE_S2_H
#define TIERCHAIN_PIPELINE_S2_H

#include "pipeline/open_tx.h"

/* Fills tx->commitment, the slots' roots and piece frames. */
int s2_shard(struct sender *sender, struct open_tx *tx, const uint8_t *content);

#endif
