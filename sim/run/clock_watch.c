/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/clock_watch.h"

#include <stdlib.h>

#define SAMPLES_PER_NODE 240 /* at most; not more often than once a second */

static time_ns interval(const struct scenario *scenario) {
    time_ns even = (scenario->duration - scenario->warmup) / SAMPLES_PER_NODE;
    return even > NS_PER_S ? even : NS_PER_S;
}

static void look(void *context, uint64_t number) {
    struct simulation *simulation = context;
    const struct scenario *scenario = simulation->request->scenario;
    time_ns now = driver_now(simulation->driver);
    for (node_id node = 0; node < simulation->world.node_count; node++) {
        const struct process *process = driver_station(simulation->driver, node)->process;
        if (process != NULL)
            observer_clock_error(&simulation->observer,
                                 llabs(world_clock_error(&simulation->world, &process->env, now)));
    }
    time_ns next = now + interval(scenario);
    if (next <= scenario->duration)
        driver_at(simulation->driver, next, look, number + 1);
}

void clock_watch_start(struct simulation *simulation) {
    if (simulation->world.clocks.models != NULL)
        driver_at(simulation->driver, simulation->request->scenario->warmup, look, 0);
}
