/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The message log: one slot a sequence number n with h < n <= h + L ("low and high water marks",
 * TOCS 02 section 2.3.2), in a ring, so that its memory is bounded whatever is received. */
#ifndef TIERCHAIN_CONSENSUS_PBFT_LOG_H
#define TIERCHAIN_CONSENSUS_PBFT_LOG_H

#include <string.h>

#include "consensus/pbft/messages.h"

#define SLOT_VALUES 3 /* batches that a slot keeps: of the vote, of the proof, one of before */

struct slot {
    uint64_t sequence;
    /* The vote of this replica that was made durable last: never two digests in one view. */
    bool voted;
    uint64_t voted_view;
    struct digest voted_digest;
    /* The PRE-PREPARE accepted in the current view. */
    bool accepted;
    struct digest digest;
    /* Batches that this replica voted for, by name, with references to their frames. A null request
     * has none and displaces none: a later view may need what an earlier one has prepared. */
    struct held_value {
        struct digest digest;
        struct pbft_value value; /* size 0: nothing */
    } values[SLOT_VALUES];
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

/* Forgets the votes of a view that has ended; proof and values stay. */
void slot_end_view(struct slot *slot);
void slot_clear(struct slot *slot);

/* Keeps a batch in place of the oldest that neither the vote nor the proof names. */
void slot_hold(struct slot *slot, const struct pbft_value *value, const struct digest *digest);

/* The value of that name, the null request's too; NULL when it is not here. */
const struct pbft_value *slot_held(const struct slot *slot, const struct digest *digest);

/* "prepared(m, v, n, i) is true iff replica i has inserted in its log the request m, a pre-prepare
 * for m in view v with sequence number n, and 2f prepares from different backups that match the
 * pre-prepare" (OSDI 99, 4.2); with the primary's signature that makes a quorum. */
bool slot_is_prepared(const struct slot *slot, uint32_t quorum);

/* "committed-local(m, v, n, i) is true iff prepared(m, v, n, i) is true and i has accepted 2f + 1
 * commits (possibly including its own) … that match the pre-prepare for m" (OSDI 99, 4.2). */
bool slot_is_committed(const struct slot *slot, uint32_t quorum);

static inline bool digest_equal(const struct digest *a, const struct digest *b) {
    return memcmp(a, b, sizeof *a) == 0;
}

#endif
