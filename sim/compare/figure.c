/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/compare/figure.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/memory.h"
#include "sim/compare/figure_axis.h"
#include "sim/report/axis.h"
#include "sim/report/picture.h"

#define CURVE_POINTS 1500

static double ms(int64_t ns) {
    return (double)ns / NS_PER_MS;
}

/* Shared by all: the panels, the colours (Okabe, Ito) in the order of the variants, and a legend below. */
const char figure_study_prelude[] =
    "panel(left, right, bottom, top) = sprintf(\"set lmargin at screen %g; set rmargin at screen "
    "%g; set "
    "bmargin at screen %g; set tmargin at screen %g\", left, right, bottom, top)\n"
    "array colours[8] = [0x000000, 0x0072B2, 0xD55E00, 0x009E73, 0xCC79A7, 0xE69F00, 0x56B4E9, "
    "0x999933]\n";

/* A line for each entry, two columns, from the lower edge up. */
void figure_legend(const char *const *labels, size_t count, struct text *variables) {
    text_format(variables, "curves = %zu\nlegend = \"", count);
    for (size_t i = 0; i < count; i++) {
        double x = i % 2 == 0 ? 0.05 : 0.53, y = 0.165 - 0.045 * (double)(i / 2);
        char label[128];
        snprintf(label, sizeof label, "%.60s%s", labels[i], strlen(labels[i]) > 60 ? "…" : "");
        for (char *at = label; *at != '\0'; at++)
            if (*at == '\'' || *at == '"' || *at == '\\')
                *at = ' ';
        text_format(variables,
                    "set label %zu '●' at screen %g, screen %g tc rgb colours[%zu]; "
                    "set label %zu '%s' at screen %g, screen %g; ",
                    20 + 2 * i, x, y, i + 1, 21 + 2 * i, label, x + 0.02, y);
    }
    text_add(variables, "\"\n");
}

static const char cdf_commands[] =
    "set grid lc rgb '#DDDDDD' lt 1\n"
    "set multiplot title figure_title\n"
    "unset key\n"
    "eval panel(0.07, 0.49, 0.33, 0.91)\n"
    "set xlabel x_name offset 0,0.4\n"
    "set xrange [x_from:x_to]\n"
    "if (x_log) { set logscale x }\n"
    "set ylabel 'share at or below'\n"
    "set yrange [0:1]\n"
    "plot for [i=1:curves] 'cdf.dat' index i-1 using 1:2 with steps lw 2.5 lc rgb colours[i]\n"
    "eval panel(0.57, 0.98, 0.33, 0.91)\n"
    "eval legend\n"
    "set ylabel 'share above'\n"
    "set logscale y\n"
    "set yrange [*<0.1:1]\n"
    "plot for [i=1:curves] 'cdf.dat' index i-1 using 1:($3 > 0 ? $3 : NaN) with steps lw 2.5 lc "
    "rgb "
    "colours[i], 1 lc rgb '#000000'\n"
    "unset multiplot\n";

static int64_t *merge(const struct variant *variant, size_t *n, size_t *censored) {
    size_t room = 0;
    *n = *censored = 0;
    for (size_t r = 0; r < variant->run_count; r++)
        room += variant->runs[r].there ? variant->runs[r].sample_count : 0;
    int64_t *samples = memory_new(room, sizeof *samples);
    for (size_t r = 0; r < variant->run_count; r++) {
        const struct observation *run = &variant->runs[r];
        if (!run->there)
            continue;
        memcpy(samples + *n, run->samples, run->sample_count * sizeof *samples);
        *n += run->sample_count;
        *censored += run->censored;
    }
    statistics_sort(samples, *n);
    return samples;
}

/* Steps of one variant, of all its seeds together; those that never got there stay in the denominator. */
static void put_curve(const struct variant *variant, struct axis *axis, struct text *data) {
    size_t n, censored;
    int64_t *samples = merge(variant, &n, &censored);
    double total = (double)(n + censored);
    size_t tail = n > CURVE_POINTS ? n - CURVE_POINTS / 2 : 0;
    size_t step = 2 * tail / CURVE_POINTS + 1;
    text_format(data, "# %s: latency_ms share_at_or_below share_above\n", variant->letter);
    if (n == 0)
        text_add(data, "0 0 1\n");
    for (size_t i = 0; i < n; i += i < tail ? size_min(step, tail - i) : 1) {
        if (i == 0)
            text_format(data, "%.17g 0 1\n", ms(samples[0]));
        text_format(data, "%.17g %.17g %.17g\n", ms(samples[i]), (double)(i + 1) / total,
                    (total - (double)i - 1) / total);
    }
    if (n > 0) {
        axis_add(axis, samples[0]);
        axis_add(axis, samples[n - 1]);
    }
    text_add(data, "\n\n");
    free(samples);
}

static size_t curves_of(const struct study *study) {
    return size_min(study->variant_count, FIGURE_CURVES);
}

void figure_legend_of(const struct study *study, struct text *variables) {
    char *labels[FIGURE_CURVES];
    for (size_t v = 0; v < curves_of(study); v++) {
        struct text label = {0};
        text_format(&label, "%s  %s", study->variants[v].letter, study->variants[v].label);
        labels[v] = label.bytes;
    }
    figure_legend((const char *const *)labels, curves_of(study), variables);
    for (size_t v = 0; v < curves_of(study); v++)
        free(labels[v]);
}

static void make_cdf(const struct study *study, struct text *data, struct text *variables) {
    struct axis axis;
    axis_init(&axis);
    for (size_t v = 0; v < curves_of(study); v++)
        put_curve(&study->variants[v], &axis, data);
    axis_write(&axis, "x", variables);
    text_format(variables, "x_name = '%s (ms)'\n", study->main->name);
    figure_legend_of(study, variables);
}

/* Rows from top to bottom: a measure, and within it the variants. */
static const char differences_commands[] =
    "unset key\n"
    "unset grid\n"
    "set grid xtics lc rgb '#DDDDDD' lt 1\n"
    "set multiplot title figure_title\n"
    "eval panel(0.2, 0.97, 0.33, 0.91)\n"
    "eval legend\n"
    "set xlabel 'difference from A, % of its mean; bars: 95 % of the mean over seeds' offset "
    "0,0.4\n"
    "set xrange [x_from:x_to]\n"
    "set yrange [0.3:rows+0.7]\n"
    "eval sprintf('set ytics (%s) scale 0', names)\n"
    "set arrow 1 from 0, graph 0 to 0, graph 1 nohead lw 1.5 lc rgb '#666666'\n"
    "plot 'differences.dat' using 2:1:3:4:(colours[$5]) with xerrorbars pt 7 ps 1 lw 2 lc rgb "
    "variable\n"
    "unset multiplot\n";

static bool has_relative(const struct study *study, size_t measure) {
    for (size_t v = 1; v < curves_of(study); v++) {
        const struct cell *cell = study_cell(study, v, measure);
        if (isfinite(cell_relative(cell)) && isfinite(cell->from_first.low))
            return true;
    }
    return false;
}

static void put_difference(const struct study *study, size_t variant, size_t measure, double row,
                           double extent[2], struct text *data) {
    const struct cell *cell = study_cell(study, variant, measure);
    double scale = 100 / cell->from_first.base;
    double by = cell->from_first.mean * scale, low = cell->from_first.low * scale;
    double high = cell->from_first.high * scale;
    if (!isfinite(by) || !isfinite(low))
        return;
    extent[0] = fmin(extent[0], low);
    extent[1] = fmax(extent[1], high);
    text_format(data, "%.4f %.17g %.17g %.17g %zu\n", row, by, low, high, variant + 1);
}

static void make_differences(const struct study *study, struct text *data, struct text *variables) {
    size_t measures[STUDY_HEADLINES], count, rows = 0;
    double extent[2] = {0, 0};
    struct text names = {0};
    study_headlines(study, measures, &count);
    text_add(data, "# row difference_percent low high colour\n");
    for (size_t m = count; m-- > 0;) {
        if (!has_relative(study, measures[m]))
            continue;
        rows++;
        text_format(&names, "%s'%s' %zu", rows > 1 ? ", " : "", measure_at(measures[m])->name,
                    rows);
        size_t others = curves_of(study) - 1;
        for (size_t v = 1; v <= others; v++)
            put_difference(study, v, measures[m],
                           (double)rows + 0.3 - 0.6 * ((double)v - 0.5) / (double)others, extent,
                           data);
    }
    double margin = 0.05 * (extent[1] - extent[0]) + 0.5;
    text_format(variables, "rows = %zu\nnames = \"%s\"\nx_from = %.17g\nx_to = %.17g\n", rows,
                names.bytes != NULL ? names.bytes : "", extent[0] - margin, extent[1] + margin);
    figure_legend_of(study, variables);
    text_deinit(&names);
}

/* Writes one figure and has it drawn; counts it as failed when it could not be. */
static int finish(const struct study *study, const char *dir, const struct figure_note *note,
                  const char *title, const char *commands, struct text *data,
                  struct text *variables, size_t *failed) {
    struct text full = {0}, all = {0};
    text_format(&full, "%s: %s", study->name, title);
    text_format(&all, "%s%s", figure_study_prelude, variables->bytes);
    const struct picture picture = {note->name, full.bytes, all.bytes, commands, data};
    int error = picture_write(&picture, dir);
    *failed += error == OK && !picture_draw(dir, note->name);
    text_deinit(&full);
    text_deinit(&all);
    text_deinit(data);
    text_deinit(variables);
    return error;
}

static int draw_cdf(const struct study *study, const char *dir, struct figure_note *note,
                    size_t *failed) {
    struct text data = {0}, variables = {0};
    char title[100];
    snprintf(note->name, sizeof note->name, "cdf");
    snprintf(
        note->caption, sizeof note->caption,
        "The distribution of %s over all seeds; right its tail. What never got there stays in the "
        "denominator.%s",
        study->main->name,
        study->variant_count > FIGURE_CURVES ? " The first eight variants." : "");
    snprintf(title, sizeof title, "%s, by variant", study->main->name);
    make_cdf(study, &data, &variables);
    return finish(study, dir, note, title, cdf_commands, &data, &variables, failed);
}

static int draw_differences(const struct study *study, const char *dir, struct figure_note *note,
                            size_t *failed) {
    struct text data = {0}, variables = {0};
    snprintf(note->name, sizeof note->name, "differences");
    snprintf(
        note->caption, sizeof note->caption,
        "Mean differences from the first variant and their 95 %% intervals over seeds, without "
        "Holm's correction.%s",
        study->variant_count > FIGURE_CURVES ? " The first eight variants." : "");
    make_differences(study, &data, &variables);
    return finish(study, dir, note, "differences from A", differences_commands, &data, &variables,
                  failed);
}

static int draw_axis(const struct study *study, const struct vary *vary, size_t axis,
                     const char *dir, struct figure_note *note, size_t *failed) {
    struct text data = {0}, variables = {0};
    char title[160];
    figure_axis_name(vary, axis, note, title, sizeof title, study);
    figure_axis_make(study, vary, axis, note->name, &data, &variables);
    return finish(study, dir, note, title, figure_axis_commands, &data, &variables, failed);
}

int figures_write(const struct study *study, const struct vary *vary, const char *dir,
                  struct figure_note *notes, size_t *count) {
    size_t failed = 0;
    *count = 0;
    if (mkdir(dir, 0777) != 0)
        return ERR_INVALID;
    int error = draw_cdf(study, dir, &notes[(*count)++], &failed);
    if (error == OK && study->variant_count > 1)
        error = draw_differences(study, dir, &notes[(*count)++], &failed);
    for (size_t a = 0; vary != NULL && a < vary->axis_count && error == OK; a++)
        if (figure_axis_is_number(vary, a))
            error = draw_axis(study, vary, a, dir, &notes[(*count)++], &failed);
    if (failed > 0)
        fprintf(
            stderr,
            "warning: gnuplot is missing or failed: %zu of %zu figures not drawn; their .gp and "
            ".dat files are kept\n",
            failed, *count);
    return error;
}
