/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Plays a plan on either driver, and says what came of it (judge.h says what to think of that).
 *
 *   faults     the plan's rows, until heal
 *   recovery   everybody is told what was submitted, and one transaction more; it ends when all is decided
 *              by all correct members that are up, or with the plan's bound
 *   rest       what is still on its way may come to an end, then messages are counted
 *   wake-up    one more transaction, to be decided likewise
 *
 * Who is told what is known to no rule of the protocol, so everything after the faults follows only when
 * the protocol promises it (plan_is_live); otherwise the play ends a little after heal. */
#ifndef TIERCHAIN_SIM_SWEEP_PLAY_H
#define TIERCHAIN_SIM_SWEEP_PLAY_H

#include "sim/sweep/plan.h"

#define PLAY_STEPS_MAX 3000000 /* of all stations: beyond it is a storm, whatever else */
#define PLAY_TEXT      320

enum play_end {
    PLAY_DONE,
    PLAY_NOT_ASKED, /* nothing was promised after heal */
    PLAY_STUCK,     /* not all decided within the bound */
    PLAY_NOT_WOKEN, /* nor the last transaction */
    PLAY_STORM,     /* more steps than PLAY_STEPS_MAX */
    PLAY_ENDS
};

struct outcome {
    enum play_end end;
    uint32_t violations;         /* bit: enum assembly_rule */
    char violation[PLAY_TEXT];   /* the first; "" */
    char state[PLAY_TEXT];       /* of the members, when something was stuck or not quiet */
    char cause[48];              /* what such states have in common, for a count by kind */
    uint64_t decided;            /* batches in the log at heal */
    uint64_t submitted, ordered; /* transactions, in the end */
    uint64_t steps;
    uint64_t sent;        /* frames of correct members, in all */
    uint64_t sent_after;  /* … after heal, up to the rest */
    uint64_t heard_after; /* frames of the adversary and of twins meanwhile */
    uint64_t sent_idle;   /* … in the rest, while nothing waited */
    uint64_t heard_idle;
    time_ns idle;      /* how long that was */
    time_ns recovered; /* after heal; TIME_NEVER: not */
    time_ns ended;
    uint64_t trace_hash;
};

/* @silent: hostile members say nothing instead. */
void play(const struct plan *plan, const struct stage_ops *stage, bool silent,
          struct outcome *outcome);

#endif
