/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/plots.h"

#include "base/error.h"
#include "sim/report/summary.h"

#include <assert.h>
#include <fcntl.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* Latency, share at or below it, share above it; the censored stay in the denominator. */
static void latency_data(const struct run_result *runs, size_t count, struct text *out) {
    size_t total = 0, n = 0;
    for (size_t r = 0; r < count; r++)
        total += runs[r].transaction_count;
    int64_t *samples = malloc((total + 1) * sizeof *samples);
    assert(samples != NULL);
    for (size_t r = 0; r < count; r++)
        n += budget_samples(&budgets[budget_count - 1], &runs[r], samples + n);
    statistics_sort(samples, n);
    text_add(out, "# latency_ms share_at_or_below share_above\n0 0 1\n");
    for (size_t i = 0; i < n; i++)
        text_format(out, "%.17g %.17g %.17g\n", (double)samples[i] / NS_PER_MS,
                    (double)(i + 1) / (double)total, (double)(total - i - 1) / (double)total);
    free(samples);
}

static void layers_data(const struct run_result *runs, size_t count, struct text *out) {
    text_add(out, "# metric target_ms p50_ms p99_ms (? = censored)\n");
    for (size_t b = 0; b < budget_count; b++) {
        struct summary_row row;
        summary_measure(&budgets[b], runs, count, &row);
        text_format(out, "%s %.17g", budgets[b].name, (double)budgets[b].target / NS_PER_MS);
        for (size_t q = 0; q <= 2; q += 2)
            if (row.values[q] == STATISTIC_CENSORED)
                text_add(out, " ?");
            else
                text_format(out, " %.17g", (double)row.values[q] / NS_PER_MS);
        text_add(out, "\n");
    }
}

static const struct {
    const char *name, *title, *body;
    void (*data)(const struct run_result *runs, size_t count, struct text *out);
} figures[] = {
    {"latency", "latency from click to close",
     "set xlabel 'latency (ms)'\n"
     "set arrow 1 from 450, graph 0 to 450, graph 1 nohead lw 2 dt 2 lc rgb '#D55E00'\n"
     "set arrow 2 from 800, graph 0 to 800, graph 1 nohead lw 2 dt 2 lc rgb '#CC79A7'\n"
     "set key bottom right\nset xrange [0:850<*]\nset multiplot layout 1,2 title figure_title\n"
     "set ylabel 'share at or below'\nset yrange [0:1]\n"
     "plot 'latency.dat' using 1:2 with steps lw 3 lc rgb '#0072B2' title 'measured', \\\n"
     "  NaN lw 2 dt 2 lc rgb '#D55E00' title '450 ms felt', \\\n"
     "  NaN lw 2 dt 2 lc rgb '#CC79A7' title '800 ms in all'\n"
     "set ylabel 'share above (log)'\nset logscale y\nset yrange [*<0.1:1]\nunset key\n"
     "plot 'latency.dat' using 1:($3 > 0 ? $3 : NaN) with steps lw 3 lc rgb '#0072B2'\n"
     "unset multiplot\n",
     latency_data},
    {"layers", "every step beside its p99 target",
     "set title figure_title\nset ylabel 'latency (ms)'\nset yrange [0:500<*]\nset datafile "
     "missing "
     "'?'\n"
     "set style fill solid 0.9 noborder\nset boxwidth 0.36\nset xrange [-0.6:*]\n"
     "plot 'layers.dat' using ($0-0.19):3 with boxes lc rgb '#56B4E9' title 'p50', \\\n"
     "  '' using ($0+0.19):4 with boxes lc rgb '#0072B2' title 'p99', \\\n"
     "  '' using 0:2:(0.42):xtic(1) with xerrorbars pt -1 lw 3 lc rgb '#D55E00' title 'p99 "
     "target'\n",
     layers_data},
};

static void script(const struct run_result *run, size_t figure, struct text *out) {
    const char *name = figures[figure].name;
    static const char *const terminals[][2] = {
        {"pngcairo size 1200,640 font 'DejaVu Sans,13'", "png"},
        {"svg size 1200,640 font 'DejaVu Sans,15'", "svg"}};
    text_add(out, "figure_title = '");
    /* Within single quotes gnuplot knows no escape but the doubled quote. */
    for (const char *at = run->scenario; *at != '\0'; at++)
        text_format(out, *at == '\'' ? "''" : "%c", (unsigned char)*at < 0x20 ? ' ' : *at);
    text_format(out, ", seed %" PRIu64 ": %s'\n", run->seed, figures[figure].title);
    for (size_t t = 0; t < ARRAY_LEN(terminals); t++)
        text_format(out,
                    "reset\nset terminal %s noenhanced\nset output '%s.%s'\n"
                    "set border 3 lc rgb '#666666'\nset tics nomirror\n"
                    "set grid ytics lc rgb '#DDDDDD' lt 1\nset key top left\n%sunset output\n",
                    terminals[t][0], name, terminals[t][1], figures[figure].body);
}

/* What gnuplot says goes nowhere: one warning of ours covers it, and the script can be run again.
 */
static bool render(const char *dir, const char *name) {
    struct text file = {0};
    text_format(&file, "%s.gp", name);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addchdir_np(&actions, dir);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    char *const arguments[] = {(char[]){"gnuplot"}, file.bytes, NULL};
    pid_t child;
    int status = -1;
    if (posix_spawnp(&child, "gnuplot", &actions, NULL, arguments, environ) != 0 ||
        waitpid(child, &status, 0) != child)
        status = -1;
    posix_spawn_file_actions_destroy(&actions);
    text_deinit(&file);
    return status == 0;
}

/* A picture that gnuplot did not finish is worse than none. */
static void discard(const char *dir, const char *name) {
    static const char *const kinds[] = {"png", "svg"};
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        struct text path = {0};
        text_format(&path, "%s/%s.%s", dir, name, kinds[i]);
        unlink(path.bytes);
        text_deinit(&path);
    }
}

int plots_write(const struct run_result *runs, size_t count, const char *dir) {
    if (mkdir(dir, 0777) != 0)
        return ERR_INVALID;
    int error = OK;
    size_t failed = 0;
    for (size_t f = 0; f < ARRAY_LEN(figures) && count > 0 && error == OK; f++) {
        struct text path = {0}, content = {0};
        text_format(&path, "%s/%s.dat", dir, figures[f].name);
        figures[f].data(runs, count, &content);
        error = text_write(&content, path.bytes);
        path.size = content.size = 0;
        text_format(&path, "%s/%s.gp", dir, figures[f].name);
        script(&runs[0], f, &content);
        if (error == OK)
            error = text_write(&content, path.bytes);
        if (error == OK && !render(dir, figures[f].name)) {
            failed++;
            discard(dir, figures[f].name);
        }
        text_deinit(&path);
        text_deinit(&content);
    }
    if (failed > 0)
        fprintf(
            stderr,
            "warning: gnuplot is missing or failed: %zu of %zu figures not drawn; their .gp and "
            ".dat files are kept\n",
            failed, ARRAY_LEN(figures));
    return error;
}
