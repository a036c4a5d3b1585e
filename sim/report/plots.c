/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/plots.h"

#include "base/error.h"
#include "sim/report/figures.h"

#include <fcntl.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static void script(const struct run_result *run, const struct figure *figure,
                   const struct text *variables, struct text *out) {
    static const char *const terminals[][2] = {
        {"pngcairo size 1200,640 font 'DejaVu Sans,13'", "png"},
        {"svg size 1200,640 font 'DejaVu Sans,15'", "svg"}};
    text_add(out, "figure_title = '");
    /* Within single quotes gnuplot knows no escape but the doubled quote. */
    for (const char *at = run->scenario; *at != '\0'; at++)
        text_format(out, *at == '\'' ? "''" : "%c", (unsigned char)*at < 0x20 ? ' ' : *at);
    text_format(out, ", seed %" PRIu64 ": %s'\n", run->seed, figure->title);
    text_add(out, figure_prelude);
    text_append(out, variables->bytes == NULL ? "" : variables->bytes, variables->size);
    for (size_t t = 0; t < ARRAY_LEN(terminals); t++)
        text_format(out,
                    "reset\nset terminal %s noenhanced\nset output '%s.%s'\n"
                    "set border 3 lc rgb '#666666'\nset tics nomirror\n"
                    "set grid ytics lc rgb '#DDDDDD' lt 1\nset key top left\n%sunset output\n",
                    terminals[t][0], figure->name, terminals[t][1], figure->commands);
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

/* The figure's two source files. */
static int write_sources(const struct figure *figure, const struct run_result *runs, size_t count,
                         const char *dir) {
    struct text path = {0}, content = {0}, variables = {0};
    figure->write(runs, count, &content, &variables);
    text_format(&path, "%s/%s.dat", dir, figure->name);
    int error = text_write(&content, path.bytes);
    path.size = content.size = 0;
    text_format(&path, "%s/%s.gp", dir, figure->name);
    script(&runs[0], figure, &variables, &content);
    if (error == OK)
        error = text_write(&content, path.bytes);
    text_deinit(&path);
    text_deinit(&content);
    text_deinit(&variables);
    return error;
}

int plots_write(const struct run_result *runs, size_t count, const char *dir) {
    if (mkdir(dir, 0777) != 0)
        return ERR_INVALID;
    int error = OK;
    size_t failed = 0;
    for (size_t f = 0; f < figure_count && count > 0 && error == OK; f++) {
        error = write_sources(&figures[f], runs, count, dir);
        if (error == OK && !render(dir, figures[f].name)) {
            failed++;
            discard(dir, figures[f].name);
        }
    }
    if (failed > 0)
        fprintf(
            stderr,
            "warning: gnuplot is missing or failed: %zu of %zu figures not drawn; their .gp and "
            ".dat files are kept\n",
            failed, figure_count);
    return error;
}
