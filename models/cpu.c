/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/cpu.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "models/csv.h"
#include "models/data.h"

/* What a kind's row was: one of the suite wins over a plain one. */
enum found { FOUND_NONE, FOUND_PLAIN, FOUND_SUITE };

static const struct cpu_table tables[] = {
    {"measured", "one core of an AMD EPYC (Zen 5); every row with its quality",
     "own measurements, 2026-11-24", "cpu/measured.csv"},
    {"zero", "work takes no time, for closed forms", "-", NULL},
};

const struct cpu_table *cpu_table_at(size_t index) {
    return index < ARRAY_LEN(tables) ? &tables[index] : NULL;
}

static int fail(struct cpu_error *error, size_t line, const char *text, const char *name) {
    *error = (struct cpu_error){.line = line, .text = text};
    snprintf(error->name, sizeof error->name, "%s", name);
    return ERR_INVALID;
}

/* Splits "kind@suite"; the row's rank for @suite, FOUND_NONE when it is another suite's. */
static enum found rank(char *name, const char *suite) {
    char *at = strchr(name, '@');
    if (at == NULL)
        return FOUND_PLAIN;
    *at = '\0';
    return strcmp(at + 1, suite) == 0 ? FOUND_SUITE : FOUND_NONE;
}

static int take_row(struct cpu_model *model, enum found *found, const struct csv *csv,
                    const char *suite, struct cpu_error *error) {
    char name[CSV_NAME_BYTES] = "";
    double cost;
    if (csv_copy(csv->fields[csv_column(csv, "kind")], name, sizeof name) != 0)
        return fail(error, csv->line, "the kind's name is too long", "");
    enum found row = rank(name, suite);
    enum work work = work_find(name);
    if (work == WORK_COUNT)
        return fail(error, csv->line, "there is no such kind of work", name);
    if (csv_number(csv->fields[csv_column(csv, "unit_ns")], &cost) != 0 || cost < 0 ||
        cost > (double)CPU_COST_LIMIT)
        return fail(error, csv->line, "unit_ns is not a number from 0 to 3.6e12", name);
    if (row != FOUND_NONE && row == found[work])
        return fail(error, csv->line, "a second row for this kind of work", name);
    if (row > found[work]) {
        found[work] = row;
        model->cost_ns[work] = (uint64_t)llround(cost);
    }
    return 0;
}

int cpu_init(struct cpu_model *model, const char *text, size_t size, const char *suite,
             struct cpu_error *error) {
    enum found found[WORK_COUNT] = {FOUND_NONE};
    struct csv csv;
    *model = (struct cpu_model){0};
    *error = (struct cpu_error){0};
    if (csv_init(&csv, text, size) != 0)
        return fail(error, csv.line, "no line of column names", "");
    if (csv_column(&csv, "kind") < 0 || csv_column(&csv, "unit_ns") < 0)
        return fail(error, csv.line, "the columns kind and unit_ns are needed", "");
    int more;
    while ((more = csv_next(&csv)) > 0)
        if (take_row(model, found, &csv, suite, error) != 0)
            return ERR_INVALID;
    if (more < 0)
        return fail(error, csv.line, "not as many plain fields as there are columns", "");
    for (unsigned work = 0; work < WORK_COUNT; work++)
        if (found[work] == FOUND_NONE)
            return fail(error, csv.line, "no row for this kind of work and suite",
                        work_name((enum work)work));
    return 0;
}

int cpu_init_named(struct cpu_model *model, const char *table, const char *suite,
                   struct cpu_error *error) {
    *model = (struct cpu_model){0};
    *error = (struct cpu_error){0};
    for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
        if (strcmp(tables[i].name, table) != 0)
            continue;
        if (tables[i].file == NULL)
            return 0;
        const struct data_file *file = data_find(tables[i].file);
        return file != NULL ? cpu_init(model, file->text, file->size, suite, error) : ERR_UNKNOWN;
    }
    return ERR_UNKNOWN;
}

time_ns cpu_cost_ns(const struct cpu_model *model, enum work work, uint64_t count) {
    assert(work < WORK_COUNT);
    uint64_t cost = model->cost_ns[work];
    if (cost != 0 && count > (uint64_t)INT64_MAX / cost)
        return INT64_MAX;
    return (time_ns)(count * cost);
}
