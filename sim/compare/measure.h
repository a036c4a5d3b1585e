/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is compared: of every duration of metric.h its statistics ("felt.p99"), its numbers and shares, and what
 * a decision costs (the rows of measure.c). Each is one number of one run. */
#ifndef TIERCHAIN_SIM_COMPARE_MEASURE_H
#define TIERCHAIN_SIM_COMPARE_MEASURE_H

#include "sim/report/metric.h"
#include "sim/scenario/expectation.h"
#include "sim/scenario/quantity.h"

#define MEASURE_NAME_BYTES 48

struct measure {
    char name[MEASURE_NAME_BYTES];
    const char *unit;    /* of its values: "ns", "ppm", what is counted */
    enum unit_kind kind; /* how people write it: a duration, a share, a number */
    const char *help;
    bool
        tested; /* belongs to the family of tests: p50, p95, p99, numbers and shares. The mean and p90 say
                    the same again, the tail beyond p99 rests on a handful of transactions */
    const struct metric *metric; /* NULL: a row of measure.c */
    enum statistic statistic;
    double (*value)(const struct run_result *run);
};

/* All measures, in the order in which they are shown. */
size_t measure_count(void);
const struct measure *measure_at(size_t index);

/* The measure's position by its name, also by its metric's second name; measure_count() when there is none. */
size_t measure_find(const char *name);

/* Fills @values (measure_count() of them) from one run: NaN: the run has nothing of it; INFINITY: it lies among
 * those that never got there. */
void measure_run(const struct run_result *run, double *values);

/* "12.345 ms", "3.20", "12.3 %"; "> T" and "-". */
#define MEASURE_TEXT_BYTES 40
void measure_format(const struct measure *measure, double value, char text[MEASURE_TEXT_BYTES]);

/* A difference of two such values: with its sign, and of shares in percentage points. */
void measure_format_difference(const struct measure *measure, double value,
                               char text[MEASURE_TEXT_BYTES]);

#endif
