/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From measured offsets to the correction of a node's clock.
 *
 * The rules of RFC 5905 (section 11.3): an offset of at most 128 ms is slewed away at 500 ppm; a
 * larger one is ignored as a spike until it has lasted, and then the clock is stepped.
 *
 * Not as there: the first offset is stepped whatever its size, as ntpd -q and chrony's makestep do
 * at boot (the RFC would slew 128 ms for 256 s). A spike has lasted when it comes 5 times in turn:
 * ntpd's 300 s at its poll of 64 s, but the poll is a parameter here. Left out: the discipline of
 * frequency, for which the polls of a simulated hour are too few (RFC 5905: the Allan intercept is
 * 2048 s), so between two measurements the crystal's drift remains; the panic threshold of 1000 s,
 * after which a daemon gives up and a person is asked. */
#ifndef TIERCHAIN_CLOCK_SERVO_H
#define TIERCHAIN_CLOCK_SERVO_H

#include "env/env.h"

#define SERVO_STEP   (128 * NS_PER_MS)
#define SERVO_SPIKES 5

/* Zero-initialise. */
struct servo {
    bool set;        /* the clock has been set once */
    uint32_t spikes; /* in turn */
};

/* A measurement says: env.physical plus @correction is right. Takes effect from the next step. */
void servo_update(struct servo *servo, struct env *env, time_ns correction);

#endif
