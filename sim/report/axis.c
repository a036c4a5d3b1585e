/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/axis.h"

#include <math.h>

#define SMALLEST NS_PER_US /* where a logarithmic axis starts at the latest */

void axis_init(struct axis *axis) {
    *axis = (struct axis){.least = TIME_NEVER};
}

void axis_add(struct axis *axis, int64_t value) {
    if (value < 0 || value == INT64_MAX)
        return;
    axis->least = value < axis->least ? value : axis->least;
    axis->most = value > axis->most ? value : axis->most;
}

void axis_write(const struct axis *axis, const char *name, struct text *variables) {
    if (axis->least == TIME_NEVER) {
        text_format(variables, "%s_from = 0\n%s_to = 1\n%s_log = 0\n", name, name, name);
        return;
    }
    double least = (double)axis->least / NS_PER_MS, most = (double)axis->most / NS_PER_MS;
    double smallest = fmax(least, (double)SMALLEST / NS_PER_MS);
    bool logarithmic = most > AXIS_LINEAR * smallest;
    double margin = fmax(0.06 * (most - least), 0.02 * fmax(most, 0.01));
    text_format(variables, "%s_from = %.17g\n%s_to = %.17g\n%s_log = %d\n", name,
                logarithmic ? smallest / 1.2 : fmax(least - margin, 0), name,
                logarithmic ? most * 1.2 : most + margin, name, logarithmic);
}
