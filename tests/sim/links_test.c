/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the world hands to the network has the models' statistics: bursts of losses, jitter, rates. */
#include <check.h>
#include <math.h>
#include <stdio.h>

#include "models/bandwidth.h"
#include "sim/driver/network.h"
#include "tests/lib/small_world.h"

#define BASE                                                                                       \
    "schema: 1\nduration: 1500 ms\nwarmup: 0 s\ndrain: 2 s\n"                                      \
    "places: [{id: tokyo, nodes: 16}]\n"                                                           \
    "city: {committee: 4, consensus: pbft}\n"                                                      \
    "continent: {committee: 4, places: [osaka, mumbai], consensus: pbft}\n"                        \
    "pipeline: {candidates: 8, holders: 5, pieces: 5, needed: 3, acks: 4}\n"                       \
    "overlay: {use: off}\n"

static void open_network(struct small_world *small, struct network *network, const char *keys) {
    char yaml[1024];
    snprintf(yaml, sizeof yaml, "%s%s\n", BASE, keys);
    small_world_open(small, yaml, 1);
    const struct network_config config = {
        .seed = 1,
        .node_count = small->world.node_count,
        .place_of = small->world.place_of,
        .place_count = small->world.place_count,
        .base = small->world.base,
        .pair_bps = small->world.pair_bps,
        .loss_ppm = world_independent_loss(&small->world),
        .models = {&small->world, world_path_offset, world_jitter, world_lost}};
    network_init(network, &config);
}

static void close_network(struct small_world *small, struct network *network) {
    network_deinit(network);
    small_world_close(small);
}

/* On each of three paths, whose messages alternate: the share that is lost, in runs of the burst's
 * length. The band is 3.29 standard deviations: the number of runs is nearly Poisson, and a run of
 * mean b has the variance b (b - 1). */
START_TEST(losses_come_in_bursts_on_each_path) {
    enum { MESSAGES = 300000, PATHS = 3 };
    static const node_id ends[PATHS][2] = {{0, 1}, {1, 0}, {2, 17}};
    struct small_world small = {0};
    struct network network;
    open_network(&small, &network, "network: {loss: 2 %, loss_model: bursts, burst: 5}");
    size_t lost[PATHS] = {0}, runs[PATHS] = {0};
    bool before[PATHS] = {false};
    for (size_t i = 0; i < MESSAGES; i++)
        for (size_t path = 0; path < PATHS; path++) {
            time_ns extra;
            bool now =
                network_fate(&network, ends[path][0], ends[path][1], 0, &extra) == NETWORK_LOST;
            lost[path] += now;
            runs[path] += now && !before[path];
            before[path] = now;
        }
    for (size_t path = 0; path < PATHS; path++) {
        double expected = 0.02 * MESSAGES / 5;
        ck_assert_double_le(fabs((double)runs[path] - expected), 3.29 * sqrt(expected));
        ck_assert_double_eq_tol((double)lost[path] / (double)runs[path], 5,
                                3.29 * sqrt(20 / expected));
    }
    close_network(&small, &network);
}
END_TEST

/* Half of a round trip's excess each way: 20 us inside a place, whose class has 40 us. */
START_TEST(jitter_reaches_the_network) {
    enum { MESSAGES = 200000 };
    static const char *const laws[] = {"none", "measured"};
    for (size_t law = 0; law < 2; law++) {
        struct small_world small = {0};
        struct network network;
        char keys[64];
        double sum = 0;
        snprintf(keys, sizeof keys, "network: {jitter: %s}", laws[law]);
        open_network(&small, &network, keys);
        time_ns offset = world_path_offset(&small.world, 0, 1);
        for (size_t i = 0; i < MESSAGES; i++) {
            time_ns extra;
            ck_assert_int_eq(network_fate(&network, 0, 1, 0, &extra), NETWORK_DELIVERED);
            sum += (double)(extra - offset);
        }
        ck_assert_double_le(fabs(sum / MESSAGES - (law == 0 ? 0 : 20e3)), law == 0 ? 0 : 400);
        ck_assert_int_eq(offset != 0, law == 1);
        close_network(&small, &network);
    }
}
END_TEST

/* A megabyte behind an interface without limit takes what the pair's rate says. */
START_TEST(rates_between_places) {
    static const char *const choices[] = {"uniform", "measured", "stream"};
    for (size_t choice = 0; choice < ARRAY_LEN(choices); choice++) {
        struct small_world small = {0};
        struct network network;
        struct bandwidth_model model;
        char keys[64];
        ck_assert_int_eq(bandwidth_init(&model), OK);
        snprintf(keys, sizeof keys, "network: {bandwidth: %s}", choices[choice]);
        open_network(&small, &network, keys);
        const struct world *world = &small.world;
        node_id osaka = world->representatives[0], mumbai = world->representatives[1];
        time_ns round_trip = world_base(world, 0, 2) + world_base(world, 2, 0);
        uint64_t measured = bandwidth_pair(&model, "ap-northeast-1", "ap-south-1");
        const uint64_t rates[] = {100000000000, measured, bandwidth_stream(round_trip)};
        ck_assert_uint_eq(measured, 3808000000); /* bw/aws_tcp.csv */
        ck_assert_str_eq(world->places[2].id, "mumbai");
        time_ns due = network_receive(&network, 0, mumbai, 1000000, NS_PER_S) - NS_PER_S;
        ck_assert_int_eq(due, (time_ns)ceil(8e15 / (double)rates[choice]));
        ck_assert_int_eq(
            network_receive(&network, osaka, world->representatives[2], 1000000, NS_PER_S),
            NS_PER_S); /* inside a place only interfaces limit */
        bandwidth_deinit(&model);
        close_network(&small, &network);
    }
}
END_TEST

Suite *links_suite(void) {
    Suite *suite = suite_create("links");
    TCase *tcase = tcase_create("links");
    tcase_add_test(tcase, losses_come_in_bursts_on_each_path);
    tcase_add_test(tcase, jitter_reaches_the_network);
    tcase_add_test(tcase, rates_between_places);
    suite_add_tcase(suite, tcase);
    return suite;
}
