/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/plots.h"

#include "base/error.h"
#include "sim/report/figures.h"
#include "sim/report/picture.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

/* The figure's two source files. */
static int write_sources(const struct figure *figure, const struct run_result *runs, size_t count,
                         const char *dir) {
    struct text title = {0}, data = {0}, variables = {0};
    text_format(&title, "%s, seed %" PRIu64 ": %s", runs[0].scenario, runs[0].seed, figure->title);
    text_add(&variables, figure_prelude);
    figure->write(runs, count, &data, &variables);
    const struct picture picture = {figure->name, title.bytes, variables.bytes, figure->commands,
                                    &data};
    int error = picture_write(&picture, dir);
    text_deinit(&title);
    text_deinit(&data);
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
        failed += error == OK && !picture_draw(dir, figures[f].name);
    }
    if (failed > 0)
        fprintf(
            stderr,
            "warning: gnuplot is missing or failed: %zu of %zu figures not drawn; their .gp and "
            ".dat files are kept\n",
            failed, figure_count);
    return error;
}
