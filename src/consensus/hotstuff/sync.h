/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Catching up. Who learns of a certificate whose block it lacks asks the member that showed it for
 * what follows its own highest certified block: FETCH, answered by BLOCKS, as many as fit, with
 * a certificate of the last one. So every answer proves itself, and a long gap is closed answer by
 * answer. Without progress the next member is asked, for what follows the last committed block
 * instead. Proposals whose parent is missing wait meanwhile. */
#ifndef TIERCHAIN_CONSENSUS_HOTSTUFF_SYNC_H
#define TIERCHAIN_CONSENSUS_HOTSTUFF_SYNC_H

#include "base/limits.h"
#include "base/types.h"
#include "env/timers.h"

struct hotstuff;
struct message;
struct frame;

/* A proposal whose parent is missing. */
struct waiting {
    node_id from;
    uint64_t view;
    struct digest parent;
    struct frame *frame; /* NULL: free */
};

/* What a member was answered last, so that the same question is not answered in a row. */
struct served {
    struct digest block;
    time_ns at;
    bool once;
};

struct sync {
    struct timer timer; /* runs while an answer is awaited */
    bool rejoining;     /* after a restart: until someone has told where the chain is */
    uint32_t peer;      /* the member asked last */
    uint32_t attempts;  /* without progress */
    struct waiting waiting[LIMIT_FUTURE_MESSAGES];
    struct served *served; /* per member */
};

void sync_init(struct hotstuff *self);
void sync_deinit(struct hotstuff *self);

/* Asks for where the chain is, after a restart. */
void sync_rejoin(struct hotstuff *self);

/* A certified block is missing that @from should have. */
void sync_want(struct hotstuff *self, node_id from);

/* Keeps a proposal for later. OK, ERR_DUPLICATE or ERR_LIMIT. */
int sync_wait(struct hotstuff *self, node_id from, const struct message *message, uint64_t view,
              const struct digest *parent);

/* Hands over one waiting proposal whose parent is there now; false when there is none. */
bool sync_next(struct hotstuff *self);

/* Stops asking when nothing is missing. */
void sync_watch(struct hotstuff *self);

int sync_fetch(struct hotstuff *self, node_id from, const struct message *message);
int sync_blocks(struct hotstuff *self, node_id from, const struct message *message);

#endif
