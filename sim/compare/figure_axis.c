/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/compare/figure_axis.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "sim/report/axis.h"
#include "sim/scenario/keys.h"
#include "sim/scenario/scenario.h"

#define RATE "workload.rate" /* against which is measured: the throughput itself is drawn */

/* Solid p99, dotted p50; whiskers: 95 % of the mean over seeds. */
const char figure_axis_commands[] =
    "set grid lc rgb '#DDDDDD' lt 1\n"
    "set multiplot title figure_title\n"
    "eval panel(0.08, 0.97, 0.33, 0.91)\n"
    "eval legend\n"
    "set xlabel x_name offset 0,0.4\n"
    "set ylabel y_name\n"
    "set xrange [x_from:x_to]\n"
    "if (x_log) { set logscale x }\n"
    "if (y_log) { set logscale y; set yrange [y_from:y_to] } else { set yrange [0:y_to] }\n"
    "set key top left\n"
    "plot for [i=1:curves] dat index i-1 using 1:5:6:7 with yerrorlines pt 7 ps 1 lw 2 lc rgb "
    "colours[i] title "
    "(i == 1 ? 'p99' : ''), \\\n"
    "  for [i=1:curves] dat index i-1 using 1:2:3:4 with yerrorlines pt 6 ps 1 lw 1.5 dt 3 lc rgb "
    "colours[i] "
    "title (i == 1 ? 'p50' : '')\n"
    "unset multiplot\n";

/* The value in the unit of the figure's axis. */
static bool number_of(const struct vary *vary, size_t axis, const char *text, double *number) {
    static const double scales[] = {[UNIT_COUNT] = 1,
                                    [UNIT_DURATION] = NS_PER_MS,
                                    [UNIT_BYTES] = 1,
                                    [UNIT_BANDWIDTH] = 1e6,
                                    [UNIT_RATE] = (double)PPM,
                                    [UNIT_SHARE] = 1e4,
                                    [UNIT_FACTOR] = (double)PPM,
                                    [UNIT_DRIFT] = 1000};
    size_t at = key_find(vary->axes[axis].key);
    char message[160];
    int64_t value;
    if (at >= SCENARIO_KEYS || scenario_keys[at].type != KEY_NUMBER ||
        quantity_parse(text, scenario_keys[at].unit, &value, message, sizeof message) != OK)
        return false;
    *number = (double)value / scales[scenario_keys[at].unit];
    return true;
}

static const char *unit_of(const struct vary *vary, size_t axis) {
    static const char *const units[] = {[UNIT_COUNT] = "",         [UNIT_DURATION] = " (ms)",
                                        [UNIT_BYTES] = " (bytes)", [UNIT_BANDWIDTH] = " (Mbit/s)",
                                        [UNIT_RATE] = " (/s)",     [UNIT_SHARE] = " (%)",
                                        [UNIT_FACTOR] = "",        [UNIT_DRIFT] = " (ppm)"};
    return units[scenario_keys[key_find(vary->axes[axis].key)].unit];
}

bool figure_axis_is_number(const struct vary *vary, size_t axis) {
    double number;
    for (size_t v = 0; v < vary->axes[axis].value_count; v++)
        if (!number_of(vary, axis, vary->axes[axis].values[v].text, &number))
            return false;
    return true;
}

static bool is_rate(const struct vary *vary, size_t axis) {
    return strcmp(vary->axes[axis].key, RATE) == 0;
}

void figure_axis_name(const struct vary *vary, size_t axis, struct figure_note *note, char *title,
                      size_t size, const struct study *study) {
    const char *called = vary->axes[axis].called;
    snprintf(note->name, sizeof note->name, "against-%s", called);
    for (char *at = note->name; *at != '\0'; at++)
        *at = *at == '.' ? '-' : *at;
    snprintf(title, size, "%s against %s", study->main->name,
             is_rate(vary, axis) ? "throughput" : called);
    snprintf(
        note->caption, sizeof note->caption,
        "%s against %s: mean over seeds of each seed's p99 (solid) and p50 (dotted), with its 95 "
        "%% "
        "interval. A point is missing where a percentile lies among transactions that never got "
        "there.",
        study->main->name,
        is_rate(vary, axis) ? "the throughput measured as workload.rate rises" : called);
}

/* The variants that are like @variant but for the axis: whether it is the first of them. */
static bool begins_curve(const struct vary *vary, size_t variant, size_t axis) {
    return vary_value(vary, variant, axis) == &vary->axes[axis].values[0];
}

static bool on_curve(const struct vary *vary, size_t first, size_t variant, size_t axis) {
    for (size_t a = 0; a < vary->axis_count; a++)
        if (a != axis && vary_value(vary, first, a) != vary_value(vary, variant, a))
            return false;
    return true;
}

static size_t find_measure(const struct metric *metric, enum statistic statistic) {
    size_t m = 0;
    while (measure_at(m)->metric != metric || measure_at(m)->statistic != statistic)
        m++;
    return m;
}

/* " mean low high" in ms, or NaN */
static void put_latency(const struct study *study, size_t variant, enum statistic statistic,
                        struct axis *axis, struct text *data) {
    const struct cell *cell = study_cell(study, variant, find_measure(study->main, statistic));
    if (cell->open > 0 || cell->n == 0) {
        text_add(data, " NaN NaN NaN");
        return;
    }
    double half = isfinite(cell->own.half_width) ? cell->own.half_width : 0;
    text_format(data, " %.17g %.17g %.17g", cell->own.mean / NS_PER_MS,
                fmax(cell->own.mean - half, 0) / NS_PER_MS, (cell->own.mean + half) / NS_PER_MS);
    axis_add(axis, (int64_t)cell->own.mean);
    axis_add(axis, (int64_t)(cell->own.mean + half));
}

struct extent {
    double least, most;
};

static void put_point(const struct study *study, const struct vary *vary, size_t axis,
                      size_t variant, struct extent *x, struct axis *y, struct text *data) {
    double number = 0;
    number_of(vary, axis, vary_value(vary, variant, axis)->text, &number);
    if (is_rate(vary, axis)) {
        const struct cell *cell = study_cell(study, variant, measure_find("throughput"));
        number = cell->n > 0 ? cell->own.mean : number;
    }
    x->least = fmin(x->least, number);
    x->most = fmax(x->most, number);
    text_format(data, "%.17g", number);
    put_latency(study, variant, STATISTIC_P50, y, data);
    put_latency(study, variant, STATISTIC_P99, y, data);
    text_add(data, "\n");
}

/* What the curve's variants have in common. */
static char *curve_label(const struct vary *vary, size_t first, size_t axis) {
    struct text label = {0};
    text_add(&label, "");
    for (size_t a = 0; a < vary->axis_count; a++)
        if (a != axis)
            text_format(&label, "%s%s=%s", label.size > 0 ? " " : "", vary->axes[a].called,
                        vary_value(vary, first, a)->label);
    if (label.size == 0)
        text_add(&label, "all");
    return label.bytes;
}

static void write_ranges(const struct extent *x, const struct axis *y, struct text *variables) {
    bool logarithmic = x->least > 0 && x->most > AXIS_LINEAR / 2 * x->least;
    double margin = 0.05 * (x->most - x->least);
    text_format(variables, "x_log = %d\nx_from = %.17g\nx_to = %.17g\n", logarithmic,
                logarithmic ? x->least / 1.15 : x->least - margin,
                logarithmic ? x->most * 1.15 : x->most + margin);
    axis_write(y, "y", variables);
}

void figure_axis_make(const struct study *study, const struct vary *vary, size_t axis,
                      const char *name, struct text *data, struct text *variables) {
    char *labels[FIGURE_CURVES];
    size_t curves = 0;
    struct extent x = {INFINITY, -INFINITY};
    struct axis y;
    axis_init(&y);
    text_add(data, "# x p50_ms low high p99_ms low high\n");
    for (size_t first = 0; first < study->variant_count && curves < FIGURE_CURVES; first++) {
        if (!begins_curve(vary, first, axis))
            continue;
        labels[curves++] = curve_label(vary, first, axis);
        for (size_t v = first; v < study->variant_count; v++)
            if (on_curve(vary, first, v, axis))
                put_point(study, vary, axis, v, &x, &y, data);
        text_add(data, "\n\n");
    }
    write_ranges(&x, &y, variables);
    text_format(variables, "dat = '%s.dat'\nx_name = '%s%s'\ny_name = '%s (ms)'\n", name,
                is_rate(vary, axis) ? "throughput" : vary->axes[axis].called, unit_of(vary, axis),
                study->main->name);
    figure_legend((const char *const *)labels, curves, variables);
    for (size_t c = 0; c < curves; c++)
        free(labels[c]);
}
