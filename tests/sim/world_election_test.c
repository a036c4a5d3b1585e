/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The committees of a built world: elected, drawn, and the same each time. */
#include <check.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "models/places.h"
#include "sim/world/world.h"

#define USERS     200
#define COMMITTEE 7

struct fixture {
    struct scenario scenario;
    struct world world;
};

static void open_fixture(struct fixture *fixture, const char *keys, uint64_t seed) {
    char text[512];
    struct diagnostics diagnostics;
    const struct scenario_options options = {.place_at = places_name_at};
    int size = snprintf(text, sizeof text,
                        "schema: 1\n"
                        "places: [{id: komatsu, nodes: %d}, {id: osaka, nodes: %d}]\n%s\n",
                        USERS, USERS, keys);
    ck_assert_int_ge(sodium_init(), 0);
    ck_assert_int_eq(
        scenario_load_text(&fixture->scenario, "test", text, (size_t)size, &options, &diagnostics),
        0);
    ck_assert_int_eq(world_init(&fixture->world, &fixture->scenario, seed), 0);
}

static void close_fixture(struct fixture *fixture) {
    world_deinit(&fixture->world);
    scenario_deinit(&fixture->scenario);
}

START_TEST(members_are_distinct_users_of_their_city) {
    struct fixture fixture;
    open_fixture(&fixture, "", 1);
    for (uint32_t city = 0; city < 2; city++) {
        const struct committee *members = &fixture.world.city_committees[city];
        ck_assert_uint_eq(members->count, COMMITTEE);
        for (uint32_t i = 0; i < COMMITTEE; i++) {
            node_id member = members->members[i];
            ck_assert_uint_eq(committee_index(members, member), i);
            ck_assert_uint_eq(fixture.world.place_of[member], city);
            ck_assert_str_eq(fixture.world.roles[member], "committee");
        }
    }
    close_fixture(&fixture);
}
END_TEST

static size_t common_members(const char *keys_a, uint64_t seed_a, const char *keys_b,
                             uint64_t seed_b) {
    struct fixture a, b;
    size_t common = 0;
    open_fixture(&a, keys_a, seed_a);
    open_fixture(&b, keys_b, seed_b);
    for (uint32_t i = 0; i < COMMITTEE; i++)
        common += a.world.cities[0].members[i] == b.world.cities[0].members[i];
    close_fixture(&a);
    close_fixture(&b);
    return common;
}

START_TEST(the_seed_decides_and_nothing_else) {
    ck_assert_uint_eq(common_members("", 1, "", 1), COMMITTEE);
    ck_assert_uint_eq(common_members("crypto: {provider: real}", 1, "", 1), COMMITTEE);
    ck_assert_uint_lt(common_members("", 1, "", 2), COMMITTEE);
    ck_assert_uint_lt(common_members("", 1, "stake: pareto", 1), COMMITTEE);
    ck_assert_uint_lt(common_members("", 1, "city: {delegates: 7}", 1), COMMITTEE);
}
END_TEST

/* With as many delegates as places the draw only sets the order; with all users as delegates the
 * election does nothing. */
START_TEST(delegates_bound_the_draw) {
    struct fixture few, many;
    size_t same = 0;
    open_fixture(&few, "city: {delegates: 7}", 3);
    open_fixture(&many, "city: {delegates: 200}", 3);
    for (uint32_t i = 0; i < COMMITTEE; i++)
        same += committee_index(&many.world.city_committees[0], few.world.cities[0].members[i]) !=
                MEMBER_NONE;
    ck_assert_uint_lt(same, COMMITTEE);
    close_fixture(&few);
    close_fixture(&many);
}
END_TEST

Suite *world_election_suite(void) {
    Suite *suite = suite_create("world_election");
    TCase *tcase = tcase_create("world_election");
    tcase_set_timeout(tcase, 30);
    tcase_add_test(tcase, members_are_distinct_users_of_their_city);
    tcase_add_test(tcase, the_seed_decides_and_nothing_else);
    tcase_add_test(tcase, delegates_bound_the_draw);
    suite_add_tcase(suite, tcase);
    return suite;
}
