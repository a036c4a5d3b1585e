/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/database.h"

#include "base/error.h"
#include "sim/report/summary.h"

#include <assert.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>

/* No journal: the file is made inside a directory that exists under its name only when complete. */
static const char schema[] =
    "PRAGMA page_size = 4096; PRAGMA encoding = 'UTF-8'; PRAGMA journal_mode = OFF;"
    "PRAGMA user_version = 1; BEGIN;"
    "CREATE TABLE runs (run_id INTEGER PRIMARY KEY, scenario TEXT NOT NULL, repetition INTEGER NOT"
    " NULL, seed TEXT NOT NULL, trace_hash TEXT NOT NULL, simulated_ns INTEGER NOT NULL,"
    " complete INTEGER NOT NULL) STRICT;"
    "CREATE TABLE params (run_id INTEGER NOT NULL REFERENCES runs, key TEXT NOT NULL,"
    " value TEXT NOT NULL, PRIMARY KEY (run_id, key)) STRICT;"
    "CREATE TABLE scalars (run_id INTEGER NOT NULL REFERENCES runs, metric TEXT NOT NULL,"
    " statistic TEXT NOT NULL, value INTEGER, unit TEXT NOT NULL) STRICT;"
    "CREATE TABLE transactions (run_id INTEGER NOT NULL REFERENCES runs, id INTEGER NOT NULL,"
    " origin INTEGER NOT NULL, size_bytes INTEGER NOT NULL, intended_ns INTEGER, token_ns INTEGER,"
    " s1_ns INTEGER, s2_ns INTEGER, s3_ns INTEGER, s4_ns INTEGER, s5_ns INTEGER,"
    " city_commit_ns INTEGER, continent_ack_ns INTEGER, done_ns INTEGER) STRICT;"
    "CREATE TABLE nodes (run_id INTEGER NOT NULL REFERENCES runs, node INTEGER NOT NULL,"
    " place TEXT NOT NULL, role TEXT NOT NULL, cpu_busy_ns INTEGER, messages_in INTEGER NOT NULL,"
    " messages_out INTEGER NOT NULL, bytes_in INTEGER NOT NULL, bytes_out INTEGER NOT NULL,"
    " queue_max INTEGER NOT NULL) STRICT;"
    "CREATE TABLE messages (run_id INTEGER NOT NULL REFERENCES runs, message TEXT NOT NULL,"
    " count INTEGER NOT NULL, bytes INTEGER NOT NULL) STRICT;"
    "CREATE TABLE counters (run_id INTEGER NOT NULL REFERENCES runs, name TEXT NOT NULL,"
    " value INTEGER NOT NULL, unit TEXT NOT NULL) STRICT;"
    "CREATE TABLE drops (run_id INTEGER NOT NULL REFERENCES runs, reason TEXT NOT NULL,"
    " count INTEGER NOT NULL) STRICT;"
    "CREATE TABLE checks (run_id INTEGER NOT NULL REFERENCES runs, kind TEXT NOT NULL,"
    " name TEXT NOT NULL, passed INTEGER NOT NULL, value REAL, bound REAL) STRICT;"
    "CREATE TABLE histograms (run_id INTEGER NOT NULL REFERENCES runs, metric TEXT NOT NULL,"
    " unit TEXT NOT NULL, v2 BLOB NOT NULL, PRIMARY KEY (run_id, metric)) STRICT;";

/* One open table at a time; after the first error every call does nothing. */
struct database {
    sqlite3 *handle;
    sqlite3_stmt *insert;
    bool failed;
};

/* The following rows go to @table, which has @columns columns. */
static void open_table(struct database *database, const char *table, int columns) {
    struct text sql = {0};
    text_format(&sql, "INSERT INTO %s VALUES (?", table);
    for (int i = 1; i < columns; i++)
        text_add(&sql, ",?");
    text_add(&sql, ")");
    sqlite3_finalize(database->insert);
    database->insert = NULL;
    if (!database->failed)
        database->failed = sqlite3_prepare_v2(database->handle, sql.bytes, -1, &database->insert,
                                              NULL) != SQLITE_OK;
    text_deinit(&sql);
}

/* Inserts one row. A letter of @kinds a column: i = int64_t, n = time_ns or NULL, s = const char *,
 * r = double, b = const struct text *. */
static void put(struct database *database, const char *kinds, ...) {
    if (database->failed)
        return;
    sqlite3_stmt *insert = database->insert;
    int error = SQLITE_OK;
    va_list values;
    va_start(values, kinds);
    for (int at = 1; kinds[at - 1] != '\0' && error == SQLITE_OK; at++)
        if (kinds[at - 1] == 'i') {
            error = sqlite3_bind_int64(insert, at, va_arg(values, int64_t));
        } else if (kinds[at - 1] == 'n') {
            time_ns value = va_arg(values, time_ns);
            error = value == TIME_NEVER ? sqlite3_bind_null(insert, at)
                                        : sqlite3_bind_int64(insert, at, value);
        } else if (kinds[at - 1] == 's') {
            error = sqlite3_bind_text(insert, at, va_arg(values, const char *), -1, SQLITE_STATIC);
        } else if (kinds[at - 1] == 'r') {
            error = sqlite3_bind_double(insert, at, va_arg(values, double));
        } else {
            assert(kinds[at - 1] == 'b');
            const struct text *blob = va_arg(values, const struct text *);
            error = sqlite3_bind_blob64(insert, at, blob->bytes, blob->size, SQLITE_STATIC);
        }
    va_end(values);
    database->failed = error != SQLITE_OK || sqlite3_step(insert) != SQLITE_DONE;
    sqlite3_reset(insert);
}

static void put_runs(struct database *database, const struct run_result *runs, size_t count,
                     const char *scenario_text) {
    open_table(database, "runs", 7);
    for (size_t r = 0; r < count; r++) {
        char hash[17], seed[21];
        snprintf(hash, sizeof hash, "%016" PRIx64, runs[r].trace_hash);
        snprintf(seed, sizeof seed, "%" PRIu64, runs[r].seed);
        put(database, "isissni", (int64_t)r, runs[r].scenario, (int64_t)runs[r].repetition, seed,
            hash, runs[r].simulated_ns, (int64_t)runs[r].complete);
    }
    open_table(database, "params", 3);
    for (size_t r = 0; r < count && scenario_text != NULL; r++)
        put(database, "iss", (int64_t)r, "scenario", scenario_text);
}

static void put_row(struct database *database, int64_t run_id, const char *name,
                    const struct summary_row *row) {
    for (size_t q = 0; q < summary_quantile_count; q++)
        put(database, "issns", run_id, name, summary_quantiles[q].name, row->values[q], "ns");
    put(database, "issis", run_id, name, "n", (int64_t)row->n, "1");
    put(database, "issis", run_id, name, "censored", (int64_t)row->censored, "1");
}

static void put_scalars(struct database *database, const struct run_result *run, int64_t run_id) {
    struct summary_row row;
    open_table(database, "scalars", 5);
    for (size_t b = 0; b < budget_count; b++) {
        summary_measure(&budgets[b], run, 1, &row);
        put_row(database, run_id, budgets[b].name, &row);
    }
    if (summary_announced(run, 1)) {
        summary_measure_announcements(run, 1, &row);
        put_row(database, run_id, announce_budget.name, &row);
    }
}

static void put_transactions(struct database *database, const struct run_result *run,
                             int64_t run_id) {
    open_table(database, "transactions", 14);
    for (size_t i = 0; i < run->transaction_count; i++) {
        const struct transaction_record *t = &run->transactions[i];
        put(database, "iiiinnnnnnnnnn", run_id, (int64_t)t->id, (int64_t)t->origin,
            (int64_t)t->size, t->intended, t->token, t->s1, t->s2, t->s3, t->s4, t->s5,
            t->city_commit, t->continent_ack, t->done);
    }
}

static void put_traffic(struct database *database, const struct run_result *run, int64_t run_id) {
    open_table(database, "nodes", 10);
    for (size_t i = 0; i < run->node_count; i++) {
        const struct node_record *n = &run->nodes[i];
        put(database, "iissniiiii", run_id, (int64_t)n->node, n->place, n->role, n->cpu_busy_ns,
            (int64_t)n->messages_in, (int64_t)n->messages_out, (int64_t)n->bytes_in,
            (int64_t)n->bytes_out, (int64_t)n->queue_max);
    }
    open_table(database, "messages", 4);
    for (size_t i = 0; i < run->message_count; i++)
        put(database, "isii", run_id, run->messages[i].name, (int64_t)run->messages[i].count,
            (int64_t)run->messages[i].bytes);
    open_table(database, "counters", 4);
    for (size_t i = 0; i < run->counter_count; i++)
        put(database, "isis", run_id, run->counters[i].name, (int64_t)run->counters[i].value,
            run->counters[i].unit);
    open_table(database, "drops", 3);
    for (size_t i = 0; i < run->drop_count; i++)
        put(database, "isi", run_id, run->drops[i].reason, (int64_t)run->drops[i].count);
}

static void put_checks(struct database *database, const struct run_result *run, int64_t run_id) {
    open_table(database, "checks", 6);
    for (size_t i = 0; i < run->invariant_count; i++)
        put(database, "issirr", run_id, "invariant", run->invariants[i].name,
            (int64_t)run->invariants[i].passed, run->invariants[i].value, run->invariants[i].limit);
    for (size_t i = 0; i < run->expectation_count; i++)
        put(database, "issirr", run_id, "expectation", run->expectations[i].text,
            (int64_t)run->expectations[i].passed, run->expectations[i].value,
            run->expectations[i].limit);
}

static void put_histograms(struct database *database, const struct run_result *run,
                           int64_t run_id) {
    open_table(database, "histograms", 4);
    for (size_t b = 0; b < budget_count; b++) {
        struct histogram *histogram = budget_histogram(&budgets[b], run, 1);
        struct text encoded = {0};
        if (histogram_encode(histogram, &encoded) != OK)
            database->failed = true;
        put(database, "issb", run_id, budgets[b].name, "us", &encoded);
        text_deinit(&encoded);
        histogram_free(histogram);
    }
}

int database_write(const struct run_result *runs, size_t count, const char *scenario_text,
                   const char *path) {
    static void (*const tables[])(struct database * database, const struct run_result *run,
                                  int64_t run_id) = {put_scalars, put_transactions, put_traffic,
                                                     put_checks, put_histograms};
    /* READWRITE without CREATE cannot refuse an existing file; "x" can. */
    FILE *fresh = fopen(path, "wxe");
    if (fresh == NULL)
        return ERR_INVALID;
    fclose(fresh);
    struct database database = {0};
    database.failed =
        sqlite3_open_v2(path, &database.handle, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK ||
        sqlite3_exec(database.handle, schema, NULL, NULL, NULL) != SQLITE_OK;
    put_runs(&database, runs, count, scenario_text);
    for (size_t t = 0; t < ARRAY_LEN(tables); t++)
        for (size_t r = 0; r < count; r++)
            tables[t](&database, &runs[r], (int64_t)r);
    sqlite3_finalize(database.insert);
    bool good =
        !database.failed && sqlite3_exec(database.handle, "COMMIT", NULL, NULL, NULL) == SQLITE_OK;
    good = sqlite3_close(database.handle) == SQLITE_OK && good;
    return good ? OK : ERR_INVALID;
}
