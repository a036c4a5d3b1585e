/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * S1 follows a scenario's place multipliers: which places' nodes are asked to hold. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "tests/lib/small_world.h"

/* Fukui sends; Hiroshima is nearer to it than Fukuoka. Six nodes each. */
enum { FUKUI, HIROSHIMA, FUKUOKA, PLACES };

struct requests {
    const struct world *world;
    uint32_t to[PLACES];
};

static bool count_requests(void *context, node_id from, node_id to, const struct message *message) {
    struct requests *requests = context;
    if (message->type == MESSAGE_HOLD_REQUEST)
        requests->to[requests->world->place_of[to]]++;
    return false;
}

static const struct {
    const char *fukui, *hiroshima, *fukuoka;
    uint32_t asked[PLACES];
} cases[] = {
    {"1", "1", "1", {5, 5, 0}},          {"1", "1", "1.5", {5, 0, 5}},
    {"1", "0", "1", {5, 0, 5}},          {"1", "1.5", "1.5", {5, 5, 0}},
    {"1", "0.9", "1", {5, 0, 5}},        {"1", "1", "1.001", {5, 0, 5}},
    {"0.001", "1.1", "1.05", {0, 6, 4}}, {"1", "1", "1001", {4, 0, 6}},
};

START_TEST(events_decide_who_holds) {
    struct small_world small = {0};
    struct requests requests = {.world = &small.world};
    char yaml[1024];
    snprintf(yaml, sizeof yaml,
             "schema: 1\nduration: 1 s\nwarmup: 0 s\n"
             "places: [{id: fukui, nodes: 6, multiplier: %s},\n"
             "  {id: hiroshima, nodes: 6, multiplier: %s},\n"
             "  {id: fukuoka, nodes: 6, multiplier: %s}]\n"
             "city: {committee: 4}\ncontinent: {committee: 4, places: [tokyo]}\n"
             "pipeline: {candidates: 10}\n"
             "network: {latency: uniform, delay: 5 ms, local_delay: 1 ms}\n",
             cases[_i].fukui, cases[_i].hiroshima, cases[_i].fukuoka);
    small.lose = count_requests;
    small.context = &requests;
    small_world_open(&small, yaml, 3);
    small_world_submit(&small, 1, 500, NS_PER_MS);
    small_world_run(&small, NS_PER_S);
    ck_assert_uint_eq(small.points[TRACE_TX_DONE], 1);
    for (size_t place = 0; place < PLACES; place++)
        ck_assert_uint_eq(requests.to[place], cases[_i].asked[place]);
    small_world_close(&small);
}
END_TEST

Suite *place_events_suite(void) {
    Suite *suite = suite_create("place_events");
    TCase *tcase = tcase_create("place_events");
    tcase_add_loop_test(tcase, events_decide_who_holds, 0, ARRAY_LEN(cases));
    suite_add_tcase(suite, tcase);
    return suite;
}
