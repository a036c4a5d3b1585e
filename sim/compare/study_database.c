/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/compare/study_database.h"

#include <inttypes.h>
#include <math.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/error.h"

/* No journal: the file is made inside a directory whose manifest says when it is complete. */
static const char schema[] =
    "PRAGMA page_size = 4096; PRAGMA encoding = 'UTF-8'; PRAGMA journal_mode = OFF;"
    "PRAGMA user_version = 1; BEGIN;"
    "CREATE TABLE variants (variant TEXT PRIMARY KEY, label TEXT NOT NULL, scenario TEXT NOT NULL) "
    "STRICT;"
    "CREATE TABLE measures (measure TEXT PRIMARY KEY, unit TEXT NOT NULL, help TEXT NOT NULL) "
    "STRICT;"
    "CREATE TABLE runs (variant TEXT NOT NULL REFERENCES variants, seed TEXT NOT NULL,"
    " trace_hash TEXT NOT NULL, complete INTEGER NOT NULL, PRIMARY KEY (variant, seed)) STRICT;"
    "CREATE TABLE samples (variant TEXT NOT NULL REFERENCES variants, seed TEXT NOT NULL,"
    " measure TEXT NOT NULL REFERENCES measures, value REAL, PRIMARY KEY (variant, seed, measure)) "
    "STRICT;"
    "CREATE TABLE cells (variant TEXT NOT NULL REFERENCES variants, measure TEXT NOT NULL "
    "REFERENCES measures,"
    " n INTEGER NOT NULL, open INTEGER NOT NULL, mean REAL, half_width REAL, difference REAL,"
    " difference_low REAL, difference_high REAL, relative REAL, pairs INTEGER NOT NULL, test TEXT "
    "NOT NULL,"
    " p REAL, p_holm REAL, significant INTEGER NOT NULL, PRIMARY KEY (variant, measure)) STRICT;";

struct writer {
    sqlite3 *handle;
    sqlite3_stmt *insert;
    bool failed;
};

static void open_table(struct writer *writer, const char *statement) {
    sqlite3_finalize(writer->insert);
    writer->insert = NULL;
    writer->failed = writer->failed || sqlite3_prepare_v2(writer->handle, statement, -1,
                                                          &writer->insert, NULL) != SQLITE_OK;
}

/* One row; a letter of @kinds a column: s = const char *, i = size_t, r = double, NULL unless finite. */
static void put(struct writer *writer, const char *kinds, ...) {
    va_list values;
    int error = SQLITE_OK;
    if (writer->failed)
        return;
    va_start(values, kinds);
    for (int at = 1; kinds[at - 1] != '\0' && error == SQLITE_OK; at++)
        if (kinds[at - 1] == 's') {
            error = sqlite3_bind_text(writer->insert, at, va_arg(values, const char *), -1,
                                      SQLITE_TRANSIENT);
        } else if (kinds[at - 1] == 'i') {
            error = sqlite3_bind_int64(writer->insert, at, (int64_t)va_arg(values, size_t));
        } else {
            double value = va_arg(values, double);
            error = isfinite(value) ? sqlite3_bind_double(writer->insert, at, value)
                                    : sqlite3_bind_null(writer->insert, at);
        }
    va_end(values);
    writer->failed = error != SQLITE_OK || sqlite3_step(writer->insert) != SQLITE_DONE;
    sqlite3_reset(writer->insert);
}

static void put_head(struct writer *writer, const struct study *study) {
    open_table(writer, "INSERT INTO variants VALUES (?,?,?)");
    for (size_t v = 0; v < study->variant_count; v++)
        put(writer, "sss", study->variants[v].letter, study->variants[v].label,
            study->variants[v].scenario_text);
    open_table(writer, "INSERT INTO measures VALUES (?,?,?)");
    for (size_t m = 0; m < measure_count(); m++)
        put(writer, "sss", measure_at(m)->name, measure_at(m)->unit, measure_at(m)->help);
}

static void put_runs(struct writer *writer, const struct variant *variant) {
    char seed[21], hash[17];
    open_table(writer, "INSERT INTO runs VALUES (?,?,?,?)");
    for (size_t r = 0; r < variant->run_count; r++) {
        snprintf(seed, sizeof seed, "%" PRIu64, variant->runs[r].seed);
        snprintf(hash, sizeof hash, "%016" PRIx64, variant->runs[r].trace_hash);
        put(writer, "sssi", variant->letter, seed, hash, (size_t)variant->runs[r].there);
    }
    open_table(writer, "INSERT INTO samples VALUES (?,?,?,?)");
    for (size_t r = 0; r < variant->run_count; r++) {
        const struct observation *run = &variant->runs[r];
        snprintf(seed, sizeof seed, "%" PRIu64, run->seed);
        for (size_t m = 0; run->there && m < measure_count(); m++)
            if (!isnan(run->values[m]))
                put(writer, "sssr", variant->letter, seed, measure_at(m)->name, run->values[m]);
    }
}

static void put_cells(struct writer *writer, const struct study *study, size_t variant) {
    open_table(writer, "INSERT INTO cells VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
    for (size_t m = 0; m < measure_count(); m++) {
        const struct cell *cell = study_cell(study, variant, m);
        const struct paired *paired = &cell->from_first;
        if (cell->n > 0)
            put(writer, "ssiirrrrrrisrri", study->variants[variant].letter, measure_at(m)->name,
                cell->n, cell->open, cell->open > 0 ? NAN : cell->own.mean,
                cell->open > 0 ? NAN : cell->own.half_width, paired->mean, paired->low,
                paired->high, cell_relative(cell), paired->n, paired_test_name(paired->test),
                paired->p, cell->p_holm, (size_t)cell_significant(cell));
    }
}

int study_database_write(const struct study *study, const char *path) {
    struct writer writer = {0};
    FILE *fresh = fopen(path, "wxe"); /* sqlite would open what is there */
    if (fresh == NULL)
        return ERR_INVALID;
    fclose(fresh);
    writer.failed =
        sqlite3_open_v2(path, &writer.handle, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK ||
        sqlite3_exec(writer.handle, schema, NULL, NULL, NULL) != SQLITE_OK;
    put_head(&writer, study);
    for (size_t v = 0; v < study->variant_count; v++) {
        put_runs(&writer, &study->variants[v]);
        put_cells(&writer, study, v);
    }
    sqlite3_finalize(writer.insert);
    bool good =
        !writer.failed && sqlite3_exec(writer.handle, "COMMIT", NULL, NULL, NULL) == SQLITE_OK;
    good = sqlite3_close(writer.handle) == SQLITE_OK && good;
    return good ? OK : ERR_INVALID;
}
