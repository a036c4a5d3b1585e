/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/summary.h"

#include "sim/report/json.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define P99 2 /* index in summary_quantiles */

const struct summary_quantile summary_quantiles[] = {
    {"p50", 500000}, {"p95", 950000}, {"p99", 990000}, {"p99.9", 999000}, {"max", 1000000}};
const size_t summary_quantile_count = ARRAY_LEN(summary_quantiles);
_Static_assert(ARRAY_LEN(summary_quantiles) == SUMMARY_QUANTILES, "one value a quantile");

const struct budget announce_budget = {.name = "announce", .prometheus = "announce_seconds"};

const struct budget clock_budget = {.name = "clock_error", .prometheus = "clock_error_seconds"};

/* What a row is measured from: one run's ascending samples go to @samples. Returns how many. */
typedef size_t sampler(const struct budget *budget, const struct run_result *run, int64_t *samples);

static size_t sample_announcements(const struct budget *budget, const struct run_result *run,
                                   int64_t *samples) {
    const struct announcement_totals *news = &run->announcements;
    if (news->reached > 0)
        memcpy(samples, news->latencies, news->reached * sizeof *samples);
    return news->reached;
}

static size_t sample_clocks(const struct budget *budget, const struct run_result *run,
                            int64_t *samples) {
    if (run->clock_error_count > 0)
        memcpy(samples, run->clock_errors, run->clock_error_count * sizeof *samples);
    return run->clock_error_count;
}

static size_t all_of(const struct budget *budget, const struct run_result *run) {
    if (budget == &clock_budget)
        return run->clock_error_count;
    return budget == &announce_budget ? run->announcements.expected
                                      : budget_population(budget, run);
}

static void measure(const struct budget *budget, sampler *sample, const struct run_result *runs,
                    size_t count, struct summary_row *row) {
    size_t total = 0, n = 0, tails = 0;
    for (size_t r = 0; r < count; r++)
        total += all_of(budget, &runs[r]);
    int64_t *samples = malloc((total + 1) * sizeof *samples);
    double *p99 = malloc((count + 1) * sizeof *p99);
    assert(samples != NULL && p99 != NULL);
    for (size_t r = 0; r < count; r++) {
        size_t got = sample(budget, &runs[r], samples + n);
        int64_t tail = percentile_sorted(samples + n, got, all_of(budget, &runs[r]) - got,
                                         summary_quantiles[P99].ppm);
        if (tail != STATISTIC_CENSORED)
            p99[tails++] = (double)tail;
        n += got;
    }
    statistics_sort(samples, n);
    *row = (struct summary_row){.n = n, .censored = total - n};
    for (size_t q = 0; q < SUMMARY_QUANTILES; q++)
        row->values[q] = percentile_sorted(samples, n, total - n, summary_quantiles[q].ppm);
    row->p99 = estimate_mean(p99, tails);
    if (budget->target > 0 && total > 0)
        row->verdict = row->values[P99] <= budget->target ? VERDICT_MET : VERDICT_MISSED;
    free(samples);
    free(p99);
}

void summary_measure(const struct budget *budget, const struct run_result *runs, size_t count,
                     struct summary_row *row) {
    measure(budget, budget_samples, runs, count, row);
}

bool summary_transferred(const struct run_result *runs, size_t count) {
    for (size_t r = 0; r < count; r++)
        if (budget_population(&budget_settle, &runs[r]) > 0)
            return true;
    return false;
}

bool summary_announced(const struct run_result *runs, size_t count) {
    for (size_t r = 0; r < count; r++)
        if (runs[r].announcements.expected > 0)
            return true;
    return false;
}

void summary_measure_announcements(const struct run_result *runs, size_t count,
                                   struct summary_row *row) {
    measure(&announce_budget, sample_announcements, runs, count, row);
}

bool summary_clocks_watched(const struct run_result *runs, size_t count) {
    for (size_t r = 0; r < count; r++)
        if (runs[r].clock_error_count > 0)
            return true;
    return false;
}

void summary_measure_clocks(const struct run_result *runs, size_t count, struct summary_row *row) {
    measure(&clock_budget, sample_clocks, runs, count, row);
}

static const char *verdict_text(enum verdict verdict) {
    return verdict == VERDICT_MET ? "met" : verdict == VERDICT_MISSED ? "MISSED" : "-";
}

static void print_value(int64_t value, struct text *out) {
    if (value == STATISTIC_CENSORED)
        text_format(out, " %10s", "> T");
    else
        text_format(out, " %10.3f", (double)value / NS_PER_MS);
}

static void print_row(const struct budget *budget, const struct summary_row *row, bool colour,
                      struct text *out) {
    if (budget->target > 0)
        text_format(out, "%-11s %7.0f", budget->name, (double)budget->target / NS_PER_MS);
    else
        text_format(out, "%-11s %7s", budget->name, "-");
    for (size_t q = 0; q < SUMMARY_QUANTILES; q++)
        print_value(row->values[q], out);
    text_format(out, " %8zu %8zu  ", row->n, row->censored);
    if (colour && row->verdict != VERDICT_NONE)
        text_add(out, row->verdict == VERDICT_MET ? "\033[32m" : "\033[1;31m");
    text_add(out, verdict_text(row->verdict));
    if (colour && row->verdict != VERDICT_NONE)
        text_add(out, "\033[0m");
    if (row->p99.n >= 2)
        text_format(out, "  p99 %.3f ± %.3f (95 %%, n=%zu)", row->p99.mean / NS_PER_MS,
                    row->p99.half_width / NS_PER_MS, row->p99.n);
    text_add(out, "\n");
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
    text_format(out, "%-11s %7s", "metric", "target");
    for (size_t q = 0; q < SUMMARY_QUANTILES; q++)
        text_format(out, " %10s", summary_quantiles[q].name);
    text_format(out, " %8s %8s  %s\n", "n", "censored", "p99 verdict");
    struct summary_row row;
    for (size_t b = 0; b < budget_count; b++) {
        summary_measure(&budgets[b], runs, count, &row);
        print_row(&budgets[b], &row, colour, out);
    }
    if (summary_transferred(runs, count)) {
        summary_measure(&budget_settle, runs, count, &row);
        print_row(&budget_settle, &row, colour, out);
    }
    if (summary_announced(runs, count)) {
        summary_measure_announcements(runs, count, &row);
        print_row(&announce_budget, &row, colour, out);
    }
    if (summary_clocks_watched(runs, count)) {
        summary_measure_clocks(runs, count, &row);
        print_row(&clock_budget, &row, colour, out);
    }
    for (size_t r = 0; r < count; r++)
        print_failures(&runs[r], out);
}

static void put_metric(struct json *json, const struct budget *budget,
                       const struct summary_row *row) {
    json_open(json, budget->name, '{');
    json_put_string(json, "prometheus", budget->prometheus);
    json_put_integer(json, "target_ns", budget->target);
    for (size_t q = 0; q < SUMMARY_QUANTILES; q++)
        if (row->values[q] == STATISTIC_CENSORED)
            json_put_null(json, summary_quantiles[q].name);
        else
            json_put_integer(json, summary_quantiles[q].name, row->values[q]);
    json_put_unsigned(json, "n", row->n);
    json_put_unsigned(json, "censored", row->censored);
    json_put_double(json, "p99_mean_ns", row->p99.mean);
    json_put_double(json, "p99_half_width_ns", row->p99.half_width);
    json_put_unsigned(json, "p99_repetitions", row->p99.n);
    json_put_string(json, "verdict", verdict_text(row->verdict));
    json_close(json, '}');
}

static void put_run(struct json *json, const struct run_result *run) {
    json_open(json, NULL, '{');
    json_put_unsigned(json, "repetition", run->repetition);
    json_put_unsigned(json, "seed", run->seed);
    char hash[17];
    for (int i = 0; i < 16; i++)
        hash[i] = "0123456789abcdef"[run->trace_hash >> (60 - 4 * i) & 15];
    hash[16] = '\0';
    json_put_string(json, "trace_hash", hash);
    json_put_integer(json, "simulated_ns", run->simulated_ns);
    json_put_bool(json, "complete", run->complete);
    json_open(json, "drops", '{');
    for (size_t i = 0; i < run->drop_count; i++)
        json_put_unsigned(json, run->drops[i].reason, run->drops[i].count);
    json_close(json, '}');
    json_open(json, "invariants", '[');
    for (size_t i = 0; i < run->invariant_count; i++) {
        json_open(json, NULL, '{');
        json_put_string(json, "name", run->invariants[i].name);
        json_put_bool(json, "passed", run->invariants[i].passed);
        json_put_double(json, "value", run->invariants[i].value);
        json_put_double(json, "limit", run->invariants[i].limit);
        json_close(json, '}');
    }
    json_close(json, ']');
    json_open(json, "expectations", '[');
    for (size_t i = 0; i < run->expectation_count; i++) {
        json_open(json, NULL, '{');
        json_put_string(json, "text", run->expectations[i].text);
        json_put_bool(json, "passed", run->expectations[i].passed);
        json_put_double(json, "value", run->expectations[i].value);
        json_put_double(json, "limit", run->expectations[i].limit);
        json_close(json, '}');
    }
    json_close(json, ']');
    json_close(json, '}');
}

void summary_json(const struct run_result *runs, size_t count, struct text *out) {
    struct json json;
    json_init(&json, out);
    json_open(&json, NULL, '{');
    json_put_string(&json, "scenario", count > 0 ? runs[0].scenario : "");
    json_open(&json, "metrics", '{');
    struct summary_row row;
    for (size_t b = 0; b < budget_count; b++) {
        summary_measure(&budgets[b], runs, count, &row);
        put_metric(&json, &budgets[b], &row);
    }
    if (summary_transferred(runs, count)) {
        summary_measure(&budget_settle, runs, count, &row);
        put_metric(&json, &budget_settle, &row);
    }
    if (summary_announced(runs, count)) {
        summary_measure_announcements(runs, count, &row);
        put_metric(&json, &announce_budget, &row);
    }
    if (summary_clocks_watched(runs, count)) {
        summary_measure_clocks(runs, count, &row);
        put_metric(&json, &clock_budget, &row);
    }
    json_close(&json, '}');
    json_open(&json, "runs", '[');
    for (size_t r = 0; r < count; r++)
        put_run(&json, &runs[r]);
    json_close(&json, ']');
    json_close(&json, '}');
}
