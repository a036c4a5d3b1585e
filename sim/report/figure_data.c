/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/axis.h"
#include "sim/report/figures.h"
#include "sim/report/summary.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define FELT metric_find("felt")

static double ms(int64_t ns) {
    return (double)ns / NS_PER_MS;
}

static size_t count_all(const struct run_result *runs, size_t count) {
    size_t total = 0;
    for (size_t r = 0; r < count; r++)
        total += runs[r].transaction_count;
    return total;
}

/* All felt latencies, ascending; the caller frees them. */
static int64_t *felt_samples(const struct run_result *runs, size_t count, size_t *n) {
    int64_t *samples = malloc((count_all(runs, count) + 1) * sizeof *samples);
    assert(samples != NULL);
    *n = 0;
    for (size_t r = 0; r < count; r++)
        *n += metric_samples(FELT, &runs[r], samples + *n);
    statistics_sort(samples, *n);
    return samples;
}

#define TAIL_POINTS 1000
#define BODY_POINTS 3000

/* How many of all never closed, for the figure to say. */
static void write_open(size_t open, size_t total, struct text *variables) {
    text_add(variables, "open_text = '");
    if (open > 0)
        text_format(variables, "%zu of %zu (%.2g %%) never closed", open, total,
                    100.0 * (double)open / (double)total);
    text_add(variables, "'\n");
}

/* The smallest and the largest sample; the strip below goes at least as far as the budgets. */
static void write_extent(const int64_t *samples, size_t n, struct text *variables) {
    struct axis axis;
    axis_init(&axis);
    if (n > 0) {
        axis_add(&axis, samples[0]);
        axis_add(&axis, samples[n - 1]);
    }
    axis_write(&axis, "x", variables);
    text_format(variables, "strip_to = %.17g\n", figure_strip_to(axis.most));
}

double figure_strip_to(time_ns most) {
    return 1.1 * ms(most > FIGURE_STRIP_LEAST ? most : FIGURE_STRIP_LEAST);
}

/* The censored stay in the denominator. Of very many samples the tail is drawn in full, the body in
 * steps that no eye can tell from the full curve. */
void figure_latency(const struct run_result *runs, size_t count, struct text *data,
                    struct text *variables) {
    size_t n, total = count_all(runs, count);
    int64_t *samples = felt_samples(runs, count, &n);
    text_add(data, "# latency_ms share_at_or_below share_above\n0 0 1\n");
    size_t tail = n > TAIL_POINTS ? n - TAIL_POINTS : 0, step = tail / BODY_POINTS + 1;
    for (size_t i = 0; i < n; i += i < tail ? size_min(step, tail - i) : 1)
        text_format(data, "%.17g %.17g %.17g\n", ms(samples[i]), (double)(i + 1) / (double)total,
                    (double)(total - i - 1) / (double)total);
    write_extent(samples, n, variables);
    write_open(total - n, total, variables);
    free(samples);
}

time_ns figure_round_width(time_ns least, time_ns unit) {
    static const time_ns steps[] = {2, 5, 10};
    time_ns decade = unit, width = unit;
    for (size_t i = 0; width < least; i = (i + 1) % ARRAY_LEN(steps)) {
        width = steps[i] * decade;
        decade = steps[i] == 10 ? width : decade;
    }
    return width;
}

#define HISTOGRAM_BINS 60

/* Bins over all but the last thousandth, so that a few stragglers do not leave one bar for all
 * others; how many lie beyond is said in words. */
void figure_histogram(const struct run_result *runs, size_t count, struct text *data,
                      struct text *variables) {
    size_t n;
    int64_t *samples = felt_samples(runs, count, &n);
    size_t shown = n > 1000 ? n - n / 1000 : n, fullest = 1;
    time_ns spread = n > 0 ? samples[shown - 1] - samples[0] : 0;
    time_ns width = figure_round_width(spread / HISTOGRAM_BINS, NS_PER_US);
    struct axis axis;
    axis_init(&axis);
    text_format(variables, "width = %.17g\n", ms(width));
    text_add(data, "# from_ms transactions\n");
    for (size_t i = 0, end; i < shown; i = end) {
        time_ns from = samples[i] / width * width;
        for (end = i; end < shown && samples[end] < from + width;)
            end++;
        fullest = size_max(fullest, end - i);
        axis_add(&axis, from);
        axis_add(&axis, from + width);
        text_format(data, "%.17g %zu\n", ms(from), end - i);
    }
    if (shown == 0)
        text_add(data, "0 0\n");
    axis_write(&axis, "x", variables);
    text_format(variables, "y_to = %zu\nstrip_to = %.17g\nbeyond_text = '", fullest,
                figure_strip_to(n > 0 ? samples[n - 1] : 0));
    if (shown < n)
        text_format(variables, "%zu more up to %.6g ms", n - shown, ms(samples[n - 1]));
    text_add(variables, "'\n");
    write_open(count_all(runs, count) - n, count_all(runs, count), variables);
    free(samples);
}

static void write_layer(const struct metric *metric, const struct summary_row *measured, size_t row,
                        struct axis *axis, struct text *data) {
    text_format(data, "%s %zu %.17g", metric->name, row, ms(metric->target));
    axis_add(axis, metric->target);
    for (size_t q = 0; q <= 2; q += 2) {
        int64_t value = measured->values[q];
        if (summary_is_value(value)) {
            /* A logarithmic axis has no zero. */
            text_format(data, " %.17g", ms(value > NS_PER_US ? value : NS_PER_US));
            axis_add(axis, value);
        } else {
            text_add(data, " NaN");
        }
    }
    text_format(data, " %d\n", measured->values[2] == STATISTIC_CENSORED);
}

/* Rows from top to bottom; the lowest is 1. */
void figure_layers(const struct run_result *runs, size_t count, struct text *data,
                   struct text *variables) {
    struct axis axis;
    size_t rows = 0;
    axis_init(&axis);
    for (size_t m = 0; m < metric_count; m++)
        rows += metrics[m].target != 0;
    text_format(variables, "y_end = %zu.6\nsteps = \"", rows);
    for (size_t m = 0, row = rows; m < metric_count; m++)
        if (metrics[m].target != 0) {
            text_format(variables, "'%s' %zu%s", metrics[m].name, row, row > 1 ? ", " : "");
            row--;
        }
    text_add(variables, "\"\n");
    text_add(data, "# metric row target_ms p50_ms p99_ms p99_open (NaN = censored or nothing)\n");
    for (size_t m = 0; m < metric_count; m++) {
        struct summary_row measured;
        if (metrics[m].target == 0)
            continue;
        summary_measure(&metrics[m], runs, count, &measured);
        write_layer(&metrics[m], &measured, rows--, &axis, data);
    }
    axis_write(&axis, "x", variables);
}

/* Row 2 = target, 1 = p50, 0 = p99; a row ends where its quantile is censored. What lies within
 * another step is only part of the targets, which give each step a time of its own. */
void figure_stack(const struct run_result *runs, size_t count, struct text *data,
                  struct text *variables) {
    int64_t ends[3] = {0};
    struct axis axis[2]; /* of what is measured, of the targets */
    axis_init(&axis[0]);
    axis_init(&axis[1]);
    axis_add(&axis[0], NS_PER_US);
    text_add(data, "# row from_ms to_ms colour label_colour label\n");
    for (size_t m = 0; m < metric_count; m++) {
        const struct metric *metric = &metrics[m];
        bool follows = metric->look.place == STEP_AFTER;
        if (!follows && metric->look.place != STEP_WITHIN)
            continue;
        struct summary_row measured;
        summary_measure(metric, runs, count, &measured);
        const int64_t values[3] = {measured.values[2], measured.values[0], metric->target};
        for (size_t row = follows ? 0 : 2; row < ARRAY_LEN(values); row++) {
            if (!summary_is_value(values[row]) || ends[row] == STATISTIC_CENSORED) {
                ends[row] = STATISTIC_CENSORED;
                continue;
            }
            text_format(data, "%zu %.17g %.17g %lu %lu ", row, ms(ends[row]),
                        ms(ends[row] + values[row]), (unsigned long)metric->look.colour,
                        (unsigned long)metric->look.text_colour);
            if (row == 2)
                text_format(data, "\"%s %.0f\"\n", metric->name, ms(values[row]));
            else
                text_format(data, "\"%.1f\"\n", ms(values[row]));
            ends[row] += values[row];
            axis_add(&axis[row == 2], ends[row]);
        }
    }
    text_format(variables, "open_label = \"%s\"\n",
                ends[0] == STATISTIC_CENSORED
                    ? "set label 5 'lies among those that never closed' at graph 0.02, first 0"
                    : "");
    text_format(variables, "x_to = %.17g\ntarget_to = %.17g\n", 1.06 * ms(axis[0].most),
                1.06 * ms(axis[1].most > axis[0].most ? axis[1].most : axis[0].most));
}
