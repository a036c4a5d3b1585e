/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/driver/agenda.h"

#include <assert.h>
#include <stdlib.h>

#include "base/memory.h"

/* A heap of arity 4: half the levels of a binary one, and four children share cache lines. */
#define ARITY 4

void agenda_init(struct agenda *agenda) {
    *agenda = (struct agenda){0};
}

void agenda_deinit(struct agenda *agenda) {
    for (size_t i = 0; i < agenda->count; i++)
        frame_unref(agenda->heap[i].event.frame);
    free(agenda->heap);
    *agenda = (struct agenda){0};
}

static bool before(const struct agenda_item *a, const struct agenda_item *b) {
    if (a->time != b->time)
        return a->time < b->time;
    if (a->class != b->class)
        return a->class < b->class;
    if (a->source != b->source)
        return a->source < b->source;
    return a->sequence < b->sequence;
}

void agenda_push(struct agenda *agenda, const struct agenda_item *item) {
    if (agenda->count == agenda->capacity) {
        agenda->capacity = agenda->capacity == 0 ? 1024 : 2 * agenda->capacity;
        agenda->heap = memory_resize(agenda->heap, agenda->capacity, sizeof *agenda->heap);
    }
    size_t slot = agenda->count++;
    while (slot > 0 && before(item, &agenda->heap[(slot - 1) / ARITY])) {
        agenda->heap[slot] = agenda->heap[(slot - 1) / ARITY];
        slot = (slot - 1) / ARITY;
    }
    agenda->heap[slot] = *item;
}

time_ns agenda_next(const struct agenda *agenda) {
    return agenda->count == 0 ? TIME_NEVER : agenda->heap[0].time;
}

static size_t first_child(const struct agenda *agenda, size_t slot) {
    size_t first = ARITY * slot + 1;
    size_t last = size_min(first + ARITY, agenda->count);
    size_t best = first;
    for (size_t child = first + 1; child < last; child++)
        if (before(&agenda->heap[child], &agenda->heap[best]))
            best = child;
    return best;
}

struct agenda_item agenda_pop(struct agenda *agenda) {
    assert(agenda->count > 0);
    struct agenda_item top = agenda->heap[0];
    struct agenda_item last = agenda->heap[--agenda->count];
    size_t slot = 0;
    while (ARITY * slot + 1 < agenda->count) {
        size_t child = first_child(agenda, slot);
        if (!before(&agenda->heap[child], &last))
            break;
        agenda->heap[slot] = agenda->heap[child];
        slot = child;
    }
    agenda->heap[slot] = last;
    return top;
}
