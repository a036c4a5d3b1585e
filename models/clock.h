/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A node's physical clock:
 *
 *   local(t) = t + offset + drift t + step [t >= step_at] + amplitude sin(2 pi (t + phase) / period)
 *              + u(t),    u(t) uniform in [-noise, +noise], independent between moments
 *
 * which are the four of TigerBeetle's simulator: offset and drift, step, periodic, non-ideal.
 * Nanoseconds; drift in parts per 1e9. Valid for |drift| <= 1e6 (1000 ppm; crystals have 10-100
 * ppm). A pure function of t: whoever looks, and how often, changes nothing.
 *
 * A reading may lie before an earlier one: after a negative step, with noise, and while a periodic
 * error falls faster than time passes (amplitude 2 pi > period).
 *
 * Ignored: wander of the drift, temperature, how long a reading takes. Project model, not a fit. */
#ifndef TIERCHAIN_MODELS_CLOCK_H
#define TIERCHAIN_MODELS_CLOCK_H

#include "base/types.h"

struct clock_settings {
    time_ns offset;
    int64_t drift_ppb;
    time_ns step;
    time_ns step_at;   /* true time; TIME_NEVER for no step */
    time_ns noise;     /* >= 0 */
    time_ns amplitude; /* >= 0 */
    time_ns period;    /* > 0 with an amplitude */
    time_ns phase;     /* >= 0 */
};

struct clock_model {
    struct clock_settings settings;
    uint64_t stream; /* the node's own: of the noise */
};

/* ERR_INVALID for a drift out of range, a negative noise, amplitude or phase, or an amplitude
 * without a period. */
int clock_init(struct clock_model *clock, const struct clock_settings *settings, uint64_t seed,
               node_id node);

/* What the clock shows at true time @now >= 0. */
time_ns clock_read(const struct clock_model *clock, time_ns now);

#endif
