/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The figure of one axis: p50 and p99 of the main metric against the varied number, a curve for each combination of
 * the others. Private to the figures. */
#ifndef TIERCHAIN_SIM_COMPARE_FIGURE_AXIS_H
#define TIERCHAIN_SIM_COMPARE_FIGURE_AXIS_H

#include "sim/compare/figure.h"

extern const char figure_axis_commands[];

/* Whether all values of the axis are numbers of its key. */
bool figure_axis_is_number(const struct vary *vary, size_t axis);

void figure_axis_name(const struct vary *vary, size_t axis, struct figure_note *note, char *title,
                      size_t size, const struct study *study);

void figure_axis_make(const struct study *study, const struct vary *vary, size_t axis,
                      const char *name, struct text *data, struct text *variables);

/* gnuplot definitions that every figure of a study begins with: panel(), colours (figure.c). */
extern const char figure_study_prelude[];

/* The variables curves and legend; of some labels, of a study's first variants. */
void figure_legend(const char *const *labels, size_t count, struct text *variables);
void figure_legend_of(const struct study *study, struct text *variables);

#endif
