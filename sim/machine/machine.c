/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/machine/machine.h"

#include <assert.h>
#include <stdlib.h>

#include "base/memory.h"

static time_ns later(time_ns a, time_ns b) {
    return a > b ? a : b;
}

void machine_init(struct machine *machine, uint32_t cores) {
    assert(cores > 0);
    *machine = (struct machine){.cores = cores};
    machine->core_free = memory_new(cores, sizeof *machine->core_free);
}

void machine_deinit(struct machine *machine, struct machine_pool *pool) {
    machine_crash(machine, pool);
    free(machine->heap);
    free(machine->core_free);
    *machine = (struct machine){0};
}

void machine_pool_deinit(struct machine_pool *pool) {
    while (pool->spare != NULL) {
        struct machine_run *run = pool->spare;
        pool->spare = run->spare;
        free(run->list);
        free(run->times);
        free(run);
    }
}

static time_ns *longest_free(const struct machine *machine) {
    time_ns *best = machine->core_free;
    for (uint32_t core = 1; core < machine->cores; core++)
        if (machine->core_free[core] < *best)
            best = &machine->core_free[core];
    return best;
}

time_ns machine_free(const struct machine *machine) {
    return later(*longest_free(machine), machine->started);
}

static bool before(const struct machine_run *a, const struct machine_run *b) {
    time_ns left = a->times[a->next], right = b->times[b->next];
    return left != right ? left < right : a->step < b->step;
}

static void sift_down(struct machine *machine) {
    struct machine_run *run = machine->heap[0];
    size_t slot = 0;
    for (;;) {
        size_t child = 2 * slot + 1;
        if (child >= machine->count)
            break;
        if (child + 1 < machine->count && before(machine->heap[child + 1], machine->heap[child]))
            child++;
        if (!before(machine->heap[child], run))
            break;
        machine->heap[slot] = machine->heap[child];
        slot = child;
    }
    machine->heap[slot] = run;
}

static void add(struct machine *machine, struct machine_run *run) {
    if (machine->count == machine->capacity) {
        machine->capacity = machine->capacity == 0 ? 4 : 2 * machine->capacity;
        machine->heap = memory_resize(machine->heap, machine->capacity, sizeof *machine->heap);
    }
    size_t slot = machine->count++;
    while (slot > 0 && before(run, machine->heap[(slot - 1) / 2])) {
        machine->heap[slot] = machine->heap[(slot - 1) / 2];
        slot = (slot - 1) / 2;
    }
    machine->heap[slot] = run;
}

/* A run that takes the effects over, and leaves another list for the next step's. */
static struct machine_run *run_of(struct machine_pool *pool, struct effects *effects) {
    struct machine_run *run = pool->spare;
    if (run != NULL)
        pool->spare = run->spare;
    else
        run = memory_new(1, sizeof *run);
    const struct effects other = {.list = run->list, .capacity = run->capacity};
    run->list = effects->list;
    run->count = effects->count;
    run->capacity = effects->capacity;
    run->next = 0;
    if (run->times_capacity < run->count) {
        run->times_capacity = run->capacity;
        run->times = memory_resize(run->times, run->times_capacity, sizeof *run->times);
    }
    *effects = other;
    return run;
}

/* One record after another, in the order of the steps. */
static void write_record(struct machine *machine, time_ns core, time_ns cost) {
    time_ns wait = later(machine->durable - core, 0);
    machine->disk_wait_max = later(machine->disk_wait_max, wait);
    machine->disk_busy += cost;
    machine->durable = core + wait + cost;
}

time_ns machine_step(struct machine *machine, struct machine_pool *pool, time_ns start,
                     uint64_t mark, struct effects *effects, machine_cost *cost, void *context) {
    time_ns *core = longest_free(machine);
    time_ns time = start;
    assert(start >= machine_free(machine));
    machine->steps++;
    machine->started = start;
    if (effects->count == 0) {
        *core = start;
        return start;
    }
    struct machine_run *run = run_of(pool, effects);
    for (size_t i = 0; i < run->count; i++) {
        const struct effect *effect = &run->list[i];
        if (effect->type == EFFECT_PERSIST)
            write_record(machine, time, cost(context, (uint32_t)i, WORK_PERSIST, 1));
        run->times[i] = later(time, machine->durable);
        /* The disk's time has been taken with the record. */
        if (effect->type == EFFECT_CHARGE && effect->number != WORK_PERSIST)
            time += cost(context, (uint32_t)i, (enum work)effect->number, effect->a);
    }
    run->handled = start;
    run->step = machine->steps;
    run->mark = mark;
    machine->core_busy += time - start;
    *core = time;
    add(machine, run);
    return later(time, run->times[run->count - 1]);
}

time_ns machine_next(const struct machine *machine) {
    if (machine->count == 0)
        return TIME_NEVER;
    const struct machine_run *run = machine->heap[0];
    return run->times[run->next];
}

static void finish(struct machine_pool *pool, struct machine_run *run) {
    run->spare = pool->spare;
    pool->spare = run;
}

bool machine_take(struct machine *machine, struct machine_pool *pool, time_ns limit,
                  struct happening *happening) {
    if (machine_next(machine) > limit || machine->count == 0)
        return false;
    struct machine_run *run = machine->heap[0];
    *happening = (struct happening){
        .time = run->times[run->next],
        .handled = run->handled,
        .step = run->step,
        .mark = run->mark,
        .index = (uint32_t)run->next,
        .effect = run->list[run->next],
    };
    if (++run->next == run->count) {
        machine->heap[0] = machine->heap[--machine->count];
        finish(pool, run);
    }
    if (machine->count > 1)
        sift_down(machine);
    return true;
}

void machine_crash(struct machine *machine, struct machine_pool *pool) {
    for (size_t i = 0; i < machine->count; i++) {
        struct machine_run *run = machine->heap[i];
        for (size_t k = run->next; k < run->count; k++)
            frame_unref(run->list[k].frame);
        finish(pool, run);
    }
    machine->count = 0;
}

void machine_restart(struct machine *machine, time_ns now) {
    for (uint32_t core = 0; core < machine->cores; core++)
        machine->core_free[core] = now;
    machine->started = machine->durable = now;
}
