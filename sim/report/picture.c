/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/picture.h"

#include "base/error.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static void script(const struct picture *picture, struct text *out) {
    static const char *const terminals[][2] = {
        {"pngcairo size 1200,640 font 'DejaVu Sans,13'", "png"},
        {"svg size 1200,640 font 'DejaVu Sans,15'", "svg"}};
    text_add(out, "figure_title = '");
    /* Within single quotes gnuplot knows no escape but the doubled quote. */
    for (const char *at = picture->title; *at != '\0'; at++)
        text_format(out, *at == '\'' ? "''" : "%c", (unsigned char)*at < 0x20 ? ' ' : *at);
    text_add(out, "'\n");
    text_add(out, picture->variables);
    for (size_t t = 0; t < ARRAY_LEN(terminals); t++)
        text_format(out,
                    "reset\nset terminal %s noenhanced\nset output '%s.%s'\n"
                    "set border 3 lc rgb '#666666'\nset tics nomirror\n"
                    "set grid ytics lc rgb '#DDDDDD' lt 1\nset key top left\n%sunset output\n",
                    terminals[t][0], picture->name, terminals[t][1], picture->commands);
}

int picture_write(const struct picture *picture, const char *dir) {
    struct text path = {0}, content = {0};
    text_format(&path, "%s/%s.dat", dir, picture->name);
    int error = text_write(picture->data, path.bytes);
    path.size = 0;
    text_format(&path, "%s/%s.gp", dir, picture->name);
    script(picture, &content);
    if (error == OK)
        error = text_write(&content, path.bytes);
    text_deinit(&path);
    text_deinit(&content);
    return error;
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

bool picture_draw(const char *dir, const char *name) {
    bool good = render(dir, name);
    if (!good)
        discard(dir, name);
    return good;
}
