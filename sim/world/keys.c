/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The keys of committees that certify as groups. */
#include <assert.h>

#include "base/error.h"
#include "sim/world/internal.h"

static void deal(struct chain_config *chain, struct group_keys *keys, uint64_t seed) {
    if (chain->certificates != &certificate_frost)
        return;
    int error = group_keys_deal(keys, &frost_ed25519, chain->committee.count,
                                committee_quorum(&chain->committee), seed, chain->channel,
                                "certificates");
    assert(error == OK); /* check.c keeps committees within the limits */
    chain->group = keys;
}

void world_deal_keys(struct world *world) {
    for (uint32_t i = 0; i < world->city_count; i++) {
        struct world_city *city = &world->cities[i];
        deal(&city->committee.chain, &city->keys, world->seed);
    }
    if (world->representative_count > 0)
        deal(&world->continent.chain, &world->continent_keys, world->seed);
}
