/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `--fail-if 'felt.p99 > +5 %'`: a limit to how far a variant may be from the first.
 *
 *     bound   = measure ("<" | ">") limit
 *     limit   = ("+" | "-") number unit      '%': of the first's mean, also for shares; otherwise as the measure is
 *                                            written: "+2 ms", "-100"
 *
 * It is broken when the mean difference lies beyond the limit and its own 95 % interval (without Holm's
 * correction: a bound is a question of its own) excludes that there is none. Beyond the limit, but perhaps by chance: undecided.
 * That does not fail, and is told: more seeds decide. What cannot be judged fails: nothing measured, fewer than
 * two pairs. Where a value is open, a larger one breaks '>' when the sign test says that it is no chance. */
#ifndef TIERCHAIN_SIM_COMPARE_BOUND_H
#define TIERCHAIN_SIM_COMPARE_BOUND_H

#include "sim/compare/study.h"
#include "sim/report/json.h"
#include "sim/report/text.h"

struct bound {
    const char *text; /* as it was typed; borrowed */
    size_t measure;
    bool above;    /* '>' */
    bool relative; /* the limit is a share of the first's mean, otherwise in the measure's unit */
    double limit;
};

enum bound_outcome { BOUND_KEPT, BOUND_UNDECIDED, BOUND_BROKEN, BOUND_UNKNOWN };

/* Parses. 0, or ERR_INVALID: @message then says what is wrong at the offset *at. */
int bound_parse(const char *text, struct bound *bound, char *message, size_t size, size_t *at);

enum bound_outcome bound_judge(const struct bound *bound, const struct cell *cell);

/* "kept", "undecided", "BROKEN", "nothing to judge" */
const char *bound_outcome_name(enum bound_outcome outcome);

/* How many bounds and variants fail: are broken or cannot be judged. */
size_t bounds_failed(const struct bound *bounds, size_t count, const struct study *study);

/* A line for each bound and variant. */
void bounds_print(const struct bound *bounds, size_t count, const struct study *study,
                  struct text *out);

/* The member "bounds" of compare.json. */
void bounds_json(const struct bound *bounds, size_t count, const struct study *study,
                 struct json *json);

/* junit.xml: a test case for each bound and variant; what is undecided counts as skipped. */
void bounds_junit(const struct bound *bounds, size_t count, const struct study *study,
                  struct text *out);

#endif
