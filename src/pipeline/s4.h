/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * S4, distribution: the pieces go straight to the chosen nodes; nothing is flooded. */
#ifndef TIERCHAIN_PIPELINE_S4_H
#define TIERCHAIN_PIPELINE_S4_H

#include "pipeline/open_tx.h"

void s4_distribute(struct sender *sender, struct open_tx *tx);

/* Sends the piece again to those that have not promised yet. */
void s4_again(struct sender *sender, struct open_tx *tx);

#endif
