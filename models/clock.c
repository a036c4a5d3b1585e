/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/clock.h"

#include <math.h>

#include "base/error.h"
#include "base/rng.h"

#define PARTS           INT64_C(1000000000)
#define DRIFT_LIMIT_PPB INT64_C(1000000)

int clock_init(struct clock_model *clock, const struct clock_settings *settings, uint64_t seed,
               node_id node) {
    int64_t drift = settings->drift_ppb;
    struct rng rng;
    if (drift > DRIFT_LIMIT_PPB || drift < -DRIFT_LIMIT_PPB || settings->noise < 0 ||
        settings->amplitude < 0 || settings->phase < 0)
        return ERR_INVALID;
    if (settings->amplitude > 0 && settings->period <= 0)
        return ERR_INVALID;
    clock->settings = *settings;
    rng_init(&rng, seed, node, "clock");
    clock->stream = rng_next(&rng);
    return OK;
}

static time_ns periodic(const struct clock_settings *s, time_ns now) {
    if (s->amplitude == 0)
        return 0;
    /* The place within the period is exact; sin() of a large argument would not be. */
    time_ns at = (now % s->period + s->phase % s->period) % s->period;
    return llround((double)s->amplitude * sin(2 * M_PI * (double)at / (double)s->period));
}

static time_ns noise(const struct clock_model *clock, time_ns now) {
    uint64_t width = 2 * (uint64_t)clock->settings.noise + 1;
    uint64_t draw = hash_combine(clock->stream, (uint64_t)now);
    return (time_ns)((unsigned __int128)draw * width >> 64) - clock->settings.noise;
}

time_ns clock_read(const struct clock_model *clock, time_ns now) {
    const struct clock_settings *s = &clock->settings;
    /* Whole seconds and the rest apart: now * drift would overflow after three hours. */
    time_ns drift = now / PARTS * s->drift_ppb + now % PARTS * s->drift_ppb / PARTS;
    time_ns local = now + s->offset + drift + (now >= s->step_at ? s->step : 0);
    return local + periodic(s, now) + noise(clock, now);
}
