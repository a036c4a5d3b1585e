/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A study's figures: the distributions over each other, the differences with their intervals, and for each axis
 * whose values are numbers the latency against it. */
#ifndef TIERCHAIN_SIM_COMPARE_FIGURE_H
#define TIERCHAIN_SIM_COMPARE_FIGURE_H

#include "sim/compare/study.h"
#include "sim/report/text.h"

#define FIGURE_CURVES                                                                              \
    8 /* what can be told apart; further variants are left out, and the caption says so */
#define FIGURES_MOST (2 + VARY_AXES)

struct figure_note {
    char name[64];
    char caption[400];
};

/* Writes <dir>/<name>.gp and .dat and has them drawn, for every figure that the study has; their names and captions
 * go to @notes (room for FIGURES_MOST). @vary may be NULL. 0, or ERR_INVALID when a file cannot be written. Without
 * gnuplot the pictures are missing and stderr says so once. */
int figures_write(const struct study *study, const struct vary *vary, const char *dir,
                  struct figure_note *notes, size_t *count);

#endif
