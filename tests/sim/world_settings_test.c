/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the world settles before a run: whom clocks ask, how wrong they are, how long the overlay waits. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/small_world.h"

#define BASE                                                                                       \
    "schema: 1\nduration: 3 s\nwarmup: 0 s\nplaces: [{id: komatsu, nodes: 200}, {id: tokyo, "      \
    "nodes: 20}]\n"                                                                                \
    "city: {committee: 4, consensus: pbft}\n"                                                      \
    "continent: {committee: 7, consensus: pbft,\n"                                                 \
    "            places: [mumbai, singapore, seoul, sydney, tokyo, osaka, hong-kong]}\n"           \
    "pipeline: {candidates: 8, holders: 5, pieces: 5, needed: 3, acks: 4}\n"

static void open_world(struct small_world *small, const char *keys) {
    char yaml[1024];
    snprintf(yaml, sizeof yaml, "%s%s\n", BASE, keys);
    *small = (struct small_world){0};
    small_world_open(small, yaml, 1);
}

static time_ns delay_to(const struct world *world, uint32_t place, node_id node) {
    return world_base(world, place, world->place_of[node]);
}

/* Nearer ones first, and none that is left out is nearer than one that is asked. */
START_TEST(the_nearest_servers_are_asked) {
    struct small_world small;
    open_world(&small, "clock: {sync: ntp}\nnetwork: {latency: aws}");
    const struct world *world = &small.world;
    for (uint32_t place = 0; place < world->place_count; place++) {
        const struct discipline_config *client = &world->clocks.places[place].client;
        size_t nearer = 0;
        ck_assert_uint_eq(client->peer_count, NTP_CLIENT_SERVERS);
        time_ns last = delay_to(world, place, client->peers[NTP_CLIENT_SERVERS - 1]);
        for (uint32_t i = 1; i < client->peer_count; i++)
            ck_assert_int_le(delay_to(world, place, client->peers[i - 1]),
                             delay_to(world, place, client->peers[i]));
        for (uint32_t i = 0; i < world->representative_count; i++)
            nearer += delay_to(world, place, world->representatives[i]) < last;
        ck_assert_uint_lt(nearer, NTP_CLIENT_SERVERS);
    }
    small_world_close(&small);
}
END_TEST

START_TEST(full_nodes_have_larger_machines) {
    struct small_world small;
    open_world(&small, "");
    for (node_id node = 0; node < small.world.node_count; node++)
        ck_assert_uint_eq(small.world.cores[node],
                          strcmp(small.world.roles[node], "user") == 0 ? 4 : 8);
    ck_assert(world_work(&small.world) == NULL);
    small_world_close(&small);
    open_world(&small, "cpu: {cores: 3}");
    for (node_id node = 0; node < small.world.node_count; node++)
        ck_assert_uint_eq(small.world.cores[node], 3);
    small_world_close(&small);
}
END_TEST

/* Each node has a stream for its cores and one for its disk: a record more shifts no other cost. */
START_TEST(costs_are_drawn_from_streams_of_their_own) {
    struct small_world small;
    time_ns costs[4], sum = 0;
    for (int again = 0; again < 2; again++) {
        open_world(&small, "cpu: {spread: exponential, costs: {sign: 1 ms, persist: 2 ms}}");
        world_work_function *work = world_work(&small.world);
        ck_assert_ptr_nonnull(work);
        for (node_id node = 0; node < 4; node++) {
            if (again == 1)
                ck_assert_int_gt(work(&small.world, node, WORK_PERSIST, 1), 0);
            time_ns cost = work(&small.world, node, WORK_SIGN, 1);
            ck_assert(again == 0 || cost == costs[node]);
            ck_assert(node == 0 || cost != costs[node - 1]);
            costs[node] = cost;
        }
        for (int i = 0; i < 10000; i++)
            sum += work(&small.world, 1, WORK_PERSIST, 1);
        small_world_close(&small);
    }
    ck_assert_int_gt(sum / 20000, 1900 * NS_PER_US);
    ck_assert_int_lt(sum / 20000, 2100 * NS_PER_US);
}
END_TEST

/* A representative where there is one, and all others of the place hear it. */
START_TEST(a_place_has_one_master) {
    struct small_world small;
    open_world(&small, "clock: {sync: ptp}");
    const struct world *world = &small.world;
    for (uint32_t at = 0; at < world->place_count; at++) {
        const struct world_place *place = &world->places[at];
        const struct clock_place *clocks = &world->clocks.places[at];
        node_id master = clocks->servers[0];
        ck_assert_uint_eq(master,
                          place->representatives > 0 ? place->first + place->users : place->first);
        ck_assert_uint_eq(clocks->server.peer_count, place->users + place->representatives - 1);
        ck_assert_ptr_eq(world_discipline(world, master), &clocks->server);
    }
    small_world_close(&small);
}
END_TEST

/* Uniform between both bounds: of 220 the largest is beyond 95 % of the bound on either side. */
START_TEST(clocks_err_to_both_sides) {
    struct small_world small;
    open_world(&small, "clock: {offset: 100 ms}");
    const struct world *world = &small.world;
    time_ns least = 0, most = 0;
    for (node_id node = 0; node < world->node_count; node++) {
        time_ns error = world_clock(world, node, 0) - WORLD_EPOCH;
        least = error < least ? error : least;
        most = error > most ? error : most;
    }
    ck_assert_int_ge(least, -100 * NS_PER_MS);
    ck_assert_int_lt(least, -95 * NS_PER_MS);
    ck_assert_int_le(most, 100 * NS_PER_MS);
    ck_assert_int_gt(most, 95 * NS_PER_MS);
    time_ns before = world_clock(world, 3, NS_PER_S), other = world_clock(world, 4, NS_PER_S);
    world_clock_step(&small.world, 3, 300 * NS_PER_MS);
    ck_assert_int_eq(world_clock(world, 3, NS_PER_S), before + 300 * NS_PER_MS);
    ck_assert_int_eq(world_clock(world, 4, NS_PER_S), other);
    small_world_close(&small);
}
END_TEST

/* 15 full nodes, 60 ms apart: 4 d, the diameter of 2 + 2 hops times d, 3 d. What the scenario says
 * goes first. */
START_TEST(the_overlay_waits_for_the_longest_delay) {
    struct small_world small;
    open_world(&small, "network: {latency: uniform, delay: 60 ms, jitter: none}");
    ck_assert_int_eq(small.world.announce.request_timeout, 240 * NS_PER_MS);
    ck_assert_int_eq(small.world.announce.missing_timeout, 4 * 60 * NS_PER_MS);
    ck_assert_int_eq(small.world.announce.graft_timeout, 180 * NS_PER_MS);
    small_world_close(&small);
    open_world(&small, "network: {latency: uniform, delay: 60 ms, jitter: none}\n"
                       "overlay: {timeout: 1 s, missing: 2 s, graft: 3 s}");
    ck_assert_int_eq(small.world.announce.request_timeout, NS_PER_S);
    ck_assert_int_eq(small.world.announce.missing_timeout, 2 * NS_PER_S);
    ck_assert_int_eq(small.world.announce.graft_timeout, 3 * NS_PER_S);
    small_world_close(&small);
}
END_TEST

Suite *world_settings_suite(void) {
    Suite *suite = suite_create("world_settings");
    TCase *tcase = tcase_create("world_settings");
    tcase_set_timeout(tcase, 30);
    tcase_add_test(tcase, the_nearest_servers_are_asked);
    tcase_add_test(tcase, full_nodes_have_larger_machines);
    tcase_add_test(tcase, costs_are_drawn_from_streams_of_their_own);
    tcase_add_test(tcase, a_place_has_one_master);
    tcase_add_test(tcase, clocks_err_to_both_sides);
    tcase_add_test(tcase, the_overlay_waits_for_the_longest_delay);
    suite_add_tcase(suite, tcase);
    return suite;
}
