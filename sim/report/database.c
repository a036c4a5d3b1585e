/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/database.h"

#include "base/error.h"
#include "sim/report/params.h"
#include "sim/report/series.h"
#include "sim/report/shares.h"
#include "sim/report/stamp.h"
#include "sim/report/summary.h"

#include <assert.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* No journal: the file is made inside a directory that exists under its name only when complete. */
static const char schema[] =
    "PRAGMA page_size = 4096; PRAGMA encoding = 'UTF-8'; PRAGMA journal_mode = OFF;"
    "PRAGMA user_version = 3; BEGIN;"
    "CREATE TABLE runs (run INTEGER PRIMARY KEY, scenario TEXT NOT NULL, repetition INTEGER NOT"
    " NULL, seed TEXT NOT NULL, trace_hash TEXT NOT NULL, simulated_ns INTEGER NOT NULL,"
    " complete INTEGER NOT NULL, resolved TEXT) STRICT;"
    "CREATE TABLE param (run INTEGER NOT NULL REFERENCES runs, key TEXT NOT NULL,"
    " value TEXT NOT NULL, PRIMARY KEY (run, key)) STRICT;"
    "CREATE TABLE scalars (run INTEGER NOT NULL REFERENCES runs, metric TEXT NOT NULL,"
    " statistic TEXT NOT NULL, value INTEGER, unit TEXT NOT NULL) STRICT;"
    "CREATE TABLE nodes (run INTEGER NOT NULL REFERENCES runs, node INTEGER NOT NULL,"
    " place TEXT NOT NULL, role TEXT NOT NULL, cpu_busy_ns INTEGER, messages_in INTEGER NOT NULL,"
    " messages_out INTEGER NOT NULL, bytes_in INTEGER NOT NULL, bytes_out INTEGER NOT NULL,"
    " queue_max INTEGER NOT NULL) STRICT;"
    "CREATE TABLE messages (run INTEGER NOT NULL REFERENCES runs, message TEXT NOT NULL,"
    " count INTEGER NOT NULL, bytes INTEGER NOT NULL) STRICT;"
    "CREATE TABLE counters (run INTEGER NOT NULL REFERENCES runs, name TEXT NOT NULL,"
    " value INTEGER NOT NULL, unit TEXT NOT NULL) STRICT;"
    "CREATE TABLE critical_path (run INTEGER NOT NULL REFERENCES runs, part TEXT NOT NULL,"
    " transactions INTEGER NOT NULL, latency_ns INTEGER NOT NULL, messages INTEGER NOT NULL,"
    " PRIMARY KEY (run, part)) STRICT;"
    "CREATE TABLE causes (run INTEGER NOT NULL REFERENCES runs, part TEXT NOT NULL,"
    " cause TEXT NOT NULL, sum_ns INTEGER NOT NULL, PRIMARY KEY (run, part, cause)) STRICT;"
    "CREATE TABLE faults (run INTEGER NOT NULL REFERENCES runs, kind TEXT NOT NULL,"
    " at_ns INTEGER NOT NULL, until_ns INTEGER, nodes INTEGER NOT NULL) STRICT;"
    "CREATE TABLE series (run INTEGER NOT NULL REFERENCES runs, second INTEGER NOT NULL,"
    " submitted INTEGER NOT NULL, done INTEGER NOT NULL, p50_ns INTEGER, p99_ns INTEGER,"
    " in_flight INTEGER NOT NULL, PRIMARY KEY (run, second)) STRICT;"
    "CREATE TABLE drops (run INTEGER NOT NULL REFERENCES runs, reason TEXT NOT NULL,"
    " count INTEGER NOT NULL) STRICT;"
    "CREATE TABLE checks (run INTEGER NOT NULL REFERENCES runs, kind TEXT NOT NULL,"
    " name TEXT NOT NULL, passed INTEGER NOT NULL, value REAL, bound REAL) STRICT;"
    "CREATE TABLE histograms (run INTEGER NOT NULL REFERENCES runs, metric TEXT NOT NULL,"
    " unit TEXT NOT NULL, v2 BLOB NOT NULL, PRIMARY KEY (run, metric)) STRICT;";

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

/* Inserts one row. A letter of @kinds a column: i = int64_t, n = time_ns, NULL for TIME_NEVER and
 * METRIC_NOTHING, s = const char *,
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
            bool none = value == TIME_NEVER || value == METRIC_NOTHING;
            error = none ? sqlite3_bind_null(insert, at) : sqlite3_bind_int64(insert, at, value);
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

struct params {
    struct database *database;
    int64_t run;
};

static void put_param(void *context, const char *key, const char *value) {
    const struct params *params = context;
    put(params->database, "iss", params->run, key, value);
}

static void put_runs(struct database *database, const struct run_result *runs, size_t count,
                     const char *scenario_text) {
    open_table(database, "runs", 8);
    for (size_t r = 0; r < count; r++) {
        char hash[17], seed[21];
        snprintf(hash, sizeof hash, "%016" PRIx64, runs[r].trace_hash);
        snprintf(seed, sizeof seed, "%" PRIu64, runs[r].seed);
        put(database, "isissnis", (int64_t)r, runs[r].scenario, (int64_t)runs[r].repetition, seed,
            hash, runs[r].simulated_ns, (int64_t)runs[r].complete, scenario_text);
    }
    open_table(database, "param", 3);
    for (size_t r = 0; r < count && scenario_text != NULL; r++)
        if (params_each(scenario_text, put_param, &(struct params){database, (int64_t)r}) != OK)
            database->failed = true;
}

static void put_faults(struct database *database, const struct run_result *run, int64_t run_id) {
    open_table(database, "faults", 5);
    for (size_t i = 0; i < run->fault_count; i++)
        put(database, "isnni", run_id, run->faults[i].kind, run->faults[i].at, run->faults[i].until,
            (int64_t)run->faults[i].nodes);
}

static void put_series(struct database *database, const struct run_result *run, int64_t run_id) {
    size_t count;
    struct second *seconds = series_make(run, &count);
    open_table(database, "series", 7);
    for (size_t s = 0; s < count; s++)
        put(database, "iiiinni", run_id, (int64_t)s, (int64_t)seconds[s].submitted,
            (int64_t)seconds[s].done, seconds[s].p50, seconds[s].p99,
            (int64_t)seconds[s].in_flight);
    free(seconds);
}

static void put_metric(struct database *database, const struct metric *metric,
                       const struct run_result *run, int64_t run_id) {
    const char *unit = metric_unit(metric);
    if (metric->kind != METRIC_DURATION) {
        put(database, "issis", run_id, metric->name, "value", metric->value(run), unit);
        return;
    }
    struct summary_row row;
    summary_measure(metric, run, 1, &row);
    for (size_t q = 0; q < summary_quantile_count; q++)
        put(database, "issns", run_id, metric->name, summary_quantiles[q].name, row.values[q],
            unit);
    put(database, "issis", run_id, metric->name, "n", (int64_t)row.n, "samples");
    put(database, "issis", run_id, metric->name, "censored", (int64_t)row.censored, "samples");
}

static void put_scalars(struct database *database, const struct run_result *run, int64_t run_id) {
    open_table(database, "scalars", 5);
    for (size_t m = 0; m < metric_count; m++)
        if (metric_present(&metrics[m], run, 1))
            put_metric(database, &metrics[m], run, run_id);
}

/* A column for each stamp. */
static void create_transactions(struct database *database) {
    struct text sql = {0};
    text_add(&sql, "CREATE TABLE transactions (run INTEGER NOT NULL REFERENCES runs, id INTEGER "
                   "NOT NULL, origin INTEGER NOT NULL, size_bytes INTEGER NOT NULL");
    for (size_t s = 0; s < stamp_count; s++)
        text_format(&sql, ", %s_ns INTEGER", stamps[s].name);
    text_add(&sql, ") STRICT");
    if (!database->failed)
        database->failed = sqlite3_exec(database->handle, sql.bytes, NULL, NULL, NULL) != SQLITE_OK;
    text_deinit(&sql);
}

static void put_transactions(struct database *database, const struct run_result *run,
                             int64_t run_id) {
    open_table(database, "transactions", 4 + (int)stamp_count);
    for (size_t i = 0; i < run->transaction_count && !database->failed; i++) {
        const struct transaction_record *t = &run->transactions[i];
        const int64_t facts[] = {run_id, (int64_t)t->id, t->origin, t->size};
        for (size_t f = 0; f < ARRAY_LEN(facts); f++)
            sqlite3_bind_int64(database->insert, (int)f + 1, facts[f]);
        for (size_t s = 0; s < stamp_count; s++) {
            int at = (int)(ARRAY_LEN(facts) + s) + 1;
            time_ns stamp = stamp_at(t, stamps[s].offset);
            if (stamp == TIME_NEVER)
                sqlite3_bind_null(database->insert, at);
            else
                sqlite3_bind_int64(database->insert, at, stamp);
        }
        database->failed = sqlite3_step(database->insert) != SQLITE_DONE;
        sqlite3_reset(database->insert);
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

/* What the middle's and the slowest transactions' time went to, summed over them. */
static void put_critical_path(struct database *database, const struct run_result *run,
                              int64_t run_id) {
    struct shares shares;
    shares_measure(run, 1, &shares);
    open_table(database, "critical_path", 5);
    for (int group = 0; group < SHARE_GROUPS && shares.paths > 0; group++)
        put(database, "isini", run_id, share_group_names[group],
            (int64_t)shares.groups[group].count, shares.groups[group].latency,
            (int64_t)shares.groups[group].messages);
    open_table(database, "causes", 4);
    for (int group = 0; group < SHARE_GROUPS; group++)
        for (unsigned cause = 0; cause < PATH_CAUSES; cause++)
            if (shares.groups[group].causes[cause] != 0)
                put(database, "issn", run_id, share_group_names[group], path_cause_name(cause),
                    shares.groups[group].causes[cause]);
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
    for (size_t m = 0; m < metric_count; m++) {
        if (metrics[m].kind != METRIC_DURATION || !metric_present(&metrics[m], run, 1))
            continue;
        struct histogram *histogram = metric_histogram(&metrics[m], run, 1);
        struct text encoded = {0};
        if (histogram_encode(histogram, &encoded) != OK)
            database->failed = true;
        put(database, "issb", run_id, metrics[m].name, "us", &encoded);
        text_deinit(&encoded);
        histogram_free(histogram);
    }
}

int database_write(const struct run_result *runs, size_t count, const char *scenario_text,
                   const char *path) {
    static void (*const tables[])(struct database * database, const struct run_result *run,
                                  int64_t run_id) = {
        put_scalars, put_transactions,  put_traffic, put_faults,
        put_series,  put_critical_path, put_checks,  put_histograms};
    /* READWRITE without CREATE cannot refuse an existing file; "x" can. */
    FILE *fresh = fopen(path, "wxe");
    if (fresh == NULL)
        return ERR_INVALID;
    fclose(fresh);
    struct database database = {0};
    database.failed =
        sqlite3_open_v2(path, &database.handle, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK ||
        sqlite3_exec(database.handle, schema, NULL, NULL, NULL) != SQLITE_OK;
    create_transactions(&database);
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
