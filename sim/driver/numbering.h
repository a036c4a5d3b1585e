/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Numbers messages link by link and kind by kind: 0, 1, 2 … for what one node sends another of one type. What the
 * network does to a message depends on nothing else, so a protocol that sends more, or in another order, does not
 * change the fate of what it has in common with others (common random numbers). */
#ifndef TIERCHAIN_SIM_DRIVER_NUMBERING_H
#define TIERCHAIN_SIM_DRIVER_NUMBERING_H

#include "base/types.h"

/* Open addressing by the hash of (from, to, kind): two that share a hash would number together, which does no harm.
 * Zero is empty. */
struct numbering {
    struct numbering_slot *slots;
    size_t capacity, used;
};

void numbering_deinit(struct numbering *numbering);

/* A name for the next message of that kind on that link: the hash of link, kind and number. */
uint64_t numbering_next(struct numbering *numbering, node_id from, node_id to, uint32_t kind);

#endif
