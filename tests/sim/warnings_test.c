/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What results say against themselves: warnings, open repetitions, intervals, targets. */
#include "sim/report/warnings.h"

#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/places.h"
#include "sim/report/stamp.h"
#include "sim/report/summary.h"
#include "sim/run/cautions.h"
#include "tests/lib/program.h"

#define COUNT 2000
#define GAP   (10 * NS_PER_MS)

static struct transaction_record records[5][COUNT];

/* @count transactions, one each GAP, each felt as @felt says of its number; negative: never done. */
static struct run_result make_run(unsigned slot, size_t count, time_ns (*felt)(size_t number)) {
    for (size_t i = 0; i < count; i++) {
        struct transaction_record *t = &records[slot][i];
        *t = (struct transaction_record){.id = i};
        stamps_clear(t);
        t->intended = NS_PER_S + (time_ns)i * GAP;
        if (felt(i) >= 0)
            t->done = t->intended + felt(i);
    }
    return (struct run_result){.scenario = "test",
                               .repetition = slot,
                               .warmup_ns = NS_PER_S,
                               .load_end_ns = NS_PER_S + (time_ns)count * GAP,
                               .simulated_ns = 100 * NS_PER_S,
                               .complete = true,
                               .transactions = records[slot],
                               .transaction_count = count};
}

static time_ns even(size_t number) {
    return (100 + (time_ns)(number % 7)) * NS_PER_MS;
}

static time_ns growing(size_t number) {
    return 100 * NS_PER_MS + (time_ns)number * GAP / 2;
}

static time_ns settling(size_t number) {
    return number < 300 ? 200 * NS_PER_MS : even(number);
}

/* 2 % never close. */
static time_ns open_tail(size_t number) {
    return number % 50 == 0 ? -1 : even(number);
}

static time_ns rising(size_t number) {
    return (time_ns)number + 1;
}

static const char *warning(const struct run_result *runs, size_t count, const char *id) {
    static char text[400];
    struct warnings warnings;
    const char *found = NULL;
    warnings_init(&warnings, runs, count);
    for (size_t i = 0; i < warnings.count; i++)
        if (strcmp(warnings.list[i].id, id) == 0) {
            ck_assert_msg(found == NULL || strcmp(id, "few_samples") == 0, "%s is said twice", id);
            snprintf(text, sizeof text, "%s", warnings.list[i].text.bytes);
            found = text;
        }
    warnings_deinit(&warnings);
    return found;
}

START_TEST(few_repetitions_are_named) {
    struct run_result runs[5];
    for (unsigned r = 0; r < 5; r++)
        runs[r] = make_run(r, COUNT, even);
    ck_assert_ptr_null(warning(runs, 1, "few_repetitions")); /* there is no ± */
    ck_assert_ptr_nonnull(warning(runs, 2, "few_repetitions"));
    ck_assert_ptr_nonnull(warning(runs, 4, "few_repetitions"));
    ck_assert_ptr_null(warning(runs, 5, "few_repetitions"));
}
END_TEST

START_TEST(few_samples_are_named) {
    struct run_result run = make_run(0, 99, even);
    struct warnings warnings;
    warnings_init(&warnings, &run, 1);
    ck_assert_uint_eq(warnings.count, 2); /* of p99 and of p99.9 */
    ck_assert_ptr_nonnull(strstr(warnings.list[0].text.bytes, "p99 takes 100 samples"));
    ck_assert_ptr_nonnull(strstr(warnings.list[0].text.bytes, "felt (99)"));
    ck_assert_ptr_null(strstr(warnings.list[0].text.bytes, "announce")); /* there is none */
    warnings_deinit(&warnings);
    run.transaction_count = 100;
    run = make_run(0, 100, even);
    ck_assert_ptr_nonnull(strstr(warning(&run, 1, "few_samples"), "p99.9 takes 1000"));
    run = make_run(0, 999, even);
    ck_assert_ptr_nonnull(warning(&run, 1, "few_samples"));
    run = make_run(0, 1000, even);
    ck_assert_ptr_null(warning(&run, 1, "few_samples"));
}
END_TEST

START_TEST(overload_is_seen) {
    struct run_result run = make_run(0, COUNT, even);
    ck_assert(!run_overloaded(&run));
    ck_assert_ptr_null(warning(&run, 1, "overload"));
    run = make_run(0, COUNT, growing);
    ck_assert(run_overloaded(&run));
    ck_assert_ptr_nonnull(strstr(warning(&run, 1, "overload"), "in 1 of 1"));
    ck_assert_ptr_null(warning(&run, 1, "short_warmup")); /* no warm-up would help */
    run = make_run(0, COUNT, open_tail);                  /* a few that never close are no queue */
    run.transaction_count = 400;
    run.load_end_ns = NS_PER_S + 400 * GAP;
    ck_assert(!run_overloaded(&run));
}
END_TEST

START_TEST(short_warm_ups_are_seen) {
    struct run_result run = make_run(0, COUNT, even);
    ck_assert_int_eq(run_steady_from(&run), TIME_NEVER);
    run = make_run(0, COUNT, settling);
    ck_assert_int_eq(run_steady_from(&run), NS_PER_S + 300 * GAP);
    ck_assert_ptr_nonnull(strstr(warning(&run, 1, "short_warmup"), "set warmup: 4000 ms"));
    run.transaction_count = 40; /* too few to say so */
    ck_assert_int_eq(run_steady_from(&run), TIME_NEVER);
}
END_TEST

/* Two of five repetitions have an open p99: to average the other three would be to ask survivors. */
START_TEST(open_repetitions_are_counted) {
    struct run_result runs[5];
    struct summary_row row;
    for (unsigned r = 0; r < 5; r++)
        runs[r] = make_run(r, COUNT, r == 1 || r == 3 ? open_tail : even);
    summary_measure(metric_find("felt"), runs, 5, &row);
    ck_assert_uint_eq(row.repetitions, 5);
    ck_assert_uint_eq(row.open, 2);
    ck_assert_uint_eq(row.p99.n, 0);
    struct text text = {0};
    summary_print(runs, 5, false, &text);
    ck_assert_ptr_nonnull(strstr(text.bytes, "p99 > T in 2 of 5\n"));
    text.size = 0;
    summary_json(runs, 5, &text);
    json_error_t error;
    json_t *summary = json_loads(text.bytes, 0, &error);
    const json_t *felt = json_object_get(json_object_get(summary, "metrics"), "felt");
    ck_assert(json_is_null(json_object_get(felt, "p99_mean_ns")));
    ck_assert(json_is_null(json_object_get(felt, "p99_half_width_ns")));
    ck_assert_int_eq(json_integer_value(json_object_get(felt, "p99_repetitions")), 5);
    ck_assert_int_eq(json_integer_value(json_object_get(felt, "p99_open_repetitions")), 2);
    json_decref(summary);
    runs[1] = runs[3] = make_run(4, COUNT, even);
    summary_measure(metric_find("felt"), runs, 5, &row);
    ck_assert_uint_eq(row.open, 0);
    ck_assert_uint_eq(row.p99.n, 5);
    text_deinit(&text);
}
END_TEST

/* A run in which nothing was submitted has nulls, no zeros. */
START_TEST(nothing_is_null) {
    struct run_result run = make_run(0, 0, even);
    struct summary_row row;
    summary_measure(metric_find("felt"), &run, 1, &row);
    for (size_t q = 0; q < summary_quantile_count; q++)
        ck_assert_int_eq(row.values[q], METRIC_NOTHING);
    ck_assert_int_eq(row.verdict, VERDICT_NONE);
    ck_assert(!metric_present(metric_find("felt"), &run, 1));
    ck_assert_int_eq(metric_find("committed_share")->value(&run), METRIC_NOTHING);
}
END_TEST

/* Of 1,000 samples 1 … 1000 ns the 983rd and the 997th: binomial tails of 2.5 %, by an independent
 * sum over the distribution. */
START_TEST(single_runs_have_an_interval) {
    struct run_result run = make_run(0, 1000, rising);
    struct summary_row row;
    summary_measure(metric_find("felt"), &run, 1, &row);
    ck_assert_int_eq(row.values[2], 990);
    ck_assert_int_eq(row.p99_low, 983);
    ck_assert_int_eq(row.p99_high, 997);
    struct text text = {0};
    summary_print(&run, 1, false, &text);
    ck_assert_ptr_nonnull(strstr(text.bytes, "too narrow"));
    text_deinit(&text);
    run = make_run(0, 30, rising); /* no rank is that far out */
    summary_measure(metric_find("felt"), &run, 1, &row);
    ck_assert_int_eq(row.p99_low, METRIC_NOTHING);
    ck_assert_int_eq(row.p99_high, METRIC_NOTHING);
}
END_TEST

static const struct {
    const char *keys;
    unsigned cautions;
} scenarios[] = {
    {"city: {committee: 4}\ncontinent: {committee: 4, places: [tokyo, osaka]}", 0},
    {"city: {committee: 4}\ncontinent: {committee: 4, places: [tokyo]}", CAUTION_ONE_PLACE},
    {"city: {committee: 4}\ncontinent: {committee: 4}", CAUTION_ONE_PLACE},
    {"city: {committee: 4, consensus: hotstuff}\ncontinent: {places: [tokyo, osaka]}",
     CAUTION_CITY_STALLS},
    {"city: {committee: 5, consensus: hotstuff}\ncontinent: {places: [tokyo, osaka]}", 0},
    {"city: {committee: 4, consensus: hotstuff, leaders: sticky}\n"
     "continent: {places: [tokyo, osaka]}",
     0},
    {"continent: {committee: 4, consensus: hotstuff, places: [tokyo, osaka]}",
     CAUTION_CONTINENT_STALLS},
    {"continent: {committee: 4, consensus: hotstuff-sticky, places: [tokyo, osaka]}", 0},
};

START_TEST(scenarios_are_cautioned) {
    char yaml[400];
    struct scenario scenario;
    struct diagnostics diagnostics;
    const struct scenario_options options = {.place_at = places_name_at};
    snprintf(yaml, sizeof yaml, "schema: 1\nplaces: [{id: komatsu, nodes: 40}]\n%s\n",
             scenarios[_i].keys);
    int error = scenario_load_text(&scenario, "test", yaml, strlen(yaml), &options, &diagnostics);
    if (error != 0)
        diagnostics_print(&diagnostics, stderr, false);
    ck_assert_int_eq(error, 0);
    ck_assert_uint_eq(cautions_of(&scenario), scenarios[_i].cautions);
    struct run_result run = make_run(0, COUNT, even);
    run.cautions = scenarios[_i].cautions;
    ck_assert((warning(&run, 1, "one_place") != NULL) == ((run.cautions & CAUTION_ONE_PLACE) != 0));
    ck_assert((warning(&run, 1, "city_stalls") != NULL) ==
              ((run.cautions & CAUTION_CITY_STALLS) != 0));
    ck_assert((warning(&run, 1, "continent_stalls") != NULL) ==
              ((run.cautions & CAUTION_CONTINENT_STALLS) != 0));
    scenario_deinit(&scenario);
}
END_TEST

/* Runs the program; its exit code, and its summary.json. */
static int run_program(const char *keys, json_t **summary) {
    char root[] = "/tmp/warnings_testXXXXXX", path[64], command[512];
    ck_assert_ptr_nonnull(mkdtemp(root));
    snprintf(path, sizeof path, "%s/w.yaml", root);
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fprintf(file,
            "schema: 1\nname: w\nduration: 8 s\nwarmup: 1 s\ndrain: 1 s\n"
            "places: [{id: komatsu, nodes: 16}]\ncity: {committee: 4}\noverlay: {use: off}\n"
            "continent: {committee: 4, places: [tokyo, osaka], consensus: pbft}\n"
            "pipeline: {candidates: 8, holders: 5, pieces: 5, needed: 3, acks: 4}\n%s\n",
            keys);
    fclose(file);
    snprintf(command, sizeof command, "%s run %s --output %s > %s/out 2>&1", program_path(), path,
             root, root);
    int status = system(command);
    json_error_t error;
    snprintf(path, sizeof path, "%s/w/latest/summary.json", root);
    *summary = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    ck_assert_msg(*summary != NULL, "%s", error.text);
    snprintf(command, sizeof command, "rm -r %s", root);
    ck_assert_int_eq(system(command), 0);
    return WEXITSTATUS(status);
}

static bool has_warning(const json_t *summary, const char *id) {
    const json_t *list = json_object_get(summary, "warnings");
    for (size_t i = 0; i < json_array_size(list); i++)
        if (strcmp(json_string_value(json_object_get(json_array_get(list, i), "id")), id) == 0)
            return true;
    return false;
}

/* A token takes one of four members, of one core each, 100 ms: 40 a second are the most. */
START_TEST(overload_is_seen_in_a_world) {
    static const char *const rates[] = {"10/s", "120/s"};
    for (int overloaded = 0; overloaded < 2; overloaded++) {
        char keys[200];
        json_t *summary;
        snprintf(keys, sizeof keys,
                 "seed: 3\nworkload: {rate: %s}\n"
                 "cpu: {cores: 1, table: zero, costs: {token_verify: 100 ms}}",
                 rates[overloaded]);
        (void)run_program(keys, &summary);
        ck_assert_int_eq(has_warning(summary, "overload"), overloaded);
        json_decref(summary);
    }
}
END_TEST

/* The continent alone takes more than its 50 ms: shown, and with `targets: fail` the run fails. */
START_TEST(targets_fail_only_if_asked_to) {
    static const char far[] = "network: {latency: uniform, delay: 100 ms}\n";
    static const struct {
        const char *keys;
        int code;
        bool over;
    } cases[] = {
        {"", 0, true},
        {"targets: report", 0, true},
        {"targets: fail", 1, true},
        {"targets: fail", 0, false},
        {"expect: [felt.p99 < 100 ms]", 1, true},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char keys[200];
        json_t *summary;
        snprintf(keys, sizeof keys, "%s%s", cases[i].over ? far : "", cases[i].keys);
        ck_assert_msg(run_program(keys, &summary) == cases[i].code, "%s", cases[i].keys);
        const json_t *continent = json_object_get(json_object_get(summary, "metrics"), "continent");
        ck_assert_str_eq(json_string_value(json_object_get(continent, "verdict")),
                         cases[i].over ? "over" : "met");
        ck_assert_int_eq(json_integer_value(json_object_get(summary, "metrics_over_target")) > 0,
                         cases[i].over);
        json_decref(summary);
    }
}
END_TEST

Suite *warnings_suite(void) {
    Suite *suite = suite_create("warnings");
    TCase *tests = tcase_create("warnings");
    tcase_add_test(tests, few_repetitions_are_named);
    tcase_add_test(tests, few_samples_are_named);
    tcase_add_test(tests, overload_is_seen);
    tcase_add_test(tests, short_warm_ups_are_seen);
    tcase_add_test(tests, open_repetitions_are_counted);
    tcase_add_test(tests, nothing_is_null);
    tcase_add_test(tests, single_runs_have_an_interval);
    tcase_add_loop_test(tests, scenarios_are_cautioned, 0, ARRAY_LEN(scenarios));
    tcase_add_test(tests, overload_is_seen_in_a_world);
    tcase_add_test(tests, targets_fail_only_if_asked_to);
    suite_add_tcase(suite, tests);
    return suite;
}
