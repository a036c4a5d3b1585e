/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <check.h>

#include "base/rng.h"
#include "membership/presence.h"

#define NODES 300

/* Random logins, moves and logouts, compared with an array that is indexed by the node. */
START_TEST(agrees_with_an_array) {
    struct presence presence;
    struct rng rng;
    uint32_t area_of[NODES] = {0}; /* 0: absent */
    size_t present = 0;
    presence_init(&presence);
    rng_init(&rng, 1, 0, "presence");
    for (uint32_t round = 1; round <= 20000; round++) {
        node_id node = (node_id)rng_below(&rng, NODES);
        if (rng_chance(&rng, 1, 2)) {
            struct place_candidate entry = {.node = node, .area = round};
            presence_login(&presence, &entry);
            present += area_of[node] == 0;
            area_of[node] = round;
        } else {
            presence_logout(&presence, node);
            present -= area_of[node] != 0;
            area_of[node] = 0;
        }
        ck_assert_uint_eq(presence.count, present);
        node = (node_id)rng_below(&rng, NODES);
        const struct place_candidate *found = presence_find(&presence, node);
        ck_assert_uint_eq(found == NULL ? 0 : found->area, area_of[node]);
        if (found != NULL)
            ck_assert_uint_eq(found->node, node);
    }
    for (size_t i = 1; i < presence.count; i++)
        ck_assert_uint_lt(presence.entries[i - 1].node, presence.entries[i].node);
    presence_deinit(&presence);
}
END_TEST

START_TEST(an_empty_list_holds_nobody) {
    struct presence presence;
    presence_init(&presence);
    presence_logout(&presence, 0);
    ck_assert_ptr_null(presence_find(&presence, 0));
    ck_assert_uint_eq(presence.count, 0);
    presence_deinit(&presence);
}
END_TEST

Suite *presence_suite(void) {
    Suite *suite = suite_create("presence");
    TCase *tests = tcase_create("list");
    tcase_add_test(tests, agrees_with_an_array);
    tcase_add_test(tests, an_empty_list_holds_nobody);
    suite_add_tcase(suite, tests);
    return suite;
}
