/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a person reads first: every metric against its target, in a terminal table and in
 * summary.json. Percentiles are of the merged samples, never means of percentiles; the interval is
 * over the repetitions' own p99. Of a single run it is one of order statistics (statistics.h), as if
 * its samples were independent; they are not, since transactions share queues and batches, so it is
 * too narrow, and says so. */
#ifndef TIERCHAIN_SIM_REPORT_SUMMARY_H
#define TIERCHAIN_SIM_REPORT_SUMMARY_H

#include "sim/report/metric.h"
#include "sim/report/statistics.h"
#include "sim/report/text.h"

#define SUMMARY_QUANTILES 5
#define SUMMARY_WIDTH     100 /* columns of the lines that are wrapped */

struct summary_quantile {
    const char *name; /* "p99.9" */
    const char *key;  /* "p99_9_ns", in JSON */
    uint32_t ppm;
};

extern const struct summary_quantile summary_quantiles[];
extern const size_t summary_quantile_count;

enum verdict { VERDICT_NONE, VERDICT_MET, VERDICT_OVER };

struct summary_row {
    size_t n, censored;
    int64_t values[SUMMARY_QUANTILES]; /* ns; STATISTIC_CENSORED = "> T"; METRIC_NOTHING */
    size_t repetitions;                /* runs with any population */
    size_t open;                       /* of these: runs whose p99 lies among the censored */
    struct estimate p99;               /* over repetitions, ns; none when any is open */
    int64_t p99_low, p99_high;         /* of a single run, 95 % by ranks; METRIC_NOTHING: none */
    enum verdict verdict;              /* of the merged p99 against the target */
};

/* Of a duration. */
void summary_measure(const struct metric *metric, const struct run_result *runs, size_t count,
                     struct summary_row *row);

/* Neither "> T" nor nothing. */
bool summary_is_value(int64_t value);

/* How many metrics' p99 lie above their targets. */
size_t summary_over_target(const struct run_result *runs, size_t count);

/* "met", "over", "-": a missed target is told from a missed expectation. */
const char *summary_verdict(enum verdict verdict);

/* The terminal table, in colour if asked. */
void summary_print(const struct run_result *runs, size_t count, bool colour, struct text *out);

/* summary.json over all repetitions. */
void summary_json(const struct run_result *runs, size_t count, struct text *out);

#endif
