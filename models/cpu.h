/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How long does a unit of work keep one core busy?
 *
 *   time = count · cost[kind]        (ns, of the table's machine; a node's speed divides it)
 *
 * A table is a CSV (models/csv.h) with the columns `kind` and `unit_ns` and any others, one row
 * for every kind of work of env/work.def: "vrf_prove", or "sign@ed25519" for one signature
 * suite, which wins over a plain row. Embedded: "measured" and "zero". `tierchain calibrate`
 * writes the same format.
 *
 * Source: cpu/measured.csv, whose every row states its quality (measured, derived, assumption).
 *
 * Validity: one thread, warm caches, messages of the sizes that the table states.
 *
 * Ignored: spread of a single call (ML-DSA signing takes 0.4 to 1.7 times its mean), batch
 * verification, contention for memory, frequency scaling, SIMD warm-up.
 *
 * Random numbers: none. */
#ifndef TIERCHAIN_MODELS_CPU_H
#define TIERCHAIN_MODELS_CPU_H

#include "base/types.h"
#include "env/work.h"
#include "models/csv.h"

#define CPU_COST_LIMIT (3600 * NS_PER_S) /* of one unit */

struct cpu_model {
    uint64_t cost_ns[WORK_COUNT];
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

#endif
