/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "clock/slew.h"

time_ns slew_at(const struct slew *slew, time_ns clock) {
    time_ns distance = slew->target - slew->from;
    /* A clock that was set back meanwhile has seen no time pass. */
    time_ns moved = clock > slew->since ? (clock - slew->since) / SLEW_DIVISOR : 0;
    if (distance > moved)
        return slew->from + moved;
    if (distance < -moved)
        return slew->from - moved;
    return slew->target;
}

void slew_towards(struct slew *slew, time_ns target, time_ns clock) {
    *slew = (struct slew){.from = slew_at(slew, clock), .target = target, .since = clock};
}

void slew_step(struct slew *slew, time_ns target) {
    *slew = (struct slew){.from = target, .target = target};
}
