/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Practical Byzantine Fault Tolerance with signatures (Castro, Liskov, OSDI 99; TOCS 02).
 *
 * Differences to the paper, all of them stated here:
 *  - Quorums have q = n - f members (committee.h), not 2f + 1, so that any n works.
 *  - The primary signs its PRE-PREPARE as it would sign a PREPARE ("the PRE-PREPARE stands for the
 *    primary's prepare"), so that a prepared certificate is simply q signatures on one statement.
 *  - The view change lists what is decided with its *commit* certificate, which implies "prepared".
 *    What the new primary has decided is not agreed upon again but fetched by those who lack it.
 *  - Whoever waits asks the others for what was lost (fetch.c), every quarter of the view timeout and
 *    ever more rarely while nothing comes of it, because the network below may lose messages. Answers
 *    are limited by member and time.
 *  - A VIEW-CHANGE counts for all views up to its own, and the timer of a view change runs from the
 *    moment when a quorum has come so far (timers.c): members whose timers run out at different times
 *    find each other. A replica that has changed alone follows what the others decide, as a reader,
 *    until they change too: it has promised to vote in no earlier view.
 *  - The timer stands for the transaction that waits longest, so a primary that passes over it is
 *    replaced whatever else it orders. One that is merely slow is not: it may take nearly the view
 *    timeout for every batch, however many wait (Clement et al., Aardvark, NSDI 09): at three quarters
 *    of 400 ms it orders 33 batches in ten seconds where 1,000 were waiting (adversary_progress_test.c).
 *  - Durable are votes with their batches, proofs, and the chain (store.c, with its bound): a committee
 *    all of whose members restart goes on where it was. A new life reports the chain from height 1,
 *    what was durable as decided again.
 *  - Numbers are prepared in their order, a new primary proposes nothing new before what NEW-VIEW fixed
 *    is decided, and what a view proposed anew voids what earlier views had prepared behind it
 *    (new_view.c): so view changes do not order a transaction twice, for which the paper relies on the
 *    time stamps of its clients. None of 10,000 seeds of the soak does, but it is no proof: three views in a
 *    row that each lose the right messages may still do it, and tiers remember what they have ordered (tier/once.h). Of two equal batches within L
 *    numbers the second counts as a null request.
 *
 * Several sequence numbers share a view, so the position in VOTED, CERTIFIED and LOCKED traces is
 * view << 24 | sequence instead of the view alone. */
#ifndef TIERCHAIN_CONSENSUS_PBFT_PBFT_H
#define TIERCHAIN_CONSENSUS_PBFT_PBFT_H

#include "consensus/consensus.h"

extern const struct consensus_ops pbft_ops;

#endif
