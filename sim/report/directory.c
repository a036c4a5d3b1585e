/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/directory.h"

#include "base/error.h"
#include "sim/report/budget.h"
#include "sim/report/csv.h"
#include "sim/report/histogram.h"
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

/* One merged histogram a metric. */
static void write_histograms(const struct run_result *runs, size_t count, struct text *out) {
    histogram_log_head(out);
    for (size_t b = 0; b < budget_count; b++) {
        struct histogram *histogram = histogram_new();
        time_ns longest = 0;
        for (size_t r = 0; histogram != NULL && r < count; r++) {
            longest = runs[r].simulated_ns > longest ? runs[r].simulated_ns : longest;
            for (size_t i = 0; i < runs[r].transaction_count; i++) {
                time_ns latency = budget_latency(&budgets[b], &runs[r].transactions[i]);
                if (latency != TIME_NEVER)
                    histogram_record(histogram, latency / NS_PER_US);
            }
        }
        if (histogram != NULL)
            histogram_log_line(histogram, budgets[b].name, (double)longest / NS_PER_S, out);
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

static int fill(const struct report *report, const char *dir) {
    int error = OK;
    for (size_t i = 0; i < ARRAY_LEN(files) && error == OK; i++) {
        struct text content = {0};
        files[i].write(report->runs, report->run_count, &content);
        error = write_in(dir, files[i].name, &content);
        text_deinit(&content);
    }
    if (error == OK && report->scenario_text != NULL) {
        struct text scenario = {0};
        text_add(&scenario, report->scenario_text);
        error = write_in(dir, "scenario.resolved.yaml", &scenario);
        text_deinit(&scenario);
    }
    if (error == OK) {
        struct text plots = {0};
        text_format(&plots, "%s/plots", dir);
        error = plots_write(report->runs, report->run_count, plots.bytes);
        text_deinit(&plots);
    }
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
    if (lstat(dir, &present) == 0 || mkdir(partial.bytes, 0777) != 0) {
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
