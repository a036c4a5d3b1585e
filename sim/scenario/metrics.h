/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a scenario may expect: "total.p99 < 800 ms", "commits >= 100". */
#ifndef TIERCHAIN_SIM_SCENARIO_METRICS_H
#define TIERCHAIN_SIM_SCENARIO_METRICS_H

#include "base/types.h"

/* METRIC(constant, name, kind, help) */
#define METRIC_TABLE(METRIC)                                                                       \
    METRIC(METRIC_TOKEN, "token", DURATION, "from the click to the verified token")                \
    METRIC(METRIC_S1, "s1", DURATION, "layer S1: the nodes are chosen")                            \
    METRIC(METRIC_S2, "s2", DURATION, "layer S2: the pieces are made")                             \
    METRIC(METRIC_S3, "s3", DURATION, "layer S3: holds are requested")                             \
    METRIC(METRIC_S4, "s4", DURATION, "layer S4: pieces sent, enough holds acknowledged")          \
    METRIC(METRIC_S5, "s5", DURATION, "layer S5: the city has committed")                          \
    METRIC(METRIC_CITY, "city", DURATION, "from the click to the city's commit")                   \
    METRIC(METRIC_CONTINENT, "continent", DURATION, "from the city's commit to the continent's")   \
    METRIC(METRIC_TOTAL, "total", DURATION, "from the click to the continent's acknowledgement")   \
    METRIC(METRIC_FELT, "felt", DURATION, "from the click until the UI may close")                 \
    METRIC(METRIC_ANNOUNCE, "announce", DURATION,                                                  \
           "from a continental block's decision to a full node's news of it")                      \
    METRIC(METRIC_ANNOUNCEMENTS, "announcements", NUMBER, "continental blocks announced")          \
    METRIC(METRIC_ANNOUNCE_REACH, "announce.reach", SHARE, "of the living full nodes")             \
    METRIC(METRIC_ANNOUNCE_REDUNDANCY, "announce.redundancy", SHARE,                               \
           "payloads that came again, of those that were new (RMR)")                               \
    METRIC(METRIC_ANNOUNCE_HOPS, "announce.hops", NUMBER, "to the last receiver, at most (LDH)")   \
    METRIC(METRIC_SETTLE, "settle", DURATION, "of a transfer, until the other city has settled")   \
    METRIC(METRIC_SETTLED_SHARE, "settled_share", SHARE, "of the transfers to other cities")       \
    METRIC(METRIC_CLOCK_ERROR, "clock_error", DURATION,                                            \
           "how wrong the nodes' clocks are, corrected")                                           \
    METRIC(METRIC_COMMITS, "commits", NUMBER, "transactions finished")                             \
    METRIC(METRIC_COMMITTED_SHARE, "committed_share", SHARE, "of those submitted")                 \
    METRIC(METRIC_DROPPED, "dropped", NUMBER, "messages dropped by receivers")                     \
    METRIC(METRIC_AUDITS_PASSED, "audits.passed", NUMBER, "audits that a holder passed")           \
    METRIC(METRIC_AUDITS_LATE, "audits.late", NUMBER, "audits not answered in time")               \
    METRIC(METRIC_AUDITS_WRONG, "audits.wrong", NUMBER, "audits that showed a missing block")      \
    METRIC(METRIC_MESSAGES, "messages", NUMBER, "messages sent")                                   \
    METRIC(METRIC_VIOLATIONS, "invariants.violations", NUMBER, "checked invariants that broke")

#define METRIC_ENUM(constant, name, kind, help) constant,
enum metric { METRIC_TABLE(METRIC_ENUM) METRIC_COUNT };
#undef METRIC_ENUM

enum metric_kind { METRIC_DURATION, METRIC_NUMBER, METRIC_SHARE };

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
    enum metric metric;
    enum statistic statistic;
    enum comparison comparison;
    int64_t value; /* ns, a number, or millionths, as the metric's kind says */
};

const char *metric_name(enum metric metric);
const char *metric_help(enum metric metric);
enum metric_kind metric_kind(enum metric metric);
const char *statistic_name(enum statistic statistic);    /* "p99"; "" for STATISTIC_NONE */
const char *comparison_name(enum comparison comparison); /* "<" */

/* Whether @observed keeps the bound. */
bool expectation_holds(const struct expectation *bound, int64_t observed);

/* Parses "metric[.statistic] op value". 0, or ERR_INVALID: @message (of @size bytes) then says what
 * is wrong and @at is the offset in @text of the offending part. */
int expectation_parse(const char *text, struct expectation *bound, char *message, size_t size,
                      size_t *at);

#endif
