/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "select/election.h"

#include <string.h>

#include "base/error.h"

void election_init(struct election *election, uint64_t *votes, uint32_t candidates, bool *voted,
                   uint32_t voters) {
    memset(votes, 0, candidates * sizeof *votes);
    memset(voted, 0, voters * sizeof *voted);
    *election = (struct election){
        .votes = votes, .candidates = candidates, .voted = voted, .voters = voters};
}

static int check_approvals(const struct election *election, const uint32_t *approved,
                           size_t count) {
    if (count > ELECTION_APPROVALS)
        return ERR_LIMIT;
    for (size_t i = 0; i < count; i++) {
        if (approved[i] >= election->candidates)
            return ERR_INVALID;
        for (size_t j = 0; j < i; j++)
            if (approved[j] == approved[i])
                return ERR_DUPLICATE;
    }
    return OK;
}

int election_vote(struct election *election, uint32_t voter, uint64_t stake,
                  const uint32_t *approved, size_t count) {
    if (voter >= election->voters)
        return ERR_INVALID;
    if (election->voted[voter])
        return ERR_DUPLICATE;
    int error = check_approvals(election, approved, count);
    if (error != OK)
        return error;
    /* Nobody's votes exceed all stake, so this is the only sum to check. */
    if (stake > UINT64_MAX - election->stake)
        return ERR_LIMIT;
    election->voted[voter] = true;
    election->stake += stake;
    for (size_t i = 0; i < count; i++)
        election->votes[approved[i]] += stake;
    return OK;
}

size_t election_delegates(const struct election *election, uint32_t *delegates, size_t seats) {
    size_t count = 0;
    /* Insertion in order of number, behind equal ones: the lower number stays in front. */
    for (uint32_t candidate = 0; candidate < election->candidates; candidate++) {
        size_t at = count;
        while (at > 0 && election->votes[delegates[at - 1]] < election->votes[candidate])
            at--;
        if (at == seats)
            continue;
        count += count < seats;
        memmove(&delegates[at + 1], &delegates[at], (count - at - 1) * sizeof *delegates);
        delegates[at] = candidate;
    }
    return count;
}
