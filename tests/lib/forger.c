/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/lib/forger.h"

static struct env *signer(void *context, node_id node) {
    return world_forger(context, node);
}

const struct forger *forger_of(struct world *world) {
    static struct forger forger;
    forger = (struct forger){
        .certification = {.scheme = &certificate_list,
                          .committee = world_committee(world),
                          .channel = WORLD_CHANNEL,
                          .signature_bytes = identity_signature_bytes(world_forger(world, 0))},
        .signer = signer,
        .context = world,
    };
    return &forger;
}
