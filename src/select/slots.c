/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "select/slots.h"

#include <string.h>

#include "base/error.h"

int slot_at(const struct slot_schedule *schedule, time_ns time, uint64_t *slot) {
    if (time < schedule->genesis)
        return ERR_STALE;
    *slot = (uint64_t)((time - schedule->genesis) / schedule->length);
    return OK;
}

uint32_t slot_producer(const struct slot_schedule *schedule, uint64_t slot) {
    return schedule->producers[slot / schedule->repetitions % schedule->count];
}

int slot_admit(const struct slot_schedule *schedule, const struct slot_header *header, time_ns now,
               time_ns tolerance) {
    uint64_t latest;
    if (slot_producer(schedule, header->slot) != header->producer)
        return ERR_NOT_LEADER;
    if (header->parent != SLOT_GENESIS && header->parent >= header->slot)
        return ERR_STALE;
    if (slot_at(schedule, now + tolerance, &latest) != OK || header->slot > latest)
        return ERR_FUTURE;
    return OK;
}

bool slot_double_production(const struct slot_header *a, const struct slot_header *b) {
    return a->slot == b->slot && a->producer == b->producer &&
           memcmp(&a->block, &b->block, sizeof a->block) != 0;
}
