/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A city member's finished batches on their way to the continent. Each goes to every representative,
 * and again, with back-off, to those that have not answered, until enough hold it durably (ack.h);
 * then it is theirs. So a loss, a cut or representatives that start anew lose nothing while f + 1
 * correct members live.
 *
 * At most UPLINK_WINDOW are under way at once, the others wait for their turn in order. A member that
 * restarts learns from its peers what the city has ordered, so its batches go up again; those that
 * representatives know already are answered at once.
 *
 * Memory: the statement of each batch that has not been answered, in bytes about 100 and 12 for each
 * transaction; beyond UPLINK_BATCHES the oldest are dropped and counted as ERR_LIMIT of batch.up. */
#ifndef TIERCHAIN_TIER_UPLINK_H
#define TIERCHAIN_TIER_UPLINK_H

#include "env/ask.h"
#include "tier/batch.h"

#define UPLINK_WINDOW  1024
#define UPLINK_BATCHES 65536

struct upward_batch;

struct uplink_config {
    struct env *env;
    struct committee continent; /* count 0: there is nobody above */
    struct ack_rule enough;
    time_ns retry; /* before a statement is repeated */
};

struct uplink {
    struct uplink_config config;
    struct upward_batch *batches; /* by height, in order; the first UPLINK_WINDOW under way */
    struct upward_batch *next;    /* the first that waits for its turn, or NULL */
    uint32_t under_way;
};

void uplink_init(struct uplink *uplink, const struct uplink_config *config);
void uplink_deinit(struct uplink *uplink);

/* Signs the statement of a finished batch and sends it. */
void uplink_send(struct uplink *uplink, const struct batch_up *up);

/* A representative's receipt. 0, also when enough had answered before; or the reason for the drop. */
int uplink_receipt(struct uplink *uplink, node_id from, const struct message *message);

/* Batches that have not been answered. */
size_t uplink_count(const struct uplink *uplink);

#endif
