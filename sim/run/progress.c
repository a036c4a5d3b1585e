/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/progress.h"

#include <math.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sim/run/terminal.h"

#define TERMINAL_GAP 1.0   /* s between two drawings */
#define LINES_FIRST  10.0  /* s: shorter runs are quiet */
#define LINES_GAP    600.0 /* s: the longest */

double progress_clock(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

enum progress_mode progress_mode_of_stderr(bool quiet) {
    if (quiet)
        return PROGRESS_NONE;
    if (!terminal_moves(STDERR_FILENO))
        return PROGRESS_LINES;
    return terminal_colours(STDERR_FILENO) ? PROGRESS_ESCAPES : PROGRESS_BLANKS;
}

/* "45 s", "3 min", "2.5 h": as exact as a guess is. */
static void format_left(double seconds, char *out, size_t size) {
    if (!isfinite(seconds))
        snprintf(out, size, "?");
    else if (seconds < 90)
        snprintf(out, size, "%.0f s", ceil(seconds));
    else if (seconds < 90 * 60)
        snprintf(out, size, "%.0f min", ceil(seconds / 60));
    else
        snprintf(out, size, "%.1f h", seconds / 3600);
}

/* Cuts behind @width characters; a byte that continues one is none. */
static void cut(char *line, unsigned width) {
    unsigned characters = 0;
    for (char *at = line; *at != '\0'; at++) {
        characters += ((unsigned char)*at & 0xc0) != 0x80;
        if (characters <= width)
            continue;
        *at = '\0';
        return;
    }
}

void progress_format(const struct progress_view *view, unsigned width,
                     char line[PROGRESS_LINE_BYTES]) {
    char left[32], others[32] = "", total[24];
    double speed = view->elapsed > 0 ? view->done / view->elapsed : 0;
    format_left(speed > 0 ? (view->all - view->done) / speed : INFINITY, left, sizeof left);
    if (view->others > 0)
        snprintf(others, sizeof others, " +%zu", view->others);
    snprintf(total, sizeof total, "%zu", view->total);
    snprintf(
        line, PROGRESS_LINE_BYTES,
        "[%*zu/%s] %s rep %zu%s  simulated %.1f/%g s  %.*fx  %.1f M events  ETA %s  rss %.0f MB",
        (int)strlen(total), view->number, total, view->name, view->repetition, others,
        view->simulated, view->length, speed < 0.1 ? 3 : 1, speed, (double)view->events / 1e6, left,
        (double)view->memory_bytes / 1e6);
    cut(line, width);
}

void progress_init(struct progress *progress, enum progress_mode mode, FILE *out) {
    double first = mode == PROGRESS_LINES ? LINES_FIRST : TERMINAL_GAP;
    *progress = (struct progress){mode, out, first, first, 0};
}

bool progress_due(struct progress *progress, double elapsed) {
    if (progress->mode == PROGRESS_NONE || elapsed < progress->next)
        return false;
    progress->next = elapsed + progress->gap;
    if (progress->mode == PROGRESS_LINES)
        progress->gap = fmin(2 * progress->gap, LINES_GAP);
    return true;
}

static bool draws(const struct progress *progress) {
    return progress->mode != PROGRESS_LINES;
}

/* The last column stays free: a cursor behind it would wrap. */
static unsigned width_of(const struct progress *progress) {
    return draws(progress) ? terminal_width(fileno(progress->out)) - 1 : 200;
}

void progress_show(struct progress *progress, const struct progress_view *view) {
    char line[PROGRESS_LINE_BYTES];
    progress_format(view, width_of(progress), line);
    progress_show_line(progress, line);
}

void progress_show_line(struct progress *progress, char line[PROGRESS_LINE_BYTES]) {
    cut(line, width_of(progress));
    if (!draws(progress)) {
        fprintf(progress->out, "%s\n", line);
    } else {
        progress_clear(progress);
        fputs(line, progress->out);
        progress->shown = strlen(line);
    }
    fflush(progress->out);
}

void progress_clear(struct progress *progress) {
    if (progress->shown == 0)
        return;
    if (progress->mode == PROGRESS_ESCAPES)
        fputs("\r\033[K", progress->out);
    else
        fprintf(progress->out, "\r%*s\r", (int)progress->shown, "");
    fflush(progress->out);
    progress->shown = 0;
}
