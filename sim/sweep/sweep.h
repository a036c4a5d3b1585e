/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `tierchain sweep`: plans by swarm for many seeds, on the loop driver, each in a process of its own; what
 * fails is counted by cause, and the first case of each cause is shrunk and kept as a file that plays
 * again (sweep_replay). The outcome does not depend on the number of jobs. */
#ifndef TIERCHAIN_SIM_SWEEP_SWEEP_H
#define TIERCHAIN_SIM_SWEEP_SWEEP_H

#include "sim/sweep/generate.h"
#include "sim/sweep/trial.h"

#define SWEEP_LEAST    4  /* members */
#define SWEEP_MOST     10 /* … unless it is told otherwise */
#define SWEEP_CAUSES   200
#define SWEEP_EXAMPLES 5 /* cases named of one cause */

struct sweep_range {
    int64_t first, last;
};

struct sweep {
    const char *variant, *certificates; /* NULL: each, as far as the variant supports them */
    struct sweep_range n, seeds;
    int64_t faulty; /* PLAN_UNSET: up to f */
    int64_t jobs;
    const char *directory; /* where failures are kept */
    bool quiet, dry_run;   /* dry_run: print the plans, play nothing */
};

/* Tells the outcome on stdout and progress on stderr. Returns an exit code of the program. */
int sweep_run(const struct sweep *sweep);

/* Plays a file and tells whether its expectations are met, likewise. */
int sweep_replay(const char *file, const struct stage_ops *stage);

#endif
