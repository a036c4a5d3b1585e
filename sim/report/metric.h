/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a run measures, one row each (metric_rows.c): every summary, file, page, figure and every
 * `expect:` iterates over these rows and knows no metric by name.
 *
 * A duration is a distribution of samples in ns, of a population of which some may never have got
 * there: those are censored, and larger than every sample. A number and a share are one value of a
 * run. */
#ifndef TIERCHAIN_SIM_REPORT_METRIC_H
#define TIERCHAIN_SIM_REPORT_METRIC_H

#include "sim/report/histogram.h"
#include "sim/report/run_result.h"

enum metric_kind { METRIC_DURATION, METRIC_NUMBER, METRIC_SHARE };

/* The value of a number or share of a run in which there was nothing to count or to divide by. */
#define METRIC_NOTHING INT64_MIN

/* Where a step on a transaction's way stands beside the step of the row before. */
enum step_place {
    STEP_NONE,   /* no step: the figures of the way leave it out */
    STEP_AFTER,  /* it follows, so that their lengths add up */
    STEP_WITHIN, /* it lies within */
    STEP_BESIDE, /* it runs on a branch of its own */
};

/* How the figures show a metric that is a step. */
struct metric_look {
    enum step_place place;
    const char *label; /* beside its bar */
    uint32_t colour, text_colour;
};

struct metric {
    const char *name;
    enum metric_kind kind;
    const char *help;
    const char *also;       /* a second name for `expect:`, or NULL */
    const char *prometheus; /* of a duration */
    time_ns target;         /* of a duration's p99; 0 = none */
    const char *unit;       /* what a number counts */

    /* A duration between two stamps (their offsets in struct transaction_record) of all
     * transactions, or of the @some that have the first … */
    size_t from, to;
    bool some;
    /* … or one sampled elsewhere: puts one run's samples (room for its population), in any order,
     * and returns how many. */
    size_t (*sample)(const struct run_result *run, int64_t *samples);
    size_t (*population)(const struct run_result *run);

    /* A number; a share in millionths; METRIC_NOTHING. */
    int64_t (*value)(const struct run_result *run);

    bool overlay; /* only worlds with an overlay have it */
    struct metric_look look;
};

extern const struct metric metrics[];
extern const size_t metric_count;

/* By name or second name; NULL: unknown. */
const struct metric *metric_find(const char *name);

/* The unit in which results give the metric's values: "ns", "ppm" of a share, what a number counts. */
const char *metric_unit(const struct metric *metric);

/* How many samples @run would have if none were censored. Of durations. */
size_t metric_population(const struct metric *metric, const struct run_result *run);

/* Collects one run's samples into @samples (room for its population), ascending. Returns how many;
 * the rest of the population is censored. Of durations. */
size_t metric_samples(const struct metric *metric, const struct run_result *run, int64_t *samples);

/* The span of @record in ns; TIME_NEVER when either stamp did not happen, and of a metric that is
 * not about transactions. */
time_ns metric_span(const struct metric *metric, const struct transaction_record *record);

/* Whether the metric stands in the results of @runs: any of them has something of it. */
bool metric_present(const struct metric *metric, const struct run_result *runs, size_t count);

/* The samples of all @runs in one histogram of microseconds; the caller frees it. */
struct histogram *metric_histogram(const struct metric *metric, const struct run_result *runs,
                                   size_t count);

#endif
