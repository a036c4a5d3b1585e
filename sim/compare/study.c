/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/compare/study.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* What a run is about when nobody says so. */
static const struct metric *choose(const struct run_result *run) {
    const struct metric *felt = metric_find("felt");
    if (felt != NULL && metric_present(felt, run, 1))
        return felt;
    for (size_t m = 0; m < metric_count; m++)
        if (metrics[m].kind == METRIC_DURATION && metric_present(&metrics[m], run, 1))
            return &metrics[m];
    return felt;
}

void observation_init(struct observation *observation, const struct run_result *run,
                      const struct metric *metric) {
    *observation = (struct observation){
        .seed = run->seed,
        .trace_hash = run->trace_hash,
        .there = run->complete,
        .metric = metric != NULL ? metric : choose(run),
        .values = memory_new(measure_count(), sizeof *observation->values),
    };
    for (size_t i = 0; i < run->invariant_count; i++)
        observation->violations += (uint64_t)run->invariants[i].value;
    measure_run(run, observation->values);
    shares_measure(run, 1, &observation->shares);
    size_t population = metric_population(observation->metric, run);
    observation->samples = memory_new(population, sizeof *observation->samples);
    observation->sample_count = metric_samples(observation->metric, run, observation->samples);
    observation->censored = population - observation->sample_count;
}

void observation_deinit(struct observation *observation) {
    free(observation->values);
    free(observation->samples);
    *observation = (struct observation){0};
}

/* The measure's values of all runs; NaN where there is no run. */
static double *column(const struct variant *variant, size_t measure) {
    double *values = memory_new(variant->run_count, sizeof *values);
    for (size_t r = 0; r < variant->run_count; r++)
        values[r] = variant->runs[r].there ? variant->runs[r].values[measure] : NAN;
    return values;
}

static void estimate_own(const double *values, size_t count, struct cell *cell) {
    double *kept = memory_new(count, sizeof *kept);
    for (size_t i = 0; i < count; i++) {
        cell->open += isinf(values[i]) != 0;
        if (!isnan(values[i]))
            kept[cell->n++] = values[i];
    }
    cell->own = estimate_mean(kept, cell->open > 0 ? 0 : cell->n);
    free(kept);
}

static bool moves(const struct paired *paired) {
    bool same = paired->mean == 0 && paired->low == 0 && paired->high == 0;
    return !isnan(paired->p) && !same;
}

static void evaluate(struct study *study, size_t measure, double *p) {
    const struct variant *first = &study->variants[0];
    double *base = column(first, measure);
    for (size_t v = 0; v < study->variant_count; v++) {
        const struct variant *variant = &study->variants[v];
        size_t at = v * measure_count() + measure;
        struct cell *cell = &study->cells[at];
        double *values = column(variant, measure);
        estimate_own(values, variant->run_count, cell);
        cell->from_first =
            study->unpaired
                ? unpaired_compare(base, first->run_count, values, variant->run_count)
                : paired_compare(base, values, size_min(first->run_count, variant->run_count));
        bool in_family = v > 0 && measure_at(measure)->tested && moves(&cell->from_first);
        p[at] = in_family ? cell->from_first.p : NAN;
        study->tests += in_family;
        free(values);
    }
    free(base);
}

static const struct metric *metric_of_runs(const struct study *study) {
    for (size_t v = 0; v < study->variant_count; v++)
        for (size_t r = 0; r < study->variants[v].run_count; r++)
            if (study->variants[v].runs[r].there)
                return study->variants[v].runs[r].metric;
    return metric_find("felt");
}

void study_evaluate(struct study *study, const struct metric *main) {
    size_t count = study->variant_count * measure_count();
    double *p = memory_new(count, sizeof *p), *adjusted = memory_new(count, sizeof *adjusted);
    study->main = main != NULL ? main : metric_of_runs(study);
    study->cells = memory_new(count, sizeof *study->cells);
    for (size_t m = 0; m < measure_count(); m++)
        evaluate(study, m, p);
    holm_adjust(p, count, adjusted);
    for (size_t i = 0; i < count; i++)
        study->cells[i].p_holm = adjusted[i];
    free(p);
    free(adjusted);
}

void study_deinit(struct study *study) {
    for (size_t v = 0; v < study->variant_count; v++) {
        struct variant *variant = &study->variants[v];
        for (size_t r = 0; r < variant->run_count; r++)
            observation_deinit(&variant->runs[r]);
        free(variant->runs);
        free(variant->label);
        free(variant->scenario_text);
    }
    free(study->variants);
    free(study->cells);
    *study = (struct study){0};
}

const struct cell *study_cell(const struct study *study, size_t variant, size_t measure) {
    assert(variant < study->variant_count && measure < measure_count());
    return &study->cells[variant * measure_count() + measure];
}

bool cell_significant(const struct cell *cell) {
    return cell->p_holm < PAIRED_LEVEL;
}

double cell_relative(const struct cell *cell) {
    double base = cell->from_first.base;
    return base > 0 ? cell->from_first.mean / base : NAN;
}

size_t study_runs(const struct study *study, size_t *planned) {
    size_t there = 0;
    *planned = 0;
    for (size_t v = 0; v < study->variant_count; v++) {
        *planned += study->variants[v].run_count;
        for (size_t r = 0; r < study->variants[v].run_count; r++)
            there += study->variants[v].runs[r].there;
    }
    return there;
}

uint64_t study_violations(const struct study *study) {
    uint64_t sum = 0;
    for (size_t v = 0; v < study->variant_count; v++)
        for (size_t r = 0; r < study->variants[v].run_count; r++)
            sum += study->variants[v].runs[r].violations;
    return sum;
}

void study_headlines(const struct study *study, size_t measures[STUDY_HEADLINES], size_t *count) {
    static const enum statistic statistics[] = {STATISTIC_P50, STATISTIC_P95, STATISTIC_P99};
    *count = 0;
    for (size_t s = 0; s < ARRAY_LEN(statistics); s++)
        for (size_t m = 0; m < measure_count(); m++)
            if (measure_at(m)->metric == study->main && measure_at(m)->statistic == statistics[s])
                measures[(*count)++] = m;
    for (size_t m = 0; m < measure_count(); m++)
        if (measure_at(m)->metric == NULL)
            measures[(*count)++] = m;
    assert(*count <= STUDY_HEADLINES);
}
