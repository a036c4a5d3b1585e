/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Catching up. Who learns of a certificate whose block it lacks asks the member that showed it for
 * what follows its own highest certified block: FETCH, answered by BLOCKS, as many as fit, with
 * a certificate of the last one. So every answer proves itself, and a long gap is closed answer by
 * answer. Without progress the next member is asked, for what follows a block further back, 1, 2, 4 …
 * blocks: what is certified here may be on a branch that the others have left. If all of an answer
 * is known, the search goes on behind it. Proposals whose parent is missing wait meanwhile.
 *
 * Two members may know the same highest certificate and have committed different blocks: what completed
 * a three-chain can be on a branch that was left. Who waits in vain asks on;
 * whom the answerer has nothing to tell of later blocks is shown how its last one was committed. */
#ifndef TIERCHAIN_CONSENSUS_HOTSTUFF_SYNC_H
#define TIERCHAIN_CONSENSUS_HOTSTUFF_SYNC_H

#include "base/limits.h"
#include "base/types.h"
#include "consensus/quota.h"
#include "env/timers.h"

#define SYNC_ANSWERS 16 /* a member gets so many BLOCKS at once, and in each view timeout */

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
    uint32_t back;      /* so many blocks before the tip begins the next question */
    uint64_t asked;     /* the view of the block that the last question named */
    uint32_t doubted;   /* the member asked last by sync_doubt */
    struct waiting waiting[LIMIT_FUTURE_MESSAGES];
    struct served *served; /* per member */
    struct quota answers;
};

void sync_init(struct hotstuff *self);
void sync_deinit(struct hotstuff *self);

/* Asks for where the chain is, after a restart. */
void sync_rejoin(struct hotstuff *self);

/* A certified block is missing that @from should have. */
void sync_want(struct hotstuff *self, node_id from);

/* This member waits in vain: asks one after the other whether they have committed more. */
void sync_doubt(struct hotstuff *self);

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
