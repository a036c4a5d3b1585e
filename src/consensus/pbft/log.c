/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consensus/pbft/log.h"

#include <stdlib.h>

#include "base/memory.h"

void log_init(struct log *log, uint32_t length) {
    *log = (struct log){.length = length, .slots = memory_new(length, sizeof *log->slots)};
}

void slot_end_view(struct slot *slot) {
    slot->accepted = false;
    slot->prepared = false;
    vote_set_deinit(&slot->prepares);
    vote_set_deinit(&slot->commits);
}

void slot_clear(struct slot *slot) {
    slot_end_view(slot);
    certificate_drop(&slot->proof);
    for (uint32_t i = 0; i < SLOT_VALUES; i++)
        frame_unref(slot->values[i].value.frame);
    *slot = (struct slot){0};
}

void log_deinit(struct log *log) {
    for (uint32_t i = 0; i < log->length; i++)
        slot_clear(&log->slots[i]);
    free(log->slots);
    *log = (struct log){0};
}

struct slot *log_slot(struct log *log, uint64_t sequence) {
    struct slot *slot = &log->slots[sequence % log->length];
    if (slot->sequence != sequence) {
        slot_clear(slot);
        slot->sequence = sequence;
    }
    return slot;
}

struct slot *log_find(const struct log *log, uint64_t sequence) {
    struct slot *slot = &log->slots[sequence % log->length];
    return slot->sequence == sequence ? slot : NULL;
}

static bool is_named(const struct slot *slot, const struct digest *digest) {
    return (slot->voted && digest_equal(&slot->voted_digest, digest)) ||
           (slot->proof.frame != NULL && digest_equal(&slot->proof.statement.block, digest));
}

void slot_hold(struct slot *slot, const struct pbft_value *value, const struct digest *digest) {
    if (value->size == 0 || slot_held(slot, digest) != NULL)
        return;
    uint32_t last = SLOT_VALUES - 1; /* the newest stands first */
    while (last > 0 && is_named(slot, &slot->values[last].digest))
        last--;
    struct frame *before = slot->values[last].value.frame;
    if (value->frame != NULL)
        frame_ref(value->frame);
    for (; last > 0; last--)
        slot->values[last] = slot->values[last - 1];
    slot->values[0] = (struct held_value){*digest, *value};
    frame_unref(before);
}

const struct pbft_value *slot_held(const struct slot *slot, const struct digest *digest) {
    static const struct pbft_value null_request;
    static const struct digest none;
    if (digest_equal(digest, &none))
        return &null_request;
    for (uint32_t i = 0; i < SLOT_VALUES; i++)
        if (slot->values[i].value.size > 0 && digest_equal(&slot->values[i].digest, digest))
            return &slot->values[i].value;
    return NULL;
}

bool slot_is_prepared(const struct slot *slot, uint32_t quorum) {
    return slot->accepted && slot->prepares.certification != NULL &&
           vote_set_count(&slot->prepares, &slot->digest) >= quorum;
}

bool slot_is_committed(const struct slot *slot, uint32_t quorum) {
    return slot->prepared && slot->commits.certification != NULL &&
           vote_set_count(&slot->commits, &slot->digest) >= quorum;
}
