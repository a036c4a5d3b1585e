/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * HoneyBadger's own messages; those of its broadcasts and agreements are in src/agreement.
 *
 *   FETCH    u64 epoch · u8 open · u16 members · a byte a member: what the sender has of its lane
 *   DECIDED  u64 first epoch · u16 count · count × blob outcome
 *
 * An outcome is what an epoch decided, canonical, so that equal ones are equal bytes:
 *   u16 count · (u16 member, ascending · blob batch, empty for an empty proposal) … */
#ifndef TIERCHAIN_CONSENSUS_HONEYBADGER_MESSAGES_H
#define TIERCHAIN_CONSENSUS_HONEYBADGER_MESSAGES_H

#include "consensus/consensus.h"

#define HONEYBADGER_OUTCOMES_MAX 64         /* in one message */
#define HONEYBADGER_REPLY_BYTES  (1u << 20) /* a DECIDED message stops growing here */

/* What a member has of a lane, and need not be sent again. */
enum { HAS_VALUE = 1, HAS_DELIVERED = 2, HAS_AGREED = 4, HAS_ALL = 7 };

struct honeybadger_fetch {
    uint64_t epoch; /* the one that the sender is in, or wants to see ended */
    bool open;      /* it takes part in it */
    const uint8_t *progress;
};

struct honeybadger_outcome {
    const uint8_t *bytes;
    size_t size;
};

struct honeybadger_decided {
    uint64_t first;
    uint32_t count;
    struct honeybadger_outcome outcomes[HONEYBADGER_OUTCOMES_MAX];
};

int honeybadger_read_fetch(const struct message *message, uint32_t members,
                           struct honeybadger_fetch *out);
struct frame *honeybadger_write_fetch(uint16_t channel, uint32_t members,
                                      const struct honeybadger_fetch *in);

/* Checks every outcome along with it. */
int honeybadger_read_decided(const struct message *message, const struct committee *committee,
                             struct honeybadger_decided *out);
/* NULL when it does not fit into a frame. */
struct frame *honeybadger_write_decided(uint16_t channel, const struct honeybadger_decided *in);

/* The batches of an outcome by member; bytes NULL for those who are not part of it. 0; errors of the
 * cursor; ERR_NOT_ENOUGH for fewer than a quorum; ERR_NON_CANONICAL; ERR_NOT_MEMBER. */
int honeybadger_read_outcome(const struct honeybadger_outcome *outcome,
                             const struct committee *committee,
                             struct batch batches[LIMIT_COMMITTEE]);
/* A frame that holds the epoch's number and the outcome behind it. */
struct frame *honeybadger_write_outcome(uint64_t number, const struct batch *batches,
                                        uint32_t members);

#endif
