/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The figure of a search: the measure against the load, to where it breaks the bound and beyond. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/error.h"
#include "sim/compare/capacity.h"
#include "sim/compare/figure_axis.h"
#include "sim/report/picture.h"

static const char commands[] = "set grid lc rgb '#DDDDDD' lt 1\n"
                               "set multiplot title figure_title\n"
                               "eval panel(0.08, 0.97, 0.33, 0.91)\n"
                               "eval legend\n"
                               "unset key\n"
                               "set logscale xy\n"
                               "set xlabel 'workload.rate (/s); a point for each run, those that "
                               "never got there at the upper edge' offset "
                               "0,0.4\n"
                               "set ylabel y_name\n"
                               "set xrange [x_from:x_to]\n"
                               "set yrange [y_from:y_to]\n"
                               "plot bound lw 2 dt 2 lc rgb '#D55E00', \\\n"
                               "  for [i=1:curves] 'capacity.dat' index i-1 using 1:($3 > 0 ? y_to "
                               ": $2) with points pt 7 ps 0.9 lc rgb "
                               "colours[i]\n"
                               "unset multiplot\n";

struct extent {
    double least, most;
};

static void add(struct extent *extent, double value) {
    if (!isfinite(value) || value <= 0)
        return;
    extent->least = fmin(extent->least, value);
    extent->most = fmax(extent->most, value);
}

static double scale_of(const struct measure *measure) {
    return measure->kind == UNIT_DURATION ? NS_PER_MS : measure->kind == UNIT_SHARE ? PPM / 100 : 1;
}

static void put_trials(const struct capacity *capacity, size_t variant, struct extent *x,
                       struct extent *y, struct text *data) {
    double scale = scale_of(measure_at(capacity->measure));
    text_format(data, "# %s: rate_per_s value open\n", capacity->study->variants[variant].letter);
    text_add(data, "NaN NaN 0\n");
    for (size_t t = 0; t < capacity->trial_count; t++) {
        const struct trial *trial = &capacity->trials[t];
        if (trial->variant != variant || isnan(trial->value))
            continue;
        add(x, trial->rate);
        add(y, trial->value / scale);
        text_format(data, "%.17g %.17g %d\n", trial->rate,
                    isinf(trial->value) ? NAN : trial->value / scale, isinf(trial->value) != 0);
    }
    text_add(data, "\n\n");
}

int capacity_draw(const struct capacity *capacity, const char *dir) {
    const struct study *study = capacity->study;
    const struct measure *measure = measure_at(capacity->measure);
    struct text data = {0}, variables = {0}, title = {0};
    struct extent x = {INFINITY, 0}, y = {INFINITY, 0};
    if (mkdir(dir, 0777) != 0)
        return ERR_INVALID;
    for (size_t v = 0; v < size_min(study->variant_count, FIGURE_CURVES); v++)
        put_trials(capacity, v, &x, &y, &data);
    add(&y, capacity->below / scale_of(measure));
    text_add(&variables, figure_study_prelude);
    text_format(
        &variables,
        "x_from = %.17g\nx_to = %.17g\ny_from = %.17g\ny_to = %.17g\nbound = %.17g\ny_name = "
        "'%s%s'\n",
        isfinite(x.least) ? x.least / 1.2 : 1, x.most > 0 ? x.most * 1.2 : 10, y.least / 1.2,
        y.most * 1.4, capacity->below / scale_of(measure), measure->name,
        measure->kind == UNIT_DURATION ? " (ms)" : "");
    figure_legend_of(study, &variables);
    text_format(&title, "%s: %s against the load, dashed: the bound", study->name, measure->name);
    const struct picture picture = {"capacity", title.bytes, variables.bytes, commands, &data};
    int error = picture_write(&picture, dir);
    if (error == OK && !picture_draw(dir, picture.name))
        fputs(
            "warning: gnuplot is missing or failed: the figure is not drawn; its .gp and .dat are "
            "kept\n",
            stderr);
    text_deinit(&data);
    text_deinit(&variables);
    text_deinit(&title);
    return error;
}
