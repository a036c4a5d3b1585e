/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The extent of a figure's axis, from what it shows: budgets have a panel of their own, so that they
 * never squeeze the measured into a corner. */
#ifndef TIERCHAIN_SIM_REPORT_AXIS_H
#define TIERCHAIN_SIM_REPORT_AXIS_H

#include "base/types.h"
#include "sim/report/text.h"

struct axis {
    time_ns least, most; /* of what was added; least TIME_NEVER: nothing */
};

void axis_init(struct axis *axis);

/* Values below 0 and above any time (censored) are left out. */
void axis_add(struct axis *axis, int64_t value);

/* The gnuplot variables <name>_from and <name>_to in ms, and <name>_log: 1 when the values span
 * more than a factor of AXIS_LINEAR, for which a linear axis would show but the largest. */
#define AXIS_LINEAR 20
void axis_write(const struct axis *axis, const char *name, struct text *variables);

#endif
