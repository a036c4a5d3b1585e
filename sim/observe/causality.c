/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/observe/causality.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "clock/hlc.h"

void causality_init(struct causality *causality) {
    *causality = (struct causality){0};
}

void causality_deinit(struct causality *causality) {
    free(causality->last);
}

static void make_room(struct causality *causality, node_id node) {
    size_t nodes = causality->nodes;
    if (node < nodes)
        return;
    causality->nodes = 2 * (size_t)node + 1;
    causality->last = memory_resize(causality->last, causality->nodes, sizeof *causality->last);
    memset(causality->last + nodes, 0, (causality->nodes - nodes) * sizeof *causality->last);
}

bool causality_holds(struct causality *causality, const struct stamp_record *record) {
    uint64_t own = record->clock < 0 ? 0 : (uint64_t)(record->clock / NS_PER_MS);
    uint64_t l = hlc_milliseconds(record->stamp);
    make_room(causality, record->node);
    uint64_t last = causality->last[record->node];
    causality->last[record->node] = record->stamp;
    causality->greatest = own > causality->greatest ? own : causality->greatest;
    /* Each stands for itself and at most one local event: what is stamped is also sent. */
    causality->events += 2;
    uint64_t carries = causality->events >> HLC_COUNTER_BITS;
    return record->stamp > last && record->stamp > record->received && l >= own &&
           l <= causality->greatest + carries;
}

void causality_restarted(struct causality *causality, node_id node) {
    if (node < causality->nodes)
        causality->last[node] = 0;
}
