/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Every row of the table of metrics stands in every export of a run, with the same values. */
#include "sim/report/directory.h"

#include "../lib/records.h"
#include "env/trace.h"
#include "sim/report/metric.h"
#include "sim/report/summary.h"
#include "sim/run/expectations.h"

#include <check.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT 1000

static struct transaction_record records[COUNT];
static int64_t news[50], errors[70];
static struct run_result run;
static char root[] = "/tmp/metric_exportsXXXXXX", dir[64];

/* A run in which every metric has something. */
static void make_run(void) {
    static const struct counter_record counters[] = {
        {"audit_passed", 11, "records"}, {"audit_late", 12, "records"}, {"audit_wrong", 13, "x"}};
    static const struct message_record message = {"m", 14, 15};
    static const struct drop_record drop = {"d", 16};
    static const struct invariant_record invariant = {"agreement", false, 17, 0};
    records_make(records, COUNT, 5, true);
    for (size_t i = 0; i < COUNT; i += 3) {
        records[i].transfer = records[i].intended + 7;
        records[i].settled = i % 2 == 0 ? TIME_NEVER : records[i].intended + 1007 + (time_ns)i;
    }
    for (size_t i = 0; i < ARRAY_LEN(news); i++)
        news[i] = 20 * NS_PER_MS + (int64_t)i;
    for (size_t i = 0; i < ARRAY_LEN(errors); i++)
        errors[i] = 30 * NS_PER_US + (int64_t)i;
    run = (struct run_result){
        .scenario = "test",
        .seed = UINT64_MAX,
        .complete = true,
        .simulated_ns = 10 * NS_PER_S,
        .transactions = records,
        .transaction_count = COUNT,
        .announcements = {.sent = 5,
                          .expected = 60,
                          .reached = ARRAY_LEN(news),
                          .latencies = news,
                          .received = 100,
                          .redundant = 4,
                          .last_hop_max = 6},
        .counters = counters,
        .counter_count = ARRAY_LEN(counters),
        .clock_errors = errors,
        .clock_error_count = ARRAY_LEN(errors),
        .messages = &message,
        .message_count = 1,
        .drops = &drop,
        .drop_count = 1,
        .invariants = &invariant,
        .invariant_count = 1,
        .stuck = 18,
        .backlog_max = 19,
        .backlog_end = 20,
    };
}

static void setup(void) {
    make_run();
    ck_assert_ptr_nonnull(mkdtemp(root));
    snprintf(dir, sizeof dir, "%s/run", root);
    setenv("PATH", "/nonexistent", 1); /* no pictures: they take seconds */
    struct report report = {.runs = &run, .run_count = 1};
    ck_assert_int_eq(report_write(&report, dir), 0);
    setenv("PATH", "/usr/bin:/bin", 1);
}

static void teardown(void) {
    char command[96];
    snprintf(command, sizeof command, "rm -r %s", root);
    ck_assert_int_eq(system(command), 0);
}

static struct text slurp(const char *name) {
    struct text content = {0};
    char path[192], part[4096];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *file = fopen(path, "rb");
    ck_assert_msg(file != NULL, "%s", path);
    for (size_t size; (size = fread(part, 1, sizeof part, file)) > 0;)
        text_append(&content, part, size);
    fclose(file);
    ck_assert_msg(content.size > 0, "%s", path);
    return content;
}

static void expect_in(const struct text *content, const char *format, const char *name) {
    struct text part = {0};
    text_format(&part, "%.*s%s%s", (int)(strchr(format, '@') - format), format, name,
                strchr(format, '@') + 1);
    ck_assert_msg(strstr(content->bytes, part.bytes) != NULL, "%s", part.bytes);
    text_deinit(&part);
}

START_TEST(every_row_is_present) {
    for (size_t m = 0; m < metric_count; m++)
        ck_assert_msg(metric_present(&metrics[m], &run, 1), "%s: make_run has nothing of it",
                      metrics[m].name);
}
END_TEST

START_TEST(texts_have_every_row) {
    struct text summary = slurp("summary.txt"), page = slurp("report.html"),
                log = slurp("latency.hlog");
    for (size_t m = 0; m < metric_count; m++) {
        expect_in(&page, "<tr><td>@</td>", metrics[m].name);
        if (metrics[m].kind != METRIC_DURATION) {
            expect_in(&summary, "@ ", metrics[m].name);
            continue;
        }
        expect_in(&summary, "\n@ ", metrics[m].name);
        expect_in(&log, "\nTag=@,", metrics[m].name);
        char name[64];
        snprintf(name, sizeof name, "%s.hgrm", metrics[m].name);
        struct text table = slurp(name);
        text_deinit(&table);
    }
    text_deinit(&summary);
    text_deinit(&page);
    text_deinit(&log);
}
END_TEST

/* What metrics.csv must say of @statistic; empty for what is no value. */
static void expect_csv(const struct text *csv, const struct metric *metric, const char *statistic,
                       int64_t value) {
    struct text line = {0};
    text_format(&line, "\n0,%s,%s,", metric->name, statistic);
    if (value != STATISTIC_CENSORED)
        text_format(&line, "%" PRId64, value);
    text_format(&line, ",%s\n", metric_unit(metric));
    ck_assert_msg(strstr(csv->bytes, line.bytes) != NULL, "%s", line.bytes);
    text_deinit(&line);
}

static void expect_scalar(sqlite3_stmt *scalars, const struct metric *metric, const char *statistic,
                          int64_t value) {
    sqlite3_reset(scalars);
    sqlite3_bind_text(scalars, 1, metric->name, -1, SQLITE_STATIC);
    sqlite3_bind_text(scalars, 2, statistic, -1, SQLITE_STATIC);
    ck_assert_msg(sqlite3_step(scalars) == SQLITE_ROW, "%s %s", metric->name, statistic);
    if (value == STATISTIC_CENSORED)
        ck_assert_int_eq(sqlite3_column_type(scalars, 0), SQLITE_NULL);
    else
        ck_assert_int_eq(sqlite3_column_int64(scalars, 0), value);
    ck_assert_str_eq((const char *)sqlite3_column_text(scalars, 1), metric_unit(metric));
    ck_assert_int_eq(sqlite3_step(scalars), SQLITE_DONE);
}

/* The histogram that other tools read, of each duration. */
static void expect_histogram(sqlite3 *database, const struct metric *metric) {
    sqlite3_stmt *histograms;
    ck_assert_int_eq(sqlite3_prepare_v2(database,
                                        "SELECT length(v2) FROM histograms WHERE metric = ?1", -1,
                                        &histograms, NULL),
                     SQLITE_OK);
    sqlite3_bind_text(histograms, 1, metric->name, -1, SQLITE_STATIC);
    ck_assert_msg(sqlite3_step(histograms) == SQLITE_ROW, "%s", metric->name);
    ck_assert_int_gt(sqlite3_column_int64(histograms, 0), 0);
    sqlite3_finalize(histograms);
}

static void expect_json(const json_t *row, const char *key, int64_t value) {
    const json_t *found = json_object_get(row, key);
    ck_assert_msg(found != NULL, "%s", key);
    if (value == STATISTIC_CENSORED)
        ck_assert(json_is_null(found));
    else
        ck_assert_int_eq(json_integer_value(found), value);
}

START_TEST(tables_have_every_row) {
    struct text csv = slurp("metrics.csv"), summary = slurp("summary.json");
    json_error_t error;
    json_t *document = json_loads(summary.bytes, JSON_REJECT_DUPLICATES, &error);
    ck_assert_msg(document != NULL, "%s", error.text);
    sqlite3 *database;
    sqlite3_stmt *scalars;
    char path[96];
    snprintf(path, sizeof path, "%s/results.sqlite", dir);
    ck_assert_int_eq(sqlite3_open_v2(path, &database, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_prepare_v2(database,
                                        "SELECT value, unit FROM scalars WHERE metric = ?1 AND"
                                        " statistic = ?2",
                                        -1, &scalars, NULL),
                     SQLITE_OK);
    for (size_t m = 0; m < metric_count; m++) {
        const struct metric *metric = &metrics[m];
        const json_t *row = json_object_get(json_object_get(document, "metrics"), metric->name);
        ck_assert_msg(row != NULL, "%s", metric->name);
        if (metric->kind != METRIC_DURATION) {
            char key[64];
            snprintf(key, sizeof key, "values_%s", metric_unit(metric));
            expect_csv(&csv, metric, "value", metric->value(&run));
            expect_scalar(scalars, metric, "value", metric->value(&run));
            ck_assert_int_eq(json_integer_value(json_array_get(json_object_get(row, key), 0)),
                             metric->value(&run));
            continue;
        }
        struct summary_row measured;
        summary_measure(metric, &run, 1, &measured);
        for (size_t q = 0; q < summary_quantile_count; q++) {
            expect_csv(&csv, metric, summary_quantiles[q].name, measured.values[q]);
            expect_scalar(scalars, metric, summary_quantiles[q].name, measured.values[q]);
            expect_json(row, summary_quantiles[q].key, measured.values[q]);
        }
        expect_json(row, "samples", (int64_t)measured.n);
        expect_json(row, "censored_samples", (int64_t)measured.censored);
        expect_histogram(database, metric);
        ck_assert(metric->target > 0 || json_is_null(json_object_get(row, "target_ns")));
    }
    sqlite3_finalize(scalars);
    sqlite3_close(database);
    json_decref(document);
    text_deinit(&csv);
    text_deinit(&summary);
}
END_TEST

/* The values of the rows that are not spans of transactions, by hand. */
START_TEST(sampled_rows_have_their_values) {
    static const struct {
        const char *name;
        int64_t value;
    } expected[] = {
        {"commits", 980},
        {"committed_share", 980000},
        {"announcements", 5},
        {"announce.reach", 833333},
        {"announce.redundancy", 40000},
        {"announce.hops", 6},
        {"dropped", 16},
        {"audits.passed", 11},
        {"audits.late", 12},
        {"audits.wrong", 13},
        {"messages", 14},
        {"invariants.violations", 17},
        {"settled_share", 500000},
        {"stuck", 18},
        {"backlog.max", 19},
        {"backlog.end", 20},
    };
    size_t numbers = 0;
    for (size_t m = 0; m < metric_count; m++)
        numbers += metrics[m].kind != METRIC_DURATION;
    ck_assert_uint_le(ARRAY_LEN(expected), numbers);
    for (size_t i = 0; i < ARRAY_LEN(expected); i++)
        ck_assert_msg(metric_find(expected[i].name)->value(&run) == expected[i].value,
                      "%s: %" PRId64, expected[i].name, metric_find(expected[i].name)->value(&run));
    struct summary_row row;
    summary_measure(metric_find("announce"), &run, 1, &row);
    ck_assert_uint_eq(row.n, 50);
    ck_assert_uint_eq(row.censored, 10);
    ck_assert_int_eq(row.values[0], 20 * NS_PER_MS + 29);
    ck_assert_int_eq(row.values[4], STATISTIC_CENSORED);
    summary_measure(metric_find("clock_error"), &run, 1, &row);
    ck_assert_uint_eq(row.n, 70);
    ck_assert_uint_eq(row.censored, 0);
    ck_assert_int_eq(row.values[4], 30 * NS_PER_US + 69);
}
END_TEST

/* Whatever is measured can be expected, under its name; of an empty run nothing holds that needs a
 * sample, neither upwards nor downwards. */
START_TEST(every_row_can_be_expected) {
    for (size_t m = 0; m < metric_count; m++) {
        static const char *const bounds[][2] = {
            {".max >= 0 ns", ".max < 1000 s"}, {" >= 0", " < 1000000"}, {" >= 0 %", " <= 100 %"}};
        for (int side = 0; side < 2; side++) {
            char text[96], message[160];
            size_t at;
            struct scenario_expectation expectation = {.text = text};
            struct scenario scenario = {.expectations = &expectation, .expectation_count = 1};
            struct run_result empty = {.scenario = "empty"}, *judged[] = {&run, &empty};
            snprintf(text, sizeof text, "%s%s", metrics[m].name, bounds[metrics[m].kind][side]);
            ck_assert_msg(
                expectation_parse(text, &expectation.bound, message, sizeof message, &at) == 0,
                "%s: %s", text, message);
            ck_assert_ptr_eq(expectation.bound.metric, &metrics[m]);
            for (size_t r = 0; r < 2; r++) {
                size_t all = expectations_judge(&scenario, judged[r]);
                size_t missed = !judged[r]->expectations->passed;
                /* What is stuck fails a run whose scenario does not speak of it. */
                bool silent = r == 0 && strcmp(metrics[m].name, "stuck") != 0;
                ck_assert_uint_eq(all, missed + silent);
                ck_assert_uint_eq(judged[r]->expectation_count, 1 + silent);
                bool nothing = !metric_present(&metrics[m], judged[r], 1);
                ck_assert_msg(!nothing || (missed == 1 && isnan(judged[r]->expectations->value)),
                              "%s of nothing", text);
                ck_assert_msg(nothing || side == 1 || missed == 0, "%s", text);
                free((void *)judged[r]->expectations);
                judged[r]->expectations = NULL;
            }
        }
    }
}
END_TEST

Suite *metric_exports_suite(void) {
    Suite *suite = suite_create("metric_exports");
    TCase *tests = tcase_create("metric_exports");
    tcase_add_unchecked_fixture(tests, setup, teardown);
    tcase_add_test(tests, every_row_is_present);
    tcase_add_test(tests, texts_have_every_row);
    tcase_add_test(tests, tables_have_every_row);
    tcase_add_test(tests, sampled_rows_have_their_values);
    tcase_add_test(tests, every_row_can_be_expected);
    suite_add_tcase(suite, tests);
    return suite;
}
