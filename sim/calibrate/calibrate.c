/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/calibrate/calibrate.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "models/csv.h"
#include "models/data.h"
#include "sim/calibrate/measure.h"

/* The processor's name, as Linux tells it on x86; other machines may not name theirs. */
static void read_machine(char *name, size_t size) {
    static const char key[] = "model name";
    char line[256];
    FILE *file = fopen("/proc/cpuinfo", "r");
    snprintf(name, size, "a processor without a name");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        const char *colon = strchr(line, ':');
        if (strncmp(line, key, sizeof key - 1) != 0 || colon == NULL)
            continue;
        colon += strspn(colon, ": ");
        snprintf(name, size, "%.*s", (int)strcspn(colon, "\n"), colon);
        break;
    }
    if (file != NULL)
        fclose(file);
}

static void write_heading(const struct calibration *calibration, struct text *out) {
    char machine[256];
    read_machine(machine, sizeof machine);
    text_format(
        out,
        "# What one unit of each kind of work costs on one core. Unit: nanoseconds.\n"
        "# Made by `tierchain calibrate`, %s, on: %s\n"
        "# Compiler: %s. One thread, CLOCK_THREAD_CPUTIME_ID, %u samples of at least %.1f ms "
        "a row:\n"
        "# the median, or the mean where it is said.\n"
        "# Rows marked \"embedded table\" were not measured here but copied from "
        "models/data/cpu/measured.csv,\n"
        "# for the reason in brackets.\n"
        "kind,unit_ns,quality,source\n",
        calibration->date, machine, calibration->compiler, calibration->samples,
        (double)calibration->sample_ns / (double)NS_PER_MS);
}

struct copied {
    const char *kind;
    const char *reason;
};

/* The kinds that no row measures. */
static const struct copied copied[] = {
    {"message", "the kernel's part needs a network"},
    {"sign@bls12-381", "no pairings in this tree"},
    {"verify@bls12-381", "no pairings in this tree"},
    {"token_verify@bls12-381", "no pairings in this tree"},
    {"aggregate_join", "no pairings in this tree"},
    {"aggregate_verify", "no pairings in this tree"},
    {"persist", "the disk is not the CPU's"},
    {"layer_s1", "a scenario's target"},
    {"layer_s2", "a scenario's target"},
    {"layer_s3", "a scenario's target"},
    {"layer_s4", "a scenario's target"},
    {"layer_s5", "a scenario's target"},
};

const char *calibrate_copied(const char *kind) {
    for (size_t i = 0; i < ARRAY_LEN(copied); i++)
        if (strcmp(copied[i].kind, kind) == 0)
            return copied[i].reason;
    return NULL;
}

static void copy_row(const struct csv *csv, const char *reason, struct text *out) {
    static const char *const columns[] = {"kind", "unit_ns", "quality"};
    struct csv_field source = csv->fields[csv_column(csv, "source")];
    for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
        struct csv_field field = csv->fields[csv_column(csv, columns[i])];
        text_format(out, "%.*s,", (int)field.size, field.text);
    }
    text_format(out, "embedded table (%s): %.*s\n", reason, (int)source.size, source.text);
}

/* A kind of the embedded table that is neither measured nor known not to be is ERR_UNKNOWN. */
static int write_row(const struct calibration *calibration, const struct csv *csv,
                     struct text *out) {
    char kind[CSV_NAME_BYTES];
    const struct bench_family *family;
    double unit_ns;
    int error = csv_copy(csv->fields[csv_column(csv, "kind")], kind, sizeof kind);
    if (error != OK)
        return error;
    const struct bench_row *row = bench_row_find(kind, &family);
    if (row == NULL && calibrate_copied(kind) == NULL)
        return ERR_UNKNOWN;
    if (row == NULL) {
        copy_row(csv, calibrate_copied(kind), out);
        return OK;
    }
    error = measure_row(calibration, family, row, &unit_ns);
    if (error == OK)
        text_format(out, "%s,%.2f,measured,%s; %s\n", kind, unit_ns, row->name, row->note);
    return error;
}

int calibrate(const struct calibration *calibration, struct text *out) {
    const struct data_file *table = data_find("cpu/measured.csv");
    struct csv csv;
    int error = OK;
    if (table == NULL || csv_init(&csv, table->text, table->size) != OK || sodium_init() < 0)
        return ERR_INVALID;
    write_heading(calibration, out);
    while (error == OK && csv_next(&csv) > 0)
        error = write_row(calibration, &csv, out);
    return error;
}
