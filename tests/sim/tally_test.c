/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Decisions and abandoned views are counted once, work by its units. */
#include "sim/observe/tally.h"

#include <check.h>

#include "tests/lib/run_text.h"

static void record(struct tally *tally, enum trace_point point, node_id node, uint64_t a) {
    const struct trace_record record = {.point = point, .node = node, .a = a, .b = node};
    tally_record(tally, &record);
}

START_TEST(each_once) {
    struct tally tally = {0};
    for (node_id node = 0; node < 4; node++) {
        record(&tally, TRACE_DECIDED, node, UINT64_C(1) << 48 | 7);
        record(&tally, TRACE_DECIDED, node, UINT64_C(2) << 48 | 7); /* of another committee */
        record(&tally, TRACE_TIMEOUT, node, UINT64_C(1) << 48 | 7);
        record(&tally, TRACE_VIEW, node, UINT64_C(1) << 48 | 9);
    }
    record(&tally, TRACE_DECIDED, 0, UINT64_C(1) << 48 | 8);
    ck_assert_uint_eq(tally.decisions, 3);
    ck_assert_uint_eq(tally.view_changes, 1);
    tally_deinit(&tally);
}
END_TEST

START_TEST(units_of_work) {
    struct tally tally = {0};
    const struct effect effects[] = {{.type = EFFECT_CHARGE, .number = WORK_VERIFY, .a = 3},
                                     {.type = EFFECT_CHARGE, .number = WORK_VERIFY, .a = 2},
                                     {.type = EFFECT_SEND, .number = WORK_VERIFY, .a = 7}};
    for (size_t i = 0; i < ARRAY_LEN(effects); i++)
        tally_effect(&tally, &effects[i]);
    ck_assert_uint_eq(tally.work[WORK_VERIFY], 5);
    ck_assert_uint_eq(tally.work[WORK_SIGN], 0);
}
END_TEST

/* Four members each make and check signatures; 39 transactions one after another are 39 decisions of the city
 * and 39 of the continent. Every message that arrives is charged. */
START_TEST(of_a_run) {
    struct run_result result;
    run_text("schema: 1\nname: tally\nduration: 2 s\nwarmup: 0 s\ndrain: 2 s\n"
             "places: [{id: komatsu, nodes: 16}]\ncity: {committee: 4, consensus: pbft}\n"
             "continent: {committee: 4, places: [tokyo], consensus: pbft}\n"
             "pipeline: {candidates: 8, holders: 5, pieces: 5, needed: 3, acks: 4}\n"
             "workload: {model: constant, rate: 20/s, size: 512 B}\n"
             "network: {latency: uniform, delay: 5 ms, jitter: none}\n",
             &result);
    ck_assert_uint_eq(run_counter(&result, "decisions"), 2 * 39);
    ck_assert_uint_eq(run_counter(&result, "view_changes"), 0);
    ck_assert_uint_eq(run_counter(&result, "work.message"),
                      run_counter(&result, "frames_delivered"));
    ck_assert_uint_gt(run_counter(&result, "work.sign"), 0);
    run_result_free(&result);
}
END_TEST

Suite *tally_suite(void) {
    Suite *suite = suite_create("tally");
    TCase *tests = tcase_create("tally");
    tcase_add_test(tests, each_once);
    tcase_add_test(tests, units_of_work);
    tcase_add_test(tests, of_a_run);
    suite_add_tcase(suite, tests);
    return suite;
}
