/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The timeline: what was asked for and what came, and how long it took, over simulated time. */
#include "sim/report/axis.h"
#include "sim/report/figures.h"
#include "sim/report/summary.h"

#include <assert.h>
#include <stdlib.h>

#include "base/memory.h"

#define BINS 100

struct bin {
    size_t intended, closed, seen;
    int64_t *felt; /* part of one array, in order of bins */
};

struct bins {
    const struct run_result *runs;
    size_t run_count;
    time_ns width, last;
    struct bin *list;
    size_t count;
};

static struct bin *bin_at(const struct bins *bins, time_ns at) {
    size_t index = at < 0 ? 0 : (size_t)(at / bins->width);
    return &bins->list[size_min(index, bins->count - 1)];
}

/* Counts, then gives every bin its part of @felt, then fills the parts. */
static void fill(const struct bins *bins, int64_t *felt) {
    for (size_t r = 0; r < bins->run_count; r++)
        for (size_t i = 0; i < bins->runs[r].transaction_count; i++) {
            const struct transaction_record *t = &bins->runs[r].transactions[i];
            bin_at(bins, t->intended)->intended++;
            if (t->done != TIME_NEVER)
                bin_at(bins, t->done)->closed++;
        }
    for (size_t b = 0; b < bins->count; felt += bins->list[b++].intended)
        bins->list[b].felt = felt;
    for (size_t r = 0; r < bins->run_count; r++)
        for (size_t i = 0; i < bins->runs[r].transaction_count; i++) {
            const struct transaction_record *t = &bins->runs[r].transactions[i];
            struct bin *bin = bin_at(bins, t->intended);
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

static double seconds(time_ns time) {
    return (double)time / NS_PER_S;
}

#define NONE (-1)

/* A quantile of the transactions that were clicked in @bin; NaN, a gap in the line, without any. */
static int64_t write_quantile(struct bin *bin, size_t quantile, struct text *data) {
    int64_t value = percentile_sorted(bin->felt, bin->seen, bin->intended - bin->seen,
                                      summary_quantiles[quantile].ppm);
    if (bin->intended > 0 && summary_is_value(value))
        text_format(data, " %.17g", (double)value / NS_PER_MS);
    else
        text_add(data, " NaN");
    return bin->intended > 0 ? value : NONE;
}

static void write_bin(const struct bins *bins, size_t at, struct axis *axis, struct text *data) {
    struct bin *bin = &bins->list[at];
    time_ns from = (time_ns)at * bins->width;
    double scale = seconds(NS_PER_S) * NS_PER_S / ((double)bins->width * (double)bins->run_count);
    text_format(data, "%.17g", seconds(from));
    if (from + bins->width <= bins->runs[0].warmup_ns) {
        text_add(data, " NaN NaN NaN NaN 0\n"); /* not counted, which is not the same as none */
        return;
    }
    statistics_sort(bin->felt, bin->seen);
    text_format(data, " %.17g %.17g", (double)bin->intended * scale, (double)bin->closed * scale);
    axis_add(axis, write_quantile(bin, 0, data));
    int64_t p99 = write_quantile(bin, 2, data);
    axis_add(axis, p99);
    text_format(data, " %d\n", p99 == STATISTIC_CENSORED);
}

/* As rectangles behind the curves; their names only where there is room: in the first panel. */
static void write_faults(const struct run_result *run, time_ns last, struct text *variables) {
    text_add(variables, "fault_bands = \"\"\nfault_names = \"\"\n");
    for (size_t i = 0; i < run->fault_count; i++) {
        const struct fault_span *fault = &run->faults[i];
        double from = seconds(fault->at);
        double to = seconds(fault->until < last ? fault->until : last);
        text_format(variables,
                    "fault_bands = fault_bands.\"set object %zu rectangle from %.9g, graph 0 to "
                    "%.9g, graph 1 behind fc rgb '#FBE3D6' fs solid noborder;\"\n",
                    10 + i, from, to > from ? to : from + seconds(last) / 500);
        text_format(variables,
                    "fault_names = fault_names.\"set label %zu '%s' at %.9g, graph %.9g left "
                    "offset 0.4,0 tc rgb '#B04A00';\"\n",
                    10 + i, fault->kind, from, 0.93 - 0.1 * (double)(i % 4));
    }
}

void figure_timeline(const struct run_result *runs, size_t count, struct text *data,
                     struct text *variables) {
    struct bins bins = {.runs = runs, .run_count = count, .last = last_event(runs, count)};
    struct axis axis;
    size_t total = 0;
    axis_init(&axis);
    bins.width = figure_round_width(bins.last / BINS, NS_PER_MS);
    bins.count = (size_t)(bins.last / bins.width) + 1;
    bins.list = memory_new(bins.count, sizeof *bins.list);
    for (size_t r = 0; r < count; r++)
        total += runs[r].transaction_count;
    int64_t *felt = memory_new(total + 1, sizeof *felt);
    fill(&bins, felt);
    text_add(data, "# from_s intended_per_s closed_per_s p50_ms p99_ms p99_open (NaN = none or "
                   "not counted)\n");
    for (size_t b = 0; b < bins.count; b++)
        write_bin(&bins, b, &axis, data);
    text_format(variables, "bin = %.17g\nt_end = %.17g\nwarmup = %.17g\n", seconds(bins.width),
                seconds(bins.last), seconds(runs[0].warmup_ns));
    axis_write(&axis, "y", variables);
    write_faults(&runs[0], bins.last, variables);
    free(felt);
    free(bins.list);
}
