/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Who leads when: the rules as functions, and every variant following each rule that it says it can. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "sim/assembly/assembly.h"

#define DELTA (10 * NS_PER_MS)

static uint32_t leader(enum leaders_rule rule, uint64_t seed, uint32_t count, uint64_t turn) {
    const struct leaders leaders = {rule, seed};
    return leaders_member(&leaders, count, turn);
}

START_TEST(names_are_found) {
    for (unsigned rule = LEADERS_OWN + 1; rule < LEADERS_RULES; rule++)
        ck_assert_uint_eq(leaders_find(leaders_name((enum leaders_rule)rule)), rule);
    ck_assert_uint_eq(leaders_find(NULL), LEADERS_OWN);
    ck_assert_uint_eq(leaders_find("robin"), LEADERS_RULES);
}
END_TEST

START_TEST(turns_and_terms) {
    for (uint32_t n = 1; n <= 20; n++)
        for (uint64_t turn = 0; turn < 200; turn++) {
            ck_assert_uint_eq(leader(LEADERS_ROUND_ROBIN, 1, n, turn), turn % n);
            ck_assert_uint_eq(leader(LEADERS_STICKY, 1, n, turn), turn / 4 % n);
        }
}
END_TEST

/* In each round of n turns each member leads once. */
START_TEST(random_order_is_fair) {
    for (uint32_t n = 1; n <= 130; n++)
        for (uint64_t round = 0; round < 5; round++) {
            bool led[130] = {false};
            for (uint32_t i = 0; i < n; i++) {
                uint32_t member = leader(LEADERS_RANDOM, 7, n, round * n + i);
                ck_assert_uint_lt(member, n);
                ck_assert(!led[member]);
                led[member] = true;
            }
        }
}
END_TEST

/* Every pair of turns of one round has all n (n - 1) pairs of members equally often: 100,000 rounds,
 * and each count within 5.5 standard deviations (42 pairs of 21 pairs of turns, and both orders). */
START_TEST(random_order_is_uniform) {
    enum { N = 7, ROUNDS = 100000 };
    static uint32_t seen[N][N][N][N];
    memset(seen, 0, sizeof seen);
    for (uint64_t round = 0; round < ROUNDS; round++) {
        uint32_t order[N];
        for (uint32_t i = 0; i < N; i++)
            order[i] = leader(LEADERS_RANDOM, 5, N, round * N + i);
        for (uint32_t i = 0; i < N; i++)
            for (uint32_t k = 0; k < i; k++)
                seen[i][k][order[i]][order[k]]++;
    }
    double mean = ROUNDS / (double)(N * (N - 1));
    for (uint32_t i = 0; i < N; i++)
        for (uint32_t k = 0; k < i; k++)
            for (uint32_t a = 0; a < N; a++)
                for (uint32_t b = 0; b < N; b++)
                    if (a != b) {
                        double off = seen[i][k][a][b] - mean;
                        ck_assert_double_lt(off * off, 5.5 * 5.5 * mean);
                    }
}
END_TEST

START_TEST(the_seed_decides) {
    uint32_t same = 0;
    for (uint64_t turn = 0; turn < 1000; turn++) {
        ck_assert_uint_eq(leader(LEADERS_RANDOM, 3, 10, turn), leader(LEADERS_RANDOM, 3, 10, turn));
        same += leader(LEADERS_RANDOM, 3, 10, turn) == leader(LEADERS_RANDOM, 4, 10, turn);
    }
    ck_assert_uint_gt(same, 50); /* a tenth, by chance */
    ck_assert_uint_lt(same, 150);
}
END_TEST

struct seen {
    struct committee committee;
    struct leaders leaders;
    uint64_t first; /* the first view's number */
    uint64_t proposals;
    bool wrong;
};

static void note(void *context, const struct trace_record *record) {
    struct seen *seen = context;
    if (record->point != TRACE_PROPOSED)
        return;
    uint64_t turn = (record->a & UINT64_C(0xffffffffffff)) - seen->first;
    seen->wrong |= leaders_member(&seen->leaders, seen->committee.count, turn) != record->node;
    seen->proposals++;
}

/* With a silent member too: what is proposed comes from the member whose turn it is. */
START_TEST(variants_follow_what_they_offer) {
    const struct consensus_ops *ops = consensus_at((size_t)_i);
    ck_assert(consensus_follows(ops, LEADERS_OWN));
    for (unsigned rule = LEADERS_OWN + 1; rule < LEADERS_RULES; rule++) {
        if (!consensus_follows(ops, (enum leaders_rule)rule))
            continue;
        struct seen seen = {.leaders = {(enum leaders_rule)rule, 11},
                            .first = strcmp(ops->name, "pbft") == 0 ? 0 : 1};
        const struct assembly_config config = {.ops = ops,
                                               .count = 7,
                                               .delay = DELTA,
                                               .view_timeout = 20 * DELTA,
                                               .leaders = seen.leaders,
                                               .trace = note,
                                               .context = &seen};
        struct assembly *assembly = assembly_new(&config);
        seen.committee = assembly_committee(assembly);
        assembly_submit(assembly, NS_PER_S, 20);
        assembly_run(assembly, 2 * NS_PER_S);
        assembly_crash(assembly, leaders_member(&seen.leaders, 7, 0));
        assembly_submit(assembly, 2 * NS_PER_S, 20);
        assembly_run(assembly, 200 * NS_PER_S);
        ck_assert_uint_eq(assembly_decided(assembly), 40);
        ck_assert_uint_gt(seen.proposals, 2);
        ck_assert_msg(!seen.wrong, "%s, %s", ops->name, leaders_name((enum leaders_rule)rule));
        ck_assert_ptr_null(assembly_violation(assembly));
        assembly_free(assembly);
    }
}
END_TEST

static uint64_t decided_with_one_silent(enum leaders_rule rule) {
    const struct assembly_config config = {.ops = consensus_find("hotstuff"),
                                           .count = 4,
                                           .delay = DELTA,
                                           .view_timeout = 20 * DELTA,
                                           .leaders = {rule, 11}};
    struct assembly *assembly = assembly_new(&config);
    assembly_run(assembly, NS_PER_S);
    assembly_crash(assembly, 2);
    assembly_submit(assembly, NS_PER_S, 10);
    assembly_run(assembly, 300 * NS_PER_S);
    uint64_t decided = assembly_decided(assembly);
    assembly_free(assembly);
    return decided;
}

/* Four correct leaders in a row: never in turns, now and then at random, always with terms. */
START_TEST(four_members_and_a_silent_one) {
    ck_assert_uint_eq(decided_with_one_silent(LEADERS_ROUND_ROBIN), 0);
    ck_assert_uint_eq(decided_with_one_silent(LEADERS_RANDOM), 10);
    ck_assert_uint_eq(decided_with_one_silent(LEADERS_STICKY), 10);
}
END_TEST

START_TEST(what_a_variant_cannot_follow) {
    ck_assert(!consensus_follows(consensus_find("pbft"), LEADERS_STICKY));
    ck_assert(!consensus_follows(consensus_find("hotstuff-sticky"), LEADERS_ROUND_ROBIN));
    ck_assert(!consensus_follows(consensus_find("honeybadger"), LEADERS_ROUND_ROBIN));
}
END_TEST

Suite *leaders_suite(void) {
    Suite *suite = suite_create("leaders");
    TCase *tcase = tcase_create("leaders");
    int variants = 0;
    while (consensus_at((size_t)variants) != NULL)
        variants++;
    tcase_set_timeout(tcase, 30);
    tcase_add_test(tcase, names_are_found);
    tcase_add_test(tcase, turns_and_terms);
    tcase_add_test(tcase, random_order_is_fair);
    tcase_add_test(tcase, random_order_is_uniform);
    tcase_add_test(tcase, the_seed_decides);
    tcase_add_loop_test(tcase, variants_follow_what_they_offer, 0, variants);
    tcase_add_test(tcase, four_members_and_a_silent_one);
    tcase_add_test(tcase, what_a_variant_cannot_follow);
    suite_add_tcase(suite, tcase);
    return suite;
}
