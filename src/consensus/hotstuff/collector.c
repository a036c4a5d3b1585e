/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consensus/hotstuff/collector.h"

#include <assert.h>

#include "base/error.h"
#include "consensus/hotstuff/signing.h"

void collector_init(struct collector *collector, const struct certification *certification) {
    *collector = (struct collector){.certification = certification};
}

static void close_slot(struct collector_slot *slot) {
    if (slot->open)
        vote_set_deinit(&slot->set);
    signing_free(slot->signing);
    slot->signing = NULL;
    slot->open = false;
}

void collector_deinit(struct collector *collector) {
    for (size_t i = 0; i < ARRAY_LEN(collector->slots); i++)
        close_slot(&collector->slots[i]);
}

void collector_move(struct collector *collector, uint64_t first) {
    if (first <= collector->first)
        return;
    collector->first = first;
    for (size_t i = 0; i < ARRAY_LEN(collector->slots); i++)
        if (collector->slots[i].view < first)
            close_slot(&collector->slots[i]);
}

int collector_check(const struct collector *collector, uint64_t view) {
    if (view < collector->first)
        return ERR_STALE;
    return view - collector->first < LIMIT_FUTURE_MESSAGES ? OK : ERR_FUTURE;
}

struct vote_set *collector_open(struct collector *collector, uint64_t view) {
    assert(collector_check(collector, view) == OK);
    struct collector_slot *slot = &collector->slots[view % LIMIT_FUTURE_MESSAGES];
    if (!slot->open) {
        vote_set_init(&slot->set, collector->certification);
        slot->view = view;
        slot->open = true;
    }
    assert(slot->view == view);
    return &slot->set;
}

struct collector_slot *collector_slot(struct collector *collector, uint64_t view) {
    struct collector_slot *slot = &collector->slots[view % LIMIT_FUTURE_MESSAGES];
    return slot->open && slot->view == view ? slot : NULL;
}

const struct vote_set *collector_find(const struct collector *collector, uint64_t view) {
    const struct collector_slot *slot = &collector->slots[view % LIMIT_FUTURE_MESSAGES];
    return slot->open && slot->view == view ? &slot->set : NULL;
}
