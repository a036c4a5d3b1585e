/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Chained HotStuff (Yin, Malkhi, Reiter, Golan Gueta, Abraham: "HotStuff: BFT Consensus in the Lens
 * of Blockchain", PODC 2019, Algorithm 3), votes going to the next leader.
 *
 *   messages     encodings              safety      vote, lock and commit rules, pure
 *   block_store  the tree of blocks     pacemaker   views, timers, time-outs: liveness only
 *   votes        casting, collecting    sync        fetching blocks, catching up
 *   collector    votes of many views    signing     the round of a FROST certificate
 *   journal      durable records        hotstuff    proposals, commits; dispatch
 *
 * Two names for one variant, by who leads unless a scenario says otherwise (leaders.h):
 *
 *   "hotstuff": the leader rotates with every view, as in the paper. With n = 4 and one crashed
 *   member it never commits: a three-chain and the collector of its last votes are four correct
 *   leaders in a row (protocols.md 4; BeeGees, PODC 2023). It can follow the other rules too; a
 *   random order commits with n = 4 whenever it happens to name four correct leaders in a row.
 *
 *   "hotstuff-sticky": each leader holds four views, which suffices for any n. The default choice:
 *   for its four time-outs a rotation with one crashed member commits 11 blocks where the paper's
 *   commits none (n = 4), or 23 where the paper's commits 5 for one time-out (n = 7). What it
 *   costs: a leader can censor for four views.
 *
 * Otherwise they are equal. With a uniform one-way delay d and no CPU cost there is a block every 2d,
 * decided by the replicas exactly 7d after its proposal left, and 2(n - 1) messages a view. FROST
 * certificates take a signing round each: a block every 4d, decided after 13d, with 2(n - 1) +
 * 2(q - 1) messages a view, q being the quorum; for that a block's size does not grow with n. Blocks
 * without payload are proposed only to complete blocks with payload; then the chain is quiet, without
 * messages or timers. */
#ifndef TIERCHAIN_CONSENSUS_HOTSTUFF_HOTSTUFF_H
#define TIERCHAIN_CONSENSUS_HOTSTUFF_HOTSTUFF_H

#include "consensus/hotstuff/block_store.h"
#include "consensus/hotstuff/collector.h"
#include "consensus/hotstuff/messages.h"
#include "consensus/hotstuff/pacemaker.h"
#include "consensus/hotstuff/safety.h"
#include "consensus/hotstuff/signing.h"
#include "consensus/hotstuff/sync.h"
#include "consensus/hotstuff/votes.h"

/* While nothing commits the chain must not grow for ever. Beyond so much that is uncommitted, leaders
 * propose empty blocks … */
#define HOTSTUFF_OPEN_PAYLOADS 64
#define HOTSTUFF_OPEN_BYTES    (32u << 20)
/* … and with each so many blocks more they propose half as often: in one of 2, 4, 8 … turns of two
 * rounds of all leaders, the same at all members. So the chain grows with the logarithm of the time
 * without a commit, and the first commit comes at most that time's fiftieth part after it became
 * possible again; at once if everyone is heard of, as when a crashed member has come back. */
#define HOTSTUFF_OPEN_BLOCKS 256

struct hotstuff_variant {
    struct consensus_ops ops;
};

extern const struct hotstuff_variant hotstuff_rotating;
extern const struct hotstuff_variant hotstuff_sticky;

struct hotstuff {
    struct consensus base;
    struct certificate_memory verified;

    struct block_store store;
    struct safety safety;
    struct certificate high; /* of the highest view known; its block may still be missing */
    struct block *tip;       /* the certified block of the highest view in the store */
    struct block *decided;   /* to be committed at the end of the step */
    struct block *proof;     /* whose certificate committed the root, above it; NULL: not known */
    struct collector votes;  /* for views whose next leader this member is */
    struct frame *last_vote; /* sent to another collector; NULL: none in this life */
    struct signer signer;    /* own part in signing rounds */
    uint64_t proposed_view;  /* of the last own proposal of this life */
    uint32_t last_slot;      /* of the journal's blocks, the one used last */

    struct pacemaker pacemaker;
    struct sync sync;
    bool recovered; /* an earlier life had left records */
    bool unsaved;   /* lock or highest certificate have changed since the last record */
    bool busy;      /* within a step: a poke only leaves its mark */
};

/* Views up to this one are over: a certificate says so. */
uint64_t hotstuff_proven_view(const struct hotstuff *self);

/* Whether transactions wait, or blocks with payload are not committed yet. */
bool hotstuff_has_work(const struct hotstuff *self);

/* OK, or why the certificate is not valid. Genesis needs no signature. */
int hotstuff_verify(struct hotstuff *self, const struct certificate *certificate);

/* Takes in a verified certificate: high certificate, lock and commit, view. @from may know more. */
void hotstuff_adopt(struct hotstuff *self, const struct certificate *certificate, node_id from);

/* A block of the store that is known to be certified: lock and commit rules. */
void hotstuff_certified(struct hotstuff *self, struct block *block);

/* Whether leaders of that view propose at all, and keep it from being one more view that fails. */
bool hotstuff_is_tried(const struct hotstuff *self, uint64_t view);

/* A proposal again that had waited for its parent. */
int hotstuff_proposal(struct hotstuff *self, node_id from, const struct message *message);

/* Runs what a step has made possible: commits, waiting proposals, an own proposal; saves; timers.
 */
void hotstuff_settle(struct hotstuff *self);

#endif
