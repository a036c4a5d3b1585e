/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a person reads first: every budget metric against its target, in a terminal table and in
 * summary.json. Percentiles are of the merged samples, never means of percentiles; the interval is
 * over the repetitions' own p99. */
#ifndef TIERCHAIN_SIM_REPORT_SUMMARY_H
#define TIERCHAIN_SIM_REPORT_SUMMARY_H

#include "sim/report/budget.h"
#include "sim/report/statistics.h"
#include "sim/report/text.h"

#define SUMMARY_QUANTILES 5

struct summary_quantile {
    const char *name;
    uint32_t ppm;
};

extern const struct summary_quantile summary_quantiles[];
extern const size_t summary_quantile_count;

enum verdict { VERDICT_NONE, VERDICT_MET, VERDICT_MISSED };

struct summary_row {
    size_t n, censored;
    int64_t values[SUMMARY_QUANTILES]; /* ns; STATISTIC_CENSORED = "> T" */
    struct estimate p99;               /* over repetitions, ns; n = those whose p99 exists */
    enum verdict verdict;              /* of the merged p99 against the target */
};

void summary_measure(const struct budget *budget, const struct run_result *runs, size_t count,
                     struct summary_row *row);

/* Whether there were transfers to other cities: budget_settle is a row of its own then. */
bool summary_transferred(const struct run_result *runs, size_t count);

/* Announcements have no target and a row of their own, when there were any: their times from
 * decision to delivery. */
extern const struct budget announce_budget;
bool summary_announced(const struct run_result *runs, size_t count);
void summary_measure_announcements(const struct run_result *runs, size_t count,
                                   struct summary_row *row);

/* Likewise how wrong clocks were, in worlds where they can be. */
extern const struct budget clock_budget;
bool summary_clocks_watched(const struct run_result *runs, size_t count);
void summary_measure_clocks(const struct run_result *runs, size_t count, struct summary_row *row);

/* The terminal table, in colour if asked. */
void summary_print(const struct run_result *runs, size_t count, bool colour, struct text *out);

/* summary.json over all repetitions; the same for one run is run.json. */
void summary_json(const struct run_result *runs, size_t count, struct text *out);

#endif
