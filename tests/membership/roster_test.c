/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Shared lists say what lists of one's own would say, and nodes that have the same share one. */
#include "membership/roster.h"

#include <check.h>
#include <string.h>

#include "base/rng.h"

#define NODES   40
#define HOLDERS 8 /* of lists */

static struct roster_change some_change(struct rng *rng) {
    const node_id node = (node_id)rng_below(rng, NODES);
    return (struct roster_change){{node, (uint32_t)rng_below(rng, 3), {(int32_t)node, -1}},
                                  rng_chance(rng, 2, 3)};
}

static bool equal(const struct presence *a, const struct presence *b) {
    return a->count == b->count &&
           (a->count == 0 || memcmp(a->entries, b->entries, a->count * sizeof *a->entries) == 0);
}

/* Holders change their lists at random; each is compared with a list that is its holder's alone. */
START_TEST(agree_with_lists_of_ones_own) {
    struct roster_pool *pool = roster_pool_new();
    struct presence own[HOLDERS];
    struct roster *shared[HOLDERS];
    struct rng rng;
    rng_init(&rng, 1, 0, "roster");
    for (size_t i = 0; i < HOLDERS; i++) {
        presence_init(&own[i]);
        shared[i] = roster_of(pool, &own[i]);
    }
    ck_assert_uint_eq(roster_pool_count(pool), 1);
    for (int round = 0; round < 5000; round++) {
        const size_t holder = rng_below(&rng, HOLDERS);
        struct roster_changes changes = {0};
        for (uint64_t i = rng_below(&rng, 6); i > 0; i--) {
            const struct roster_change change = some_change(&rng);
            roster_changes_put(&changes, &change);
            if (change.present)
                presence_login(&own[holder], &change.entry);
            else
                presence_logout(&own[holder], change.entry.node);
        }
        for (size_t i = 1; i < changes.count; i++)
            ck_assert_uint_lt(changes.list[i - 1].entry.node, changes.list[i].entry.node);
        struct roster *next = roster_changed(shared[holder], &changes);
        roster_unref(shared[holder]);
        shared[holder] = next;
        roster_changes_deinit(&changes);
        for (size_t i = 0; i < HOLDERS; i++)
            ck_assert(equal(&own[i], &shared[i]->presence));
        struct roster *same = roster_of(pool, &own[holder]);
        ck_assert_ptr_eq(same, shared[holder]);
        roster_unref(same);
        for (size_t i = 0; i < HOLDERS; i++)
            ck_assert_int_eq(shared[i] == shared[holder], equal(&own[i], &own[holder]));
    }
    for (size_t i = 0; i < HOLDERS; i++) {
        ck_assert_uint_ge(roster_pool_count(pool), 1);
        roster_unref(shared[i]);
        presence_deinit(&own[i]);
    }
    ck_assert_uint_eq(roster_pool_count(pool), 0);
    roster_pool_free(pool);
}
END_TEST

Suite *roster_suite(void) {
    Suite *suite = suite_create("roster");
    TCase *tests = tcase_create("roster");
    tcase_add_test(tests, agree_with_lists_of_ones_own);
    suite_add_tcase(suite, tests);
    return suite;
}
