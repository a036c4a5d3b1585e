/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The signing round of a FROST certificate. FROST's signers must be fixed before any of them signs
 * (RFC 9591 5), and a leader can't know who will vote. So:
 *
 *  - A vote carries the voter's commitment to fresh nonces, beside its ordinary signature, by which
 *    the collector knows who voted for what.
 *  - With a quorum of votes the collector sends SIGN, the list of a quorum's commitments, to these
 *    voters. They answer with their shares of the group's signature on the statement.
 *  - A member gives a share only for what it voted for last, and one for each pair of nonces: a
 *    second would reveal its key. Nonces are held in memory alone: after a crash a member can't
 *    answer, and never uses them again.
 *  - The sum of the shares is checked first. If it is wrong, each share is; the sender of a wrong one
 *    is named and left out. A share brings the commitment for a further attempt, which starts as
 *    soon as a quorum of others can take part (as ROAST does: Ruffing, Ronge, Jin, Schneider-Bensch,
 *    Schröder, CCS 2022).
 *  - Who stays silent for a quarter of the view timeout is left out if others suffice, else asked
 *    again; the same question gets the same answer.
 *
 * It takes two more delays for every certificate. Liveness only: a certificate is verified like any
 * other, by everyone. */
#ifndef TIERCHAIN_CONSENSUS_HOTSTUFF_SIGNING_H
#define TIERCHAIN_CONSENSUS_HOTSTUFF_SIGNING_H

#include "consensus/quota.h"
#include "crypto/group.h"

#define SIGNING_ANSWERS  8  /* to the same question, at once and in a view timeout */
#define SIGNING_ATTEMPTS 64 /* for one certificate, and shares of one vote */

struct hotstuff;
struct message;
struct vote;

/* What the collector knows of a voter. */
struct party {
    struct frost_commitment commitment; /* holder 0: none that is unused */
    uint32_t asked;                     /* the last attempt it was asked in; 0: none */
    bool owes;                          /* its share of that attempt */
    bool accused;                       /* of a wrong share or commitment */
};

/* The collector's side of one view. */
struct signing {
    struct digest block;             /* what the quorum voted for */
    struct party *parties;           /* per member */
    uint32_t attempt;                /* from 1 */
    bool running;                    /* the attempt is under way, and: */
    struct frost_commitment *list;   /* of its signers, a quorum */
    struct frost_share *shares;      /* in that order */
    struct frost_commitment *chosen; /* for the next attempt */
    uint32_t missing;
    struct frost_session session;
    struct frame *request;
};

/* A member's side, about its last vote. */
struct signer {
    uint64_t view; /* 0: no vote in this life */
    struct digest block;
    uint32_t drawn;             /* pairs of nonces so far */
    struct frost_nonces nonces; /* not used yet */
    struct frame *request;      /* answered last … */
    struct frame *answer;       /* … with this */
    struct quota answers;       /* to the same question again */
    struct timer timer;         /* of the collector's side: while an attempt is under way */
};

void signing_init(struct hotstuff *self);
void signing_deinit(struct hotstuff *self);
void signing_free(struct signing *signing); /* NULL is allowed */

/* Draws nonces for a vote that is about to leave, and writes the commitment that goes along. */
void signing_commit(struct hotstuff *self, uint64_t view, const struct digest *block,
                    uint8_t *commitment);

/* A vote was counted here. */
void signing_vote(struct hotstuff *self, uint32_t member, const struct vote *vote);

int signing_request(struct hotstuff *self, node_id from, const struct message *message);
int signing_share(struct hotstuff *self, node_id from, const struct message *message);

/* The timer runs exactly while an attempt is under way that is waited for. */
void signing_watch(struct hotstuff *self);

#endif
