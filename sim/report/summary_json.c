/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * summary.json. Every number's key says its unit; what counts is named by what it counts. Seeds and
 * hashes are strings, since most readers keep only 53 bits of a number. Null: there was nothing, or
 * (where there are censored samples) the value lies among those that never got there. */
#include "sim/report/stuck.h"
#include "sim/report/summary.h"

#include "sim/report/json.h"
#include "sim/report/shares.h"
#include "sim/report/warnings.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

static void put_value(struct json *json, const char *key, int64_t value) {
    if (summary_is_value(value))
        json_put_integer(json, key, value);
    else
        json_put_null(json, key);
}

static void put_repetitions(struct json *json, const struct summary_row *row) {
    bool known = row->open == 0 && row->repetitions > 0;
    json_put_double(json, "p99_mean_ns", known ? row->p99.mean : NAN);
    json_put_double(json, "p99_half_width_ns", known ? row->p99.half_width : NAN);
    json_put_unsigned(json, "p99_repetitions", row->repetitions);
    json_put_unsigned(json, "p99_open_repetitions", row->open);
}

static void put_duration(struct json *json, const struct metric *metric,
                         const struct run_result *runs, size_t count) {
    struct summary_row row;
    summary_measure(metric, runs, count, &row);
    json_put_string(json, "prometheus", metric->prometheus);
    put_value(json, "target_ns", metric->target > 0 ? metric->target : METRIC_NOTHING);
    for (size_t q = 0; q < SUMMARY_QUANTILES; q++)
        put_value(json, summary_quantiles[q].key, row.values[q]);
    json_put_unsigned(json, "samples", row.n);
    json_put_unsigned(json, "censored_samples", row.censored);
    put_value(json, "p99_low_ns", row.p99_low);
    put_value(json, "p99_high_ns", row.p99_high);
    put_repetitions(json, &row);
    json_put_string(json, "verdict", summary_verdict(row.verdict));
}

/* A value for each run. */
static void put_numbers(struct json *json, const struct metric *metric,
                        const struct run_result *runs, size_t count) {
    char key[64];
    snprintf(key, sizeof key, "values_%s", metric_unit(metric));
    json_open(json, key, '[');
    for (size_t r = 0; r < count; r++)
        put_value(json, NULL, metric->value(&runs[r]));
    json_close(json, ']');
}

static void put_metrics(struct json *json, const struct run_result *runs, size_t count) {
    json_open(json, "metrics", '{');
    for (size_t m = 0; m < metric_count; m++) {
        if (!metric_present(&metrics[m], runs, count))
            continue;
        json_open(json, metrics[m].name, '{');
        if (metrics[m].kind == METRIC_DURATION)
            put_duration(json, &metrics[m], runs, count);
        else
            put_numbers(json, &metrics[m], runs, count);
        json_close(json, '}');
    }
    json_close(json, '}');
}

/* What an invariant and an expectation have in common; @unit is that of both values. */
static void put_check(struct json *json, const char *key, const char *text, bool passed,
                      double value, double limit, const char *unit) {
    char name[64];
    json_open(json, NULL, '{');
    json_put_string(json, key, text);
    json_put_bool(json, "passed", passed);
    snprintf(name, sizeof name, "value_%s", unit);
    json_put_double(json, name, value);
    snprintf(name, sizeof name, "limit_%s", unit);
    json_put_double(json, name, limit);
    json_close(json, '}');
}

static void put_run(struct json *json, const struct run_result *run) {
    char hash[17], seed[21];
    snprintf(seed, sizeof seed, "%" PRIu64, run->seed);
    snprintf(hash, sizeof hash, "%016" PRIx64, run->trace_hash);
    json_open(json, NULL, '{');
    json_put_unsigned(json, "repetition", run->repetition);
    json_put_string(json, "seed", seed);
    json_put_string(json, "trace_hash", hash);
    json_put_integer(json, "simulated_ns", run->simulated_ns);
    json_put_bool(json, "complete", run->complete);
    json_open(json, "dropped_messages", '{');
    for (size_t i = 0; i < run->drop_count; i++)
        json_put_unsigned(json, run->drops[i].reason, run->drops[i].count);
    json_close(json, '}');
    json_open(json, "not_done_transactions", '{');
    for (unsigned where = STUCK_NOT + 1; where < STUCK_COUNT; where++)
        if (run->stuck_at[where] > 0)
            json_put_unsigned(json, stuck_name((enum stuck_at)where), run->stuck_at[where]);
    json_close(json, '}');
    json_open(json, "invariants", '[');
    for (size_t i = 0; i < run->invariant_count; i++)
        put_check(json, "name", run->invariants[i].name, run->invariants[i].passed,
                  run->invariants[i].value, run->invariants[i].limit, "violations");
    json_close(json, ']');
    json_open(json, "expectations", '[');
    for (size_t i = 0; i < run->expectation_count; i++)
        put_check(json, "text", run->expectations[i].text, run->expectations[i].passed,
                  run->expectations[i].value, run->expectations[i].limit,
                  run->expectations[i].unit);
    json_close(json, ']');
    json_close(json, '}');
}

static void put_warnings(struct json *json, const struct run_result *runs, size_t count) {
    struct warnings warnings;
    warnings_init(&warnings, runs, count);
    json_open(json, "warnings", '[');
    for (size_t i = 0; i < warnings.count; i++) {
        json_open(json, NULL, '{');
        json_put_string(json, "id", warnings.list[i].id);
        json_put_string(json, "text", warnings.list[i].text.bytes);
        json_close(json, '}');
    }
    json_close(json, ']');
    warnings_deinit(&warnings);
}

void summary_json(const struct run_result *runs, size_t count, struct text *out) {
    struct json json;
    json_init(&json, out);
    json_open(&json, NULL, '{');
    json_put_string(&json, "scenario", count > 0 ? runs[0].scenario : "");
    json_put_unsigned(&json, "metrics_over_target", summary_over_target(runs, count));
    json_put_bool(&json, "targets_fail", count > 0 && runs[0].targets_fail);
    put_warnings(&json, runs, count);
    put_metrics(&json, runs, count);
    shares_json(&json, runs, count);
    json_open(&json, "runs", '[');
    for (size_t r = 0; r < count; r++)
        put_run(&json, &runs[r]);
    json_close(&json, ']');
    json_close(&json, '}');
}
