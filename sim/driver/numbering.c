/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/driver/numbering.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/rng.h"

struct numbering_slot {
    uint64_t key;
    uint64_t count; /* 0: free */
};

void numbering_deinit(struct numbering *numbering) {
    free(numbering->slots);
    *numbering = (struct numbering){0};
}

static struct numbering_slot *find(struct numbering_slot *slots, size_t capacity, uint64_t key) {
    size_t at = key & (capacity - 1);
    while (slots[at].count > 0 && slots[at].key != key)
        at = (at + 1) & (capacity - 1);
    return &slots[at];
}

/* At most half full; the capacity is a power of two. */
static void grow(struct numbering *numbering) {
    size_t capacity = numbering->capacity == 0 ? 256 : 2 * numbering->capacity;
    struct numbering_slot *slots = memory_new(capacity, sizeof *slots);
    for (size_t i = 0; i < numbering->capacity; i++)
        if (numbering->slots[i].count > 0)
            *find(slots, capacity, numbering->slots[i].key) = numbering->slots[i];
    free(numbering->slots);
    numbering->slots = slots;
    numbering->capacity = capacity;
}

uint64_t numbering_next(struct numbering *numbering, node_id from, node_id to, uint32_t kind) {
    uint64_t key = hash_combine(mix64((uint64_t)from << 32 | to), kind);
    if (2 * numbering->used >= numbering->capacity)
        grow(numbering);
    struct numbering_slot *slot = find(numbering->slots, numbering->capacity, key);
    numbering->used += slot->count == 0;
    slot->key = key;
    return hash_combine(key, slot->count++);
}
