/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pipeline/s3.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"

void s3_terms(const struct open_tx *tx, uint32_t index, struct promise *terms) {
    const struct hold_slot *slot = &tx->slots[index];
    *terms = (struct promise){
        .id = tx->id,
        .commitment = tx->commitment,
        .root = slot->root,
        .size = tx->piece_size,
        .index = (uint16_t)index,
        .sender = tx->sender->env->self,
        .holder = slot->holder,
        .nonce = slot->nonce,
        .expiry = tx->expiry,
    };
}

static void ask_holder(struct sender *sender, struct open_tx *tx, uint32_t index) {
    struct env *env = sender->env;
    struct hold_slot *slot = &tx->slots[index];
    struct hold_request request = {.number = tx->number};
    if (slot->request == NULL) {
        slot->nonce = rng_next(&env->rng);
        s3_terms(tx, index, &request.terms);
        slot->request = hold_request_frame(env, sender->config.city_channel, &request);
    }
    env_send(env, slot->holder, frame_ref(slot->request));
}

void s3_again(struct sender *sender, struct open_tx *tx) {
    for (uint32_t i = 0; i < tx->slot_count; i++)
        if (!tx->slots[i].acked)
            ask_holder(sender, tx, i);
}

void s3_request(struct sender *sender, struct open_tx *tx) {
    struct env *env = sender->env;
    env_charge(env, WORK_LAYER_S3, 1);
    s3_again(sender, tx);
    env_trace(env, TRACE_TX_S3, tx->number, tx->slot_count);
}

int s3_promise(struct sender *sender, struct open_tx *tx, node_id from,
               const struct hold_ack *ack) {
    struct env *env = sender->env;
    uint8_t signature[LIMIT_SIGNATURE_BYTES];
    struct promise terms, promise;
    if (ack->index >= tx->slot_count || tx->slots[ack->index].holder != from)
        return ERR_NOT_MEMBER;
    struct hold_slot *slot = &tx->slots[ack->index];
    if (slot->acked)
        return ERR_DUPLICATE;
    s3_terms(tx, ack->index, &terms);
    int error = hold_ack_open(env, ack, &terms, env_clock(env), &promise, signature);
    if (error != OK)
        return error;
    slot->acked = true;
    slot->stamp = promise.stamp;
    slot->signature = memory_new(1, identity_signature_bytes(env));
    memcpy(slot->signature, signature, identity_signature_bytes(env));
    tx->acked++;
    return OK;
}
