/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "clock/hlc.h"

#include "base/error.h"

uint64_t hlc_milliseconds(uint64_t stamp) {
    return stamp >> HLC_COUNTER_BITS;
}

uint16_t hlc_counter(uint64_t stamp) {
    return (uint16_t)stamp;
}

uint64_t hlc_stamp(uint64_t milliseconds, uint16_t counter) {
    return milliseconds << HLC_COUNTER_BITS | counter;
}

static uint64_t milliseconds_of(time_ns time) {
    return time < 0 ? 0 : (uint64_t)(time / NS_PER_MS);
}

/* All of figure 5: (pt, 0) if physical time leads, else the successor of the greatest stamp known.
 */
static int advance(struct hlc *hlc, time_ns now, uint64_t known, uint64_t *stamp) {
    uint64_t physical = milliseconds_of(now);
    if (known == UINT64_MAX)
        return ERR_LIMIT;
    hlc->last = physical > hlc_milliseconds(known) ? hlc_stamp(physical, 0) : known + 1;
    *stamp = hlc->last;
    return OK;
}

int hlc_tick(struct hlc *hlc, time_ns now, uint64_t *stamp) {
    return advance(hlc, now, hlc->last, stamp);
}

int hlc_receive(struct hlc *hlc, time_ns now, uint64_t remote, time_ns max_offset,
                uint64_t *stamp) {
    uint64_t bound = milliseconds_of(now) + milliseconds_of(max_offset);
    if (hlc_milliseconds(remote) > bound)
        return ERR_FUTURE;
    return advance(hlc, now, remote > hlc->last ? remote : hlc->last, stamp);
}
