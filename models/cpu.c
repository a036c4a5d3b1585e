/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/cpu.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "models/data.h"
#include "models/random.h"

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

/* Splits "kind@suite"; the row's rank for @suite, FOUND_NONE when it is another suite's. */
static enum found rank(char *name, const char *suite) {
    char *at = strchr(name, '@');
    if (at == NULL)
        return FOUND_PLAIN;
    *at = '\0';
    return strcmp(at + 1, suite) == 0 ? FOUND_SUITE : FOUND_NONE;
}

/* A row has quantiles if it has a smallest value. */
static int take_quantiles(struct cpu_model *model, enum work work, struct csv *csv, double mean) {
    struct quantiles *quantiles = &model->quantiles[work];
    int column = csv_column(csv, "p0");
    model->spread[work] = CPU_CONSTANT;
    if (column < 0 || csv->fields[column].size == 0)
        return 0;
    if (quantiles_read(quantiles, csv) != 0 || quantiles->value[0] < 0 ||
        quantiles->value[quantiles->count - 1] > (double)CPU_COST_LIMIT)
        return csv_wrong(csv, csv->fields[column], ERR_INVALID,
                         "the quantiles of '%s' must rise from p0 to p100, from 0 to 3.6e12",
                         work_name(work));
    if (quantiles_fit(quantiles, mean) != 0)
        return csv_wrong(csv, csv->fields[csv_column(csv, "unit_ns")], ERR_INVALID,
                         "no distribution with these quantiles has this mean");
    model->spread[work] = CPU_QUANTILES;
    return 0;
}

static int take_row(struct cpu_model *model, enum found *found, struct csv *csv,
                    const char *suite) {
    struct csv_field kind = csv->fields[csv_column(csv, "kind")];
    struct csv_field unit = csv->fields[csv_column(csv, "unit_ns")];
    char name[CSV_NAME_BYTES] = "";
    double cost;
    if (csv_copy(kind, name, sizeof name) != 0)
        return csv_wrong(csv, kind, ERR_INVALID, "the kind's name is too long");
    enum found row = rank(name, suite);
    enum work work = work_find(name);
    if (work == WORK_COUNT)
        return csv_wrong(csv, kind, ERR_INVALID,
                         "there is no kind of work '%s'; `tierchain list work` names them", name);
    if (csv_number(unit, &cost) != 0 || cost < 0 || cost > (double)CPU_COST_LIMIT)
        return csv_wrong(csv, unit, ERR_INVALID,
                         "the cost of '%s' must be a number from 0 to 3.6e12, nanoseconds, such as "
                         "12500 or 0.8",
                         name);
    if (row != FOUND_NONE && row == found[work])
        return csv_wrong(csv, kind, ERR_INVALID, "a second row for '%s'; each kind has one", name);
    if (row <= found[work])
        return 0;
    found[work] = row;
    model->cost_ns[work] = (uint64_t)llround(cost);
    return take_quantiles(model, work, csv, cost);
}

static int read_table(struct cpu_model *model, struct csv *csv, const char *text, size_t size,
                      const char *suite) {
    enum found found[WORK_COUNT] = {FOUND_NONE};
    int more;
    if (csv_init(csv, text, size) != 0)
        return ERR_INVALID;
    if (csv_column(csv, "kind") < 0 || csv_column(csv, "unit_ns") < 0)
        return csv_wrong(csv, csv->columns[0], ERR_INVALID,
                         "a table of costs has the columns kind and unit_ns");
    while ((more = csv_next(csv)) > 0)
        if (take_row(model, found, csv, suite) != 0)
            return ERR_INVALID;
    if (more < 0)
        return ERR_INVALID;
    for (unsigned work = 0; work < WORK_COUNT; work++)
        if (found[work] == FOUND_NONE)
            return csv_wrong(csv, (struct csv_field){csv->line_start, 0}, ERR_INVALID,
                             "the table ends without a row for '%s' that suite %s can use",
                             work_name((enum work)work), suite);
    return 0;
}

int cpu_init(struct cpu_model *model, const char *text, size_t size, const char *suite,
             struct cpu_error *error) {
    struct csv csv;
    *model = (struct cpu_model){0};
    int result = read_table(model, &csv, text, size, suite);
    *error = (struct cpu_error){.line = csv.line, .column = csv.column};
    memcpy(error->text, csv.problem, sizeof error->text);
    return result;
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

static double draw(const struct cpu_model *model, enum work work, struct rng *rng) {
    if (model->spread[work] == CPU_EXPONENTIAL)
        return (double)model->cost_ns[work] * draw_exponential(rng);
    return quantiles_at(&model->quantiles[work], draw_uniform(rng));
}

time_ns cpu_draw_ns(const struct cpu_model *model, enum work work, uint64_t count,
                    struct rng *rng) {
    double sum = 0;
    assert(work < WORK_COUNT);
    if (model->spread[work] == CPU_CONSTANT || count > CPU_DRAWS)
        return cpu_cost_ns(model, work, count);
    for (uint64_t i = 0; i < count; i++)
        sum += draw(model, work, rng);
    return (time_ns)llround(sum);
}

void cpu_set_spread(struct cpu_model *model, enum cpu_spread spread) {
    assert(spread != CPU_QUANTILES);
    for (size_t work = 0; work < WORK_COUNT; work++)
        if (model->spread[work] == CPU_CONSTANT)
            model->spread[work] = spread;
}

void cpu_set_cost(struct cpu_model *model, enum work work, uint64_t cost_ns) {
    struct quantiles *quantiles = &model->quantiles[work];
    bool stretch = model->spread[work] == CPU_QUANTILES;
    double mean = stretch ? quantiles_mean(quantiles) : 1;
    for (size_t i = 0; stretch && i < quantiles->count; i++)
        quantiles->value[i] *= (double)cost_ns / mean;
    model->cost_ns[work] = cost_ns;
}

bool cpu_is_random(const struct cpu_model *model) {
    for (size_t work = 0; work < WORK_COUNT; work++)
        if (model->spread[work] != CPU_CONSTANT)
            return true;
    return false;
}
