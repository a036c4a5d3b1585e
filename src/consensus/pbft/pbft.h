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
 *  - Whoever waits asks the others every quarter of the view timeout for what was lost (fetch),
 *    because the network below may lose messages.
 *  - The durable records hold votes and proofs, not batches: a restarted replica fetches the chain
 *    from the others and reports it from height 1 again.
 *
 * Several sequence numbers share a view, so the position in VOTED, CERTIFIED and LOCKED traces is
 * view << 24 | sequence instead of the view alone. */
#ifndef TIERCHAIN_CONSENSUS_PBFT_PBFT_H
#define TIERCHAIN_CONSENSUS_PBFT_PBFT_H

#include "consensus/consensus.h"

extern const struct consensus_ops pbft_ops;

#endif
