/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Delegated proof of stake: who may be drawn into a committee. Stake-weighted approval voting (as in
 * EOSIO and BitShares): a voter approves some candidates, each approval counts the voter's whole
 * stake, and the candidates with the most approved stake are the delegates. */
#ifndef TIERCHAIN_SELECT_ELECTION_H
#define TIERCHAIN_SELECT_ELECTION_H

#include "base/types.h"

#define ELECTION_APPROVALS 30 /* on one ballot, as in EOSIO */

/* A count under way, over caller memory. */
struct election {
    uint64_t *votes; /* approved stake by candidate */
    uint32_t candidates;
    bool *voted; /* by voter */
    uint32_t voters;
    uint64_t stake; /* of all who have voted */
};

/* Begins with no vote; @votes has @candidates and @voted @voters elements. */
void election_init(struct election *election, uint64_t *votes, uint32_t candidates, bool *voted,
                   uint32_t voters);

/* Counts a ballot. 0, or an error, and then nothing is counted: ERR_INVALID for an unknown voter or
 * candidate; ERR_DUPLICATE for a second ballot or a candidate approved twice; ERR_LIMIT for more
 * than ELECTION_APPROVALS approvals or more stake than 64 bits hold. */
int election_vote(struct election *election, uint32_t voter, uint64_t stake,
                  const uint32_t *approved, size_t count);

/* The @seats candidates with the most approved stake, most first; of equal ones the lower number.
 * Returns how many there are: min(@seats, candidates). */
size_t election_delegates(const struct election *election, uint32_t *delegates, size_t seats);

#endif
