/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pipeline/s5.h"

#include <assert.h>
#include <stdlib.h>

#include "base/error.h"

static void fill_record(const struct open_tx *tx, struct tx_record *record) {
    const struct sender *sender = tx->sender;
    *record = (struct tx_record){
        .id = tx->id,
        .content = tx->content,
        .commitment = tx->commitment,
        .origin = sender->env->self,
        .number = tx->number,
        .expiry = tx->expiry,
        .size = tx->size,
        .pieces = (uint8_t)tx->slot_count,
        .needed = (uint8_t)sender->config.needed,
    };
    for (size_t i = 0; i < sizeof record->proof; i++)
        record->proof[i] = tx->proof[i];
    for (uint32_t i = 0; i < tx->slot_count; i++) {
        const struct hold_slot *slot = &tx->slots[i];
        if (slot->acked)
            record->promises[record->promise_count++] = (struct record_promise){
                slot->holder, (uint16_t)i, slot->nonce, slot->stamp, slot->root, slot->signature};
    }
}

void s5_submit(struct sender *sender, struct open_tx *tx) {
    struct env *env = sender->env;
    const struct committee *city = &sender->config.city;
    size_t signature_bytes = identity_signature_bytes(env);
    struct tx_record record;
    struct writer writer;
    env_charge(env, WORK_LAYER_S5, 1);
    fill_record(tx, &record);
    tx->record = message_new(MESSAGE_TX_SUBMIT, sender->config.city_channel,
                             tx_record_bytes(&record, signature_bytes), &writer);
    tx_record_write(&writer, &record, signature_bytes);
    assert(writer.error == OK && writer.at == writer.size);
    for (uint32_t i = 0; i < city->count; i++)
        env_send(env, city->members[i], frame_ref(tx->record));
}

void s5_again(struct sender *sender, struct open_tx *tx) {
    const struct committee *city = &sender->config.city;
    for (uint32_t i = 0; i < city->count; i++)
        if (tx->reply_height[i] == 0)
            env_send(sender->env, city->members[i], frame_ref(tx->record));
}

uint64_t s5_reply(struct sender *sender, struct open_tx *tx, uint32_t member, uint64_t height) {
    const struct committee *city = &sender->config.city;
    uint32_t equal = 0;
    tx->reply_height[member] = height;
    for (uint32_t i = 0; i < city->count; i++)
        equal += tx->reply_height[i] == height;
    return equal >= committee_validity(city) ? height : 0;
}
