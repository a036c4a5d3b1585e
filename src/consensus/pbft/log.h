/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The message log: one slot a sequence number n with h < n <= h + L ("low and high water marks",
 * TOCS 02 section 2.3.2), in a ring, so that its memory is bounded whatever is received. */
#ifndef TIERCHAIN_CONSENSUS_PBFT_LOG_H
#define TIERCHAIN_CONSENSUS_PBFT_LOG_H

#include "consensus/pbft/messages.h"

struct slot {
    uint64_t sequence;
    /* The vote of this replica that was made durable last: never two digests in one view. */
    bool voted;
    uint64_t voted_view;
    struct digest voted_digest;
    /* The PRE-PREPARE accepted in the current view. */
    bool accepted;
    struct digest digest;
    struct pbft_value value; /* with a reference to its frame; may outlive the view */
    struct digest value_digest;
    /* Votes of the current view. */
    struct vote_set prepares, commits;
    /* The certificate of the highest view: a prepared certificate, or the commit certificate. */
    struct certificate proof;
    bool prepared;  /* in the current view */
    bool committed; /* for good */
};

struct log {
    uint32_t length; /* L */
    struct slot *slots;
};

void log_init(struct log *log, uint32_t length);
void log_deinit(struct log *log);

/* The slot of a number that the caller knows to be in the window; empties an older one's. */
struct slot *log_slot(struct log *log, uint64_t sequence);
/* The same without a change; NULL when nothing is known about the number. */
struct slot *log_find(const struct log *log, uint64_t sequence);

/* Forgets the votes of a view that has ended; the proof and the value stay. */
void slot_end_view(struct slot *slot);
void slot_clear(struct slot *slot);
void slot_set_value(struct slot *slot, const struct pbft_value *value, const struct digest *digest);

/* "prepared(m, v, n, i) is true iff replica i has inserted in its log the request m, a pre-prepare
 * for m in view v with sequence number n, and 2f prepares from different backups that match the
 * pre-prepare" (OSDI 99, 4.2); with the primary's signature that makes a quorum. */
bool slot_is_prepared(const struct slot *slot, uint32_t quorum);

/* "committed-local(m, v, n, i) is true iff prepared(m, v, n, i) is true and i has accepted 2f + 1
 * commits (possibly including its own) … that match the pre-prepare for m" (OSDI 99, 4.2). */
bool slot_is_committed(const struct slot *slot, uint32_t quorum);

#endif
