/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The order of representatives, and that scenario's choice of leaders reaches the chains. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "models/places.h"
#include "sim/scenario/keys.h"
#include "tests/lib/small_world.h"
#include "tier/chain.h"

#define PLACES "[tokyo, mumbai, komatsu]"

static void open_continent(struct small_world *small, uint32_t members, const char *places,
                           const char *keys) {
    char yaml[640];
    snprintf(yaml, sizeof yaml,
             "schema: 1\n"
             "places: [{id: komatsu, nodes: 16}]\n"
             "city: {committee: 4, consensus: pbft}\n"
             "continent: {committee: %u, places: %s%s}\n"
             "pipeline: {candidates: 8, holders: 5, pieces: 5, needed: 3, acks: 4}\n"
             "network: {latency: uniform, delay: 5 ms, jitter: none}\n"
             "cpu: {table: zero}\n"
             "overlay: {use: off}\n",
             members, places, keys);
    small_world_open(small, yaml, 1);
}

static void assert_places(const struct world *world, const char *const *expected, size_t count) {
    ck_assert_uint_eq(world->representative_count, count);
    for (size_t i = 0; i < count; i++) {
        node_id node = world->representatives[i];
        ck_assert_str_eq(world->places[world->place_of[node]].id, expected[i]);
        ck_assert_str_eq(world->roles[node], "representative");
        for (size_t k = 0; k < i; k++)
            ck_assert_uint_ne(world->representatives[k], node);
    }
    ck_assert_ptr_eq(world->continent.chain.committee.members, world->representatives);
}

/* Places take turns, whatever the order in which nodes are numbered: komatsu, a city, comes first
 * there. A place that is named twice has two turns. */
START_TEST(places_take_turns) {
    static const char *const seven[] = {"tokyo",  "mumbai",  "komatsu", "tokyo",
                                        "mumbai", "komatsu", "tokyo"};
    static const char *const twice[] = {"mumbai", "tokyo", "mumbai", "mumbai", "tokyo"};
    struct small_world small = {0};
    open_continent(&small, 7, PLACES, "");
    assert_places(&small.world, seven, 7);
    small_world_close(&small);
    small = (struct small_world){0};
    open_continent(&small, 5, "[mumbai, tokyo, mumbai]", "");
    assert_places(&small.world, twice, 5);
    small_world_close(&small);
}
END_TEST

struct seen {
    struct small_world *small;
    uint64_t proposals[2]; /* city, continent */
    bool wrong;
};

static void note(void *context, const struct trace_record *record) {
    struct seen *seen = context;
    const struct world *world = &seen->small->world;
    if (record->point != TRACE_PROPOSED)
        return;
    bool continent = record->a >> 60 == TIER_CHAIN_CONTINENT;
    const struct chain_config *chain =
        continent ? &world->continent.chain : &world->cities[0].committee.chain;
    const struct committee *committee = &chain->committee;
    uint64_t view = record->a & UINT64_C(0xffffffffffff);
    uint64_t turn = strcmp(chain->consensus->name, "pbft") == 0 ? view : view - 1;
    uint32_t member = leaders_member(&chain->leaders, committee->count, turn);
    seen->proposals[continent]++;
    seen->wrong |= committee->members[member] != record->node;
}

START_TEST(the_scenario_chooses) {
    static const char *const names[] = {"round-robin", "random", "sticky"};
    struct small_world small = {0};
    struct seen seen = {.small = &small};
    char keys[160];
    snprintf(keys, sizeof keys, ", consensus: hotstuff, leaders: %s", names[_i]);
    small.trace = note;
    small.context = &seen;
    open_continent(&small, 7, PLACES, keys);
    ck_assert_uint_eq(small.world.continent.chain.leaders.rule, leaders_find(names[_i]));
    small.world.cities[0].committee.chain.leaders.rule = LEADERS_ROUND_ROBIN; /* pbft's own */
    small_world_submit(&small, 10, 400, 100 * NS_PER_MS);
    small_world_run(&small, 3 * NS_PER_S);
    ck_assert_uint_gt(seen.proposals[0], 5);
    ck_assert_uint_gt(seen.proposals[1], 20);
    ck_assert(!seen.wrong);
    small_world_close(&small);
}
END_TEST

/* A city's order is its own: not the continent's, nor another seed's. */
START_TEST(each_committee_has_a_seed) {
    struct small_world small = {0};
    open_continent(&small, 4, "[tokyo, mumbai]",
                   ", consensus: hotstuff, leaders: random}\nx-: {a: 1");
    uint64_t seed = small.world.continent.chain.leaders.seed;
    ck_assert_uint_ne(seed, small.world.cities[0].committee.chain.leaders.seed);
    small_world_close(&small);
}
END_TEST

Suite *world_leaders_suite(void) {
    Suite *suite = suite_create("world_leaders");
    TCase *tcase = tcase_create("world_leaders");
    tcase_set_timeout(tcase, 30);
    tcase_add_test(tcase, places_take_turns);
    tcase_add_loop_test(tcase, the_scenario_chooses, 0, 3);
    tcase_add_test(tcase, each_committee_has_a_seed);
    suite_add_tcase(suite, tcase);
    return suite;
}
