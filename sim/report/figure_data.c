/* SPDX-License-Identifier: GPL-3.0-or-later */
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
    free(samples);
}

/* The smallest of 1, 2, 5, 10, … times @unit that is not below @least. */
static time_ns round_width(time_ns least, time_ns unit) {
    static const time_ns steps[] = {2, 5, 10};
    time_ns decade = unit, width = unit;
    for (size_t i = 0; width < least; i = (i + 1) % ARRAY_LEN(steps)) {
        width = steps[i] * decade;
        decade = steps[i] == 10 ? width : decade;
    }
    return width;
}

void figure_histogram(const struct run_result *runs, size_t count, struct text *data,
                      struct text *variables) {
    size_t n;
    int64_t *samples = felt_samples(runs, count, &n);
    time_ns spread = n > 0 ? samples[n - 1] - samples[0] : 0;
    time_ns width = round_width(spread / 60, NS_PER_MS);
    text_format(variables, "width = %.17g\n", ms(width));
    text_add(data, "# from_ms transactions\n0 0\n");
    for (size_t i = 0, end; i < n; i = end) {
        time_ns from = samples[i] / width * width;
        for (end = i; end < n && samples[end] < from + width;)
            end++;
        text_format(data, "%.17g %zu\n", ms(from), end - i);
    }
    free(samples);
}

void figure_layers(const struct run_result *runs, size_t count, struct text *data,
                   struct text *variables) {
    text_add(data, "# metric target_ms p50_ms p99_ms (? = censored)\n");
    for (size_t m = 0; m < metric_count; m++) {
        struct summary_row row;
        if (metrics[m].target == 0)
            continue;
        summary_measure(&metrics[m], runs, count, &row);
        text_format(data, "%s %.17g", metrics[m].name, ms(metrics[m].target));
        for (size_t q = 0; q <= 2; q += 2)
            if (summary_is_value(row.values[q]))
                text_format(data, " %.17g", ms(row.values[q]));
            else
                text_add(data, " ?");
        text_add(data, "\n");
    }
}

/* Row 2 = target, 1 = p50, 0 = p99; a row ends where its quantile is censored. */
void figure_stack(const struct run_result *runs, size_t count, struct text *data,
                  struct text *variables) {
    int64_t ends[3] = {0};
    text_add(data, "# row from_ms to_ms colour label_colour label\n");
    for (size_t m = 0; m < metric_count; m++) {
        const struct metric *metric = &metrics[m];
        if (!metric->look.stacked)
            continue;
        struct summary_row measured;
        summary_measure(metric, runs, count, &measured);
        const int64_t values[3] = {measured.values[2], measured.values[0], metric->target};
        for (size_t row = 0; row < ARRAY_LEN(values); row++) {
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
        }
    }
}

struct bin {
    size_t intended, closed, seen;
    int64_t *felt; /* part of one array, in order of bins */
};

static size_t bin_of(time_ns at, time_ns width, size_t bins) {
    return at < 0 ? 0 : size_min((size_t)(at / width), bins - 1);
}

/* Counts, then gives every bin its part of @felt, then fills the parts. */
static void fill_bins(const struct run_result *runs, size_t count, time_ns width, struct bin *bins,
                      size_t bin_count, int64_t *felt) {
    for (size_t r = 0; r < count; r++)
        for (size_t i = 0; i < runs[r].transaction_count; i++) {
            const struct transaction_record *t = &runs[r].transactions[i];
            bins[bin_of(t->intended, width, bin_count)].intended++;
            if (t->done != TIME_NEVER)
                bins[bin_of(t->done, width, bin_count)].closed++;
        }
    for (size_t b = 0; b < bin_count; felt += bins[b++].intended)
        bins[b].felt = felt;
    for (size_t r = 0; r < count; r++)
        for (size_t i = 0; i < runs[r].transaction_count; i++) {
            const struct transaction_record *t = &runs[r].transactions[i];
            struct bin *bin = &bins[bin_of(t->intended, width, bin_count)];
            if (t->done != TIME_NEVER)
                bin->felt[bin->seen++] = t->done - t->intended;
        }
}

static time_ns last_event(const struct run_result *runs, size_t count) {
    time_ns last = NS_PER_MS;
    for (size_t r = 0; r < count; r++) {
        last = runs[r].simulated_ns > last ? runs[r].simulated_ns : last;
        for (size_t i = 0; i < runs[r].transaction_count; i++) {
            const struct transaction_record *t = &runs[r].transactions[i];
            last = t->intended > last ? t->intended : last;
            last = t->done != TIME_NEVER && t->done > last ? t->done : last;
        }
    }
    return last;
}

void figure_timeline(const struct run_result *runs, size_t count, struct text *data,
                     struct text *variables) {
    time_ns last = last_event(runs, count), width = round_width(last / 100, NS_PER_MS);
    size_t bin_count = (size_t)(last / width) + 1;
    struct bin *bins = calloc(bin_count, sizeof *bins);
    int64_t *felt = malloc((count_all(runs, count) + 1) * sizeof *felt);
    assert(bins != NULL && felt != NULL);
    fill_bins(runs, count, width, bins, bin_count, felt);
    text_format(variables, "bin = %.17g\nt_end = %.17g\nwarmup = %.17g\n", (double)width / NS_PER_S,
                (double)last / NS_PER_S, count == 0 ? 0 : (double)runs[0].warmup_ns / NS_PER_S);
    text_add(data, "# from_s intended_per_s closed_per_s p50_ms p99_ms (? = none or censored)\n");
    double scale = (double)NS_PER_S / ((double)width * (double)size_max(count, 1));
    for (size_t b = 0; b < bin_count; b++) {
        statistics_sort(bins[b].felt, bins[b].seen);
        text_format(data, "%.17g %.17g %.17g", (double)((time_ns)b * width) / NS_PER_S,
                    (double)bins[b].intended * scale, (double)bins[b].closed * scale);
        for (size_t q = 0; q <= 2; q += 2) {
            int64_t value =
                percentile_sorted(bins[b].felt, bins[b].seen, bins[b].intended - bins[b].seen,
                                  summary_quantiles[q].ppm);
            if (summary_is_value(value))
                text_format(data, " %.17g", ms(value));
            else
                text_add(data, " ?");
        }
        text_add(data, "\n");
    }
    free(felt);
    free(bins);
}
