/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Safety rests on no clock, and what liveness loses is what env/env.h says: a member far ahead is
 * not heard, one far behind hears nobody, and the first stays unheard until it restarts. */
#include <check.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "models/places.h"
#include "sim/run/run_one.h"

static const char base[] =
    "schema: 1\nduration: 10 s\nwarmup: 0 s\ndrain: 12 s\nseed: 3\n"
    "places: [{id: komatsu, nodes: 8}]\n"
    "continent: {committee: 7, places: [tokyo]}\n"
    "pipeline: {candidates: 7, holders: 3, pieces: 3, needed: 2, acks: 2, retry: 300 ms}\n"
    "workload: {model: constant, rate: 10/s, size: 512 B}\n"
    "network: {latency: uniform, delay: 5 ms, jitter: none}\n";

/* Runs the base with @more; the caller frees the result. */
static void run(const char *more, struct run_result *result) {
    char text[2048], path[] = "/tmp/tierchain-clocks-XXXXXX";
    struct scenario scenario;
    struct diagnostics diagnostics;
    const struct scenario_options options = {.place_at = places_name_at};
    int size = snprintf(text, sizeof text, "%s%s", base, more);
    int descriptor = mkstemp(path);
    ck_assert_int_ge(descriptor, 0);
    close(descriptor);
    ck_assert_int_ge(sodium_init(), 0);
    int error = scenario_load_text(&scenario, "test", text, (size_t)size, &options, &diagnostics);
    if (error != OK)
        diagnostics_print(&diagnostics, stderr, false);
    ck_assert_int_eq(error, OK);
    const struct run_request request = {.scenario = &scenario, .seed = 3, .platform_path = path};
    ck_assert_int_eq(run_one(&request, result), OK);
    scenario_deinit(&scenario);
    unlink(path);
    for (size_t i = 0; i < result->invariant_count; i++)
        ck_assert_msg(result->invariants[i].passed, "%s", result->invariants[i].name);
}

static uint64_t drops(const struct run_result *result, const char *reason) {
    for (size_t i = 0; i < result->drop_count; i++)
        if (strcmp(result->drops[i].reason, reason) == 0)
            return result->drops[i].count;
    return 0;
}

/* Transactions submitted from @from on that were finished. */
static size_t done_since(const struct run_result *result, time_ns from) {
    size_t done = 0;
    for (size_t i = 0; i < result->transaction_count; i++)
        done +=
            result->transactions[i].intended >= from && result->transactions[i].done != TIME_NEVER;
    return done;
}

static const char *const consensus[] = {"pbft", "hotstuff", "hotstuff-sticky"};
static const char *const steps[] = {"ahead: 1 h", "behind: 1 h", "ahead: 600 ms", "behind: 600 ms"};

/* One member of either committee, with clocks that are a little off anyway. Committees of 7: with
 * one of 4 silent, chained HotStuff's rotating leaders never give three certificates in turn. */
START_TEST(a_member_whose_clock_jumps_breaks_nothing) {
    char more[1024];
    struct run_result result;
    const char *variant = consensus[_i % (int)ARRAY_LEN(consensus)];
    const char *step = steps[_i / (int)ARRAY_LEN(consensus)];
    snprintf(more, sizeof more,
             "city: {committee: 7, consensus: %s, timeout: 300 ms}\n"
             "clock: {offset: 100 ms, drift: 100 ppm, noise: 1 ms}\n"
             "faults:\n"
             "  - {at: 2 s, until: 4 s, kind: clock, nodes: {tier: city, index: 0}, %s}\n"
             "  - {at: 5 s, until: 7 s, kind: clock, nodes: {tier: continent, index: 1}, %s}\n",
             variant, step, step);
    run(more, &result);
    ck_assert_uint_gt(drops(&result, "ERR_FUTURE"), 0);
    ck_assert_uint_gt(done_since(&result, 2 * NS_PER_S), 10);
    run_result_free(&result);
}
END_TEST

/* Once member 2 is gone, all three others are needed; member 1 was an hour ahead for a second. */
static size_t done_without_member_2(const char *member_1) {
    char more[1024];
    struct run_result result;
    snprintf(more, sizeof more,
             "city: {committee: 4, timeout: 300 ms}\n"
             "faults:\n"
             "  - {at: 1 s, until: 2 s, kind: clock, nodes: {tier: city, index: 1}, ahead: 1 h}\n"
             "%s  - {at: 4 s, kind: crash, nodes: {tier: city, index: 2}}\n",
             member_1);
    run(more, &result);
    size_t done = done_since(&result, 5 * NS_PER_S);
    run_result_free(&result);
    return done;
}

START_TEST(who_was_ahead_stays_unheard) {
    ck_assert_uint_eq(done_without_member_2(""), 0);
}
END_TEST

START_TEST(a_restart_lets_it_be_heard_again) {
    ck_assert_uint_gt(done_without_member_2("  - {at: 3 s, until: 3100 ms, kind: restart,"
                                            " nodes: {tier: city, index: 1}}\n"),
                      10);
}
END_TEST

Suite *clock_faults_suite(void) {
    Suite *suite = suite_create("clock_faults");
    TCase *tcase = tcase_create("clock_faults");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, a_member_whose_clock_jumps_breaks_nothing, 0,
                        ARRAY_LEN(consensus) * ARRAY_LEN(steps));
    tcase_add_test(tcase, who_was_ahead_stays_unheard);
    tcase_add_test(tcase, a_restart_lets_it_be_heard_again);
    suite_add_tcase(suite, tcase);
    return suite;
}
