/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/database.h"

#include "../lib/records.h"
#include "sim/report/metric.h"
#include "sim/report/stamp.h"

#include <check.h>
#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HOSTILE "x'); DROP TABLE runs; --\"\n\xc3\xa9"

static struct transaction_record records[100];
static const struct counter_record counter = {HOSTILE, UINT64_MAX, "1"};
static const struct node_record node = {
    .node = 3, .place = HOSTILE, .role = "'", .cpu_busy_ns = 5, .bytes_in = 7};
static const struct message_record message = {HOSTILE, 4, 5};
static const struct drop_record dropped = {HOSTILE, 9};
static const struct invariant_record invariant = {HOSTILE, true, 0.1, NAN};
static const struct expectation_record expectation = {HOSTILE, 0x1.fffffffffffffp-3, 1e300, false,
                                                      "ms"};

static const struct fault_span faults[] = {{"loss", 8, 9, 3}, {HOSTILE, 10, TIME_NEVER, 1}};

#define SCENARIO                                                                                   \
    "name: \"it's <x>\"\ncity: {committee: 7, batch: {delay: 5 ms}}\n"                             \
    "places: [{id: komatsu}, {id: kaga}]\nexpect: []\n"

static struct run_result example(void) {
    records_make(records, 100, 1, true);
    return (struct run_result){.scenario = HOSTILE,
                               .seed = UINT64_MAX,
                               .trace_hash = UINT64_MAX - 1,
                               .simulated_ns = 5 * NS_PER_S,
                               .faults = faults,
                               .fault_count = ARRAY_LEN(faults),
                               .transactions = records,
                               .transaction_count = 100,
                               .counters = &counter,
                               .counter_count = 1,
                               .nodes = &node,
                               .node_count = 1,
                               .messages = &message,
                               .message_count = 1,
                               .drops = &dropped,
                               .drop_count = 1,
                               .invariants = &invariant,
                               .invariant_count = 1,
                               .expectations = &expectation,
                               .expectation_count = 1};
}

static sqlite3_stmt *query(sqlite3 *handle, const char *sql) {
    sqlite3_stmt *statement;
    ck_assert_msg(sqlite3_prepare_v2(handle, sql, -1, &statement, NULL) == SQLITE_OK, "%s: %s", sql,
                  sqlite3_errmsg(handle));
    ck_assert_int_eq(sqlite3_step(statement), SQLITE_ROW);
    return statement;
}

static void expect_text(sqlite3 *handle, const char *sql, const char *expected) {
    sqlite3_stmt *statement = query(handle, sql);
    ck_assert_str_eq((const char *)sqlite3_column_text(statement, 0), expected);
    sqlite3_finalize(statement);
}

static void expect_integer(sqlite3 *handle, const char *sql, int64_t expected) {
    sqlite3_stmt *statement = query(handle, sql);
    ck_assert_int_eq(sqlite3_column_int64(statement, 0), expected);
    sqlite3_finalize(statement);
}

static void check_transactions(sqlite3 *handle) {
    sqlite3_stmt *rows = query(handle, "SELECT * FROM transactions WHERE run = 1 ORDER BY id");
    for (size_t i = 0; i < 100; i++) {
        const struct transaction_record *t = &records[i];
        for (size_t s = 0; s < stamp_count; s++) {
            int column = 4 + (int)s;
            time_ns at = stamp_at(t, stamps[s].offset);
            ck_assert_str_eq(sqlite3_column_name(rows, column) + strlen(stamps[s].name), "_ns");
            if (at == TIME_NEVER)
                ck_assert_int_eq(sqlite3_column_type(rows, column), SQLITE_NULL);
            else
                ck_assert_int_eq(sqlite3_column_int64(rows, column), at);
        }
        ck_assert_int_eq(sqlite3_step(rows), i < 99 ? SQLITE_ROW : SQLITE_DONE);
    }
    sqlite3_finalize(rows);
}

/* Each value of the scenario under its dotted key, once a run. */
static void check_params(sqlite3 *handle) {
    static const char *const rows[][2] = {{"name", "it's <x>"},         {"city.committee", "7"},
                                          {"city.batch.delay", "5 ms"}, {"places.0.id", "komatsu"},
                                          {"places.1.id", "kaga"},      {"expect", ""}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char sql[128];
        snprintf(sql, sizeof sql, "SELECT value FROM param WHERE run = 1 AND key = '%s'",
                 rows[i][0]);
        expect_text(handle, sql, rows[i][1]);
    }
    expect_integer(handle, "SELECT count(*) FROM param WHERE run = 0", ARRAY_LEN(rows));
}

static void check_faults(sqlite3 *handle) {
    expect_integer(handle, "SELECT count(*) FROM faults", 4);
    expect_text(handle, "SELECT kind FROM faults WHERE run = 1 AND until_ns IS NULL", HOSTILE);
    expect_integer(handle, "SELECT until_ns FROM faults WHERE run = 0 AND kind = 'loss'", 9);
    expect_integer(handle, "SELECT at_ns FROM faults WHERE run = 0 AND kind = 'loss'", 8);
    expect_integer(handle, "SELECT nodes FROM faults WHERE run = 0 AND kind = 'loss'", 3);
}

/* A hundred transactions in the first second, of which two never close. */
static void check_series(sqlite3 *handle) {
    expect_integer(handle, "SELECT submitted FROM series WHERE run = 1 AND second = 0", 100);
    expect_integer(handle, "SELECT sum(done) FROM series WHERE run = 1", 98);
    expect_integer(handle, "SELECT in_flight FROM series WHERE run = 1 ORDER BY second DESC", 2);
    expect_integer(handle, "SELECT count(*) FROM series WHERE (done = 0) <> (p50_ns IS NULL)", 0);
    expect_integer(handle, "SELECT count(*) FROM series WHERE p99_ns < p50_ns", 0);
    expect_integer(handle,
                   "SELECT count(*) FROM series s WHERE done <> (SELECT count(*) FROM transactions"
                   " t WHERE t.run = s.run AND t.done_ns / 1000000000 = s.second)",
                   0);
    expect_integer(handle,
                   "SELECT count(*) FROM series s WHERE in_flight <> (SELECT count(*) FROM"
                   " transactions t WHERE t.run = s.run AND t.intended_ns < (second + 1) *"
                   " 1000000000 AND (t.done_ns IS NULL OR t.done_ns >= (second + 1) * 1000000000))",
                   0);
    expect_integer(handle,
                   "SELECT count(*) FROM series s WHERE done > 0 AND p99_ns <> (SELECT max(done_ns"
                   " - intended_ns) FROM transactions t WHERE t.run = s.run AND t.done_ns /"
                   " 1000000000 = s.second)",
                   0); /* of fewer than a hundred the largest is the p99 */
    expect_integer(handle, "SELECT count(*) FROM pragma_foreign_key_check", 0);
}

START_TEST(test_round_trip) {
    char root[] = "/tmp/database_testXXXXXX", path[64];
    ck_assert_ptr_nonnull(mkdtemp(root));
    snprintf(path, sizeof path, "%s/results.sqlite", root);
    struct run_result runs[2] = {example(), example()};
    runs[1].repetition = 1;
    ck_assert_int_eq(database_write(runs, 2, SCENARIO, path), 0);
    ck_assert_int_ne(database_write(runs, 2, NULL, path), 0); /* never overwritten */
    sqlite3 *handle;
    ck_assert_int_eq(sqlite3_open_v2(path, &handle, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    expect_text(handle, "PRAGMA integrity_check", "ok");
    expect_integer(handle, "SELECT count(*) FROM pragma_table_list WHERE strict", 14);
    expect_integer(handle, "SELECT count(*) FROM runs", 2);
    expect_text(handle, "SELECT scenario FROM runs", HOSTILE);
    expect_text(handle, "SELECT seed FROM runs", "18446744073709551615");
    expect_text(handle, "SELECT trace_hash FROM runs", "fffffffffffffffe");
    expect_integer(handle, "SELECT simulated_ns FROM runs", 5 * NS_PER_S);
    expect_text(handle, "SELECT resolved FROM runs WHERE run = 1", SCENARIO);
    check_params(handle);
    check_faults(handle);
    check_series(handle);
    expect_text(handle, "SELECT name FROM counters", HOSTILE);
    expect_integer(handle, "SELECT value FROM counters", -1);
    expect_text(handle, "SELECT place FROM nodes", HOSTILE);
    expect_integer(handle, "SELECT bytes_in FROM nodes", 7);
    expect_integer(handle, "SELECT bytes FROM messages", 5);
    expect_integer(handle, "SELECT count FROM drops", 9);
    expect_integer(handle,
                   "SELECT value IS NULL FROM scalars WHERE metric = 'felt' AND statistic ="
                   " 'max'",
                   1); /* censored */
    expect_integer(handle, "SELECT bound IS NULL FROM checks WHERE kind = 'invariant'", 1);
    sqlite3_stmt *check = query(handle, "SELECT value, bound FROM checks WHERE NOT passed");
    ck_assert(sqlite3_column_double(check, 0) == expectation.value);
    ck_assert(sqlite3_column_double(check, 1) == expectation.limit);
    sqlite3_finalize(check);
    struct histogram *histogram = metric_histogram(&metrics[0], runs, 1);
    struct text encoded = {0};
    ck_assert_int_eq(histogram_encode(histogram, &encoded), 0);
    expect_text(handle, "SELECT CAST(v2 AS TEXT) FROM histograms WHERE metric = 'token'",
                encoded.bytes);
    text_deinit(&encoded);
    histogram_free(histogram);
    check_transactions(handle);
    ck_assert_int_eq(sqlite3_close(handle), SQLITE_OK);
    unlink(path);
    rmdir(root);
}
END_TEST

START_TEST(test_same_bytes) {
    char root[] = "/tmp/database_testXXXXXX", path[64];
    static char bytes[2][1 << 18];
    size_t sizes[2];
    ck_assert_ptr_nonnull(mkdtemp(root));
    struct run_result run = example();
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%d", root, i);
        ck_assert_int_eq(database_write(&run, 1, "x", path), 0);
        FILE *file = fopen(path, "rb");
        sizes[i] = fread(bytes[i], 1, sizeof bytes[i], file);
        fclose(file);
        unlink(path);
    }
    ck_assert_uint_gt(sizes[0], 4096);
    ck_assert_uint_lt(sizes[0], sizeof bytes[0]);
    ck_assert_uint_eq(sizes[0], sizes[1]);
    ck_assert_int_eq(memcmp(bytes[0], bytes[1], sizes[0]), 0);
    ck_assert_int_ne(database_write(&run, 1, "x", "/nonexistent/x"), 0);
    rmdir(root);
}
END_TEST

Suite *database_suite(void) {
    Suite *suite = suite_create("database");
    TCase *tests = tcase_create("database");
    tcase_add_test(tests, test_round_trip);
    tcase_add_test(tests, test_same_bytes);
    suite_add_tcase(suite, tests);
    return suite;
}
