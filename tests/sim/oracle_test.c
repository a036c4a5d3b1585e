/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The headline metrics against closed forms that are worked out here by hand, in a world where
 * nothing takes time but the way: L one way within the city, D between the city and the
 * representatives, no CPU cost, no jitter, batches proposed at once.
 *
 *   token      the question and the answer                                          2 L
 *   s1, s2     work of the sender alone                                             0
 *   s3         requests and pieces leave together; the promise comes back           2 L
 *   s4         a piece is held when it is there                                     L
 *   s5         the record to the members, h hops of consensus, the reply            (2 + h) L
 *   city       s1, s2, s3, s5 one after the other                                   (4 + h) L
 *   continent  members have the block when their replies leave, L before the sender knows; the batch
 *              goes up and the acknowledgement comes down                           2 D - L
 *   felt       city and continent                                                   (3 + h) L + 2 D
 *
 * h: PBFT pre-prepare, prepare, commit: 3 (OSDI 99). Chained HotStuff, a proposal and votes for each
 * of three certificates, and the proposal that carries the third: 7 (PODC 19). Nothing here reads
 * the table of metrics but by a name. */
#include "sim/report/summary.h"

#include <check.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/observe/observer.h"
#include "sim/run/expectations.h"
#include "tests/lib/program.h"
#include "tests/lib/small_world.h"

#define L     (3 * NS_PER_MS)
#define D     (11 * NS_PER_MS)
#define COUNT 40

static const struct variant {
    const char *name;
    int hops;
} variants[] = {{"pbft", 3}, {"hotstuff-sticky", 7}, {"hotstuff", 7}};

static const struct form {
    const char *metric;
    int local, consensus, far; /* L, h x L, D */
} forms[] = {
    {"token", 2, 0, 0}, {"s1", 0, 0, 0},         {"s2", 0, 0, 0},
    {"s3", 2, 0, 0},    {"s4", 1, 0, 0},         {"s5", 2, 1, 0},
    {"city", 4, 1, 0},  {"continent", -1, 0, 2}, {"felt", 3, 1, 2},
};

static time_ns closed_form(const struct form *form, const struct variant *variant) {
    return (form->local + form->consensus * variant->hops) * L + form->far * D;
}

#define WORLD                                                                                      \
    "schema: 1\n"                                                                                  \
    "name: oracle\n"                                                                               \
    "duration: 3 s\n"                                                                              \
    "warmup: 1 s\n"                                                                                \
    "drain: 2 s\n"                                                                                 \
    "places: [{id: komatsu, nodes: 24}]\n"                                                         \
    "city: {committee: 4, consensus: %s, batch: {delay: 0 ms}}\n"                                  \
    "continent: {committee: 4, places: [tokyo], consensus: pbft, batch: {delay: 0 ms}}\n"          \
    "pipeline: {candidates: 8, holders: 5, pieces: 5, needed: 3, acks: 4}\n"                       \
    "workload: {model: constant, rate: 10/s, size: 512 B}\n"                                       \
    "network: {latency: uniform, delay: 11 ms, local_delay: 3 ms, jitter: none,\n"                 \
    "          nic: 1000 Tbps, backbone: 1000 Tbps}\n"                                             \
    "cpu: {table: zero}\n"                                                                         \
    "overlay: {use: off}\n"

static struct observer observer;

static void observe(void *context, const struct trace_record *record) {
    if (record->point == TRACE_TX_SUBMITTED)
        ck_assert_uint_eq(
            observer_intend(&observer, record->node, (uint32_t)record->b, record->time), record->a);
    observer_record(&observer, record);
}

/* The value of an expectation on @metric.p50, as `expect:` sees it. */
static double expected_value(const char *metric, struct run_result *run) {
    char text[64], message[160];
    size_t at;
    struct scenario_expectation expectation = {.text = text};
    const struct scenario scenario = {.expectations = &expectation, .expectation_count = 1};
    snprintf(text, sizeof text, "%s.p50 > 0 ns", metric);
    ck_assert_int_eq(expectation_parse(text, &expectation.bound, message, sizeof message, &at), 0);
    (void)expectations_judge(&scenario, run);
    double value = run->expectations->value;
    free((void *)run->expectations);
    run->expectations = NULL;
    return value;
}

/* Without NICs, so to the nanosecond, for every transaction from every user. */
START_TEST(closed_forms_hold) {
    const struct variant *variant = &variants[_i];
    struct small_world small = {.trace = observe};
    char yaml[1200];
    snprintf(yaml, sizeof yaml, WORLD, variant->name);
    observer_init(&observer, 4);
    announcements_init(&observer.announcements, 0, 0, 0);
    small_world_open(&small, yaml, 7);
    small_world_submit(&small, COUNT, 512, 200 * NS_PER_MS);
    small_world_run(&small, (COUNT + 5) * 200 * NS_PER_MS);
    struct run_result run = {.scenario = "oracle",
                             .transactions = observer.transactions,
                             .transaction_count = observer.count};
    ck_assert_uint_eq(run.transaction_count, COUNT);
    for (size_t f = 0; f < ARRAY_LEN(forms); f++) {
        struct summary_row row;
        time_ns expected = closed_form(&forms[f], variant);
        summary_measure(metric_find(forms[f].metric), &run, 1, &row);
        ck_assert_uint_eq(row.n, COUNT);
        for (size_t q = 0; q < summary_quantile_count; q++)
            ck_assert_msg(row.values[q] == expected, "%s %s %s: %" PRId64 " ns, not %" PRId64,
                          variant->name, forms[f].metric, summary_quantiles[q].name, row.values[q],
                          expected);
        ck_assert(expected_value(forms[f].metric, &run) == (double)expected / (double)NS_PER_MS);
    }
    small_world_close(&small);
    observer_deinit(&observer);
}
END_TEST

static json_t *run_program(const char *yaml) {
    char root[] = "/tmp/oracle_testXXXXXX", path[64], command[512];
    ck_assert_ptr_nonnull(mkdtemp(root));
    snprintf(path, sizeof path, "%s/oracle.yaml", root);
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs(yaml, file);
    fclose(file);
    snprintf(command, sizeof command, "%s run %s --output %s > %s/out 2>&1", program_path(), path,
             root, root);
    ck_assert_int_eq(system(command), 0);
    snprintf(path, sizeof path, "%s/oracle/latest/summary.json", root);
    json_error_t error;
    json_t *summary = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    ck_assert_msg(summary != NULL, "%s: %s", path, error.text);
    snprintf(command, sizeof command, "rm -r %s", root);
    ck_assert_int_eq(system(command), 0);
    return summary;
}

/* The whole program under SimGrid, down to summary.json. A NIC takes a frame at least a nanosecond,
 * and no metric waits for more than a few hundred frames: less than a microsecond in all. Ten
 * transactions a second for three seconds, of which the first second is warm-up: twenty count. */
START_TEST(results_have_closed_forms) {
    const struct variant *variant = &variants[_i];
    char yaml[1200];
    snprintf(yaml, sizeof yaml, WORLD, variant->name);
    json_t *summary = run_program(yaml);
    const json_t *rows = json_object_get(summary, "metrics");
    for (size_t f = 0; f < ARRAY_LEN(forms); f++) {
        static const char *const keys[] = {"p50_ns", "p99_ns", "max_ns"};
        const json_t *row = json_object_get(rows, forms[f].metric);
        ck_assert_msg(row != NULL, "%s", forms[f].metric);
        for (size_t k = 0; k < ARRAY_LEN(keys); k++) {
            time_ns expected = closed_form(&forms[f], variant);
            time_ns value = json_integer_value(json_object_get(row, keys[k]));
            ck_assert_msg(value >= expected - NS_PER_US / 10 && value < expected + NS_PER_US,
                          "%s %s %s: %" PRId64 " ns, not %" PRId64, variant->name, forms[f].metric,
                          keys[k], value, expected);
        }
        ck_assert_int_eq(json_integer_value(json_object_get(row, "samples")), 20);
        ck_assert_int_eq(json_integer_value(json_object_get(row, "censored_samples")), 0);
    }
    json_decref(summary);
}
END_TEST

/* A NIC's share, by hand: a sender's frames leave one after the other, a nanosecond each. The
 * question for the token is the first; five requests and five pieces follow, of which the fourth
 * piece is the tenth. Each answer adds a nanosecond of its own. */
START_TEST(nics_take_their_nanoseconds) {
    static const struct {
        const char *metric;
        time_ns value;
    } expected[] = {{"token", 2 * L + 2}, {"s4", L + 10}, {"s3", 2 * L + 11}};
    char yaml[1200];
    snprintf(yaml, sizeof yaml, WORLD, "pbft");
    json_t *summary = run_program(yaml);
    for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
        const json_t *row =
            json_object_get(json_object_get(summary, "metrics"), expected[i].metric);
        ck_assert_int_eq(json_integer_value(json_object_get(row, "p50_ns")), expected[i].value);
        ck_assert_int_eq(json_integer_value(json_object_get(row, "max_ns")), expected[i].value);
    }
    json_decref(summary);
}
END_TEST

Suite *oracle_suite(void) {
    Suite *suite = suite_create("oracle");
    TCase *tests = tcase_create("oracle");
    tcase_add_loop_test(tests, closed_forms_hold, 0, ARRAY_LEN(variants));
    tcase_add_loop_test(tests, results_have_closed_forms, 0, 2);
    tcase_add_test(tests, nics_take_their_nanoseconds);
    suite_add_tcase(suite, tests);
    return suite;
}
