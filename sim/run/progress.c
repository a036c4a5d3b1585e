/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "sim/run/simulation.h"

double progress_clock(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void progress_show(struct simulation *simulation, time_ns now, uint64_t events) {
    double wall = progress_clock();
    if (wall - simulation->wall_shown < 1)
        return;
    simulation->wall_shown = wall;
    double elapsed = wall - simulation->wall_start;
    double simulated = (double)now / (double)NS_PER_S;
    double total = (double)simulation->end / (double)NS_PER_S;
    double speed = elapsed > 0 ? simulated / elapsed : 0;
    double left = speed > 0 ? (total - simulated) / speed : 0;
    fprintf(stderr,
            "\r\033[K[%3.0f %%] %s rep %" PRIu32 "  simulated %.1f/%.0f s  %.2fx real time  "
            "%.2f M events/s  %" PRIu64 " commits  ETA %.0f s",
            100 * simulated / total, simulation->request->scenario->name,
            simulation->request->repetition, simulated, total, speed,
            (double)events / elapsed / 1e6, simulation->observer.done, left);
    fflush(stderr);
}

void progress_done(void) {
    fputs("\r\033[K", stderr);
}
