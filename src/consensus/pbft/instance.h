/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One replica's state, and what its files call of each other. */
#ifndef TIERCHAIN_CONSENSUS_PBFT_INSTANCE_H
#define TIERCHAIN_CONSENSUS_PBFT_INSTANCE_H

#include "consensus/pbft/log.h"

#define PBFT_INTERVAL       128 /* K: a checkpoint every so many sequence numbers; L = 2K */
#define PBFT_DOUBLINGS      6   /* of the view timeout, at most */
#define PBFT_SYNC_PER_VIEW  4   /* the view timeout is so many times the retransmission interval */
#define PBFT_SYNC_DOUBLINGS 4   /* of that interval while nothing comes of it: four view timeouts */
#define PBFT_RUMOURS        3   /* questions after a message from a view or number not known here */
#define PBFT_REPEATED       64  /* numbers whose votes are repeated to whoever asks */
#define PBFT_ANSWERS        8   /* to one member in an eighth of the view timeout */

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
        struct pbft_entry entry;
        uint32_t change,
            index; /* where it comes from: the change's place among those it rests on */
    } entries[PBFT_ENTRIES_MAX];
};

/* What a member was answered lately. */
struct asker {
    uint32_t answers;
    uint64_t next, lacks; /* that it asked for last */
};

struct pbft {
    struct consensus base;
    struct certificate_memory memory;
    uint32_t interval; /* K: PBFT_INTERVAL, or less when certificates are large */
    uint64_t view;
    bool changing;        /* the view's NEW-VIEW is not there yet */
    bool asked;           /* the own VIEW-CHANGE for it has been sent, in this life or before */
    bool recovered;       /* there were records */
    bool settling;        /* guards against a client that pokes from within decide */
    bool progressed;      /* something was decided since the timers were set */
    uint64_t good_view;   /* the last view in which something that was waited for was decided */
    uint64_t locked_view; /* the highest view in which something was prepared */
    struct log log;
    uint64_t last;   /* the highest number proposed or accepted, or planned */
    uint64_t target; /* the highest number that a correct member is known to have decided … */
    uint64_t heard;  /* … and to have voted for in the current view; in the next it may be void */
    /* The chain. It is kept: whoever lags fetches it, with certificates. */
    struct pbft_decided *ledger;
    size_t ledger_capacity;
    uint64_t executed; /* the last number decided here; ledger[executed - 1] */
    uint64_t stored;   /* the last of them that is durable */
    uint64_t height;   /* batches that were reported among them */
    struct digest chain;
    struct frame **kept; /* records of the chain, before the start reports it */
    size_t kept_count;
    /* Checkpoints. */
    uint64_t stable; /* h */
    struct certificate stable_proof;
    struct checkpoint_vote *checkpoints; /* per member */
    /* View changes. */
    struct frame **changes; /* per member: its last VIEW-CHANGE */
    uint64_t *change_views; /* and for which view */
    struct frame *new_view; /* that started the current view; NULL in view 0 */
    struct plan plan;
    bool planned;          /* as primary: all that NEW-VIEW fixed is proposed */
    uint64_t lacks;        /* a planned number whose value is not here; 0: none … */
    struct digest lacking; /* … and the value's name */
    /* Waiting. */
    uint64_t awaited; /* what the view timer stands for (timers.c); 0: nothing */
    uint32_t syncs;   /* questions since something came of one */
    uint32_t rumours; /* questions that are left about what is not known here */
    struct asker *askers;
    struct timer view_timer, sync_timer, answer_timer;
};

static inline struct pbft *pbft_of(struct consensus *base) {
    return (struct pbft *)base;
}

static inline uint32_t pbft_primary(const struct pbft *self, uint64_t view) {
    return consensus_leader(&self->base, view);
}

/* Whether it leads the current view, which has begun. */
static inline bool pbft_leads(const struct pbft *self) {
    return !self->changing && pbft_primary(self, self->view) == self->base.self_index;
}

static inline uint32_t pbft_quorum(const struct pbft *self) {
    return committee_quorum(&self->base.committee);
}

static inline bool pbft_in_window(const struct pbft *self, uint64_t sequence) {
    return sequence > self->executed && sequence > self->stable &&
           sequence - self->stable <= self->log.length;
}

/* pbft.c */
struct statement pbft_statement(const struct pbft *self, enum vote_kind kind, uint64_t view,
                                uint64_t sequence, const struct digest *digest);
/* As primary: proposes @value for @sequence in the current view. */
void pbft_propose(struct pbft *self, uint64_t sequence, const struct pbft_value *value);
/* To be called at the end of every step that changed something: executes, proposes, sets timers. */
void pbft_settle(struct pbft *self);
/* Sends to @to (NODE_NONE: to all) what this replica has said about numbers not decided yet. */
void pbft_repeat(struct pbft *self, node_id to);

/* timers.c */
void pbft_init_timers(struct pbft *self);
void pbft_deinit_timers(struct pbft *self);
void pbft_set_timers(struct pbft *self);
/* A message speaks of a view or number that is not known here: worth a few questions. */
void pbft_hear_rumour(struct pbft *self);

/* checkpoint.c */
/* Appends to the chain and tells the client. @decided is the next number; references are taken. */
void pbft_decide(struct pbft *self, const struct pbft_decided *decided);
void pbft_set_stable(struct pbft *self, const struct certificate *proof);
int pbft_on_checkpoint(struct pbft *self, uint32_t member, const struct message *message);
/* Sends the own last CHECKPOINT, when it is above @stable. */
void pbft_repeat_checkpoint(struct pbft *self, node_id to, uint64_t stable);

/* fetch.c */
void pbft_fetch(struct pbft *self, node_id to); /* NODE_NONE: from everyone */
int pbft_on_fetch(struct pbft *self, uint32_t member, const struct message *message);
int pbft_on_decided(struct pbft *self, node_id from, const struct message *message);
int pbft_on_held(struct pbft *self, const struct message *message);

/* view_change.c */
void pbft_start_change(struct pbft *self, uint64_t view, enum view_cause cause);
/* After a restart: sends the VIEW-CHANGE again that the life before had sent. */
void pbft_resume_change(struct pbft *self);
/* Others have come to @view, as a certificate shows: waits for its NEW-VIEW. */
void pbft_learn_view(struct pbft *self, uint64_t view);
/* Whether a quorum has changed to the current view or gone further. */
bool pbft_change_has_quorum(const struct pbft *self);
int pbft_on_view_change(struct pbft *self, node_id from, const struct message *message);
/* The own VIEW-CHANGE for the current view, NULL when there is none. */
struct frame *pbft_own_change(const struct pbft *self);
void pbft_parse_change(const struct pbft *self, struct frame *frame,
                       struct pbft_view_change *parsed);
bool pbft_change_is_signed(struct pbft *self, node_id sender, const struct pbft_change *change);
/* OK when @proof shows that @stable is a stable checkpoint. */
int pbft_check_stable(struct pbft *self, uint64_t stable, const struct certificate *proof);
/* OK when @proof shows that the entry was prepared, or committed. */
int pbft_check_entry(struct pbft *self, const struct pbft_entry *entry,
                     const struct certificate *proof);

/* new_view.c */
/* Checks a NEW-VIEW and computes what it fixes. */
int pbft_check_new_view(struct pbft *self, const struct message *message, struct plan *plan,
                        struct certificate *stable);
int pbft_on_new_view(struct pbft *self, const struct message *message);
/* As new primary with a quorum of VIEW-CHANGEs: starts the view. */
void pbft_try_new_view(struct pbft *self);
/* As primary: proposes what NEW-VIEW fixed and was not proposed yet, as far as it is here. */
void pbft_propose_plan(struct pbft *self);

/* store.c: records that are durable before what follows them leaves. */
void pbft_store_view(struct pbft *self);
void pbft_store_new_view(struct pbft *self);
void pbft_store_slot(struct pbft *self, uint64_t sequence);
/* What was decided since. */
void pbft_store_decided(struct pbft *self);
void pbft_recover(struct pbft *self, const struct record *records, size_t count);
/* Reports the chain that was durable; within start. */
void pbft_report_kept(struct pbft *self);

#endif
