/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The network of a plan: what its link rows do to a message between two stations. */
#ifndef TIERCHAIN_SIM_SWEEP_WEATHER_H
#define TIERCHAIN_SIM_SWEEP_WEATHER_H

#include "sim/sweep/plan.h"

struct weather_link {
    const struct plan_fault *fault;
    uint64_t from, to; /* by station */
    uint16_t type;     /* 0: any */
    time_ns until;
};

struct weather {
    const struct plan *plan;
    struct assembly *assembly; /* set by the caller */
    uint32_t stations;
    bool epochs; /* messages start with an epoch << 8 instead of a view */
    struct weather_link *links;
    size_t count;
    uint32_t *frames; /* sent so far, by pair of stations */
};

/* The stations of members by their names (plan.h). */
uint64_t weather_stations(const struct plan *plan, uint64_t members);

void weather_init(struct weather *weather, const struct plan *plan);
void weather_deinit(struct weather *weather);

/* An assembly's route, with the weather as context: delay, or -1 when lost. */
time_ns weather_route(void *weather, const struct assembly_message *message);

/* A draw below @bound > 0 that depends on nothing but its arguments. */
uint64_t weather_draw(const struct plan *plan, int64_t draw, uint64_t a, uint64_t b,
                      uint64_t bound);

#endif
