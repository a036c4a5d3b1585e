/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "membership/presence.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

void presence_init(struct presence *presence) {
    *presence = (struct presence){0};
}

void presence_deinit(struct presence *presence) {
    free(presence->entries);
    *presence = (struct presence){0};
}

/* The first entry whose node is not below @node. */
static size_t lower_bound(const struct presence *presence, node_id node) {
    size_t low = 0, high = presence->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (presence->entries[middle].node < node)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_at(const struct presence *presence, size_t slot, node_id node) {
    return slot < presence->count && presence->entries[slot].node == node;
}

void presence_login(struct presence *presence, const struct place_candidate *entry) {
    size_t slot = lower_bound(presence, entry->node);
    if (!is_at(presence, slot, entry->node)) {
        if (presence->count == presence->capacity) {
            presence->capacity = presence->capacity == 0 ? 64 : 2 * presence->capacity;
            presence->entries =
                memory_resize(presence->entries, presence->capacity, sizeof *presence->entries);
        }
        memmove(&presence->entries[slot + 1], &presence->entries[slot],
                (presence->count - slot) * sizeof *presence->entries);
        presence->count++;
    }
    presence->entries[slot] = *entry;
}

void presence_logout(struct presence *presence, node_id node) {
    size_t slot = lower_bound(presence, node);
    if (!is_at(presence, slot, node))
        return;
    presence->count--;
    memmove(&presence->entries[slot], &presence->entries[slot + 1],
            (presence->count - slot) * sizeof *presence->entries);
}

const struct place_candidate *presence_find(const struct presence *presence, node_id node) {
    size_t slot = lower_bound(presence, node);
    return is_at(presence, slot, node) ? &presence->entries[slot] : NULL;
}
