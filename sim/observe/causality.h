/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What hybrid logical time promises (Kulkarni et al., OPODIS 2014), checked at every send and every
 * receipt of a run:
 *
 *   - a node's stamps rise strictly (program order);
 *   - a receipt's stamp is above the message's (message order); both together are
 *     e -> f implies stamp(e) < stamp(f);
 *   - no stamp lies below its own node's clock;
 *   - no stamp lies above the greatest clock reading in the world so far: |l - pt| <= epsilon. A
 *     full counter carries into l, once in 2^16 events at most. */
#ifndef TIERCHAIN_SIM_OBSERVE_CAUSALITY_H
#define TIERCHAIN_SIM_OBSERVE_CAUSALITY_H

#include "env/trace.h"

struct causality {
    uint64_t *last; /* stamp of each node's latest event in this life */
    size_t nodes;
    uint64_t greatest; /* clock reading so far, in ms */
    uint64_t events;
};

void causality_init(struct causality *causality);
void causality_deinit(struct causality *causality);

/* Whether an event keeps the promises. A node's events must come in its order, a send before its
 * receipt. */
bool causality_holds(struct causality *causality, const struct stamp_record *record);

/* @node starts anew: a new life's clock begins where its physical clock stands. */
void causality_restarted(struct causality *causality, node_id node);

#endif
