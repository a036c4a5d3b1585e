/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The time slots of delegated proof of stake: the elected producers take turns, each for some slots
 * in a row. A block is valid in its producer's slot only, above a parent from an earlier slot.
 *
 * The rule rests on clocks. Where producers' clocks differ by less than the slot's length less the
 * network's delay, each one has its predecessor's last block before its own turn begins; beyond
 * that, each hand-over orphans one. */
#ifndef TIERCHAIN_SELECT_SLOTS_H
#define TIERCHAIN_SELECT_SLOTS_H

#include "base/types.h"

#define SLOT_GENESIS UINT64_MAX /* the parent slot of a block on the genesis block */

struct slot_schedule {
    time_ns genesis;
    time_ns length;       /* of a slot, > 0 */
    uint32_t repetitions; /* slots in a row of one producer, > 0 */
    const uint32_t *producers;
    uint32_t count; /* > 0 */
};

/* What a block says about its place in time. */
struct slot_header {
    uint64_t slot;
    uint64_t parent; /* its parent's slot, or SLOT_GENESIS */
    uint32_t producer;
    struct digest block;
};

/* The slot at @time: floor((time - genesis) / length). 0, or ERR_STALE before the genesis. */
int slot_at(const struct slot_schedule *schedule, time_ns time, uint64_t *slot);

/* producers[(slot / repetitions) mod count]. */
uint32_t slot_producer(const struct slot_schedule *schedule, uint64_t slot);

/* Whether a block may be taken when one's clock shows @now. 0; ERR_NOT_LEADER (another's slot);
 * ERR_STALE (not above its parent's slot); ERR_FUTURE (the slot begins later than @now and
 * @tolerance; half a slot is usual). */
int slot_admit(const struct slot_schedule *schedule, const struct slot_header *header, time_ns now,
               time_ns tolerance);

/* Whether two headers, whose signatures were checked, convict their producer: one slot, two blocks.
 */
bool slot_double_production(const struct slot_header *a, const struct slot_header *b);

#endif
