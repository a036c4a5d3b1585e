/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One picture: <name>.gp and <name>.dat side by side, drawn by gnuplot as PNG and SVG. */
#ifndef TIERCHAIN_SIM_REPORT_PICTURE_H
#define TIERCHAIN_SIM_REPORT_PICTURE_H

#include "sim/report/text.h"

struct picture {
    const char *name;
    const char *title;     /* the variable figure_title */
    const char *variables; /* gnuplot assignments and definitions */
    const char *commands;  /* for each terminal; they read <name>.dat */
    const struct text *data;
};

/* Writes both sources into @dir. 0 or ERR_INVALID with errno set. */
int picture_write(const struct picture *picture, const char *dir);

/* Has gnuplot draw it; false when that is missing or fails, and then there is no half picture. */
bool picture_draw(const char *dir, const char *name);

#endif
