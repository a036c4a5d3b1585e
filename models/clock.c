/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/clock.h"

#include "base/error.h"

#define PARTS           INT64_C(1000000000)
#define DRIFT_LIMIT_PPB INT64_C(1000000)

int clock_init(struct clock_model *clock, const struct clock_settings *settings, uint64_t seed,
               node_id node) {
    int64_t drift = settings->drift_ppb;
    if (drift > DRIFT_LIMIT_PPB || drift < -DRIFT_LIMIT_PPB || settings->noise < 0)
        return ERR_INVALID;
    clock->settings = *settings;
    rng_init(&clock->rng, seed, node, "clock");
    return OK;
}

time_ns clock_read(struct clock_model *clock, time_ns now) {
    const struct clock_settings *s = &clock->settings;
    /* Whole seconds and the rest apart: now * drift would overflow after three hours. */
    time_ns drift = now / PARTS * s->drift_ppb + now % PARTS * s->drift_ppb / PARTS;
    time_ns local = now + s->offset + drift + (now >= s->step_at ? s->step : 0);
    if (s->noise > 0)
        local += (time_ns)rng_below(&clock->rng, 2 * (uint64_t)s->noise + 1) - s->noise;
    return local;
}
