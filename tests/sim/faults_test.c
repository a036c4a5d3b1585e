/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Faults of a scenario in a run: one city of 16 nodes, its committee of 4, 5 ms between places. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "tests/lib/run_text.h"

static const char base[] = "schema: 1\nduration: 3 s\nwarmup: 500 ms\ndrain: 2 s\n"
                           "places: [{id: komatsu, nodes: 16}]\n"
                           "city: {committee: 4, consensus: pbft}\n"
                           "continent: {committee: 4, places: [tokyo], consensus: pbft}\n"
                           "pipeline: {candidates: 8, holders: 5, pieces: 5, needed: 3, acks: 4}\n"
                           "workload: {model: constant, rate: 20/s, size: 512 B}\n"
                           "network: {latency: uniform, delay: 5 ms, jitter: none}\n";

/* One counter of the base with these faults. Checks what holds of every run. */
static uint64_t count(const char *faults, const char *counter) {
    char yaml[2048];
    struct run_result result;
    snprintf(yaml, sizeof yaml, "%sfaults:\n%s", base, faults);
    run_text(yaml, &result);
    for (size_t i = 0; i < result.invariant_count; i++)
        ck_assert_msg(result.invariants[i].passed, "%s", result.invariants[i].name);
    uint64_t value = run_counter(&result, counter);
    run_result_free(&result);
    return value;
}

#define LONG "  - {at: 500 ms, until: 3 s, kind: loss, nodes: {tier: city}, rate: 30 %}\n"

/* Each run in a process of its own: SimGrid starts once. */
static uint64_t frames_lost(const char *faults) {
    return count(faults, "frames_lost");
}

START_TEST(the_end_of_a_short_loss_leaves_the_long_one) {
    uint64_t lost = frames_lost(
        LONG "  - {at: 1 s, until: 1010 ms, kind: loss, nodes: {tier: city}, rate: 40 %}\n");
    ck_assert_uint_gt(lost, 500); /* 87 when the short one ended both */
    ck_assert_uint_lt(lost, 900);
}
END_TEST

Suite *faults_suite(void) {
    Suite *suite = suite_create("faults");
    TCase *tcase = tcase_create("faults");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, the_end_of_a_short_loss_leaves_the_long_one);
    suite_add_tcase(suite, tcase);
    return suite;
}
