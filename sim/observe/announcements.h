/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whether announcements of continental blocks reach the full nodes, how fast and at what cost: from
 * trace records, outside the nodes.
 *
 * Counted are the announcements sent between the warm-up's end and the load's end. One should
 * reach every full node, except its announcer, that lives from its sending to the run's end: also
 * one that has just started and still joins the overlay. */
#ifndef TIERCHAIN_SIM_OBSERVE_ANNOUNCEMENTS_H
#define TIERCHAIN_SIM_OBSERVE_ANNOUNCEMENTS_H

#include "env/trace.h"
#include "sim/report/run_result.h"

struct announcement_sent;
struct announcement_delivery;

struct announcements {
    time_ns from, until; /* of sending */
    uint32_t node_count;
    time_ns *alive_since;           /* per node; TIME_NEVER: dead, or no full node */
    struct announcement_sent *sent; /* by channel and height, iterated in order */
    struct announcement_delivery *deliveries;
    size_t delivery_count, delivery_capacity;
    uint64_t received, redundant; /* payloads, since @from */
};

void announcements_init(struct announcements *announcements, uint32_t node_count, time_ns from,
                        time_ns until);
void announcements_deinit(struct announcements *announcements);

/* A full node starts, or stops. */
void announcements_alive(struct announcements *announcements, node_id node, time_ns now);
void announcements_dead(struct announcements *announcements, node_id node);

void announcements_record(struct announcements *announcements, const struct trace_record *record);

/* At the run's end. The caller frees @latencies of @out. */
void announcements_total(const struct announcements *announcements,
                         struct announcement_totals *out);

#endif
