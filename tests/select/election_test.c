/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "select/election.h"

#include <check.h>
#include <string.h>

#include "base/error.h"
#include "base/rng.h"

#define CANDIDATES 50
#define VOTERS     50

struct poll {
    struct election election;
    uint64_t votes[CANDIDATES];
    bool voted[VOTERS];
};

static void open_poll(struct poll *poll, uint32_t candidates) {
    memset(poll, 0xff, sizeof *poll);
    election_init(&poll->election, poll->votes, candidates, poll->voted, VOTERS);
}

static int vote(struct poll *poll, uint32_t voter, uint64_t stake, const uint32_t *approved,
                size_t count) {
    return election_vote(&poll->election, voter, stake, approved, count);
}

START_TEST(stake_decides) {
    struct poll poll;
    uint32_t delegates[4];
    open_poll(&poll, 4);
    ck_assert_int_eq(vote(&poll, 0, 10, (uint32_t[]){0, 1}, 2), OK);
    ck_assert_int_eq(vote(&poll, 1, 25, (uint32_t[]){2}, 1), OK);
    ck_assert_int_eq(vote(&poll, 2, 10, (uint32_t[]){1, 0}, 2), OK);
    ck_assert_int_eq(vote(&poll, 3, 90, NULL, 0), OK); /* abstains */
    ck_assert_uint_eq(poll.election.stake, 135);
    /* 2 has 25; 0 and 1 have 20 each, the lower number first; 3 has nothing and comes last. */
    ck_assert_uint_eq(election_delegates(&poll.election, delegates, 4), 4);
    ck_assert_mem_eq(delegates, ((uint32_t[]){2, 0, 1, 3}), sizeof delegates);
    ck_assert_uint_eq(election_delegates(&poll.election, delegates, 2), 2);
    ck_assert_mem_eq(delegates, ((uint32_t[]){2, 0}), 2 * sizeof delegates[0]);
    ck_assert_uint_eq(election_delegates(&poll.election, delegates, 0), 0);
}
END_TEST

START_TEST(bad_ballots_count_nothing) {
    struct poll poll, before;
    uint32_t many[ELECTION_APPROVALS + 1];
    for (uint32_t i = 0; i < ELECTION_APPROVALS + 1; i++)
        many[i] = i;
    open_poll(&poll, CANDIDATES);
    ck_assert_int_eq(vote(&poll, 7, 5, many, ELECTION_APPROVALS), OK);
    before = poll;
    ck_assert_int_eq(vote(&poll, 7, 5, many, 1), ERR_DUPLICATE);
    ck_assert_int_eq(vote(&poll, 8, 5, (uint32_t[]){3, 9, 3}, 3), ERR_DUPLICATE);
    ck_assert_int_eq(vote(&poll, 8, 5, (uint32_t[]){3, CANDIDATES}, 2), ERR_INVALID);
    ck_assert_int_eq(vote(&poll, VOTERS, 5, many, 1), ERR_INVALID);
    ck_assert_int_eq(vote(&poll, 8, 5, many, ELECTION_APPROVALS + 1), ERR_LIMIT);
    ck_assert_int_eq(vote(&poll, 8, UINT64_MAX - 4, many, 1), ERR_LIMIT);
    ck_assert_mem_eq(&poll, &before, sizeof poll);
    ck_assert_int_eq(vote(&poll, 8, UINT64_MAX - 5, many, 1), OK);
    ck_assert_uint_eq(poll.votes[0], UINT64_MAX);
}
END_TEST

/* Against the definition: nobody left out has more votes than somebody who is in. */
START_TEST(random_elections_elect_the_most_approved) {
    struct rng rng;
    rng_init(&rng, 1, 0, "election test");
    for (int round = 0; round < 2000; round++) {
        struct poll poll;
        uint32_t delegates[CANDIDATES];
        bool elected[CANDIDATES] = {false};
        uint32_t candidates = 1 + (uint32_t)rng_below(&rng, CANDIDATES);
        open_poll(&poll, candidates);
        for (uint32_t voter = 0; voter < VOTERS; voter++) {
            uint32_t first = (uint32_t)rng_below(&rng, candidates);
            ck_assert_int_eq(vote(&poll, voter, 1 + rng_below(&rng, 3), &first, 1), OK);
        }
        size_t seats = rng_below(&rng, CANDIDATES + 1);
        size_t count = election_delegates(&poll.election, delegates, seats);
        ck_assert_uint_eq(count, size_min(seats, candidates));
        for (size_t i = 0; i < count; i++) {
            ck_assert(!elected[delegates[i]]);
            elected[delegates[i]] = true;
            if (i > 0) {
                uint64_t more = poll.votes[delegates[i - 1]], less = poll.votes[delegates[i]];
                ck_assert(more > less || (more == less && delegates[i - 1] < delegates[i]));
            }
        }
        for (uint32_t candidate = 0; candidate < candidates && count > 0; candidate++)
            ck_assert(elected[candidate] ||
                      poll.votes[candidate] <= poll.votes[delegates[count - 1]]);
    }
}
END_TEST

Suite *election_suite(void) {
    Suite *suite = suite_create("election");
    TCase *tcase = tcase_create("election");
    tcase_add_test(tcase, stake_decides);
    tcase_add_test(tcase, bad_ballots_count_nothing);
    tcase_add_test(tcase, random_elections_elect_the_most_approved);
    suite_add_tcase(suite, tcase);
    return suite;
}
