/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/faults.h"

#include <string.h>

#define THOUSAND 1000

typedef void on_node(struct simulation *simulation, node_id node, int64_t value);

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

/* Calls @function for the nodes that the selector means, in order of their ids. */
static void for_each(struct simulation *simulation, const struct node_selector *selector,
                     uint64_t fault, on_node *function, int64_t value) {
    const struct world *world = &simulation->world;
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
            function(simulation, node, value);
    }
}

static void crash(struct simulation *simulation, node_id node, int64_t value) {
    simulation_crash(simulation, node);
}

static void restart(struct simulation *simulation, node_id node, int64_t value) {
    if (simulation->world.nodes[node] != NULL)
        return;
    checker_restarted(&simulation->observer.checker, node);
    simulation_start(simulation, node);
}

static void lose(struct simulation *simulation, node_id node, int64_t value) {
    network_set_loss(driver_network(simulation->driver), node, (uint32_t)value);
}

static void join_side(struct simulation *simulation, node_id node, int64_t value) {
    network_set_group(driver_network(simulation->driver), node, (uint32_t)value);
}

static void slow(struct simulation *simulation, node_id node, int64_t value) {
    driver_slow(simulation->driver, node, (uint32_t)value);
}

static void step_clock(struct simulation *simulation, node_id node, int64_t value) {
    world_clock_step(&simulation->world, node, value);
}

static time_ns clock_step(const struct scenario_fault *fault) {
    return fault->ahead != UNSET ? fault->ahead : -fault->behind;
}

static void forget(struct simulation *simulation, node_id node, int64_t value) {
    if (simulation->world.nodes[node] != NULL)
        node_forget(simulation->world.nodes[node], (uint32_t)value);
}

static void begin(void *context, uint64_t number) {
    struct simulation *simulation = context;
    const struct scenario_fault *fault = &simulation->request->scenario->faults[number];
    switch (fault->kind) {
    case FAULT_CRASH:
    case FAULT_RESTART:
        for_each(simulation, &fault->nodes, number, crash, 0);
        break;
    case FAULT_LOSS:
        for_each(simulation, &fault->nodes, number, lose, fault->rate);
        break;
    case FAULT_SLOW:
        for_each(simulation, &fault->nodes, number, slow, fault->factor / (MILLION / THOUSAND));
        break;
    case FAULT_FORGET:
        for_each(simulation, &fault->nodes, number, forget, fault->rate);
        break;
    case FAULT_PARTITION:
        for (size_t side = 0; side < fault->group_count; side++)
            for_each(simulation, &fault->groups[side], number, join_side, (int64_t)side + 1);
        break;
    case FAULT_CLOCK:
        for_each(simulation, &fault->nodes, number, step_clock, clock_step(fault));
        break;
    }
}

static void end(void *context, uint64_t number) {
    struct simulation *simulation = context;
    const struct scenario_fault *fault = &simulation->request->scenario->faults[number];
    switch (fault->kind) {
    case FAULT_CRASH:
        break;
    case FAULT_RESTART:
        for_each(simulation, &fault->nodes, number, restart, 0);
        break;
    case FAULT_LOSS:
        for_each(simulation, &fault->nodes, number, lose, 0);
        break;
    case FAULT_SLOW:
        for_each(simulation, &fault->nodes, number, slow, THOUSAND);
        break;
    case FAULT_FORGET:
        for_each(simulation, &fault->nodes, number, forget, 0);
        break;
    case FAULT_PARTITION:
        for (size_t side = 0; side < fault->group_count; side++)
            for_each(simulation, &fault->groups[side], number, join_side, 0);
        break;
    case FAULT_CLOCK:
        for_each(simulation, &fault->nodes, number, step_clock, -clock_step(fault));
        break;
    }
}

void faults_schedule(struct simulation *simulation) {
    const struct scenario *scenario = simulation->request->scenario;
    for (size_t i = 0; i < scenario->fault_count; i++) {
        driver_at(simulation->driver, scenario->faults[i].at, begin, i);
        if (scenario->faults[i].until != UNSET)
            driver_at(simulation->driver, scenario->faults[i].until, end, i);
    }
}
