/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A correction that is added to a clock: it moves to a new value at no more than 500 ppm of the
 * clock's own time (RFC 5905: the adjustment rate of adjtime()), so that the corrected clock never
 * stands still or runs back; or it jumps there, which is called a step. Times in nanoseconds. */
#ifndef TIERCHAIN_CLOCK_SLEW_H
#define TIERCHAIN_CLOCK_SLEW_H

#include "base/types.h"

/* One nanosecond of correction in so many of the clock: 500 ppm. */
#define SLEW_DIVISOR 2000

/* Zero-initialised: no correction. */
struct slew {
    time_ns from;   /* the correction when the clock showed @since */
    time_ns target; /* where it goes */
    time_ns since;
};

/* The correction when the clock shows @clock. */
time_ns slew_at(const struct slew *slew, time_ns clock);

/* From @clock on the correction moves to @target. */
void slew_towards(struct slew *slew, time_ns target, time_ns clock);

/* The correction is @target at once. */
void slew_step(struct slew *slew, time_ns target);

#endif
