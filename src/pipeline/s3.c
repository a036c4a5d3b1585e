/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pipeline/s3.h"

#include <assert.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "pipeline/holder.h"

static struct frame *request_frame(struct sender *sender, const struct hold_request *request) {
    struct env *env = sender->env;
    size_t signature_bytes = identity_signature_bytes(env);
    uint8_t signed_bytes[HOLD_SIGNED_BYTES], signature[LIMIT_SIGNATURE_BYTES];
    identity_sign(env, signed_bytes, hold_request_signed(request, signed_bytes), signature);
    struct writer writer;
    struct frame *frame = message_new(MESSAGE_HOLD_REQUEST, sender->config.city_channel,
                                      HOLD_REQUEST_BYTES + signature_bytes, &writer);
    hold_request_write(&writer, request);
    write_bytes(&writer, signature, signature_bytes);
    assert(writer.error == OK);
    return frame;
}

void s3_request(struct sender *sender, struct open_tx *tx) {
    struct env *env = sender->env;
    env_charge(env, WORK_LAYER_S3, 1);
    for (uint32_t i = 0; i < tx->slot_count; i++) {
        struct hold_slot *slot = &tx->slots[i];
        slot->nonce = rng_next(&env->rng);
        struct hold_request request = {
            .id = tx->id,
            .root = tx->root,
            .number = tx->number,
            .nonce = slot->nonce,
            .expiry = tx->expiry,
            .index = (uint16_t)i,
        };
        slot->request = request_frame(sender, &request);
        env_send(env, slot->holder, frame_ref(slot->request));
    }
    env_trace(env, TRACE_TX_S3, tx->number, tx->slot_count);
}

static int check(const struct open_tx *tx, node_id from, const struct hold_ack *ack) {
    if (ack->index >= tx->slot_count || tx->slots[ack->index].holder != from)
        return ERR_NOT_MEMBER;
    const struct hold_slot *slot = &tx->slots[ack->index];
    if (slot->acked)
        return ERR_DUPLICATE;
    bool fits = memcmp(&ack->id, &tx->id, sizeof tx->id) == 0 &&
                memcmp(&ack->root, &tx->root, sizeof tx->root) == 0 && ack->nonce == slot->nonce &&
                ack->expiry == tx->expiry;
    return fits ? OK : ERR_MISMATCH;
}

int s3_promise(struct sender *sender, struct open_tx *tx, node_id from, const struct hold_ack *ack,
               const uint8_t *signature) {
    struct env *env = sender->env;
    uint8_t signed_bytes[HOLD_SIGNED_BYTES];
    int error = check(tx, from, ack);
    if (error != OK)
        return error;
    size_t size = hold_ack_signed(ack, signed_bytes);
    if (!identity_verify(env, from, signed_bytes, size, signature))
        return ERR_SIGNATURE;
    struct hold_slot *slot = &tx->slots[ack->index];
    slot->acked = true;
    slot->stamp = ack->stamp;
    slot->signature = memory_new(1, identity_signature_bytes(env));
    memcpy(slot->signature, signature, identity_signature_bytes(env));
    tx->acked++;
    return OK;
}
