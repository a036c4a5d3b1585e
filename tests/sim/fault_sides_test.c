/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whom a choice of nodes means: two cities of 8 nodes and four representatives in Tokyo, so nodes
 * 0 to 7 live in Komatsu, 8 to 15 in Osaka, 16 to 19 in Tokyo. */
#include <check.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "models/places.h"
#include "sim/run/faults.h"

#define NODES 20

/* One letter a node: its side or, for a loss, its mark; '.' for none. */
struct sides {
    const char *fault;
    const char *marks; /* NULL: the scenario is refused */
};

static const struct sides cases[] = {
    /* Index ranges of different sets that are disjoint are no error. */
    {"kind: partition, groups: [{index: 0..3}, {place: osaka, index: 0..1}]",
     "1111....22.........."},
    {"kind: partition, groups: [{place: komatsu, index: 0..1}, {place: komatsu, index: 2..3}]",
     "1122................"},
    {"kind: partition, groups: [{place: tokyo, index: 0}, {tier: continent, index: 1..3}]",
     "................1222"},
    {"kind: partition, groups: [{index: 0..3}, {place: komatsu, index: 3..5}]", NULL},
    {"kind: partition, groups: [{place: tokyo, index: 0}, {tier: continent, index: 0..3}]", NULL},
    {"kind: partition, groups: [{index: 15..16}, {tier: continent, index: 0}]", NULL},
    {"kind: partition, groups: [{tier: city, index: 0..4}, {tier: city, place: osaka}]", NULL},
    {"kind: partition, groups: [osaka, {tier: city, place: osaka, index: 0}]", NULL},
    /* Unions, and everybody else. */
    {"kind: partition, groups: [[komatsu, {tier: continent, index: 3}], osaka]",
     "1111111122222222...1"},
    {"kind: partition, groups: [rest, komatsu, [{index: 8}, {index: 10}]]", "22222222313111111111"},
    {"kind: partition, isolate: komatsu", "11111111222222222222"},
    {"kind: partition, isolate: [tokyo, {index: 4}]", "22221222222222221111"},
    {"kind: partition, groups: [{share: 100 %, place: osaka}, rest]", "22222222111111112222"},
    /* Losses. */
    {"kind: loss, rate: 1 %", "44444444444444444444"},
    {"kind: loss, rate: 1 %, nodes: [{index: 1}, {index: 3}]", ".4.4................"},
    {"kind: loss, rate: 1 %, from: komatsu", "33333333222222222222"},
    {"kind: loss, rate: 1 %, from: komatsu, to: [{index: 7..8}]", "111111132..........."},
    {"kind: slow, factor: 2, nodes: osaka", "........44444444...."},
};

/* ERR_INVALID when the scenario is refused. Close with close_scenario after OK. */
static int open_scenario(const char *fault, uint64_t seed, struct scenario *scenario,
                         struct world *world) {
    char text[1024];
    struct diagnostics diagnostics;
    const struct scenario_options options = {.place_at = places_name_at};
    int size = snprintf(text, sizeof text,
                        "schema: 1\nplaces: [{id: komatsu, nodes: 8}, {id: osaka, nodes: 8}]\n"
                        "city: {committee: 4}\ncontinent: {committee: 4, places: [tokyo]}\n"
                        "pipeline: {candidates: 5, holders: 5, pieces: 5, needed: 3, acks: 4}\n"
                        "faults: [{at: 1 s, %s}]\n",
                        fault);
    ck_assert_int_ge(sodium_init(), 0);
    int error = scenario_load_text(scenario, "t", text, (size_t)size, &options, &diagnostics);
    if (error != OK) {
        ck_assert_uint_eq(diagnostics.count, 1);
        return error;
    }
    ck_assert_int_eq(world_init(world, scenario, seed), OK);
    ck_assert_uint_eq(world->node_count, NODES);
    return OK;
}

static void close_scenario(struct scenario *scenario, struct world *world) {
    world_deinit(world);
    scenario_deinit(scenario);
}

START_TEST(a_choice_means_these_nodes) {
    struct scenario scenario;
    struct world world;
    struct faults faults;
    int error = open_scenario(cases[_i].fault, 1, &scenario, &world);
    ck_assert_msg(error == (cases[_i].marks == NULL ? ERR_INVALID : OK), "%s", cases[_i].fault);
    if (error != OK)
        return;
    ck_assert_int_eq(faults_init(&faults, &world), OK);
    for (node_id node = 0; node < NODES; node++) {
        char mark = cases[_i].marks[node];
        ck_assert_msg(faults.list[0].marks[node] == (mark == '.' ? 0 : mark - '0'), "%s: node %u",
                      cases[_i].fault, node);
    }
    faults_deinit(&faults);
    close_scenario(&scenario, &world);
}
END_TEST

/* What was printed while faults_init looked. */
static int init_and_read(struct faults *faults, const struct world *world, char text[256]) {
    FILE *file = tmpfile();
    ck_assert_ptr_nonnull(file);
    int kept = dup(STDERR_FILENO);
    fflush(stderr);
    dup2(fileno(file), STDERR_FILENO);
    int error = faults_init(faults, world);
    fflush(stderr);
    dup2(kept, STDERR_FILENO);
    close(kept);
    rewind(file);
    text[fread(text, 1, 255, file)] = '\0';
    fclose(file);
    return error;
}

/* Only the draw says whether the city's first nodes sit on its committee. */
START_TEST(who_is_drawn_shows_in_the_world) {
    size_t refused = 0;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct scenario scenario;
        struct world world;
        struct faults faults;
        char text[256];
        bool shared = false;
        ck_assert_int_eq(open_scenario("kind: partition, groups: [{place: komatsu, index: 0..2}, "
                                       "{tier: city, place: komatsu}]",
                                       seed, &scenario, &world),
                         OK);
        for (node_id node = 0; node <= 2; node++)
            shared |= strcmp(world.roles[node], "committee") == 0;
        ck_assert_int_eq(init_and_read(&faults, &world, text), shared ? ERR_INVALID : OK);
        ck_assert_int_eq(strncmp(text, "t:6:77: error: with seed ", 25) == 0, shared);
        refused += shared;
        faults_deinit(&faults);
        close_scenario(&scenario, &world);
    }
    ck_assert_uint_gt(refused, 0);
    ck_assert_uint_lt(refused, 20);
}
END_TEST

/* A random share, and the rest: all are on one of both sides, by the seed. */
START_TEST(a_share_is_drawn_from_the_seed) {
    char marks[2][NODES];
    size_t first = 0;
    for (uint64_t seed = 0; seed < 10; seed++) {
        struct scenario scenario;
        struct world world;
        struct faults faults;
        ck_assert_int_eq(open_scenario("kind: partition, groups: [{share: 50 %}, rest]", seed,
                                       &scenario, &world),
                         OK);
        ck_assert_int_eq(faults_init(&faults, &world), OK);
        for (node_id node = 0; node < NODES; node++) {
            marks[seed % 2][node] = (char)faults.list[0].marks[node];
            ck_assert(marks[seed % 2][node] == 1 || marks[seed % 2][node] == 2);
            first += marks[seed % 2][node] == 1;
        }
        faults_deinit(&faults);
        close_scenario(&scenario, &world);
    }
    ck_assert(memcmp(marks[0], marks[1], NODES) != 0);
    ck_assert_uint_gt(first, 60); /* of 200; 99.9999 % lie between 65 and 135 */
    ck_assert_uint_lt(first, 140);
}
END_TEST

Suite *fault_sides_suite(void) {
    Suite *suite = suite_create("fault_sides");
    TCase *tcase = tcase_create("fault_sides");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, a_choice_means_these_nodes, 0, ARRAY_LEN(cases));
    tcase_add_test(tcase, who_is_drawn_shows_in_the_world);
    tcase_add_test(tcase, a_share_is_drawn_from_the_seed);
    suite_add_tcase(suite, tcase);
    return suite;
}
