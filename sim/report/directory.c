/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/directory.h"

#include "base/error.h"
#include "sim/report/csv.h"
#include "sim/report/database.h"
#include "sim/report/histogram.h"
#include "sim/report/html.h"
#include "sim/report/metric.h"
#include "sim/report/plots.h"
#include "sim/report/shares.h"
#include "sim/report/summary.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define REPORT_ATTEMPTS 10000 /* directories of one second */

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
    {"series.csv", csv_series},
    {"nodes.csv", csv_nodes},
    {"messages.csv", csv_messages},
    {"paths.csv", csv_paths},
    {"latency.hlog", write_histograms},
};

/* @cause: an errno, or 0 when it is not known. */
static void complain(const char *path, int cause) {
    fprintf(stderr, "tierchain: %s: cannot be written%s%s\n", path, cause != 0 ? ": " : "",
            cause != 0 ? strerror(cause) : "");
}

int report_put(const char *dir, const char *name, const struct text *content) {
    struct text path = {0};
    text_format(&path, "%s/%s", dir, name);
    int error = text_write(content, path.bytes);
    if (error != OK)
        complain(path.bytes, errno);
    text_deinit(&path);
    return error;
}

/* The first error of two; both parts were tried. */
static int both(int first, int second) {
    return first != OK ? first : second;
}

static int write_tables(const struct report *report, const char *dir) {
    int error = OK;
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        struct text content = {0};
        files[i].write(report->runs, report->run_count, &content);
        error = both(error, report_put(dir, files[i].name, &content));
        text_deinit(&content);
    }
    return error;
}

static int write_percentiles(const struct report *report, const char *dir) {
    int error = OK;
    for (size_t m = 0; m < metric_count; m++) {
        if (!has_histogram(&metrics[m], report->runs, report->run_count))
            continue;
        struct histogram *histogram =
            metric_histogram(&metrics[m], report->runs, report->run_count);
        struct text name = {0}, content = {0};
        text_format(&name, "%s.hgrm", metrics[m].name);
        histogram_print_percentiles(histogram, &content);
        error = both(error, report_put(dir, name.bytes, &content));
        text_deinit(&name);
        text_deinit(&content);
        histogram_free(histogram);
    }
    return error;
}

static int write_manifest(const struct report *report, const char *dir, const char *status) {
    struct text content = {0};
    struct manifest_facts facts = {0};
    if (report->facts != NULL)
        facts = *report->facts;
    if (status != NULL)
        facts.status = status;
    manifest_json(&facts, report->scenario_text, report->runs, report->run_count, &content);
    int error = report_put(dir, "manifest.json", &content);
    text_deinit(&content);
    return error;
}

static int write_scenario(const struct report *report, const char *dir) {
    struct text content = {0};
    int error = OK;
    if (report->scenario_text != NULL) {
        text_add(&content, report->scenario_text);
        error = report_put(dir, "scenario.resolved.yaml", &content);
    }
    text_deinit(&content);
    return error;
}

int report_announce(const struct report *report, const char *dir) {
    int error = both(write_scenario(report, dir), write_manifest(report, dir, NULL));
    return error == OK ? OK : REPORT_ERROR;
}

static int write_database(const struct report *report, const char *dir) {
    struct text path = {0};
    text_format(&path, "%s/results.sqlite", dir);
    int error = database_write(report->runs, report->run_count, report->scenario_text, path.bytes);
    if (error != OK) { /* half a database helps nobody, and its space may be needed */
        unlink(path.bytes);
        complain(path.bytes, 0);
    }
    text_deinit(&path);
    return error;
}

static int write_plots(const struct report *report, const char *dir) {
    struct text plots = {0};
    text_format(&plots, "%s/plots", dir);
    int error = plots_write(report->runs, report->run_count, plots.bytes);
    if (error != OK)
        complain(plots.bytes, errno);
    text_deinit(&plots);
    return error;
}

/* Last: it shows and links what is there. */
static int write_page(const struct report *report, const char *dir) {
    struct text page = {0};
    html_report(report, dir, &page);
    int error = report_put(dir, "report.html", &page);
    text_deinit(&page);
    return error;
}

/* What is small and said first comes first; the page last, for it shows and links what is there. */
static int fill(const struct report *report, const char *dir) {
    static int (*const parts[])(const struct report *report, const char *dir) = {
        write_tables, write_scenario, write_percentiles, write_database, write_plots};
    int error = OK;
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        errno = 0;
        error = both(error, parts[i](report, dir));
    }
    error = both(error, write_manifest(report, dir, error == OK ? NULL : "incomplete"));
    int page = write_page(report, dir);
    if (page != OK && error == OK)
        write_manifest(report, dir, "incomplete");
    return both(error, page);
}

/* Replaced by rename, so that "latest" always leads somewhere. */
bool report_point_latest(const char *dir) {
    const char *slash = strrchr(dir, '/');
    struct text link = {0};
    if (slash != NULL)
        text_append(&link, dir, (size_t)(slash - dir) + 1);
    text_add(&link, "latest");
    struct text fresh = {0};
    text_format(&fresh, "%s.%ld.tmp", link.bytes, (long)getpid());
    unlink(fresh.bytes);
    bool good = symlink(slash == NULL ? dir : slash + 1, fresh.bytes) == 0 &&
                rename(fresh.bytes, link.bytes) == 0;
    if (!good) {
        complain(link.bytes, errno);
        unlink(fresh.bytes);
    }
    text_deinit(&link);
    text_deinit(&fresh);
    return good;
}

static bool make_directories(char *path) {
    for (char *at = path + 1;; at++) {
        char kept = *at;
        if (kept != '/' && kept != '\0')
            continue;
        *at = '\0';
        bool good = mkdir(path, 0777) == 0 || errno == EEXIST;
        *at = kept;
        if (!good || kept == '\0')
            return good;
    }
}

int report_begin(const char *parent, const char *stem, char *dir, size_t size) {
    size_t length = (size_t)snprintf(dir, size, "%s", parent);
    errno = ENAMETOOLONG;
    bool good = length < size && make_directories(dir);
    for (int attempt = 1; good; attempt++) {
        char suffix[16] = "";
        if (attempt > 1)
            snprintf(suffix, sizeof suffix, "-%d", attempt);
        length = (size_t)snprintf(dir, size, "%s/%s%s", parent, stem, suffix);
        if (length >= size)
            errno = ENAMETOOLONG;
        else if (mkdir(dir, 0777) == 0)
            return OK;
        good = length < size && errno == EEXIST && attempt < REPORT_ATTEMPTS;
    }
    complain(dir, errno);
    return REPORT_ERROR;
}

/* What a limit of this process or a quota refuses, it refuses here and not after an hour. Only a
 * file system that reserves at once is asked: glibc's posix_fallocate would write every block. */
static int try_largest(const char *dir, uint64_t largest) {
    int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600), cause = 0;
    if (fd < 0)
        return 0;
    if (fallocate(fd, 0, 0, (off_t)largest) != 0 &&
        (errno == ENOSPC || errno == EFBIG || errno == EDQUOT))
        cause = errno;
    close(fd);
    return cause;
}

int report_room(const char *dir, uint64_t bytes, uint64_t largest) {
    struct statvfs space;
    if (statvfs(dir, &space) == 0) {
        uint64_t free_bytes = (uint64_t)space.f_bavail * space.f_frsize;
        if (free_bytes < bytes) {
            fprintf(stderr,
                    "tierchain: %s: these results need about %.1f MB, and %.1f MB are free: %s\n",
                    dir, (double)bytes / 1e6, (double)free_bytes / 1e6, strerror(ENOSPC));
            return REPORT_ERROR;
        }
    }
    int cause = try_largest(dir, largest);
    if (cause != 0)
        fprintf(stderr,
                "tierchain: %s: a file of about %.1f MB, which these results need, cannot be "
                "written: %s\n",
                dir, (double)largest / 1e6, strerror(cause));
    return cause == 0 ? OK : REPORT_ERROR;
}

static bool has_results(const char *dir) {
    struct text summary = {0};
    struct stat present;
    text_format(&summary, "%s/summary.json", dir);
    bool there = lstat(summary.bytes, &present) == 0;
    text_deinit(&summary);
    return there;
}

int report_write(const struct report *report, const char *dir) {
    if ((mkdir(dir, 0777) != 0 && errno != EEXIST) || has_results(dir)) {
        complain(dir, errno);
        return REPORT_ERROR;
    }
    locale_t neutral = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    locale_t before = uselocale(neutral);
    bool good = fill(report, dir) == OK;
    uselocale(before);
    freelocale(neutral);
    return good && report_point_latest(dir) ? OK : REPORT_ERROR;
}
