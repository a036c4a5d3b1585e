/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Figures: <name>.gp and <name>.dat side by side (`gnuplot <name>.gp` redraws them), rendered to
 * PNG and SVG. Colours are Okabe and Ito's, which colour-blind readers can tell apart. */
#ifndef TIERCHAIN_SIM_REPORT_PLOTS_H
#define TIERCHAIN_SIM_REPORT_PLOTS_H

#include "sim/report/run_result.h"

/* Writes all figures into the new directory @dir. 0, or ERR_INVALID when a file cannot be
 * written. Where gnuplot is missing or fails, the pictures are missing and stderr says so once. */
int plots_write(const struct run_result *runs, size_t count, const char *dir);

#endif
