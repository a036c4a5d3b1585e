/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/faults.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "sim/run/simulation.h"

static bool selected(const struct world *world, const struct node_selector *selector,
                     node_id node) {
    const char *role = world->roles[node];
    if (selector->tier == TIER_CITY && strcmp(role, "committee") != 0)
        return false;
    if (selector->tier == TIER_CONTINENT && strcmp(role, "representative") != 0)
        return false;
    return selector->place == NULL ||
           strcmp(world->places[world->place_of[node]].id, selector->place) == 0;
}

/* Marks the nodes that the selector means. */
static void mark(const struct world *world, const struct node_selector *selector, uint64_t fault,
                 uint8_t value, uint8_t *marks) {
    struct rng rng;
    int64_t index = 0;
    rng_init(&rng, world->seed, fault, "fault");
    for (node_id node = 0; node < world->node_count; node++) {
        if (!selected(world, selector, node))
            continue;
        bool drawn = selector->share == UNSET ||
                     rng_chance(&rng, (uint64_t)selector->share, (uint64_t)MILLION);
        bool in_range = selector->index_first == UNSET ||
                        (index >= selector->index_first && index <= selector->index_last);
        index++;
        if (drawn && in_range)
            marks[node] = value;
    }
}

static int64_t value_of(const struct scenario_fault *fault) {
    switch (fault->kind) {
    case FAULT_LOSS:
    case FAULT_FORGET:
        return fault->rate;
    case FAULT_SLOW:
        return fault->factor / (MILLION / FAULT_SLOW_NONE);
    case FAULT_CLOCK:
        return fault->ahead != UNSET ? fault->ahead : -fault->behind;
    default:
        return 0;
    }
}

void faults_init(struct faults *faults, const struct world *world) {
    const struct scenario *scenario = world->scenario;
    *faults = (struct faults){.list = memory_new(scenario->fault_count, sizeof *faults->list)};
    faults->marks = memory_new(scenario->fault_count * world->node_count, sizeof *faults->marks);
    for (size_t i = 0; i < scenario->fault_count; i++) {
        const struct scenario_fault *fault = &scenario->faults[i];
        uint8_t *marks = faults->marks + i * world->node_count;
        faults->list[i] = (struct fault){
            .kind = fault->kind,
            .at = fault->at,
            .until = fault->until != UNSET ? fault->until : TIME_NEVER,
            .value = value_of(fault),
            .marks = marks,
        };
        if (fault->kind == FAULT_PARTITION)
            for (size_t side = 0; side < fault->group_count; side++)
                mark(world, &fault->groups[side], i, (uint8_t)(side + 1), marks);
        else
            mark(world, &fault->nodes, i, FAULT_END, marks);
    }
    fault_table_init(&faults->table, faults->list, scenario->fault_count, world->node_count);
}

void faults_deinit(struct faults *faults) {
    fault_table_deinit(&faults->table);
    free(faults->list);
    free(faults->marks);
    *faults = (struct faults){0};
}

void faults_collect(const struct faults *faults, struct run_result *result) {
    const struct fault_table *table = &faults->table;
    struct fault_span *spans = memory_new(table->count, sizeof *spans);
    for (size_t i = 0; i < table->count; i++) {
        const struct fault *fault = &table->faults[i];
        spans[i] = (struct fault_span){fault_kind_name(fault->kind), fault->at, fault->until, 0};
        for (node_id node = 0; node < table->node_count; node++)
            spans[i].nodes += fault->marks[node] != 0;
    }
    result->faults = spans;
    result->fault_count = table->count;
}

static void crash(void *context, node_id node) {
    simulation_crash(context, node);
}

static void start(void *context, node_id node) {
    struct simulation *simulation = context;
    checker_restarted(&simulation->observer.checker, node);
    simulation_start(simulation, node);
}

static void slow(void *context, node_id node, uint32_t permille) {
    driver_slow(((struct simulation *)context)->driver, node, permille);
}

static void forget(void *context, node_id node, uint32_t share_ppm) {
    node_forget(((struct simulation *)context)->world.nodes[node], share_ppm);
}

static void step_clock(void *context, node_id node, time_ns by) {
    world_clock_step(&((struct simulation *)context)->world, node, by);
}

static void advance(void *context, uint64_t argument) {
    static const struct fault_ops ops = {crash, start, slow, forget, step_clock};
    struct simulation *simulation = context;
    fault_table_advance(&simulation->faults.table, driver_now(simulation->driver), &ops,
                        simulation);
}

void faults_schedule(struct simulation *simulation) {
    const struct fault_table *table = &simulation->faults.table;
    if (table->count == 0)
        return;
    network_set_links(driver_network(simulation->driver), fault_table_link,
                      &simulation->faults.table);
    for (size_t i = 0; i < table->count; i++) {
        driver_at(simulation->driver, table->faults[i].at, advance, 0);
        if (table->faults[i].until != TIME_NEVER)
            driver_at(simulation->driver, table->faults[i].until, advance, 0);
    }
}
