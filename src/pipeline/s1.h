/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * S1, node selection: from the presence list rank by place, keep the best candidates, draw the lot
 * (VRF over the transaction id), take the holders by rendezvous hashing with that lot. The sender
 * can't choose its holders: the lot is unique for (key, id), and anyone can check it. */
#ifndef TIERCHAIN_PIPELINE_S1_H
#define TIERCHAIN_PIPELINE_S1_H

#include "pipeline/open_tx.h"

/* Fills tx->proof, tx->lot and the slots' holders. ERR_NOT_ENOUGH when too few nodes are present.
 * */
int s1_select(struct sender *sender, struct open_tx *tx);

#endif
