/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Hybrid logical clock (Kulkarni, Demirbas, Madappa, Avva, Leone, OPODIS 2014, figure 5).
 *
 * A stamp is 48 bits of milliseconds (l) above 16 bits of counter (c): comparing stamps as integers
 * compares (l, c) lexicographically, and c + 1 carries into l when the counter is full. */
#ifndef TIERCHAIN_CLOCK_HLC_H
#define TIERCHAIN_CLOCK_HLC_H

#include "base/types.h"

#define HLC_COUNTER_BITS 16

struct hlc {
    uint64_t last; /* the latest stamp, 0 at the start */
};

/* l in milliseconds and c of a stamp, and the stamp of both. l < 2^48. */
uint64_t hlc_milliseconds(uint64_t stamp);
uint16_t hlc_counter(uint64_t stamp);
uint64_t hlc_stamp(uint64_t milliseconds, uint16_t counter);

/* A local or send event at physical time @now (below 0 counts as 0); its stamp goes to @stamp.
 * ERR_LIMIT once stamps are exhausted; the clock is then unchanged. */
int hlc_tick(struct hlc *hlc, time_ns now, uint64_t *stamp);

/* The receipt of a message stamped @remote. ERR_FUTURE, with the clock unchanged, if the stamp is
 * more than @max_offset (>= 0) ahead of @now: else one bad clock drags every other along. */
int hlc_receive(struct hlc *hlc, time_ns now, uint64_t remote, time_ns max_offset, uint64_t *stamp);

#endif
