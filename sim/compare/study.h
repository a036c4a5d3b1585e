/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Variants beside each other: what each run measured, reduced, and what follows for every measure. Where the
 * runs come from (simulated now, or from disk) does not matter here. */
#ifndef TIERCHAIN_SIM_COMPARE_STUDY_H
#define TIERCHAIN_SIM_COMPARE_STUDY_H

#include "sim/compare/measure.h"
#include "sim/compare/paired.h"
#include "sim/compare/vary.h"
#include "sim/report/shares.h"
#include "sim/report/statistics.h"

/* One run. */
struct observation {
    uint64_t seed, trace_hash;
    bool there; /* it came to its end; otherwise nothing of it counts */
    uint64_t violations;
    double *values;              /* of every measure */
    const struct metric *metric; /* whose samples these are */
    int64_t *samples;            /* ns, ascending */
    size_t sample_count, censored;
    struct shares shares; /* of its critical paths */
};

/* Reduces a run. The samples are those of @metric; NULL: of felt, or of the first duration that there is. */
void observation_init(struct observation *observation, const struct run_result *run,
                      const struct metric *metric);
void observation_deinit(struct observation *observation);

struct variant {
    char letter[VARY_LETTERS];
    char *label;              /* owned; what is varied, or where it lies */
    char *scenario_text;      /* owned; resolved */
    struct observation *runs; /* owned; the same position in two variants is a pair */
    size_t run_count;
};

/* One measure of one variant. */
struct cell {
    size_t n, open;           /* runs that have a value; of these: open */
    struct estimate own;      /* over the runs; of nothing when one is open */
    struct paired from_first; /* the difference from the first variant */
    double p_holm;            /* adjusted; NaN: not in the family of tests */
};

struct study {
    const char *name; /* of the scenario */
    struct variant *variants;
    size_t variant_count;
    bool unpaired;             /* the variants have no seed in common: Welch's test */
    const struct metric *main; /* what figures and the first table are about */
    struct cell *cells;        /* owned; variant by variant, a row of measure_count() each */
    size_t tests;              /* in the family that Holm's correction is over */
};

/* Computes main and cells. Each variant's runs must be there, in the order of their pairs.
 *
 * The family of tests is every tested measure of every variant but the first. Measures that are equal to the
 * last bit in all pairs are left out: they could not become significant, and need no share of the error
 * (Tarone, Biometrics 46 (1990)). */
void study_evaluate(struct study *study, const struct metric *main);

/* Frees what it owns, the variants too. */
void study_deinit(struct study *study);

const struct cell *study_cell(const struct study *study, size_t variant, size_t measure);

/* Significant at PAIRED_LEVEL, all tests together. */
bool cell_significant(const struct cell *cell);

/* The difference as a share of the first's mean; NaN where there is none. */
double cell_relative(const struct cell *cell);

/* Complete runs of all variants, and of how many. */
size_t study_runs(const struct study *study, size_t *planned);

/* Invariants that broke in any run. */
uint64_t study_violations(const struct study *study);

/* The measures that the first tables show: main's p50, p95, p99, then the rows of measure.c. NULL behind the last. */
#define STUDY_HEADLINES 16
void study_headlines(const struct study *study, size_t measures[STUDY_HEADLINES], size_t *count);

#endif
