/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "membership/roster.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "base/cursor.h"
#include "base/memory.h"
#include "select/rendezvous.h"

struct identity_of_list {
    uint64_t mark;
    uint64_t count;
};

struct pooled {
    struct roster roster; /* first */
    struct identity_of_list key;
    UT_hash_handle hh;
};

struct roster_pool {
    struct pooled *lists;
};

void roster_changes_deinit(struct roster_changes *changes) {
    free(changes->list);
    *changes = (struct roster_changes){0};
}

void roster_changes_put(struct roster_changes *changes, const struct roster_change *change) {
    size_t at = changes->count;
    while (at > 0 && changes->list[at - 1].entry.node > change->entry.node)
        at--;
    if (at > 0 && changes->list[at - 1].entry.node == change->entry.node) {
        changes->list[at - 1] = *change;
        return;
    }
    if (changes->count == changes->capacity) {
        changes->capacity = changes->capacity == 0 ? 8 : 2 * changes->capacity;
        changes->list = memory_resize(changes->list, changes->capacity, sizeof *changes->list);
    }
    memmove(&changes->list[at + 1], &changes->list[at],
            (changes->count++ - at) * sizeof *changes->list);
    changes->list[at] = *change;
}

struct roster_pool *roster_pool_new(void) {
    return memory_new(1, sizeof(struct roster_pool));
}

void roster_pool_free(struct roster_pool *pool) {
    free(pool);
}

size_t roster_pool_count(const struct roster_pool *pool) {
    return HASH_COUNT(pool->lists);
}

static uint64_t mark_of(const struct place_candidate *entry) {
    uint8_t bytes[12];
    struct writer writer;
    writer_init(&writer, bytes, sizeof bytes);
    write_u32(&writer, entry->area);
    write_u32(&writer, (uint32_t)entry->at.lon);
    write_u32(&writer, (uint32_t)entry->at.lat);
    return rendezvous_hash(entry->node, bytes, sizeof bytes);
}

static struct roster *find(const struct roster_pool *pool, uint64_t mark, size_t count) {
    const struct identity_of_list key = {mark, count};
    struct pooled *found;
    HASH_FIND(hh, pool->lists, &key, sizeof key, found);
    return found == NULL ? NULL : roster_ref(&found->roster);
}

static struct roster *add(struct roster_pool *pool, uint64_t mark, size_t count) {
    struct pooled *new = memory_new(1, sizeof *new);
    new->key = (struct identity_of_list){mark, count};
    new->roster = (struct roster){.pool = pool, .references = 1, .mark = mark};
    new->roster.presence.entries = memory_new(count, sizeof *new->roster.presence.entries);
    new->roster.presence.capacity = count;
    HASH_ADD(hh, pool->lists, key, sizeof new->key, new);
    return &new->roster;
}

static void append(struct presence *presence, const struct place_candidate *entry) {
    presence->entries[presence->count++] = *entry;
}

struct roster *roster_of(struct roster_pool *pool, const struct presence *presence) {
    uint64_t mark = 0;
    for (size_t i = 0; i < presence->count; i++)
        mark += mark_of(&presence->entries[i]);
    struct roster *roster = find(pool, mark, presence->count);
    if (roster != NULL)
        return roster;
    roster = add(pool, mark, presence->count);
    for (size_t i = 0; i < presence->count; i++)
        append(&roster->presence, &presence->entries[i]);
    return roster;
}

struct roster *roster_changed(struct roster *roster, const struct roster_changes *changes) {
    const struct presence *old = &roster->presence;
    uint64_t mark = roster->mark;
    size_t count = old->count, at = 0;
    for (size_t i = 0; i < changes->count; i++) {
        const struct roster_change *change = &changes->list[i];
        const struct place_candidate *before = presence_find(old, change->entry.node);
        mark += (change->present ? mark_of(&change->entry) : 0) -
                (before != NULL ? mark_of(before) : 0);
        count = count + change->present - (before != NULL);
    }
    struct roster *next = find(roster->pool, mark, count);
    if (next != NULL)
        return next;
    next = add(roster->pool, mark, count);
    for (size_t i = 0; i < changes->count; i++) {
        const struct roster_change *change = &changes->list[i];
        while (at < old->count && old->entries[at].node < change->entry.node)
            append(&next->presence, &old->entries[at++]);
        at += at < old->count && old->entries[at].node == change->entry.node;
        if (change->present)
            append(&next->presence, &change->entry);
    }
    while (at < old->count)
        append(&next->presence, &old->entries[at++]);
    return next;
}

struct roster *roster_ref(struct roster *roster) {
    roster->references++;
    return roster;
}

void roster_unref(struct roster *roster) {
    if (roster == NULL || --roster->references > 0)
        return;
    struct pooled *pooled = (struct pooled *)roster;
    HASH_DEL(roster->pool->lists, pooled);
    presence_deinit(&roster->presence);
    free(pooled);
}
