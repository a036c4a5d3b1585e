/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "env/timers.h"

#include <assert.h>
#include <stdlib.h>

#include "base/memory.h"

void timers_init(struct timers *timers) {
    *timers = (struct timers){0};
}

void timers_deinit(struct timers *timers) {
    free(timers->heap);
    *timers = (struct timers){0};
}

void timer_init(struct timer *timer, timer_expire *expire) {
    *timer = (struct timer){.expire = expire, .deadline = TIME_NEVER};
}

bool timer_running(const struct timer *timer) {
    return timer->index != 0;
}

static bool before(const struct timer *a, const struct timer *b) {
    return a->deadline != b->deadline ? a->deadline < b->deadline : a->order < b->order;
}

static void place(struct timers *timers, uint32_t slot, struct timer *timer) {
    timers->heap[slot] = timer;
    timer->index = slot + 1;
}

static void sift_up(struct timers *timers, uint32_t slot, struct timer *timer) {
    while (slot > 0 && before(timer, timers->heap[(slot - 1) / 2])) {
        place(timers, slot, timers->heap[(slot - 1) / 2]);
        slot = (slot - 1) / 2;
    }
    place(timers, slot, timer);
}

static void sift_down(struct timers *timers, uint32_t slot, struct timer *timer) {
    for (;;) {
        uint32_t child = 2 * slot + 1;
        if (child >= timers->count)
            break;
        if (child + 1 < timers->count && before(timers->heap[child + 1], timers->heap[child]))
            child++;
        if (!before(timers->heap[child], timer))
            break;
        place(timers, slot, timers->heap[child]);
        slot = child;
    }
    place(timers, slot, timer);
}

void timers_start(struct timers *timers, struct timer *timer, time_ns deadline) {
    assert(timer->expire != NULL);
    timers_stop(timers, timer);
    if (timers->count == timers->capacity) {
        timers->capacity = timers->capacity == 0 ? 8 : 2 * timers->capacity;
        timers->heap = memory_resize(timers->heap, timers->capacity, sizeof *timers->heap);
    }
    timer->deadline = deadline;
    timer->order = timers->started++;
    sift_up(timers, timers->count++, timer);
}

void timers_stop(struct timers *timers, struct timer *timer) {
    if (!timer_running(timer))
        return;
    uint32_t slot = timer->index - 1;
    struct timer *last = timers->heap[--timers->count];
    timer->index = 0;
    if (last == timer)
        return;
    if (slot > 0 && before(last, timers->heap[(slot - 1) / 2]))
        sift_up(timers, slot, last);
    else
        sift_down(timers, slot, last);
}

time_ns timers_deadline(const struct timers *timers) {
    return timers->count == 0 ? TIME_NEVER : timers->heap[0]->deadline;
}

struct timer *timers_pop(struct timers *timers, time_ns now) {
    if (timers_deadline(timers) > now)
        return NULL;
    struct timer *timer = timers->heap[0];
    timers_stop(timers, timer);
    return timer;
}
