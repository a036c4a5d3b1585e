/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How long does a unit of work keep one core busy? And a record the disk, which is the kind `persist`?
 *
 *   time = count · cost[kind]        (ns, of the table's machine; a node's speed divides a core's time)
 *
 * A table is a CSV (models/csv.h) with the columns `kind` and `unit_ns` and any others, one row
 * for every kind of work of env/work.def: "vrf_prove", or "sign@ed25519" for one signature
 * suite, which wins over a plain row. Embedded: "measured" and "zero". `tierchain calibrate`
 * writes the same format.
 *
 * A cost may be a distribution with the mean unit_ns: exponential, or a row's measured quantiles, ns, in
 * columns p0 … p100 (models/quantiles.h; empty in rows that have none). Every unit is drawn by itself, and
 * the time is the sum; of more than CPU_DRAWS units the sum is taken as its mean, which it then misses by a
 * standard deviation of at most 1/8, if that of a unit is at most its mean.
 *
 * Source: cpu/measured.csv, whose every row states its quality (measured, derived, assumption).
 *
 * Validity: one thread, warm caches, messages of the sizes that the table states.
 *
 * Ignored: batch verification, contention for memory, frequency scaling, SIMD warm-up. The measured table
 * has means alone, so the spread of a single call (ML-DSA signing takes 0.4 to 1.7 times its mean).
 *
 * Random numbers: one a unit of a kind that is no constant. */
#ifndef TIERCHAIN_MODELS_CPU_H
#define TIERCHAIN_MODELS_CPU_H

#include "base/types.h"
#include "env/work.h"
#include "models/quantiles.h"
#include "base/rng.h"

#define CPU_COST_LIMIT (3600 * NS_PER_S) /* of one unit */

#define CPU_DRAWS 64

enum cpu_spread { CPU_CONSTANT, CPU_EXPONENTIAL, CPU_QUANTILES };

struct cpu_model {
    uint64_t cost_ns[WORK_COUNT]; /* mean */
    enum cpu_spread spread[WORK_COUNT];
    struct quantiles quantiles[WORK_COUNT]; /* ns */
};

/* Where and what is wrong with a table. */
struct cpu_error {
    size_t line, column; /* from 1 */
    char text[CSV_PROBLEM_BYTES];
};

struct cpu_table {
    const char *name;
    const char *description;
    const char *source;
    const char *file; /* embedded; NULL: everything is free */
};

/* The tables that have a name, for lists and look-ups; NULL behind the last. */
const struct cpu_table *cpu_table_at(size_t index);

/* Takes an embedded table. 0, or ERR_UNKNOWN for its name; otherwise as cpu_init. */
int cpu_init_named(struct cpu_model *model, const char *table, const char *suite,
                   struct cpu_error *error);

/* Takes a table's text for a node that signs with @suite. 0; ERR_INVALID with @error filled in for
 * a malformed row, an unknown or repeated kind, or a kind without a row. */
int cpu_init(struct cpu_model *model, const char *text, size_t size, const char *suite,
             struct cpu_error *error);

/* Of @count units, in ns; saturates at INT64_MAX. */
time_ns cpu_cost_ns(const struct cpu_model *model, enum work work, uint64_t count);

/* The same, drawn. */
time_ns cpu_draw_ns(const struct cpu_model *model, enum work work, uint64_t count, struct rng *rng);

/* Kinds that are constant from now on spread as @spread says: constant, or exponential. */
void cpu_set_spread(struct cpu_model *model, enum cpu_spread spread);

/* The mean of @work is @cost_ns; quantiles are stretched to it. */
void cpu_set_cost(struct cpu_model *model, enum work work, uint64_t cost_ns);

/* Whether any kind is no constant. */
bool cpu_is_random(const struct cpu_model *model);

#endif
