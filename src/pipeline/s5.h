/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * S5, commit: with enough promises the record goes to every member of the city's committee, so that
 * no single leader can hold it back; f + 1 equal answers are the truth. */
#ifndef TIERCHAIN_PIPELINE_S5_H
#define TIERCHAIN_PIPELINE_S5_H

#include "pipeline/open_tx.h"

void s5_submit(struct sender *sender, struct open_tx *tx);

/* Sends the record again to the members that have not answered. */
void s5_again(struct sender *sender, struct open_tx *tx);

/* Takes a member's answer. Returns the height once f + 1 members agree on it, otherwise 0. */
uint64_t s5_reply(struct sender *sender, struct open_tx *tx, uint32_t member, uint64_t height);

#endif
