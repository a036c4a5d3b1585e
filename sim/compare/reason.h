/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Why one variant is quicker than another: what their transactions' critical paths (sim/path/path.h) were made of.
 * Every word follows from the paths: which causes make the difference, and how many messages had to follow each
 * other. It is about the whole way from the submission to `done`, whatever the study's main measure is. */
#ifndef TIERCHAIN_SIM_COMPARE_REASON_H
#define TIERCHAIN_SIM_COMPARE_REASON_H

#include "sim/compare/study.h"
#include "sim/report/json.h"
#include "sim/report/text.h"

/* Of one variant, over all its complete runs; each transaction counts the same. */
struct reason {
    size_t transactions;        /* 0: it has no paths, and nothing else is said */
    double latency;             /* ns, the mean over them */
    double messages;            /* in a row, likewise */
    double causes[PATH_CAUSES]; /* ns, likewise; their sum is the latency */
};

void reason_measure(const struct variant *variant, enum share_group group, struct reason *reason);

/* The causes by what they add to @slow over @fast, the largest amount first whatever its sign. Returns how many have
 * at least a twentieth of the whole difference, or 1 us where that is more. */
size_t reason_order(const struct reason *fast, const struct reason *slow,
                    unsigned order[PATH_CAUSES]);

/* For the middle and for the slowest: one line for each variant with what it has more than the quickest, and one of
 * plain words on what decided between the quickest and the slowest. Nothing when fewer than two have paths. */
void reason_print(const struct study *study, struct text *out);

/* The object critical_path of a variant: for each group transactions, and per transaction latency_ns, messages and
 * causes_ns. */
void reason_json(const struct variant *variant, struct json *json);

#endif
