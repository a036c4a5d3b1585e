/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One replica's state, and what its files call of each other. */
#ifndef TIERCHAIN_CONSENSUS_PBFT_INSTANCE_H
#define TIERCHAIN_CONSENSUS_PBFT_INSTANCE_H

#include "consensus/pbft/log.h"

#define PBFT_INTERVAL      128 /* K: a checkpoint every so many sequence numbers; L = 2K */
#define PBFT_DOUBLINGS     16  /* of the view timeout, at most */
#define PBFT_SYNC_PER_VIEW 4   /* the view timeout is so many times the retransmission interval */

enum view_cause { VIEW_START, VIEW_TIMEOUT, VIEW_JOINED, VIEW_NEW };

/* A member's last CHECKPOINT. */
struct checkpoint_vote {
    uint64_t sequence;
    struct digest digest;
    uint8_t signature[LIMIT_SIGNATURE_BYTES];
};

/* What NEW-VIEW fixed: "O", as digests of the numbers in (low, high]. */
struct plan {
    uint64_t low, high;
    struct plan_entry {
        bool known; /* false: a null request fills the hole */
        uint64_t view;
        struct digest digest;
        uint32_t change, index; /* where it comes from */
    } entries[PBFT_ENTRIES_MAX];
};

struct pbft {
    struct consensus base;
    struct certificate_memory memory;
    uint32_t interval; /* K: PBFT_INTERVAL, or less when certificates are large */
    uint64_t view;
    bool changing;        /* VIEW-CHANGE is sent, NEW-VIEW not there yet */
    bool recovered;       /* there were records */
    bool settling;        /* guards against a client that pokes from within decide */
    bool progressed;      /* something was decided since the timers were looked at */
    uint32_t failures;    /* consecutive views without a decision */
    uint64_t locked_view; /* the highest view in which something was prepared */
    struct log log;
    uint64_t last;   /* the highest number proposed or accepted, or planned */
    uint64_t target; /* the highest number that a correct member is known to vote for */
    /* The chain. It is kept: whoever restarts or lags fetches it, with certificates. */
    struct pbft_decided *ledger;
    size_t ledger_capacity;
    uint64_t executed; /* the last number decided here; ledger[executed - 1] */
    uint64_t height;   /* non-null batches among them */
    struct digest chain;
    /* Checkpoints. */
    uint64_t stable; /* h */
    struct certificate stable_proof;
    struct checkpoint_vote *checkpoints; /* per member */
    /* View changes. */
    struct frame **changes; /* per member: its last VIEW-CHANGE */
    uint64_t *change_views; /* and for which view */
    struct frame *new_view; /* that started the current view; NULL in view 0 */
    struct plan plan;
    struct timer view_timer, sync_timer;
};

static inline struct pbft *pbft_of(struct consensus *base) {
    return (struct pbft *)base;
}

static inline uint32_t pbft_primary(const struct pbft *self, uint64_t view) {
    return consensus_leader(&self->base, view);
}

static inline bool pbft_in_window(const struct pbft *self, uint64_t sequence) {
    return sequence > self->executed && sequence > self->stable &&
           sequence - self->stable <= self->log.length;
}

/* pbft.c */
struct statement pbft_statement(const struct pbft *self, enum vote_kind kind, uint64_t view,
                                uint64_t sequence, const struct digest *digest);
/* Broadcasts the own vote, or sends it to one member (@to != NODE_NONE). */
void pbft_send_vote(struct pbft *self, uint16_t type, const struct statement *statement,
                    node_id to);
/* As primary: proposes @value for @sequence in the current view. */
void pbft_propose(struct pbft *self, uint64_t sequence, const struct pbft_value *value);
/* To be called at the end of every step that changed something: executes, proposes, sets timers. */
void pbft_settle(struct pbft *self);
/* Sends to @to what this replica has said about the numbers that are not decided yet. */
void pbft_repeat(struct pbft *self, node_id to);
void pbft_start_view_timer(struct pbft *self);

/* checkpoint.c */
/* Appends to the chain and tells the client. @decided is the next number; references are taken. */
void pbft_decide(struct pbft *self, const struct pbft_decided *decided);
void pbft_set_stable(struct pbft *self, const struct certificate *proof);
int pbft_on_checkpoint(struct pbft *self, uint32_t member, const struct message *message);
int pbft_on_fetch(struct pbft *self, node_id from, const struct message *message);
int pbft_on_decided(struct pbft *self, node_id from, const struct message *message);
void pbft_fetch(struct pbft *self, node_id to); /* NODE_NONE: from everyone */

/* view_change.c */
void pbft_start_change(struct pbft *self, uint64_t view, enum view_cause cause);
bool pbft_change_has_quorum(const struct pbft *self);
int pbft_on_view_change(struct pbft *self, node_id from, const struct message *message);
/* Checks a NEW-VIEW and computes what it fixes. */
int pbft_check_new_view(struct pbft *self, const struct message *message, struct plan *plan,
                        struct certificate *stable);
int pbft_on_new_view(struct pbft *self, const struct message *message);
/* As new primary with a quorum of VIEW-CHANGEs: starts the view. */
void pbft_try_new_view(struct pbft *self);

/* store.c: records that are durable before what follows them leaves. */
void pbft_store_view(struct pbft *self);
void pbft_store_new_view(struct pbft *self);
void pbft_store_slot(struct pbft *self, uint64_t sequence);
void pbft_recover(struct pbft *self, const struct record *records, size_t count);

#endif
