/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The pacemaker: who leads, how long to wait, and how members come to one view. Liveness only; no
 * rule of safety.h depends on it. The paper leaves it open (section 4.4); this one:
 *
 *  - A member enters view v with a certificate for v - 1, with a *timeout certificate* (n - f
 * members say that v - 1 has failed), or once it has voted in v - 1. So a silent leader costs one
 * time-out.
 *  - When the timer of view v expires it signs that v has failed and sends NEW_VIEW with its
 * highest certificates to all, again and again until it gets on. It will not vote in v any more.
 *  - f + 1 members who say so take along the others, n - f make the timeout certificate.
 *  - A member who has left v by its vote, but can't prove that v is over, backs who waits in v.
 *  - Who waits in a view that is over is answered with the proof, by the f + 1 members after it.
 *  - The time-out doubles with every leader that fails, up to 64 times, until a block commits.
 *
 * All certificates are verified; views far beyond the proven one are refused. */
#ifndef TIERCHAIN_CONSENSUS_HOTSTUFF_PACEMAKER_H
#define TIERCHAIN_CONSENSUS_HOTSTUFF_PACEMAKER_H

#include "consensus/hotstuff/collector.h"

#define PACEMAKER_DOUBLINGS 6

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
    uint64_t view;
    uint64_t timed_out_view;            /* the highest view given up */
    uint32_t failures;                  /* leaders that failed since the last commit */
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

/* A block was committed. */
void pacemaker_progress(struct hotstuff *self);

/* The proven view has moved: forgets time-outs that no longer matter. */
void pacemaker_forget(struct hotstuff *self);

/* The timer runs exactly while there is something to wait for. */
void pacemaker_watch(struct hotstuff *self);

int pacemaker_new_view(struct hotstuff *self, node_id from, const struct message *message);

#endif
