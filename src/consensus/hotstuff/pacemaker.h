/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The pacemaker: who leads, how long to wait, and how members come to one view. Liveness only; no
 * rule of safety.h depends on it. The paper leaves it open (section 4.4); this one:
 *
 *  - A member enters view v with a certificate for v - 1, with a *timeout certificate* (n - f
 * members say that v - 1 has failed), or once it has voted in v - 1. So a silent leader costs one
 * time-out.
 *  - When the timer of view v expires it signs that v has failed and sends NEW_VIEW with its
 * highest certificates to all, again and again until it gets on. It will not vote in v any more,
 * unless it had come there by its vote alone: if v - 1 fails, v begins for it once more.
 *  - f + 1 members who say so of v or later views take along the others, n - f make the timeout
 * certificate. With fewer nobody moves: all of them may be faulty.
 *  - A member who has left v by its vote, but can't prove that v is over, backs f + 1 who wait in v:
 * correct members are in the view after the last proven one or in the next, so f + 1 are in one.
 *  - Who waits in a view that is over is answered with the proof, by the f + 1 members after it, and
 * when it repeats itself by all; who has nothing to wait for proves what the other lacks at once.
 *  - The time-out doubles with every leader that fails, up to 64 times; it halves with every view
 * that succeeds, and starts again when a block commits. A leader that has just failed gets only the
 * shortest for its further views in a row. Who waits all alone repeats itself ever less often.
 *
 *  - Messages get lost: after a third and two thirds of the wait a member says its last vote and
 * proposal again, so that loss costs a part of a time-out, and not the view.
 *
 * All certificates are verified; views far beyond the proven one are refused; answers are counted
 * (quota.h): no member gets more than PACEMAKER_ANSWERS in a view timeout. */
#ifndef TIERCHAIN_CONSENSUS_HOTSTUFF_PACEMAKER_H
#define TIERCHAIN_CONSENSUS_HOTSTUFF_PACEMAKER_H

#include "consensus/hotstuff/collector.h"
#include "consensus/quota.h"

#define PACEMAKER_DOUBLINGS 6
#define PACEMAKER_REMINDERS 2
#define PACEMAKER_LONELY    3 /* doublings of the pause of one who waits all alone */
#define PACEMAKER_ANSWERS   4

struct hotstuff;
struct message;

/* Why a view was entered: the second field of TRACE_VIEW. */
enum view_cause {
    VIEW_CERTIFICATE = 1, /* the view before has succeeded */
    VIEW_TIMEOUT,         /* the view before has failed */
    VIEW_VOTED,           /* the own vote in the view before has left */
    VIEW_JOINED,          /* f + 1 members wait there */
};

struct pacemaker {
    struct timer timer;
    struct timer reminder; /* within a view, PACEMAKER_REMINDERS times */
    uint32_t reminders;
    uint64_t view;
    uint64_t timed_out_view; /* the highest view given up for good */
    uint32_t failures;       /* doublings of the time-out */
    uint32_t repeats;        /* of the own time-out in this view */
    uint64_t *waits;         /* per member: the highest view that it gave up */
    uint64_t *overtaken;     /* per member: the last view over here that it gave up */
    struct quota answers;
    node_id failed_leader;              /* the last of them */
    struct certificate timeout;         /* the highest timeout certificate; frame NULL when none */
    struct certification certification; /* of timeouts: no signing round when leaders are silent */
    struct collector timeouts;
};

void pacemaker_init(struct hotstuff *self, uint64_t view);
void pacemaker_deinit(struct hotstuff *self);

/* By the instance's rule (leaders.h), from view 1 on. */
node_id pacemaker_leader(const struct hotstuff *self, uint64_t view);

/* Goes to a later view; does nothing when it is not later. */
void pacemaker_enter(struct hotstuff *self, uint64_t view, enum view_cause cause);

/* Takes in a verified timeout certificate. */
void pacemaker_adopt(struct hotstuff *self, const struct certificate *timeout);

/* Whether every member has been heard of in the last two rounds of views that failed. */
bool pacemaker_hears_all(const struct hotstuff *self);

/* A view has succeeded: there is a certificate for its block. */
void pacemaker_succeeded(struct hotstuff *self);

/* A block was committed. */
void pacemaker_progress(struct hotstuff *self);

/* The proven view has moved: forgets time-outs that no longer matter. */
void pacemaker_forget(struct hotstuff *self);

/* The timer runs exactly while there is something to wait for. */
void pacemaker_watch(struct hotstuff *self);

int pacemaker_new_view(struct hotstuff *self, node_id from, const struct message *message);

#endif
