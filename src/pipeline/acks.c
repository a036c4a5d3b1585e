/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pipeline/acks.h"

#include "base/error.h"
#include "tier/batch.h"
#include "tier/chain.h"

int acks_take(struct sender *sender, node_id from, const struct message *message,
              struct open_tx **tx) {
    struct batch_ack ack;
    int error = batch_ack_read(message, identity_signature_bytes(sender->env), &ack);
    if (error != OK)
        return error;
    uint32_t member = committee_index(&sender->config.continent, from);
    if (member == MEMBER_NONE)
        return ERR_NOT_MEMBER;
    *tx = sender_find(sender, ack.number);
    if (*tx == NULL || (*tx)->ack_height[member] == ack.height)
        return ERR_STALE; /* before the costly check */
    if (ack.channel != sender->config.city_channel || ack.level < sender->config.level)
        return ERR_MISMATCH;
    if (!batch_ack_verify(sender->env, from, &ack))
        return ERR_SIGNATURE;
    (*tx)->ack_height[member] = ack.height;
    return OK;
}

static bool has_acked(const struct open_tx *tx, uint32_t member) {
    return tx->height > 0 && tx->ack_height[member] == tx->height;
}

bool acks_enough(const struct open_tx *tx) {
    const struct sender_config *config = &tx->sender->config;
    struct member_set members = {{0}};
    for (uint32_t i = 0; i < config->continent.count; i++)
        if (has_acked(tx, i))
            member_set_add(&members, i);
    return ack_rule_met(&config->enough, &config->continent, &members);
}

void acks_ask(const struct open_tx *tx) {
    const struct sender_config *config = &tx->sender->config;
    const struct batch_ask ask = {tx->number, config->city_channel, tx->height};
    struct frame *frame = batch_ask_frame(tier_channel(TIER_CHAIN_CONTINENT, 0), &ask);
    for (uint32_t i = 0; i < config->continent.count; i++)
        if (!has_acked(tx, i))
            env_send(tx->sender->env, config->continent.members[i], frame_ref(frame));
    frame_unref(frame);
}
