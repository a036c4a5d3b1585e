/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "base/memory.h"
#include "sim/path/inside.h"

/* About 150 MB when both are full. */
const struct path_limits path_limits_default = {.steps = (size_t)1 << 20, .parts = (size_t)1 << 18};

struct path_recorder *path_new(uint32_t nodes, const struct path_limits *limits) {
    struct path_recorder *paths = memory_new(1, sizeof *paths);
    paths->limits = *limits;
    paths->nodes = nodes;
    paths->starts = memory_new(nodes, sizeof *paths->starts);
    paths->step_ring.first = paths->step_ring.next = 1;
    return paths;
}

void path_free(struct path_recorder *paths) {
    if (paths == NULL)
        return;
    for (uint32_t node = 0; node < paths->nodes; node++)
        free(paths->starts[node].list);
    free(paths->starts);
    free(paths->steps);
    free(paths->charges);
    free(paths->hops);
    free(paths->open);
    free(paths->positions);
    free(paths->records);
    free(paths->parts);
    free(paths);
}

/* ---- rings ---- */

static bool is_full(const struct path_ring *ring) {
    return ring->next - ring->first == ring->capacity;
}

/* Twice the room; what is kept keeps its number. */
static void *widen(struct path_ring *ring, void *list, size_t size) {
    size_t capacity = ring->capacity == 0 ? 1024 : 2 * ring->capacity;
    char *wider = memory_new(capacity, size);
    for (uint64_t i = ring->first; i < ring->next; i++) {
        const char *from = (const char *)list + (i & (ring->capacity - 1)) * size;
        char *to = wider + (i & (capacity - 1)) * size;
        for (size_t byte = 0; byte < size; byte++)
            to[byte] = from[byte];
    }
    free(list);
    ring->capacity = capacity;
    return wider;
}

static struct path_step *step_at(const struct path_recorder *paths, uint64_t number) {
    const struct path_ring *ring = &paths->step_ring;
    if (number < ring->first || number >= ring->next)
        return NULL;
    return &paths->steps[number & (ring->capacity - 1)];
}

const struct path_step *path_step_at(const struct path_recorder *paths, uint64_t number) {
    return step_at(paths, number);
}

/* No path that is still to end can go back before this. */
static time_ns horizon(const struct path_recorder *paths) {
    return paths->open_first < paths->open_count ? paths->open[paths->open_first].due : TIME_NEVER;
}

static void forget_oldest(struct path_recorder *paths) {
    struct path_ring *ring = &paths->step_ring;
    ring->first++;
    const struct path_step *next = step_at(paths, ring->first);
    paths->charge_ring.first = next != NULL ? next->work : paths->charge_ring.next;
}

static void make_room(struct path_recorder *paths) {
    struct path_ring *ring = &paths->step_ring;
    time_ns needed = horizon(paths);
    if (!is_full(ring))
        return;
    while (ring->first < ring->next && step_at(paths, ring->first)->last < needed)
        forget_oldest(paths);
    /* Half full at least is worth a pass over the steps. */
    if (2 * (ring->next - ring->first) <= ring->capacity && ring->capacity > 0)
        return;
    if (ring->capacity < paths->limits.steps)
        paths->steps = widen(ring, paths->steps, sizeof *paths->steps);
    else if (is_full(ring))
        forget_oldest(paths);
}

/* ---- messages ---- */

uint64_t path_sent(struct path_recorder *paths, uint64_t step, uint32_t effect, time_ns left,
                   time_ns base, time_ns extra) {
    if (paths == NULL)
        return 0;
    if (paths->free_hop == 0) {
        size_t capacity = paths->hop_capacity == 0 ? 1024 : 2 * paths->hop_capacity;
        paths->hops = memory_resize(paths->hops, capacity, sizeof *paths->hops);
        for (size_t i = capacity; i-- > paths->hop_capacity + (paths->hop_capacity == 0);) {
            paths->hops[i] = (struct path_hop){.step = paths->free_hop};
            paths->free_hop = i;
        }
        paths->hop_capacity = capacity;
    }
    uint64_t hop = paths->free_hop;
    paths->free_hop = paths->hops[hop].step;
    paths->hops[hop] = (struct path_hop){step, effect, left, base, extra, left + base + extra, 0};
    return hop;
}

void path_arrived(struct path_recorder *paths, uint64_t hop, time_ns head, time_ns serialisation) {
    if (paths == NULL || hop == 0)
        return;
    paths->hops[hop].head = head;
    paths->hops[hop].serialisation = serialisation;
}

void path_flowed(struct path_recorder *paths, uint64_t hop, time_ns at) {
    if (paths != NULL && hop != 0)
        paths->hops[hop].serialisation = at - paths->hops[hop].head;
}

void path_dropped(struct path_recorder *paths, uint64_t hop) {
    if (paths == NULL || hop == 0)
        return;
    paths->hops[hop].step = paths->free_hop;
    paths->free_hop = hop;
}

/* ---- timers ---- */

/* The step that started the node's timer of that order; 0: it is forgotten. */
static uint64_t starter(const struct path_recorder *paths, node_id node, uint64_t order) {
    const struct path_starts *starts = &paths->starts[node];
    size_t low = starts->head, high = starts->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (starts->list[middle].first <= order)
            low = middle + 1;
        else
            high = middle;
    }
    return low > starts->head ? starts->list[low - 1].step : 0;
}

/* Steps that are forgotten need no entry; the last one is needed to tell that. */
static void note_starter(struct path_recorder *paths, node_id node, uint64_t first, uint64_t step) {
    struct path_starts *starts = &paths->starts[node];
    if (starts->count == starts->capacity) {
        while (starts->head < starts->count &&
               step_at(paths, starts->list[starts->head].step) == NULL)
            starts->head++;
        size_t kept = starts->count - starts->head;
        for (size_t i = 0; i < kept; i++)
            starts->list[i] = starts->list[starts->head + i];
        starts->head = 0;
        starts->count = kept;
        if (2 * kept >= starts->capacity) {
            starts->capacity = starts->capacity == 0 ? 8 : 2 * starts->capacity;
            starts->list = memory_resize(starts->list, starts->capacity, sizeof *starts->list);
        }
    }
    starts->list[starts->count++] = (struct path_start){first, step};
}

/* ---- steps ---- */

static uint16_t type_of(const struct frame *frame) {
    if (frame == NULL || frame->size < 2)
        return 0;
    return (uint16_t)(frame->bytes[0] | frame->bytes[1] << 8);
}

static void open_transaction(struct path_recorder *paths, node_id node, uint64_t transaction,
                             time_ns due) {
    if (paths->open_count == paths->open_capacity) {
        paths->open_capacity = 2 * paths->open_capacity + 64;
        paths->open = memory_resize(paths->open, paths->open_capacity, sizeof *paths->open);
    }
    if (transaction >= paths->position_capacity) {
        paths->position_capacity = 2 * transaction + 64;
        paths->positions =
            memory_resize(paths->positions, paths->position_capacity, sizeof *paths->positions);
    }
    paths->positions[transaction] = paths->open_count;
    paths->open[paths->open_count++] = (struct path_open){transaction, due, node, false};
}

uint64_t path_step(struct path_recorder *paths, node_id node, const struct event *event,
                   uint64_t hop, uint64_t timer, time_ns due, time_ns start) {
    if (paths == NULL)
        return 0;
    make_room(paths);
    uint64_t number = paths->step_ring.next++;
    struct path_step *step = step_at(paths, number);
    *step = (struct path_step){.node = node,
                               .from = NODE_NONE,
                               .type = event->type,
                               .work = paths->charge_ring.next,
                               .transaction = event->transaction,
                               .due = due,
                               .start = start,
                               .last = start};
    if (event->type == EVENT_MESSAGE) {
        step->from = event->from;
        step->message = type_of(event->frame);
        step->cause = hop != 0 ? paths->hops[hop] : (struct path_hop){.left = due, .head = due};
        path_dropped(paths, hop);
    } else if (event->type == EVENT_TIMER) {
        step->cause.step = starter(paths, node, timer);
    } else if (event->type == EVENT_SUBMIT) {
        open_transaction(paths, node, event->transaction, due);
    }
    return number;
}

void path_work(struct path_recorder *paths, uint64_t number, uint32_t effect, enum work work,
               time_ns duration) {
    if (paths == NULL || duration == 0)
        return;
    struct path_ring *ring = &paths->charge_ring;
    if (is_full(ring))
        paths->charges = widen(ring, paths->charges, sizeof *paths->charges);
    paths->charges[ring->next++ & (ring->capacity - 1)] =
        (struct path_charge){duration, effect, (uint16_t)work};
    step_at(paths, number)->work_count++;
}

void path_handled(struct path_recorder *paths, uint64_t number, const struct effects *effects,
                  uint64_t first_timer, uint64_t end_timer) {
    if (paths == NULL)
        return;
    struct path_step *step = step_at(paths, number);
    for (size_t i = 0; step->type == EVENT_TIMER && step->message == 0 && i < effects->count; i++)
        if (effects->list[i].type == EFFECT_SEND)
            step->message = type_of(effects->list[i].frame);
    if (first_timer < end_timer)
        note_starter(paths, step->node, first_timer, number);
}

void path_ends(struct path_recorder *paths, uint64_t number, time_ns last) {
    if (paths != NULL)
        step_at(paths, number)->last = last;
}

/* ---- transactions ---- */

static struct path_open *find_open(struct path_recorder *paths, uint64_t transaction) {
    if (transaction >= paths->position_capacity ||
        paths->positions[transaction] >= paths->open_count)
        return NULL;
    struct path_open *open = &paths->open[paths->positions[transaction]];
    return open->transaction == transaction && !open->closed ? open : NULL;
}

static void skip_closed(struct path_recorder *paths) {
    while (paths->open_first < paths->open_count && paths->open[paths->open_first].closed)
        paths->open_first++;
}

void path_crashed(struct path_recorder *paths, node_id node) {
    if (paths == NULL)
        return;
    paths->starts[node].head = paths->starts[node].count = 0;
    for (size_t i = paths->open_first; i < paths->open_count; i++)
        paths->open[i].closed = paths->open[i].closed || paths->open[i].node == node;
    skip_closed(paths);
}

void path_trace(struct path_recorder *paths, uint64_t step, uint32_t effect,
                const struct trace_record *record) {
    if (paths == NULL || (record->point != TRACE_TX_DONE && record->point != TRACE_TX_FAILED))
        return;
    struct path_open *open = find_open(paths, record->a);
    if (open == NULL)
        return;
    open->closed = true;
    if (record->point == TRACE_TX_DONE)
        path_walk(paths, record->a, step, effect, open->due, record->time);
    skip_closed(paths);
}

const struct path_record *path_records(const struct path_recorder *paths, size_t *count) {
    *count = paths == NULL ? 0 : paths->record_count;
    return paths == NULL ? NULL : paths->records;
}

const struct path_part *path_parts(const struct path_recorder *paths, size_t *count) {
    *count = paths == NULL ? 0 : paths->part_count;
    return paths == NULL ? NULL : paths->parts;
}
