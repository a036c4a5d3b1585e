/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consensus/quota.h"

#include <assert.h>
#include <stdlib.h>

#include "base/memory.h"

void quota_init(struct quota *quota, uint32_t members, uint32_t burst, time_ns pause) {
    assert(burst > 0);
    *quota = (struct quota){.pause = pause > 0 ? pause : 1, .burst = burst};
    quota->full = memory_new(members, sizeof *quota->full);
}

void quota_deinit(struct quota *quota) {
    free(quota->full);
    *quota = (struct quota){0};
}

bool quota_take(struct quota *quota, uint32_t member, time_ns now) {
    time_ns *full = &quota->full[member];
    if (*full < now)
        *full = now;
    if (*full - now > (time_ns)(quota->burst - 1) * quota->pause)
        return false;
    *full += quota->pause;
    return true;
}
