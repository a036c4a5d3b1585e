/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/compare/stored.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "sim/report/params.h"
#include "sim/report/stamp.h"
#include "sim/report/text.h"
#include "sim/run/run_one.h"
#include "sim/scenario/arena.h"

/* A database under way. After the first error nothing more is read. */
struct shelf {
    sqlite3 *handle;
    struct arena *arena; /* of the strings in results */
    bool failed;
};

static sqlite3_stmt *prepare(struct shelf *shelf, const char *sql, int64_t run) {
    sqlite3_stmt *statement = NULL;
    if (shelf->failed ||
        sqlite3_prepare_v2(shelf->handle, sql, -1, &statement, NULL) != SQLITE_OK) {
        shelf->failed = true;
        return NULL;
    }
    sqlite3_bind_int64(statement, 1, run); /* of no parameter: refused, which does no harm */
    return statement;
}

/* The next row; false behind the last, and the statement is gone. */
static bool step(struct shelf *shelf, sqlite3_stmt *statement) {
    int result = statement != NULL ? sqlite3_step(statement) : SQLITE_DONE;
    if (result == SQLITE_ROW)
        return true;
    shelf->failed = shelf->failed || result != SQLITE_DONE;
    sqlite3_finalize(statement);
    return false;
}

static const char *text_of(struct shelf *shelf, sqlite3_stmt *statement, int column) {
    const char *text = (const char *)sqlite3_column_text(statement, column);
    return text == NULL ? "" : arena_copy(shelf->arena, text, strlen(text));
}

static time_ns time_of(sqlite3_stmt *statement, int column) {
    return sqlite3_column_type(statement, column) == SQLITE_NULL
               ? TIME_NEVER
               : sqlite3_column_int64(statement, column);
}

/* Room for another element of an array that grows by doubling. */
static void *room(const void *array, size_t count, size_t size) {
    bool full = count == 0 || (count & (count - 1)) == 0;
    return full ? memory_resize((void *)array, count == 0 ? 1 : 2 * count, size) : (void *)array;
}

static void read_transactions(struct shelf *shelf, int64_t run, struct run_result *result) {
    struct text sql = {0};
    text_add(&sql, "SELECT id, origin, size_bytes");
    for (size_t s = 0; s < stamp_count; s++)
        text_format(&sql, ", %s_ns", stamps[s].name);
    text_add(&sql, " FROM transactions WHERE run = ?");
    sqlite3_stmt *rows = prepare(shelf, sql.bytes, run);
    struct transaction_record *list = NULL;
    while (step(shelf, rows)) {
        list = room(list, result->transaction_count, sizeof *list);
        struct transaction_record *record = &list[result->transaction_count++];
        *record = (struct transaction_record){
            .id = (uint64_t)sqlite3_column_int64(rows, 0),
            .origin = (node_id)sqlite3_column_int64(rows, 1),
            .size = (uint32_t)sqlite3_column_int64(rows, 2),
        };
        for (size_t s = 0; s < stamp_count; s++) {
            time_ns stamp = time_of(rows, 3 + (int)s);
            memcpy((char *)record + stamps[s].offset, &stamp, sizeof stamp);
        }
    }
    result->transactions = list;
    text_deinit(&sql);
}

static void read_counters(struct shelf *shelf, int64_t run, struct run_result *result) {
    sqlite3_stmt *rows =
        prepare(shelf, "SELECT name, value, unit FROM counters WHERE run = ?", run);
    struct counter_record *list = NULL;
    while (step(shelf, rows)) {
        list = room(list, result->counter_count, sizeof *list);
        list[result->counter_count++] = (struct counter_record){
            text_of(shelf, rows, 0), (uint64_t)sqlite3_column_int64(rows, 1),
            text_of(shelf, rows, 2)};
    }
    result->counters = list;
}

static void read_messages(struct shelf *shelf, int64_t run, struct run_result *result) {
    sqlite3_stmt *rows =
        prepare(shelf, "SELECT message, count, bytes FROM messages WHERE run = ?", run);
    struct message_record *list = NULL;
    while (step(shelf, rows)) {
        list = room(list, result->message_count, sizeof *list);
        list[result->message_count++] = (struct message_record){
            text_of(shelf, rows, 0), (uint64_t)sqlite3_column_int64(rows, 1),
            (uint64_t)sqlite3_column_int64(rows, 2)};
    }
    result->messages = list;
}

static void read_nodes(struct shelf *shelf, int64_t run, struct run_result *result) {
    sqlite3_stmt *rows =
        prepare(shelf, "SELECT node, role, cpu_busy_ns FROM nodes WHERE run = ?", run);
    struct node_record *list = NULL;
    while (step(shelf, rows)) {
        list = room(list, result->node_count, sizeof *list);
        list[result->node_count++] =
            (struct node_record){.node = (node_id)sqlite3_column_int64(rows, 0),
                                 .role = text_of(shelf, rows, 1),
                                 .cpu_busy_ns = sqlite3_column_int64(rows, 2)};
    }
    result->nodes = list;
}

static void read_invariants(struct shelf *shelf, int64_t run, struct run_result *result) {
    sqlite3_stmt *rows =
        prepare(shelf, "SELECT name, value FROM checks WHERE kind = 'invariant' AND run = ?", run);
    struct invariant_record *list = NULL;
    while (step(shelf, rows)) {
        list = room(list, result->invariant_count, sizeof *list);
        list[result->invariant_count++] = (struct invariant_record){
            .name = text_of(shelf, rows, 0), .value = sqlite3_column_double(rows, 1)};
    }
    result->invariants = list;
}

/* What the run itself wrote of its metrics; NULL among durations: it lay among those that never got there. */
static void read_scalars(struct shelf *shelf, int64_t run, struct observation *observation) {
    sqlite3_stmt *rows =
        prepare(shelf, "SELECT metric, statistic, value FROM scalars WHERE run = ?", run);
    while (step(shelf, rows)) {
        char name[MEASURE_NAME_BYTES];
        const char *statistic = text_of(shelf, rows, 1);
        bool plain = strcmp(statistic, "value") == 0;
        snprintf(name, sizeof name, "%s%s%s", text_of(shelf, rows, 0), plain ? "" : ".",
                 plain ? "" : statistic);
        size_t at = measure_find(name);
        if (at >= measure_count())
            continue; /* n and censored */
        if (sqlite3_column_type(rows, 2) != SQLITE_NULL)
            observation->values[at] = (double)sqlite3_column_int64(rows, 2);
        else
            observation->values[at] = plain ? NAN : INFINITY;
        if (plain && sqlite3_column_int64(rows, 2) == METRIC_NOTHING)
            observation->values[at] = NAN;
    }
}

static struct share_sum *group_of(struct observation *observation, const char *part) {
    for (int group = 0; group < SHARE_GROUPS; group++)
        if (strcmp(share_group_names[group], part) == 0)
            return &observation->shares.groups[group];
    return NULL;
}

/* What critical paths told; nothing with output.paths off. */
static void read_shares(struct shelf *shelf, int64_t run, struct observation *observation) {
    sqlite3_stmt *rows = prepare(
        shelf, "SELECT part, transactions, latency_ns, messages FROM critical_path WHERE run = ?",
        run);
    while (step(shelf, rows)) {
        struct share_sum *sum = group_of(observation, text_of(shelf, rows, 0));
        if (sum == NULL)
            continue;
        sum->count = (size_t)sqlite3_column_int64(rows, 1);
        sum->latency = sqlite3_column_int64(rows, 2);
        sum->messages = (uint64_t)sqlite3_column_int64(rows, 3);
        observation->shares.paths += sum->count;
    }
    rows = prepare(shelf, "SELECT part, cause, sum_ns FROM causes WHERE run = ?", run);
    while (step(shelf, rows)) {
        struct share_sum *sum = group_of(observation, text_of(shelf, rows, 0));
        unsigned cause = path_cause_find(text_of(shelf, rows, 1));
        if (sum != NULL && cause < PATH_CAUSES)
            sum->causes[cause] = sqlite3_column_int64(rows, 2);
    }
}

/* The load's ends, which the database has as the scenario wrote them. */
struct window {
    int64_t warmup, duration;
};

static void note_window(void *context, const char *key, const char *value) {
    struct window *window = context;
    char message[160];
    int64_t *field = strcmp(key, "warmup") == 0     ? &window->warmup
                     : strcmp(key, "duration") == 0 ? &window->duration
                                                    : NULL;
    if (field != NULL && quantity_parse(value, UNIT_DURATION, field, message, sizeof message) != OK)
        *field = 0;
}

static void read_run(struct shelf *shelf, int64_t run, struct run_result *result,
                     const struct metric *metric, struct observation *observation) {
    read_transactions(shelf, run, result);
    read_counters(shelf, run, result);
    read_messages(shelf, run, result);
    read_nodes(shelf, run, result);
    read_invariants(shelf, run, result);
    observation_init(observation, result, metric);
    read_scalars(shelf, run, observation);
    read_shares(shelf, run, observation);
    run_result_free(result);
}

static void read_runs(struct shelf *shelf, const struct metric *metric, struct variant *variant,
                      char **name) {
    sqlite3_stmt *rows =
        prepare(shelf,
                "SELECT run, scenario, repetition, seed, trace_hash, simulated_ns, "
                "complete, resolved FROM runs ORDER BY run",
                0);
    struct window window = {0};
    while (step(shelf, rows)) {
        struct run_result result = {
            .scenario = text_of(shelf, rows, 1),
            .repetition = (uint32_t)sqlite3_column_int64(rows, 2),
            .seed = strtoull(text_of(shelf, rows, 3), NULL, 10),
            .trace_hash = strtoull(text_of(shelf, rows, 4), NULL, 16),
            .simulated_ns = sqlite3_column_int64(rows, 5),
            .complete = sqlite3_column_int64(rows, 6) != 0,
        };
        if (variant->scenario_text == NULL) {
            variant->scenario_text = strdup(text_of(shelf, rows, 7));
            *name = strdup(result.scenario);
            params_each(variant->scenario_text, note_window, &window);
        }
        result.warmup_ns = window.warmup;
        result.load_end_ns = window.duration;
        variant->runs = room(variant->runs, variant->run_count, sizeof *variant->runs);
        read_run(shelf, sqlite3_column_int64(rows, 0), &result, metric,
                 &variant->runs[variant->run_count++]);
    }
}

/* "results/komatsu/latest, commit 0ab45c4", if the manifest says so. */
static char *label_of(const char *dir) {
    struct text path = {0}, label = {0};
    text_format(&path, "%s/manifest.json", dir);
    json_t *manifest = json_load_file(path.bytes, 0, NULL);
    const char *commit = json_string_value(json_object_get(manifest, "git_commit"));
    text_format(&label, "%s%s%s", dir, commit != NULL ? ", commit " : "",
                commit != NULL ? commit : "");
    json_decref(manifest);
    text_deinit(&path);
    return label.bytes;
}

static void discard(struct variant *variant, char **name) {
    for (size_t r = 0; r < variant->run_count; r++)
        observation_deinit(&variant->runs[r]);
    free(variant->runs);
    free(variant->label);
    free(variant->scenario_text);
    free(*name);
    *variant = (struct variant){0};
    *name = NULL;
}

int stored_read(const char *dir, const struct metric *metric, struct variant *variant, char **name,
                char *message, size_t size) {
    struct shelf shelf = {.arena = arena_new()};
    struct text path = {0};
    text_format(&path, "%s/results.sqlite", dir);
    *variant = (struct variant){.label = label_of(dir)};
    *name = NULL;
    bool open = sqlite3_open_v2(path.bytes, &shelf.handle, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK;
    if (open)
        read_runs(&shelf, metric, variant, name);
    if (!open)
        snprintf(message, size,
                 "there is no results.sqlite; name a directory that `tierchain run` wrote");
    else if (shelf.failed)
        snprintf(message, size, "results.sqlite cannot be read: %.120s",
                 sqlite3_errmsg(shelf.handle));
    else if (variant->run_count == 0)
        snprintf(message, size, "it holds no run");
    bool good = open && !shelf.failed && variant->run_count > 0;
    sqlite3_close(shelf.handle);
    arena_free(shelf.arena);
    text_deinit(&path);
    if (!good)
        discard(variant, name);
    return good ? OK : ERR_INVALID;
}

static size_t find_seed(const struct variant *variant, uint64_t seed) {
    size_t at = 0;
    while (at < variant->run_count && variant->runs[at].seed != seed)
        at++;
    return at;
}

/* Moves the run to position @to; the others keep their order as far as it matters. */
static void swap(struct variant *variant, size_t from, size_t to) {
    struct observation kept = variant->runs[to];
    variant->runs[to] = variant->runs[from];
    variant->runs[from] = kept;
}

bool stored_pair(struct variant variants[2], size_t alone[2]) {
    size_t pairs = 0;
    for (size_t r = 0; r < variants[0].run_count; r++) {
        size_t partner = find_seed(&variants[1], variants[0].runs[r].seed);
        if (partner == variants[1].run_count)
            continue;
        swap(&variants[0], r, pairs);
        swap(&variants[1], partner, pairs);
        pairs++;
    }
    for (size_t v = 0; v < 2; v++) {
        alone[v] = variants[v].run_count - pairs;
        if (pairs == 0)
            continue;
        for (size_t r = pairs; r < variants[v].run_count; r++)
            observation_deinit(&variants[v].runs[r]);
        variants[v].run_count = pairs;
    }
    return pairs > 0;
}
