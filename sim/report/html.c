/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/html.h"

#include "sim/report/figures.h"
#include "sim/report/page.h"
#include "sim/report/summary.h"
#include "sim/report/warnings.h"

#include <inttypes.h>

static void put_passed(struct text *out, bool passed, const char *good, const char *bad) {
    text_format(out, "<td class=\"%s\">%s</td>", passed ? "good" : "bad", passed ? good : bad);
}

static void put_fact(struct text *out, const char *name, const char *value) {
    page_put(out, "<tr><td>", name, "</td>");
    page_put(out, "<td>", value == NULL ? "unknown" : value, "</td></tr>\n");
}

/* What the checks of all repetitions come to. */
struct verdict_counts {
    size_t expectations, missed;
    size_t invariants, broken;
    size_t targets, beyond;
    size_t incomplete;
};

static struct verdict_counts count_verdicts(const struct report *report) {
    struct verdict_counts counts = {0};
    for (size_t r = 0; r < report->run_count; r++) {
        const struct run_result *run = &report->runs[r];
        counts.incomplete += !run->complete;
        counts.expectations += run->expectation_count;
        for (size_t i = 0; i < run->expectation_count; i++)
            counts.missed += !run->expectations[i].passed;
        counts.invariants += run->invariant_count;
        for (size_t i = 0; i < run->invariant_count; i++)
            counts.broken += !run->invariants[i].passed;
    }
    for (size_t m = 0; m < metric_count; m++) {
        struct summary_row row;
        if (metrics[m].kind != METRIC_DURATION || metrics[m].target == 0)
            continue;
        summary_measure(&metrics[m], report->runs, report->run_count, &row);
        counts.targets += row.verdict != VERDICT_NONE;
        counts.beyond += row.verdict == VERDICT_OVER;
    }
    return counts;
}

/* The first thing that a reader looks for. */
static void put_verdict(const struct report *report, struct text *out) {
    struct verdict_counts counts = count_verdicts(report);
    bool targets_fail = report->run_count > 0 && report->runs[0].targets_fail && counts.beyond > 0;
    bool good = counts.missed == 0 && counts.broken == 0 && counts.incomplete == 0;
    good = good && !targets_fail;
    text_format(out, "<p class=\"verdict %s\">", good ? "good" : "bad");
    if (counts.incomplete > 0)
        text_format(out, "%zu of %zu repetitions did not complete. ", counts.incomplete,
                    report->run_count);
    if (counts.expectations == 0)
        text_add(out, "Nothing was expected. ");
    else if (counts.missed > 0)
        text_format(out, "%zu of %zu expectations MISSED. ", counts.missed, counts.expectations);
    else
        text_format(out, "All %zu expectations met. ", counts.expectations);
    if (counts.broken > 0)
        text_format(out, "%zu of %zu invariants BROKEN. ", counts.broken, counts.invariants);
    else
        text_format(out, "All %zu invariants kept. ", counts.invariants);
    text_format(out, "%zu of %zu p99 targets met%s.</p>\n", counts.targets - counts.beyond,
                counts.targets, targets_fail ? ", and targets fail the run" : "");
    text_format(out, "<p class=\"quiet\">%zu repetitions, status %s</p>\n", report->run_count,
                manifest_status(report->runs, report->run_count));
}

static void put_warnings(const struct report *report, struct text *out) {
    struct warnings warnings;
    warnings_init(&warnings, report->runs, report->run_count);
    for (size_t i = 0; i < warnings.count; i++)
        page_put(out, "<p class=\"warning\">Warning: ", warnings.list[i].text.bytes, "</p>\n");
    warnings_deinit(&warnings);
}

static void put_runs(const struct report *report, struct text *out) {
    static const struct manifest_facts nothing_known;
    const struct manifest_facts *facts = report->facts == NULL ? &nothing_known : report->facts;
    text_add(out, "<h2>What was run</h2>\n<div class=\"wide\"><table>\n");
    put_fact(out, "Tierchain", facts->version);
    put_fact(out, "commit", facts->git_commit);
    put_fact(out, "compiler", facts->compiler);
    put_fact(out, "SimGrid", facts->simgrid_version);
    put_fact(out, "SimGrid settings", facts->simgrid_configuration);
    text_add(out, "</table></div>\n<div class=\"wide\"><table>\n<thead><tr><th>repetition</th>"
                  "<th>seed</th><th>trace hash</th><th>simulated s</th><th>transactions</th>"
                  "<th>complete</th></tr></thead>\n");
    for (size_t r = 0; r < report->run_count; r++) {
        const struct run_result *run = &report->runs[r];
        text_format(out,
                    "<tr><td>%" PRIu32 "</td><td>%" PRIu64 "</td><td>%016" PRIx64
                    "</td><td>%.3f</td><td>%zu</td>",
                    run->repetition, run->seed, run->trace_hash,
                    (double)run->simulated_ns / NS_PER_S, run->transaction_count);
        put_passed(out, run->complete, "yes", "no");
        text_add(out, "</tr>\n");
    }
    text_add(out, "</table></div>\n<p>Run it again; all files but the manifest come out equal to "
                  "the byte:</p>\n<pre>tierchain run scenario.resolved.yaml</pre>\n");
}

static void put_duration(const struct metric *metric, const struct report *report,
                         struct text *out) {
    struct summary_row row;
    summary_measure(metric, report->runs, report->run_count, &row);
    text_format(out, "<tr><td>%s</td>", metric->name);
    if (metric->target > 0)
        text_format(out, "<td>%.0f</td>", (double)metric->target / NS_PER_MS);
    else
        text_add(out, "<td>–</td>");
    for (size_t q = 0; q < summary_quantile_count; q++)
        if (summary_is_value(row.values[q]))
            text_format(out, "<td>%.3f</td>", (double)row.values[q] / NS_PER_MS);
        else
            text_add(out, "<td>&gt; T</td>");
    if (row.open > 0)
        text_format(out, "<td>&gt; T in %zu of %zu</td>", row.open, row.repetitions);
    else if (row.repetitions >= 2)
        text_format(out, "<td>%.3f ± %.3f</td>", row.p99.mean / NS_PER_MS,
                    row.p99.half_width / NS_PER_MS);
    else
        text_add(out, "<td>–</td>");
    text_format(out, "<td>%zu</td><td>%zu</td>", row.n, row.censored);
    if (row.verdict == VERDICT_NONE)
        text_add(out, "<td>–</td>");
    else
        put_passed(out, row.verdict == VERDICT_MET, "met", "over");
    text_add(out, "</tr>\n");
}

static void put_durations(const struct report *report, struct text *out) {
    text_add(out,
             "<h2>Durations</h2>\n<p>Milliseconds of simulated time; &gt; T: the quantile lies "
             "among those that had not got there when the run ended.</p>\n"
             "<div class=\"wide\"><table>\n<thead><tr><th>metric</th><th>p99 target</th>");
    for (size_t q = 0; q < summary_quantile_count; q++)
        text_format(out, "<th>%s</th>", summary_quantiles[q].name);
    text_add(out, "<th>p99 over repetitions, 95 %</th><th>n</th><th>censored</th><th>verdict</th>"
                  "</tr></thead>\n");
    for (size_t m = 0; m < metric_count; m++)
        if (metrics[m].kind == METRIC_DURATION &&
            metric_present(&metrics[m], report->runs, report->run_count))
            put_duration(&metrics[m], report, out);
    text_add(out, "</table></div>\n");
}

/* A column for each repetition. */
static void put_numbers(const struct report *report, struct text *out) {
    text_add(
        out,
        "<h2>Counted</h2>\n<div class=\"wide\"><table>\n<thead><tr><th>metric</th><th>unit</th>");
    for (size_t r = 0; r < report->run_count; r++)
        text_format(out, "<th>repetition %" PRIu32 "</th>", report->runs[r].repetition);
    text_add(out, "<th>meaning</th></tr></thead>\n");
    for (size_t m = 0; m < metric_count; m++) {
        if (metrics[m].kind == METRIC_DURATION ||
            !metric_present(&metrics[m], report->runs, report->run_count))
            continue;
        text_format(out, "<tr><td>%s</td><td>%s</td>", metrics[m].name, metric_unit(&metrics[m]));
        for (size_t r = 0; r < report->run_count; r++) {
            int64_t value = metrics[m].value(&report->runs[r]);
            if (summary_is_value(value))
                text_format(out, "<td>%" PRId64 "</td>", value);
            else
                text_add(out, "<td>–</td>");
        }
        page_put(out, "<td>", metrics[m].help, "</td></tr>\n");
    }
    text_add(out, "</table>\n");
}

/* What an expectation and an invariant have in common. */
static void put_check(struct text *out, uint32_t repetition, const char *name, double value,
                      double limit, bool passed) {
    page_put(out, "<tr><td>", name, "</td>");
    text_format(out, "<td>%" PRIu32 "</td><td>%.9g</td><td>%.9g</td>", repetition, value, limit);
    put_passed(out, passed, "passed", "FAILED");
    text_add(out, "</tr>\n");
}

static const char check_head[] =
    "<div class=\"wide\"><table>\n<thead><tr><th>name</th><th>repetition</th><th>value</th>"
    "<th>limit</th><th>result</th></tr></thead>\n";

static void put_expectations(const struct report *report, struct text *out) {
    if (count_verdicts(report).expectations == 0)
        return;
    text_format(out, "<h2>Expectations</h2>\n%s", check_head);
    for (size_t r = 0; r < report->run_count; r++)
        for (size_t i = 0; i < report->runs[r].expectation_count; i++) {
            const struct expectation_record *e = &report->runs[r].expectations[i];
            put_check(out, report->runs[r].repetition, e->text, e->value, e->limit, e->passed);
        }
    text_add(out, "</table></div>\n");
}

/* Folded as long as all are kept. */
static void put_invariants(const struct report *report, struct text *out) {
    struct verdict_counts counts = count_verdicts(report);
    text_format(out,
                "<h2>Invariants</h2>\n<details%s><summary>%zu checked, %zu broken</summary>\n%s",
                counts.broken > 0 ? " open" : "", counts.invariants, counts.broken, check_head);
    for (size_t r = 0; r < report->run_count; r++)
        for (size_t i = 0; i < report->runs[r].invariant_count; i++) {
            const struct invariant_record *v = &report->runs[r].invariants[i];
            put_check(out, report->runs[r].repetition, v->name, v->value, v->limit, v->passed);
        }
    text_add(out, "</table></div></details>\n");
}

static void put_figures(const char *dir, struct text *out) {
    text_add(out, "<h2>Figures</h2>\n");
    for (size_t f = 0; f < figure_count; f++)
        page_figure(dir, figures[f].name, figures[f].caption, out);
}

void html_report(const struct report *report, const char *dir, struct text *out) {
    page_begin(report->run_count > 0 ? report->runs[0].scenario : "no run", out);
    put_verdict(report, out);
    put_warnings(report, out);
    put_expectations(report, out);
    put_durations(report, out);
    put_figures(dir, out);
    put_numbers(report, out);
    put_invariants(report, out);
    put_runs(report, out);
    page_files(dir, out);
    if (report->scenario_text != NULL)
        page_put(out, "<h2>Scenario, resolved</h2>\n<details><summary>Show</summary>\n<pre>",
                 report->scenario_text, "</pre></details>\n");
    text_add(out, "</body>\n</html>\n");
}
