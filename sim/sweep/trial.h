/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A plan played and judged. */
#ifndef TIERCHAIN_SIM_SWEEP_TRIAL_H
#define TIERCHAIN_SIM_SWEEP_TRIAL_H

#include "sim/sweep/judge.h"

struct trial {
    struct verdict verdict;
    struct outcome outcome;
};

/* In this process, which may end by it. With SimGrid only once in its life; what a plan is compared with,
 * the adversary silent, is played on the loop. */
void trial_play(const struct plan *plan, const struct stage_ops *stage, struct trial *trial);

/* In a process of its own: an end by a signal is a verdict as well. False when a signal came that ends
 * runs (interrupt.h). */
bool trial_run(const struct plan *plan, const struct stage_ops *stage, struct trial *trial);

#endif
