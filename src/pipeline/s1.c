/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pipeline/s1.h"

#include "base/error.h"
#include "select/rendezvous.h"

/* The best @limit candidates by place for a transaction of the node @self, without itself: a promise
 * to oneself proves nothing. Returns how many. */
static size_t rank(struct env *env, const struct presence *presence, const struct s1_rule *rule,
                   const struct place_candidate *self, node_id *candidates, size_t limit) {
    struct place_rank best[2 * LIMIT_CANDIDATES + 1];
    struct place_query query = {.area = self->area,
                                .at = self->at,
                                .multipliers = rule->events,
                                .multiplier_count = rule->event_count};
    env_charge(env, WORK_PLACE_RANK, presence->count);
    size_t count = place_rank(&query, presence->entries, presence->count, best, limit + 1);
    size_t kept = 0;
    for (size_t i = 0; i < count && kept < limit; i++)
        if (best[i].node != self->node)
            candidates[kept++] = best[i].node;
    return kept;
}

static size_t position_of(const node_id *nodes, size_t count, node_id node) {
    size_t at = 0;
    while (at < count && nodes[at] != node)
        at++;
    return at;
}

/* Both rankings around the choice, as far as the tolerance reaches. */
struct ranking {
    const struct s1_rule *rule;
    node_id places[2 * LIMIT_CANDIDATES];
    struct rendezvous_rank lots[2 * LIMIT_CANDIDATES];
    size_t count;
};

/* Whether the lot might name @holder on a list within the tolerance that has @absent more holders. */
static bool might_be(const struct ranking *ranking, node_id holder, uint32_t absent) {
    const struct s1_rule *rule = ranking->rule;
    size_t better = 0, at = 0;
    if (position_of(ranking->places, ranking->count, holder) >=
        size_min(ranking->count, (size_t)rule->candidates + rule->tolerance - absent))
        return false;
    for (; ranking->lots[at].id != holder; at++)
        better +=
            position_of(ranking->places, ranking->count, ranking->lots[at].id) < rule->candidates;
    return better < (size_t)rule->holders + rule->tolerance;
}

int s1_confirm(struct env *env, const struct presence *presence, const struct s1_rule *rule,
               const struct tx_record *record, const uint8_t lot[VRF_OUTPUT_SIZE]) {
    struct ranking ranking = {.rule = rule};
    uint32_t absent = 0;
    const struct place_candidate *origin = presence_find(presence, record->origin);
    if (origin == NULL)
        return ERR_UNKNOWN;
    ranking.count = rank(env, presence, rule, origin, ranking.places,
                         (size_t)rule->candidates + rule->tolerance);
    env_charge(env, WORK_RENDEZVOUS, ranking.count);
    if (rendezvous_select(ranking.places, ranking.count, lot, VRF_OUTPUT_SIZE, ranking.lots,
                          ranking.count) < 0)
        return ERR_INVALID;
    for (size_t i = 0; i < record->promise_count; i++)
        absent += presence_find(presence, record->promises[i].holder) == NULL;
    if (absent > rule->tolerance)
        return ERR_MISMATCH;
    for (size_t i = 0; i < record->promise_count; i++) {
        const node_id holder = record->promises[i].holder;
        if (presence_find(presence, holder) != NULL && !might_be(&ranking, holder, absent))
            return ERR_MISMATCH;
    }
    return OK;
}

/* Whom the lot names among those that are present now: how many, or an error. */
static int draw(struct sender *sender, const struct open_tx *tx, struct rendezvous_rank *holders) {
    node_id candidates[LIMIT_CANDIDATES];
    const struct s1_rule rule = {sender->config.events, sender->config.event_count,
                                 sender->config.candidates, sender->config.holders, 0};
    const struct place_candidate *self = presence_find(sender->config.presence, sender->env->self);
    if (self == NULL)
        self = sender->config.place;
    if (self == NULL)
        return ERR_NOT_ENOUGH;
    size_t count =
        rank(sender->env, sender->config.presence, &rule, self, candidates, rule.candidates);
    if (count < sender->config.holders)
        return ERR_NOT_ENOUGH;
    env_charge(sender->env, WORK_RENDEZVOUS, count);
    return rendezvous_select(candidates, count, tx->lot, sizeof tx->lot, holders,
                             sender->config.holders);
}

static bool is_named(const struct rendezvous_rank *holders, int count, node_id node) {
    for (int i = 0; i < count; i++)
        if (holders[i].id == node)
            return true;
    return false;
}

static bool has_slot(const struct open_tx *tx, node_id node) {
    for (uint32_t i = 0; i < tx->slot_count; i++)
        if (tx->slots[i].holder == node)
            return true;
    return false;
}

void s1_replace(struct sender *sender, struct open_tx *tx) {
    struct rendezvous_rank holders[LIMIT_CANDIDATES];
    int count = draw(sender, tx, holders), at = 0;
    for (uint32_t i = 0; i < tx->slot_count && count > 0; i++) {
        struct hold_slot *slot = &tx->slots[i];
        if (slot->acked || is_named(holders, count, slot->holder))
            continue;
        while (at < count && has_slot(tx, holders[at].id))
            at++;
        if (at == count)
            break;
        slot->holder = holders[at].id;
        frame_unref(slot->request); /* it names the other one */
        slot->request = NULL;
    }
}

int s1_select(struct sender *sender, struct open_tx *tx) {
    struct rendezvous_rank holders[LIMIT_CANDIDATES];
    struct env *env = sender->env;
    env_charge(env, WORK_LAYER_S1, 1);
    identity_vrf_prove(env, tx->id.bytes, sizeof tx->id.bytes, tx->proof, tx->lot);
    int taken = draw(sender, tx, holders);
    if (taken < 0)
        return taken;
    for (int i = 0; i < taken; i++)
        tx->slots[i].holder = holders[i].id;
    tx->slot_count = (uint32_t)taken;
    env_trace(env, TRACE_TX_S1, tx->number, tx->slot_count);
    return OK;
}
