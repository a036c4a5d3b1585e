/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One shard's part in transfers: a deterministic machine over what the shard's chain has ordered.
 * All members of a shard feed it the same, so they hold the same state.
 *
 *   home shard    PREPARE ──> locked ──all ACCEPT──> committed ──all SETTLED──> forgotten
 *                    │           └── one REJECT, or @patience heights ──> aborted, forgotten
 *                    └── not possible ──> aborted, forgotten
 *   other shards  PREPARE ──> locked (ticket) ── COMMIT or ABORT with this ticket ──> forgotten
 *                    └── not possible ──> rejected, forgotten
 *
 * Why it is atomic: only the home shard decides, by the order of its one chain, once. Another shard
 * that has accepted never lets go by itself, however long it waits: a lock that a shard drops alone
 * could meet a commit elsewhere. Time-outs are heights of the home chain, so that all its members
 * see the same one. The home shard is the coordinator shard of Byzcuit (Sonnino et al., EuroS&P 20);
 * locks are Atomix's (OmniLedger, S&P 18): no waiting, a conflict is a rejection.
 *
 * Why replays are harmless, with bounded memory: the home shard takes every number of a sender's
 * account once, in rising order, so that a session is decided once; "not known, and its number is
 * used" means aborted, or settled everywhere (presumed abort, Mohan and Lindsay 1983, for which
 * commits are remembered until all have settled). Another shard's lock has a ticket that is never
 * given again, and only a decision that names it settles it. */
#ifndef TIERCHAIN_SHARD_PARTICIPANT_H
#define TIERCHAIN_SHARD_PARTICIPANT_H

#include <uthash.h>

#include "shard/statement.h"
#include "shard/transfer.h"

#define ACCOUNT_BALANCE_MAX (UINT64_C(1) << 62)

enum session_state { SESSION_LOCKED, SESSION_COMMITTED };

/* A transfer that is not finished here. Read-only outside. */
struct session {
    struct digest id;
    UT_hash_handle hh;
    enum session_state state;
    bool home;                /* this shard decides */
    uint64_t height;          /* at which it was locked */
    uint64_t ticket;          /* of the lock here, 0 in the home shard */
    struct transfer transfer; /* its signature is the session's own copy */
    uint16_t shards[LIMIT_TRANSFER_PARTS];
    uint8_t shard_count;
    /* Home shard only, by place in @shards. */
    uint64_t tickets[LIMIT_TRANSFER_PARTS];
    bool accepted[LIMIT_TRANSFER_PARTS];
    bool settled[LIMIT_TRANSFER_PARTS];
    uint8_t signature[];
};

struct shard_account;

enum session_change {
    SESSION_LOCKS,   /* prepared here */
    SESSION_REJECTS, /* not possible here; a shard that is not home */
    SESSION_COMMITS, /* the amounts have moved here */
    SESSION_ABORTS,  /* nothing has moved, nothing is locked */
    SESSION_RETIRES, /* home: all shards have settled the commit */
};

struct participant_client {
    /* Within each of the calls below; the session lives until the call returns. */
    void (*changed)(void *context, const struct session *session, enum session_change change);
    void *context;
};

struct participant_config {
    uint16_t shard;
    uint64_t patience; /* heights of the home chain until an undecided transfer is aborted */
    size_t signature_bytes;
    struct participant_client client;
};

struct participant {
    struct participant_config config;
    struct shard_account *accounts; /* by number, iterated in order of opening */
    struct session *sessions;       /* by id, iterated in order of locking */
    uint64_t height;                /* of the last item */
    uint64_t ticket;                /* last given */
};

void participant_init(struct participant *participant, const struct participant_config *config);
void participant_deinit(struct participant *participant);

/* Opens an account; before any transfer that names it. ERR_DUPLICATE; ERR_LIMIT; ERR_INVALID for a
 * balance beyond ACCOUNT_BALANCE_MAX. */
int participant_open(struct participant *participant, uint64_t account, node_id owner,
                     uint64_t balance);

/* The chain has reached @height: transfers that waited too long are aborted. */
void participant_advance(struct participant *participant, uint64_t height);

/* A verified transfer was ordered at the present height. 0 when it changed something or was
 * rejected; ERR_DUPLICATE (unfinished here), ERR_STALE (home: the sender's number is used, or the
 * account is not the origin's), ERR_INVALID (touches nothing here). */
int participant_prepare(struct participant *participant, const struct transfer *transfer,
                        const struct digest *session);

/* A verified proof of @statement was ordered. 0; ERR_UNKNOWN (no such session), ERR_MISMATCH
 * (another lock's ticket, or a shard that has no part in it), ERR_STALE (known already, or not of
 * interest any more). */
int participant_prove(struct participant *participant, const struct shard_statement *statement);

/* What participant_prove would answer. */
int participant_wants(const struct participant *participant,
                      const struct shard_statement *statement);

/* Whether the home shard can't accept the transfer any more, now or later. */
bool participant_stale(const struct participant *participant, const struct transfer *transfer);

const struct session *participant_find(const struct participant *participant,
                                       const struct digest *session);

/* The place of a shard in the session's list; the count when it has no part. */
size_t session_place(const struct session *session, uint16_t shard);

/* Balance and the locking session (NULL: free) of an account. ERR_UNKNOWN. */
int participant_account(const struct participant *participant, uint64_t account, uint64_t *balance,
                        const struct session **lock);

/* A digest of the whole state, the same at all members that have seen the same log. */
void participant_digest(const struct participant *participant, struct digest *out);

#endif
