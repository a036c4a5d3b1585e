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
    frame_unref(slot->value.frame);
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

void slot_set_value(struct slot *slot, const struct pbft_value *value,
                    const struct digest *digest) {
    struct frame *before = slot->value.frame;
    if (value->frame != NULL)
        frame_ref(value->frame);
    slot->value = *value;
    slot->value_digest = *digest;
    frame_unref(before);
}

bool slot_is_prepared(const struct slot *slot, uint32_t quorum) {
    return slot->accepted && slot->prepares.certification != NULL &&
           vote_set_count(&slot->prepares, &slot->digest) >= quorum;
}

bool slot_is_committed(const struct slot *slot, uint32_t quorum) {
    return slot->prepared && slot->commits.certification != NULL &&
           vote_set_count(&slot->commits, &slot->digest) >= quorum;
}
