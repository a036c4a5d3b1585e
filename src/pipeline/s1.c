/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pipeline/s1.h"

#include "base/error.h"
#include "select/rendezvous.h"

/* The best candidates by place, without the sender: a promise to oneself proves nothing. */
static size_t rank(struct sender *sender, node_id *candidates) {
    const struct presence *presence = sender->config.presence;
    const struct place_candidate *self = presence_find(presence, sender->env->self);
    struct place_rank best[LIMIT_CANDIDATES + 1];
    if (self == NULL)
        return 0;
    struct place_query query = {.area = self->area,
                                .at = self->at,
                                .multipliers = sender->config.events,
                                .multiplier_count = sender->config.event_count};
    env_charge(sender->env, WORK_PLACE_RANK, presence->count);
    size_t count =
        place_rank(&query, presence->entries, presence->count, best, sender->config.candidates + 1);
    size_t kept = 0;
    for (size_t i = 0; i < count && kept < sender->config.candidates; i++)
        if (best[i].node != sender->env->self)
            candidates[kept++] = best[i].node;
    return kept;
}

int s1_select(struct sender *sender, struct open_tx *tx) {
    node_id candidates[LIMIT_CANDIDATES];
    struct rendezvous_rank holders[LIMIT_CANDIDATES];
    struct env *env = sender->env;
    env_charge(env, WORK_LAYER_S1, 1);
    size_t count = rank(sender, candidates);
    if (count < sender->config.holders)
        return ERR_NOT_ENOUGH;
    identity_vrf_prove(env, tx->id.bytes, sizeof tx->id.bytes, tx->proof, tx->lot);
    env_charge(env, WORK_RENDEZVOUS, count);
    int taken = rendezvous_select(candidates, count, tx->lot, sizeof tx->lot, holders,
                                  sender->config.holders);
    if (taken < 0)
        return taken;
    for (int i = 0; i < taken; i++)
        tx->slots[i].holder = holders[i].id;
    tx->slot_count = (uint32_t)taken;
    env_trace(env, TRACE_TX_S1, tx->number, tx->slot_count);
    return OK;
}
