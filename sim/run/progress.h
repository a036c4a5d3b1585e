/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How far a scenario's repetitions are. On a terminal one line that is drawn over once a second;
 * elsewhere a line after ten seconds and then in gaps that double, so that short runs and pipes
 * stay quiet:
 *
 *     [ 3/40] komatsu rep 2 +1  simulated 12.4/60 s  1.8x  1.2 M events  ETA 3 min  rss 412 MB
 *
 * The third of forty is the first that runs, one more runs beside it; speed, events, ETA and memory
 * are of all together. */
#ifndef TIERCHAIN_SIM_RUN_PROGRESS_H
#define TIERCHAIN_SIM_RUN_PROGRESS_H

#include <stdatomic.h>
#include <stdio.h>

#include "base/types.h"

#define PROGRESS_LINE_BYTES 1024

/* What a worker tells of itself, in memory that it shares with its parent. */
struct progress_slot {
    _Atomic int64_t now; /* ns of simulated time */
    _Atomic uint64_t events;
};

enum progress_mode {
    PROGRESS_NONE,
    PROGRESS_LINES,   /* no terminal, or one that cannot draw over a line */
    PROGRESS_BLANKS,  /* drawn over with blanks: a terminal without escape sequences */
    PROGRESS_ESCAPES, /* drawn over and cleared */
};

/* What stderr is good for. */
enum progress_mode progress_mode_of_stderr(bool quiet);

struct progress_view {
    const char *name;
    size_t number, total; /* the run shown, from 1, of how many */
    size_t repetition;    /* which of its scenario's it is, from 0 */
    size_t others;        /* that run beside it */
    double simulated;     /* s, of the one shown */
    double length;        /* s, likewise */
    double elapsed;       /* s of wall time */
    double done, all;     /* s of simulated time, over all repetitions */
    uint64_t events, memory_bytes;
};

/* The line, cut to @width characters at most. */
void progress_format(const struct progress_view *view, unsigned width,
                     char line[PROGRESS_LINE_BYTES]);

struct progress {
    enum progress_mode mode;
    FILE *out;
    double next, gap; /* s: when the next line is due, and how long after the one behind it */
    size_t shown;     /* characters that stand on the terminal's line */
};

void progress_init(struct progress *progress, enum progress_mode mode, FILE *out);

/* Whether something is to be shown after @elapsed seconds. */
bool progress_due(struct progress *progress, double elapsed);
void progress_show(struct progress *progress, const struct progress_view *view);
/* Any other line, which is cut to fit. */
void progress_show_line(struct progress *progress, char line[PROGRESS_LINE_BYTES]);

/* Clears the line, at the end or before something else is written. */
void progress_clear(struct progress *progress);

/* Wall time in seconds, from an arbitrary start. Never enters a result but the manifest. */
double progress_clock(void);

#endif
