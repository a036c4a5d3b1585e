/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/calibrate/calibrate.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "models/csv.h"
#include "models/data.h"
#include "sim/calibrate/rows.h"

static double cpu_ns(void) {
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static double run_calls(struct bench *bench, const struct bench_row *row, uint64_t calls) {
    double start = cpu_ns();
    for (uint64_t i = 0; i < calls; i++)
        row->run(bench);
    return cpu_ns() - start;
}

static int compare(const void *a, const void *b) {
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

/* The cost of one unit in ns. Finding how many calls fill a sample also warms the caches. */
static double measure(const struct calibration *calibration, struct bench *bench,
                      const struct bench_row *row) {
    double samples[CALIBRATE_SAMPLES_MAX], sum = 0;
    uint64_t calls = 1;
    bench_prepare(bench, row);
    while (run_calls(bench, row, calls) < (double)calibration->sample_ns)
        calls *= 2;
    for (unsigned i = 0; i < calibration->samples; i++) {
        samples[i] = run_calls(bench, row, calls) / (double)calls / row->units;
        sum += samples[i];
    }
    qsort(samples, calibration->samples, sizeof *samples, compare);
    return row->mean ? sum / calibration->samples : samples[calibration->samples / 2];
}

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

static const struct bench_row *find_row(struct csv_field kind) {
    for (const struct bench_row *row = bench_rows; row->kind != NULL; row++)
        if (csv_equals(kind, row->kind))
            return row;
    return NULL;
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
    assert(calibration->samples >= 1 && calibration->samples <= CALIBRATE_SAMPLES_MAX);
    if (table == NULL || csv_init(&csv, table->text, table->size) != OK || sodium_init() < 0)
        return ERR_INVALID;
    struct bench *bench = bench_new();
    if (bench == NULL)
        return ERR_NO_MEMORY;
    write_heading(calibration, out);
    while (csv_next(&csv) > 0) {
        const struct bench_row *row = find_row(csv.fields[csv_column(&csv, "kind")]);
        if (row != NULL)
            text_format(out, "%s,%.2f,measured,%s\n", row->kind, measure(calibration, bench, row),
                        row->source);
        else
            copy_row(&csv, out);
    }
    bool good = bench_good(bench);
    bench_free(bench);
    return good ? OK : ERR_INVALID;
}
