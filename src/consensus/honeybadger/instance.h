/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One member's state, and what its files call of each other. */
#ifndef TIERCHAIN_CONSENSUS_HONEYBADGER_INSTANCE_H
#define TIERCHAIN_CONSENSUS_HONEYBADGER_INSTANCE_H

#include "agreement/abba.h"
#include "agreement/broadcast.h"
#include "agreement/member_set.h"
#include "consensus/honeybadger/messages.h"
#include "consensus/quota.h"

#define HONEYBADGER_DOUBLINGS     6 /* of the pause between two FETCH, at most */
#define HONEYBADGER_SYNC_PER_VIEW 2 /* the view timeout is so many times the first pause */
#define HONEYBADGER_TOLD          16 /* answers with outcomes for a member, at once and per view timeout */
#define HONEYBADGER_REPEATS       8  /* likewise answers that repeat what was said */
#define HONEYBADGER_CHECKS        16 /* of a batch that is not valid, because of news */
#define HONEYBADGER_OUTCOME_BYTES (LIMIT_FRAME_BYTES / 4 * 3) /* of all batches of an epoch */
#define HONEYBADGER_EARLY_MESSAGES                                                                 \
    16 /* kept per member of the committee and lane, of the next epoch */

/* A proposer's way through an epoch. */
struct lane {
    struct epoch *epoch;
    uint32_t index; /* of the proposer */
    bool voted;     /* the agreement has its input */
    bool checked;   /* the batch was found not valid; looked at again when there is news */
    uint32_t pokes; /* that made it worth another look */
    struct broadcast broadcast;
    struct abba agreement;
};

struct epoch {
    struct honeybadger *owner;
    uint64_t number;
    bool open;                /* the own batch is proposed */
    struct member_set opened; /* who says that it has proposed */
    struct frame *proposal;   /* its bytes, as broadcast */
    struct lane *lanes;       /* per member */
};

/* A message of the next epoch. */
struct early {
    uint32_t member;
    struct frame *frame;
};

struct honeybadger {
    struct consensus base;
    struct group_keys keys;
    struct common_coin coin;
    struct erasure_code code;
    size_t limit; /* bytes of a proposal */
    bool settling;
    uint64_t number;                  /* of the current epoch; those below are decided */
    struct epoch *current, *previous; /* NULL when this member has no part in it */
    /* The chain. It is kept: whoever lags fetches it. */
    struct frame **ledger; /* of epoch i + 1: its number and outcome, as its record */
    size_t ledger_capacity;
    uint64_t height;
    struct digest chain;
    /* Catching up. */
    uint64_t *ahead;        /* per member: the highest epoch that it spoke of */
    struct frame **reports; /* per member: its last DECIDED */
    struct timer sync_timer;
    uint32_t pauses; /* FETCH sent since the last outcome */
    /* Messages of the next epoch, in order of arrival. */
    struct early *early;
    size_t early_count, early_capacity;
    uint32_t *early_messages; /* per member */
    size_t *early_bytes;
    /* Records of an earlier life, until they are used or outdated. */
    struct record *records;
    size_t record_count;
    struct frame **outcomes; /* records of outcomes, by place in their ring */
    size_t outcome_count;
    struct quota outcomes_told, repeats; /* answers to FETCH */
    uint64_t promised; /* the highest epoch that this member has ever taken part in */
};

static inline struct honeybadger *honeybadger_of(struct consensus *base) {
    return (struct honeybadger *)base;
}

static inline uint32_t members_of(const struct honeybadger *self) {
    return self->base.committee.count;
}

/* epoch.c */
struct epoch *epoch_new(struct honeybadger *self, uint64_t number);
void epoch_free(struct epoch *epoch);
/* Proposes the own batch. */
void epoch_open(struct epoch *epoch);
int epoch_receive(struct epoch *epoch, uint32_t lane, uint32_t member,
                  const struct message *message);
/* Gives the agreements the inputs that are due. */
void epoch_vote(struct epoch *epoch);
/* The client has news (@poke), or time has passed: what was not valid may be now. */
void epoch_reconsider(struct epoch *epoch, bool poke);
/* The outcome as the ledger holds it, once every lane is agreed on and what is in is here; else
 * NULL. */
struct frame *epoch_outcome(const struct epoch *epoch);
/* The outcome is known from others: so are the agreements'. */
void epoch_learn(struct epoch *epoch, const struct batch *batches);
/* Whether nobody can need anything of this epoch that this member has yet to say. */
bool epoch_is_settled(const struct epoch *epoch);
void epoch_progress(const struct epoch *epoch, uint8_t *progress);
/* Says again to @to what it lacks. */
void epoch_repeat(struct epoch *epoch, node_id to, const uint8_t *progress);

/* ledger.c */
/* The outcome that a ledger's frame holds. */
struct honeybadger_outcome ledger_outcome(const struct frame *frame);
/* Ends the current epoch with @frame, whose reference it takes, and tells the client; @again: an
 * earlier life knew it. */
void ledger_append(struct honeybadger *self, struct frame *frame, bool again);
/* The same with an outcome that is not durable yet. */
void ledger_append_new(struct honeybadger *self, struct frame *frame);
void ledger_report(struct honeybadger *self, node_id to, uint64_t first);
int ledger_on_decided(struct honeybadger *self, uint32_t member, const struct message *message);
/* Ends the current epoch if f + 1 members report the same outcome. */
bool ledger_adopt(struct honeybadger *self);

/* store.c: durable records. */
void store_proposal(const struct epoch *epoch);
void store_broadcast(const struct lane *lane);
void store_agreement(const struct lane *lane);
void store_outcome(struct honeybadger *self, struct frame *frame); /* of the current epoch */
void store_keep(struct honeybadger *self, const struct record *records, size_t count);
void store_forget(struct honeybadger *self);
/* Whether this member may take part in the epoch: it has not, or remembers what it said. */
bool store_allows(const struct honeybadger *self, uint64_t number);
/* The outcome of the current epoch as an earlier life knew it, with a reference; or NULL. */
struct frame *store_known_outcome(const struct honeybadger *self);
/* Brings a new epoch to where an earlier life left it. */
void store_restore(struct epoch *epoch);

#endif
