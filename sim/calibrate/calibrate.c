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
        "models/data/cpu/measured.csv.\n"
        "kind,unit_ns,quality,source\n",
        calibration->date, machine, calibration->compiler, calibration->samples,
        (double)calibration->sample_ns / (double)NS_PER_MS);
}

/* Measures the row of that kind, if there is one. OK and @found, or measure_row's error. */
static int write_measured(const struct calibration *calibration, struct csv_field kind,
                          struct text *out, bool *found) {
    const struct bench_family *family;
    *found = false;
    for (size_t f = 0; (family = bench_family_at(f)) != NULL; f++) {
        for (size_t i = 0; i < family->row_count; i++) {
            const struct bench_row *row = &family->rows[i];
            double unit_ns;
            if (row->kind == NULL || !csv_equals(kind, row->kind))
                continue;
            int error = measure_row(calibration, family, row, &unit_ns);
            if (error == OK)
                text_format(out, "%s,%.2f,measured,%s; %s\n", row->kind, unit_ns, row->name,
                            row->note);
            *found = true;
            return error;
        }
    }
    return OK;
}

static void copy_row(const struct csv *csv, struct text *out) {
    static const char *const columns[] = {"kind", "unit_ns", "quality", "source"};
    for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
        struct csv_field field = csv->fields[csv_column(csv, columns[i])];
        bool last = i == ARRAY_LEN(columns) - 1;
        text_format(out, "%s%.*s%c", last ? "embedded table: " : "", (int)field.size, field.text,
                    last ? '\n' : ',');
    }
}

int calibrate(const struct calibration *calibration, struct text *out) {
    const struct data_file *table = data_find("cpu/measured.csv");
    struct csv csv;
    if (table == NULL || csv_init(&csv, table->text, table->size) != OK || sodium_init() < 0)
        return ERR_INVALID;
    write_heading(calibration, out);
    while (csv_next(&csv) > 0) {
        bool found;
        int error = write_measured(calibration, csv.fields[csv_column(&csv, "kind")], out, &found);
        if (error != OK)
            return error;
        if (!found)
            copy_row(&csv, out);
    }
    return OK;
}
