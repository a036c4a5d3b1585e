/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What to think of an outcome, by what the plan expects. */
#ifndef TIERCHAIN_SIM_SWEEP_JUDGE_H
#define TIERCHAIN_SIM_SWEEP_JUDGE_H

#include "sim/sweep/play.h"

/* Frames that one frame of somebody faulty may draw from each member, in the mean. */
#define JUDGE_ANSWERS 4

enum failure_kind {
    FAILURE_NONE,
    FAILURE_VIOLATION, /* a checker fired, or one that was to fire did not */
    FAILURE_LIVE,      /* not all decided within the bound, at first or after the rest */
    FAILURE_STORM,     /* more steps or messages than anything can need */
    FAILURE_ABORT,     /* the process died */
    FAILURE_COUNT,     /* fewer or more decisions than the plan expects */
    FAILURE_KINDS
};

const char *failure_kind_name(enum failure_kind kind);

struct verdict {
    enum failure_kind kind;
    char cause[96]; /* such failures are counted together: "not live: views apart" */
    char words[PLAY_TEXT];
};

/* @silent: what came of it with a silent adversary; NULL unless plan_wants_silent. */
void judge(const struct plan *plan, const struct outcome *outcome, const struct outcome *silent,
           struct verdict *verdict);

/* Whether the plan compares with the adversary silent. */
bool judge_wants_silent(const struct plan *plan);

/* Of a process that died: by a signal, with the last words that it wrote. */
void judge_death(int signal, const char *last_words, struct verdict *verdict);

#endif
