/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/summary.h"
#include "sim/report/shares.h"

#include "sim/report/warnings.h"

#include <inttypes.h>

static void print_value(int64_t value, struct text *out) {
    if (summary_is_value(value))
        text_format(out, " %10.3f", (double)value / NS_PER_MS);
    else
        text_format(out, " %10s", value == STATISTIC_CENSORED ? "> T" : "-");
}

static void print_bound(const char *before, int64_t value, struct text *out) {
    if (value == STATISTIC_CENSORED)
        text_format(out, "%s > T", before);
    else
        text_format(out, "%s %.3f", before, (double)value / NS_PER_MS);
}

/* The p99 over the repetitions where there are several, within one run where there is one. */
static void print_repetitions(const struct summary_row *row, struct text *out) {
    if (row->open > 0)
        text_format(out, "  p99 > T in %zu of %zu", row->open, row->repetitions);
    else if (row->repetitions >= 2)
        text_format(out, "  p99 %.3f ± %.3f (95 %%, n=%zu)", row->p99.mean / NS_PER_MS,
                    row->p99.half_width / NS_PER_MS, row->p99.n);
    else if (row->p99_low != METRIC_NOTHING) {
        print_bound("  p99 in", row->p99_low, out);
        print_bound(" …", row->p99_high, out);
    }
}

static void print_row(const struct metric *metric, const struct summary_row *row, bool colour,
                      struct text *out) {
    if (metric->target > 0)
        text_format(out, "%-11s %7.0f", metric->name, (double)metric->target / NS_PER_MS);
    else
        text_format(out, "%-11s %7s", metric->name, "-");
    for (size_t q = 0; q < SUMMARY_QUANTILES; q++)
        print_value(row->values[q], out);
    text_format(out, " %8zu %8zu  ", row->n, row->censored);
    if (colour && row->verdict != VERDICT_NONE)
        text_add(out, row->verdict == VERDICT_MET ? "\033[32m" : "\033[33m");
    text_add(out, summary_verdict(row->verdict));
    if (colour && row->verdict != VERDICT_NONE)
        text_add(out, "\033[0m");
    print_repetitions(row, out);
    text_add(out, "\n");
}

static void print_durations(const struct run_result *runs, size_t count, bool colour,
                            struct text *out) {
    text_format(out, "%-11s %7s", "metric", "target");
    for (size_t q = 0; q < SUMMARY_QUANTILES; q++)
        text_format(out, " %10s", summary_quantiles[q].name);
    text_format(out, " %8s %8s  %s\n", "n", "censored", "p99 and target");
    for (size_t m = 0; m < metric_count; m++) {
        struct summary_row row;
        if (metrics[m].kind != METRIC_DURATION || !metric_present(&metrics[m], runs, count))
            continue;
        summary_measure(&metrics[m], runs, count, &row);
        print_row(&metrics[m], &row, colour, out);
    }
}

/* What the columns mean, where it needs to be said; and what is over its target, since that is no
 * expectation. */
static void print_notes(const struct run_result *runs, size_t count, struct text *out) {
    size_t over = summary_over_target(runs, count);
    if (count == 1)
        text_add(out,
                 "p99 in a … b: 95 % by ranks, if transactions were independent; within one run "
                 "they are not, so it is\ntoo narrow: repetitions say more\n");
    if (over > 0)
        text_format(out, "%zu over target: %s\n", over,
                    runs[0].targets_fail ? "the run fails (targets: fail)"
                                         : "target, not an expectation (targets: report)");
}

static void print_warnings(const struct run_result *runs, size_t count, bool colour,
                           struct text *out) {
    struct warnings warnings;
    warnings_init(&warnings, runs, count);
    for (size_t i = 0; i < warnings.count; i++)
        text_format(out, "%swarning:%s %s\n", colour ? "\033[33m" : "", colour ? "\033[0m" : "",
                    warnings.list[i].text.bytes);
    warnings_deinit(&warnings);
}

static void print_number(const struct metric *metric, int64_t value, struct text *out) {
    if (metric->kind == METRIC_SHARE)
        text_format(out, "%.6g %%", (double)value * 100 / PPM);
    else
        text_format(out, "%" PRId64, value);
}

/* Of several repetitions the least and the greatest value. */
static void print_numbers(const struct run_result *runs, size_t count, struct text *out) {
    size_t column = 0;
    for (size_t m = 0; m < metric_count; m++) {
        if (metrics[m].kind == METRIC_DURATION || !metric_present(&metrics[m], runs, count))
            continue;
        int64_t least = INT64_MAX, greatest = INT64_MIN;
        for (size_t r = 0; r < count; r++) {
            int64_t value = metrics[m].value(&runs[r]);
            if (value == METRIC_NOTHING)
                continue;
            least = value < least ? value : least;
            greatest = value > greatest ? value : greatest;
        }
        struct text item = {0};
        text_format(&item, "%s ", metrics[m].name);
        print_number(&metrics[m], least, &item);
        if (least != greatest) {
            text_add(&item, " … ");
            print_number(&metrics[m], greatest, &item);
        }
        bool fits = column > 0 && column + item.size + 2 < SUMMARY_WIDTH;
        text_add(out, column == 0 ? "" : fits ? ", " : ",\n");
        column = fits ? column + item.size + 2 : item.size;
        text_append(out, item.bytes, item.size);
        text_deinit(&item);
    }
    text_add(out, column > 0 ? "\n" : "");
}

static void print_failures(const struct run_result *run, struct text *out) {
    for (size_t i = 0; i < run->invariant_count; i++)
        if (!run->invariants[i].passed)
            text_format(out, "BROKEN invariant %s in repetition %" PRIu32 ": %g, limit %g\n",
                        run->invariants[i].name, run->repetition, run->invariants[i].value,
                        run->invariants[i].limit);
    for (size_t i = 0; i < run->expectation_count; i++)
        if (!run->expectations[i].passed)
            text_format(out, "FAILED expectation %s in repetition %" PRIu32 ": %g, limit %g\n",
                        run->expectations[i].text, run->repetition, run->expectations[i].value,
                        run->expectations[i].limit);
    if (!run->complete)
        text_format(out, "Repetition %" PRIu32 " is not complete.\n", run->repetition);
}

void summary_print(const struct run_result *runs, size_t count, bool colour, struct text *out) {
    if (count == 0)
        return;
    text_format(out, "%s, seed %" PRIu64 ", repetitions %zu; milliseconds of simulated time\n",
                runs[0].scenario, runs[0].seed, count);
    print_durations(runs, count, colour, out);
    print_notes(runs, count, out);
    print_numbers(runs, count, out);
    shares_print(runs, count, out);
    print_warnings(runs, count, colour, out);
    for (size_t r = 0; r < count; r++)
        print_failures(&runs[r], out);
}
