/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The statistics of protocols.md 22: how many transfers cross shards, and how often a random shard
 * holds too many Byzantine nodes; by formula, and by counting what the assignment really does. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "shard/assignment.h"

START_TEST(accounts_spread_evenly) {
    static uint32_t counts[16];
    memset(counts, 0, sizeof counts);
    for (uint64_t account = 0; account < 160000; account++)
        counts[shard_of_account(account, 16)]++;
    for (int i = 0; i < 16; i++) /* 10000 +- 4 standard deviations of 96.8 */
        ck_assert_uint_le((uint32_t)abs((int)counts[i] - 10000), 388);
}
END_TEST

/* Rendezvous hashing: a new shard takes 1/(S+1) of the accounts, none moves between old ones. */
START_TEST(one_shard_more_moves_its_share) {
    uint32_t moved = 0;
    for (uint64_t account = 0; account < 100000; account++) {
        uint16_t before = shard_of_account(account, 9), after = shard_of_account(account, 10);
        ck_assert(after == before || after == 9);
        moved += after != before;
    }
    ck_assert_uint_le((uint32_t)abs((int)moved - 10000), 380); /* 4 sd of 94.9 */
}
END_TEST

/* 1 - (1/S)^(k-1) of the transfers over k random accounts touch more than one shard. */
START_TEST(share_that_crosses_shards) {
    static const struct {
        uint16_t shards;
        int accounts;
        double share; /* as protocols.md 22 has it */
    } rows[] = {{4, 2, 0.75}, {4, 3, 0.94}, {16, 2, 0.94}, {16, 3, 0.996}};
    struct rng rng;
    rng_init(&rng, 1, 0, "crossing");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        double exact = 1 - pow(1.0 / rows[i].shards, rows[i].accounts - 1);
        int crossing = 0, trials = 100000;
        ck_assert(fabs(exact - rows[i].share) < 0.005);
        for (int t = 0; t < trials; t++) {
            uint16_t first = shard_of_account(rng_next(&rng), rows[i].shards);
            bool crosses = false;
            for (int k = 1; k < rows[i].accounts; k++)
                if (shard_of_account(rng_next(&rng), rows[i].shards) != first)
                    crosses = true;
            crossing += crosses;
        }
        ck_assert(fabs((double)crossing / trials - exact) < 4 * sqrt(exact * (1 - exact) / trials));
    }
}
END_TEST

/* ln C(n, k) */
static double ln_choose(double n, double k) {
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1);
}

/* P(a shard of @size out of @nodes holds at least @from of the @bad). */
static double failure(int nodes, int bad, int size, int from) {
    double sum = 0;
    for (int i = from; i <= size && i <= bad; i++)
        sum += exp(ln_choose(bad, i) + ln_choose(nodes - bad, size - i) - ln_choose(nodes, size));
    return sum;
}

/* The table of protocols.md 22: 2000 nodes, a shard fails at a third. */
START_TEST(failure_of_a_random_shard) {
    static const struct {
        int bad, size;
        double chance;
    } rows[] = {
        {500, 60, 8.9e-2},  {500, 100, 2.4e-2}, {500, 200, 2.8e-3}, {500, 300, 2.7e-4},
        {500, 400, 1.2e-5}, {500, 600, 2.0e-8}, {400, 100, 5.3e-4}, {400, 200, 1.5e-6},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int third = (rows[i].size + 2) / 3;
        double chance = failure(2000, rows[i].bad, rows[i].size, third);
        ck_assert_msg(fabs(chance / rows[i].chance - 1) < 0.03, "size %d: %g", rows[i].size,
                      chance);
    }
    ck_assert(fabs(failure(2000, 500, 60, 30) / 2.0e-5 - 1) < 0.03); /* at one half */
    ck_assert(fabs(failure(2000, 500, 100, 50) / 2.8e-8 - 1) < 0.03);
    /* checks.md 5.7, committees that fail above (m - 1) / 3. */
    ck_assert(fabs(failure(1000, 250, 50, 17) / 9.2686e-2 - 1) < 1e-4);
    ck_assert(fabs(failure(1000, 250, 100, 34) / 2.1436e-2 - 1) < 1e-4);
    ck_assert(fabs(failure(1000, 333, 100, 34) / 0.47819 - 1) < 1e-4);
}
END_TEST

/* SH-3: so often the deal puts a third of Byzantine nodes into one shard, over many beacons. */
START_TEST(dealt_shards_fail_as_often) {
    enum { NODES = 1000, BAD = 250, SIZE = 50, DEALS = 4000 };
    static node_id nodes[NODES];
    uint32_t failed = 0, first[NODES] = {0};
    for (uint64_t deal = 0; deal < DEALS; deal++) {
        struct digest beacon = {{0}};
        memcpy(beacon.bytes, &deal, sizeof deal);
        for (node_id i = 0; i < NODES; i++)
            nodes[i] = i; /* the first BAD of them are Byzantine */
        shard_deal(&beacon, nodes, NODES);
        first[nodes[0]]++;
        int bad = 0;
        for (int i = 0; i < SIZE; i++) /* one shard a deal: deals are independent */
            bad += nodes[i] < BAD;
        failed += bad >= 17;
    }
    double exact = failure(NODES, BAD, SIZE, 17);
    ck_assert(fabs((double)failed / DEALS - exact) < 4 * sqrt(exact * (1 - exact) / DEALS));
    for (int i = 0; i < NODES; i++)
        ck_assert_uint_lt(first[i], 25); /* mean 4 */
}
END_TEST

START_TEST(a_deal_is_a_permutation_and_repeatable) {
    static node_id once[300], again[300], other[300];
    struct digest beacon = {{7}}, another = {{8}};
    bool seen[300] = {false};
    for (node_id i = 0; i < 300; i++)
        once[i] = again[i] = other[i] = i;
    shard_deal(&beacon, once, 300);
    shard_deal(&beacon, again, 300);
    shard_deal(&another, other, 300);
    ck_assert_mem_eq(once, again, sizeof once);
    ck_assert_mem_ne(once, other, sizeof once);
    for (int i = 0; i < 300; i++) {
        ck_assert(!seen[once[i]]); /* nobody sits in two shards */
        seen[once[i]] = true;
    }
}
END_TEST

Suite *assignment_suite(void) {
    Suite *suite = suite_create("assignment");
    TCase *tests = tcase_create("assignment");
    tcase_add_test(tests, accounts_spread_evenly);
    tcase_add_test(tests, one_shard_more_moves_its_share);
    tcase_add_test(tests, share_that_crosses_shards);
    tcase_add_test(tests, failure_of_a_random_shard);
    tcase_add_test(tests, dealt_shards_fail_as_often);
    tcase_add_test(tests, a_deal_is_a_permutation_and_repeatable);
    suite_add_tcase(suite, tests);
    return suite;
}
