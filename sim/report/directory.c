/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/directory.h"

#include "base/error.h"
#include "sim/report/csv.h"
#include "sim/report/database.h"
#include "sim/report/histogram.h"
#include "sim/report/html.h"
#include "sim/report/metric.h"
#include "sim/report/plots.h"
#include "sim/report/summary.h"

#include <ftw.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void write_terminal(const struct run_result *runs, size_t count, struct text *out) {
    summary_print(runs, count, false, out);
}

static bool has_histogram(const struct metric *metric, const struct run_result *runs,
                          size_t count) {
    return metric->kind == METRIC_DURATION && metric_present(metric, runs, count);
}

static void write_histograms(const struct run_result *runs, size_t count, struct text *out) {
    time_ns longest = 0;
    for (size_t r = 0; r < count; r++)
        longest = runs[r].simulated_ns > longest ? runs[r].simulated_ns : longest;
    histogram_log_head(out);
    for (size_t m = 0; m < metric_count; m++) {
        if (!has_histogram(&metrics[m], runs, count))
            continue;
        struct histogram *histogram = metric_histogram(&metrics[m], runs, count);
        histogram_log_line(histogram, metrics[m].name, (double)longest / NS_PER_S, out);
        histogram_free(histogram);
    }
}

static const struct {
    const char *name;
    void (*write)(const struct run_result *runs, size_t count, struct text *out);
} files[] = {
    {"summary.json", summary_json},
    {"summary.txt", write_terminal},
    {"transactions.csv", csv_transactions},
    {"metrics.csv", csv_metrics},
    {"nodes.csv", csv_nodes},
    {"messages.csv", csv_messages},
    {"latency.hlog", write_histograms},
};

static int write_in(const char *dir, const char *name, const struct text *content) {
    struct text path = {0};
    text_format(&path, "%s/%s", dir, name);
    int error = text_write(content, path.bytes);
    text_deinit(&path);
    return error;
}

static int write_tables(const struct report *report, const char *dir) {
    int error = OK;
    for (size_t i = 0; i < ARRAY_LEN(files) && error == OK; i++) {
        struct text content = {0};
        files[i].write(report->runs, report->run_count, &content);
        error = write_in(dir, files[i].name, &content);
        text_deinit(&content);
    }
    return error;
}

static int write_percentiles(const struct report *report, const char *dir) {
    int error = OK;
    for (size_t m = 0; m < metric_count && error == OK; m++) {
        if (!has_histogram(&metrics[m], report->runs, report->run_count))
            continue;
        struct histogram *histogram =
            metric_histogram(&metrics[m], report->runs, report->run_count);
        struct text name = {0}, content = {0};
        text_format(&name, "%s.hgrm", metrics[m].name);
        histogram_print_percentiles(histogram, &content);
        error = write_in(dir, name.bytes, &content);
        text_deinit(&name);
        text_deinit(&content);
        histogram_free(histogram);
    }
    return error;
}

static int write_inputs(const struct report *report, const char *dir) {
    struct text content = {0};
    manifest_json(report->facts, report->scenario_text, report->runs, report->run_count, &content);
    int error = write_in(dir, "manifest.json", &content);
    content.size = 0;
    if (error == OK && report->scenario_text != NULL) {
        text_add(&content, report->scenario_text);
        error = write_in(dir, "scenario.resolved.yaml", &content);
    }
    text_deinit(&content);
    return error;
}

static int write_database(const struct report *report, const char *dir) {
    struct text path = {0};
    text_format(&path, "%s/results.sqlite", dir);
    int error = database_write(report->runs, report->run_count, report->scenario_text, path.bytes);
    text_deinit(&path);
    return error;
}

static int write_plots(const struct report *report, const char *dir) {
    struct text plots = {0};
    text_format(&plots, "%s/plots", dir);
    int error = plots_write(report->runs, report->run_count, plots.bytes);
    text_deinit(&plots);
    return error;
}

/* Last: it shows and links what is there. */
static int write_page(const struct report *report, const char *dir) {
    struct text page = {0};
    html_report(report, dir, &page);
    int error = write_in(dir, "report.html", &page);
    text_deinit(&page);
    return error;
}

static int fill(const struct report *report, const char *dir) {
    static int (*const parts[])(const struct report *report, const char *dir) = {
        write_tables, write_percentiles, write_inputs, write_database, write_plots, write_page};
    int error = OK;
    for (size_t i = 0; i < ARRAY_LEN(parts) && error == OK; i++)
        error = parts[i](report, dir);
    return error;
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *walk) {
    return remove(path);
}

static void remove_partial(const char *dir) {
    nftw(dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

/* Replaced by rename, so that "latest" always leads somewhere. */
static bool point_latest(const char *dir) {
    const char *slash = strrchr(dir, '/');
    struct text link = {0};
    if (slash != NULL)
        text_append(&link, dir, (size_t)(slash - dir) + 1);
    text_add(&link, "latest");
    struct text fresh = {0};
    text_format(&fresh, "%s.tmp", link.bytes);
    unlink(fresh.bytes);
    bool good = symlink(slash == NULL ? dir : slash + 1, fresh.bytes) == 0 &&
                rename(fresh.bytes, link.bytes) == 0;
    text_deinit(&link);
    text_deinit(&fresh);
    return good;
}

int report_write(const struct report *report, const char *dir) {
    struct stat present;
    struct text partial = {0};
    text_format(&partial, "%s.tmp", dir);
    bool made = lstat(dir, &present) != 0;
    if (made) {
        remove_partial(partial.bytes);
        made = mkdir(partial.bytes, 0777) == 0;
    }
    if (!made) {
        text_deinit(&partial);
        return REPORT_ERROR;
    }
    locale_t neutral = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    locale_t before = uselocale(neutral);
    bool good = fill(report, partial.bytes) == OK && rename(partial.bytes, dir) == 0;
    if (!good)
        remove_partial(partial.bytes);
    uselocale(before);
    freelocale(neutral);
    text_deinit(&partial);
    return good && point_latest(dir) ? OK : REPORT_ERROR;
}
