/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/run.h"

#include <stdio.h>

/* This program was linked without the simulation driver, whose file takes this one's place. */
int run_scenario(const struct run_options *options) {
    fputs("tierchain: this build has no simulation driver; --dry-run works\n", stderr);
    return EXIT_ABORTED;
}
