/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/html.h"

#include "sim/report/figures.h"
#include "sim/report/summary.h"
#include "sim/report/warnings.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Colours are named once, for light and for dark; figures stand on white paper in both. */
static const char style[] =
    ":root{color-scheme:light dark;--ink:#222;--paper:#fff;--quiet:#555;--line:#ddd;"
    "--good:#00694d;--bad:#b04a00;--box:#f5f5f5}"
    "@media(prefers-color-scheme:dark){:root{--ink:#e6e6e6;--paper:#16181c;--quiet:#a5a9b0;"
    "--line:#3a3e46;--good:#4fd1a5;--bad:#ff9a4d;--box:#23262c}}"
    "body{font:16px/1.5 'DejaVu Sans',system-ui,sans-serif;color:var(--ink);"
    "background:var(--paper);max-width:1200px;margin:2rem auto;padding:0 1rem}"
    "a{color:inherit}h1{margin-bottom:0}"
    "h2{margin-top:2.5rem;border-bottom:1px solid var(--line)}"
    ".wide{overflow-x:auto}"
    "table{border-collapse:collapse;font-variant-numeric:tabular-nums}"
    "th,td{padding:.25rem .8rem;text-align:right;border-bottom:1px solid var(--line)}"
    "th:first-child,td:first-child{text-align:left}thead th{border-bottom:2px solid var(--quiet)}"
    ".good{color:var(--good)}.bad{color:var(--bad);font-weight:bold}"
    ".verdict{font-size:1.25rem;padding:.6rem 1rem;border-left:.4rem solid;background:var(--box)}"
    ".warning{padding-left:.8rem;border-left:.3rem solid var(--bad)}"
    "figure{margin:1.5rem 0}figure svg{width:100%;height:auto;background:#fff;border-radius:.3rem}"
    "figcaption,.quiet{color:var(--quiet)}summary{cursor:pointer}"
    "pre{background:var(--box);padding:.8rem;overflow-x:auto}"
    ".files{columns:14rem 3;padding-left:1.2rem}";

void html_escape(struct text *out, const char *value) {
    for (; *value != '\0'; value++)
        if (*value == '&')
            text_add(out, "&amp;");
        else if (*value == '<')
            text_add(out, "&lt;");
        else if (*value == '>')
            text_add(out, "&gt;");
        else if (*value == '"')
            text_add(out, "&quot;");
        else if (*value == '\'')
            text_add(out, "&#39;");
        else
            text_append(out, value, 1);
}

/* Between @before and @after, both markup. */
static void put(struct text *out, const char *before, const char *value, const char *after) {
    text_add(out, before);
    html_escape(out, value);
    text_add(out, after);
}

static void put_passed(struct text *out, bool passed, const char *good, const char *bad) {
    text_format(out, "<td class=\"%s\">%s</td>", passed ? "good" : "bad", passed ? good : bad);
}

static void put_fact(struct text *out, const char *name, const char *value) {
    put(out, "<tr><td>", name, "</td>");
    put(out, "<td>", value == NULL ? "unknown" : value, "</td></tr>\n");
}

static void put_head(const struct report *report, struct text *out) {
    const char *scenario = report->run_count > 0 ? report->runs[0].scenario : "no run";
    put(out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>",
        scenario, " – Tierchain</title>\n<style>");
    text_add(out, style);
    put(out, "</style>\n</head>\n<body>\n<h1>", scenario, "</h1>\n");
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
        put(out, "<p class=\"warning\">Warning: ", warnings.list[i].text.bytes, "</p>\n");
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
        put(out, "<td>", metrics[m].help, "</td></tr>\n");
    }
    text_add(out, "</table>\n");
}

/* What an expectation and an invariant have in common. */
static void put_check(struct text *out, uint32_t repetition, const char *name, double value,
                      double limit, bool passed) {
    put(out, "<tr><td>", name, "</td>");
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

static bool read_file(const char *path, struct text *content) {
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return false;
    char part[4096];
    for (size_t size; (size = fread(part, 1, sizeof part, file)) > 0;)
        text_append(content, part, size);
    bool good = !ferror(file) && content->size > 0;
    fclose(file);
    return good;
}

static bool starts_with(const char *at, const char *prefix) {
    return strncmp(at, prefix, strlen(prefix)) == 0;
}

/* Where the text goes on behind what starts with @open and ends with @close; @at if it does not. */
static const char *skip(const char *at, const char *open, const char *close) {
    const char *end = starts_with(at, open) ? strstr(at + strlen(open), close) : NULL;
    return end == NULL ? at : end + strlen(close);
}

/* From "<svg" on. gnuplot gives the same ids to the parts of every picture; within one page they
 * get the figure's name in front. Ids in double quotes are those of its groups: nothing refers to
 * them, and panels repeat them. Its title would pop up under the mouse as "Gnuplot". */
static void put_svg(struct text *out, const char *svg, const char *name) {
    static const char *const marks[] = {" id='", "href='#", "url(#"};
    const char *at = strstr(svg, "<svg");
    while (at != NULL && *at != '\0') {
        at = skip(skip(at, "<title>", "</title>"), " id=\"", "\"");
        size_t m = 0;
        while (m < ARRAY_LEN(marks) && !starts_with(at, marks[m]))
            m++;
        if (m < ARRAY_LEN(marks)) {
            text_format(out, "%s%s-", marks[m], name);
            at += strlen(marks[m]);
        } else if (*at != '\0') {
            text_append(out, at++, 1);
        }
    }
}

static void put_figures(const char *dir, struct text *out) {
    text_add(out, "<h2>Figures</h2>\n");
    for (size_t f = 0; f < figure_count; f++) {
        struct text path = {0}, svg = {0};
        text_format(&path, "%s/plots/%s.svg", dir, figures[f].name);
        text_add(out, "<figure>\n");
        if (read_file(path.bytes, &svg))
            put_svg(out, svg.bytes, figures[f].name);
        else
            text_format(out, "<p class=\"bad\">Not drawn: run gnuplot %s.gp in plots/.</p>",
                        figures[f].name);
        put(out, "\n<figcaption>", figures[f].caption, "</figcaption>\n</figure>\n");
        text_deinit(&path);
        text_deinit(&svg);
    }
}

static void put_files(const char *dir, struct text *out) {
    struct dirent **entries;
    int count = scandir(dir, &entries, NULL, alphasort);
    text_add(out, "<h2>Files</h2>\n<ul class=\"files\">\n");
    for (int i = 0; i < count; i++) {
        if (entries[i]->d_name[0] != '.') {
            put(out, "<li><a href=\"", entries[i]->d_name, "\">");
            put(out, "", entries[i]->d_name, "</a></li>\n");
        }
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
    text_add(out, "</ul>\n");
}

void html_report(const struct report *report, const char *dir, struct text *out) {
    put_head(report, out);
    put_verdict(report, out);
    put_warnings(report, out);
    put_expectations(report, out);
    put_durations(report, out);
    put_figures(dir, out);
    put_numbers(report, out);
    put_invariants(report, out);
    put_runs(report, out);
    put_files(dir, out);
    if (report->scenario_text != NULL)
        put(out, "<h2>Scenario, resolved</h2>\n<details><summary>Show</summary>\n<pre>",
            report->scenario_text, "</pre></details>\n");
    text_add(out, "</body>\n</html>\n");
}
