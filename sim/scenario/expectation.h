/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a scenario may expect: "total.p99 < 800 ms", "commits >= 100". */
#ifndef TIERCHAIN_SIM_SCENARIO_EXPECTATION_H
#define TIERCHAIN_SIM_SCENARIO_EXPECTATION_H

#include "sim/report/metric.h"

/* Which value of a distribution; STATISTIC_NONE for a metric that is one number. */
enum statistic {
    STATISTIC_NONE,
    STATISTIC_P50,
    STATISTIC_P90,
    STATISTIC_P95,
    STATISTIC_P99,
    STATISTIC_P99_9,
    STATISTIC_MAX,
    STATISTIC_MEAN,
    STATISTIC_COUNT
};

enum comparison { LESS, LESS_EQUAL, EQUAL, NOT_EQUAL, GREATER_EQUAL, GREATER, COMPARISON_COUNT };

struct expectation {
    const struct metric *metric;
    enum statistic statistic;
    enum comparison comparison;
    int64_t value; /* ns, a number, or millionths, as the metric's kind says */
};

const char *statistic_name(enum statistic statistic);    /* "p99"; "" for STATISTIC_NONE */
const char *comparison_name(enum comparison comparison); /* "<" */

/* Whether @observed keeps the bound; METRIC_NOTHING never does. */
bool expectation_holds(const struct expectation *bound, int64_t observed);

/* Parses "metric[.statistic] op value". 0, or ERR_INVALID: @message (of @size bytes) then says what
 * is wrong and @at is the offset in @text of the offending part. */
int expectation_parse(const char *text, struct expectation *bound, char *message, size_t size,
                      size_t *at);

#endif
