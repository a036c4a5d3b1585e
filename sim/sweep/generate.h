/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Plans by swarm (Groce et al., ISSTA 2012: "Swarm testing"): each seed leaves most kinds of trouble out and
 * has much of the others, for faults hide each other. The kinds are rows of a table in generate.c.
 *
 * At most f members are faulty (twins, hostile, amnesiac or gone); all others may crash, restart and be cut
 * off until heal, as many of them at a time as the draw says. */
#ifndef TIERCHAIN_SIM_SWEEP_GENERATE_H
#define TIERCHAIN_SIM_SWEEP_GENERATE_H

#include "sim/sweep/plan.h"

struct plan_case {
    const char *variant, *certificates;
    int64_t n;      /* 4 … PLAN_MEMBERS */
    int64_t faulty; /* at most so many; PLAN_UNSET: f. With more than f nothing is promised */
    uint64_t seed;
};

/* The plan of that case, always the same. Free with plan_deinit. */
void plan_generate(struct plan *plan, const struct plan_case *which);

#endif
