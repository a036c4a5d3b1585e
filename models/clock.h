/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A node's physical clock: local(t) = t + offset + drift t + step [t >= step_at] + u(t), u uniform
 * in [-noise, +noise] and drawn anew at each reading. Nanoseconds; drift in parts per 1e9.
 * Valid for |drift| <= 1e6 (1000 ppm; crystals have 10-100 ppm). A reading may lie before an
 * earlier one. Ignored: wander of the drift, temperature, discipline by NTP. Project model, not a
 * fit. */
#ifndef TIERCHAIN_MODELS_CLOCK_H
#define TIERCHAIN_MODELS_CLOCK_H

#include "base/rng.h"

struct clock_settings {
    time_ns offset;
    int64_t drift_ppb;
    time_ns step;
    time_ns step_at; /* true time; TIME_NEVER for no step */
    time_ns noise;   /* >= 0 */
};

struct clock_model {
    struct clock_settings settings;
    struct rng rng; /* the node's own stream: reading one clock never shifts another */
};

/* ERR_INVALID for a drift out of range or a negative noise. */
int clock_init(struct clock_model *clock, const struct clock_settings *settings, uint64_t seed,
               node_id node);

/* What the clock shows at true time @now. */
time_ns clock_read(struct clock_model *clock, time_ns now);

#endif
