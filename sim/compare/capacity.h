/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The highest load that keeps a bound, for every variant. Each seed is searched by itself (search.h), with the same
 * random numbers at every load: arrivals are the same draws on a shorter scale. So a variant has one limit a seed, their mean
 * has an interval, and the differences between variants are paired. */
#ifndef TIERCHAIN_SIM_COMPARE_CAPACITY_H
#define TIERCHAIN_SIM_COMPARE_CAPACITY_H

#include "sim/compare/search.h"
#include "sim/compare/study.h"
#include "sim/report/text.h"
#include "sim/run/progress.h"
#include "sim/scenario/scenario.h"

#define CAPACITY_TRANSACTIONS 10   /* expected of a run, below which no load is tried */
#define CAPACITY_SPAN         1024 /* times the scenario's rate, beyond which none is */

/* One run of a search. */
struct trial {
    size_t variant, seed; /* positions */
    double rate;          /* transactions per second */
    double value;         /* of the measure; INFINITY: open, NaN: nothing */
    bool kept;
};

struct capacity {
    const struct scenario *scenarios; /* of each variant; open workloads */
    const struct study *study;        /* letters and labels */
    const uint64_t *seeds;
    size_t seed_count;
    size_t measure;
    double below; /* in the measure's unit; a value up to it keeps the bound */
    size_t jobs;
    enum progress_mode progress;
    const char *directory; /* see struct pool */

    /* Filled: */
    struct search *searches; /* variant by variant */
    struct trial *trials;    /* in order of rounds */
    size_t trial_count;
    size_t lost; /* runs that failed: their searches end */
};

/* Searches all; a signal ends it, and what is found so far stays. Free with capacity_deinit. */
void capacity_search(struct capacity *capacity);
void capacity_deinit(struct capacity *capacity);

/* The limits of a variant, one a seed, in transactions per second; NaN where the search did not end. The caller frees
 * them. */
double *capacity_limits(const struct capacity *capacity, size_t variant);

/* A row for each variant, then the differences from the first, Holm-corrected. */
void capacity_print(const struct capacity *capacity, struct text *out);

/* capacity.csv: a row for each variant and seed; trials.csv; capacity.json; the rows of the figure. */
void capacity_csv(const struct capacity *capacity, struct text *out);
void capacity_csv_trials(const struct capacity *capacity, struct text *out);
void capacity_json(const struct capacity *capacity, struct text *out);

/* The measure against the load, a point for each trial: <dir>/capacity.gp, .dat and the pictures. 0 or ERR_INVALID. */
int capacity_draw(const struct capacity *capacity, const char *dir);

#endif
