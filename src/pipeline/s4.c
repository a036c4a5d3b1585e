/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pipeline/s4.h"

void s4_distribute(struct sender *sender, struct open_tx *tx) {
    env_charge(sender->env, WORK_LAYER_S4, 1);
    for (uint32_t i = 0; i < tx->slot_count; i++)
        env_send(sender->env, tx->slots[i].holder, frame_ref(tx->slots[i].piece));
}

void s4_again(struct sender *sender, struct open_tx *tx) {
    for (uint32_t i = 0; i < tx->slot_count; i++) {
        const struct hold_slot *slot = &tx->slots[i];
        if (!slot->acked)
            env_send(sender->env, slot->holder, frame_ref(slot->piece));
    }
}
