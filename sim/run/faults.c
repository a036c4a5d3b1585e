/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/faults.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
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

/* A fault's choices are drawn one after another. */
struct choice {
    const struct world *world;
    struct rng rng;
    uint8_t *marks;
};

/* Sets @bit for the nodes that the term means. */
static void mark_term(struct choice *choice, const struct node_selector *term, uint8_t bit) {
    const struct world *world = choice->world;
    int64_t index = 0;
    for (node_id node = 0; node < world->node_count; node++) {
        if (!selected(world, term, node))
            continue;
        bool drawn = term->share == UNSET ||
                     rng_chance(&choice->rng, (uint64_t)term->share, (uint64_t)MILLION);
        bool in_range =
            term->index_first == UNSET || (index >= term->index_first && index <= term->index_last);
        index++;
        if (drawn && in_range)
            choice->marks[node] |= bit;
    }
}

/* Nobody named: everybody. */
static void mark_nodes(struct choice *choice, const struct node_selection *selection, uint8_t bit) {
    static const struct node_selector all = {
        .index_first = UNSET, .index_last = UNSET, .share = UNSET};
    for (size_t i = 0; i < selection->count; i++)
        mark_term(choice, &selection->terms[i], bit);
    if (selection->count == 0)
        mark_term(choice, &all, bit);
}

static void mark_loss(struct choice *choice, const struct scenario_fault *fault) {
    if (fault->from.count == 0 && fault->to.count == 0) {
        mark_nodes(choice, &fault->nodes, FAULT_END);
        return;
    }
    mark_nodes(choice, &fault->from, FAULT_SENDER);
    mark_nodes(choice, &fault->to, FAULT_RECEIVER);
}

/* Nodes that a side names are @number's; ERR_INVALID after a message when another side has one. */
static int mark_side(struct choice *choice, const struct node_selection *side, uint8_t number) {
    const struct world *world = choice->world;
    uint8_t *all = choice->marks;
    int error = OK;
    choice->marks = memory_new(world->node_count, sizeof *choice->marks);
    mark_nodes(choice, side, 1);
    for (node_id node = 0; node < world->node_count && error == OK; node++) {
        if (choice->marks[node] == 0)
            continue;
        if (all[node] != 0) {
            fprintf(stderr,
                    "%s:%" PRIu32 ":%" PRIu32 ": error: with seed %" PRIu64
                    " this side shares node %" PRIu32 " (%s, %s) with side %d; the sides must be "
                    "disjoint\n",
                    side->origin.name, side->origin.line, side->origin.column, world->seed, node,
                    world->places[world->place_of[node]].id, world->roles[node], all[node] - 1);
            error = ERR_INVALID;
        }
        all[node] = number;
    }
    free(choice->marks);
    choice->marks = all;
    return error;
}

static void mark_rest(struct choice *choice, uint8_t number) {
    for (node_id node = 0; node < choice->world->node_count; node++)
        if (choice->marks[node] == 0)
            choice->marks[node] = number;
}

/* Sides are numbered from 1. */
static int mark_partition(struct choice *choice, const struct scenario_fault *fault) {
    uint8_t rest = 0;
    int error = OK;
    for (size_t i = 0; i < fault->group_count && error == OK; i++) {
        if (fault->groups[i].rest)
            rest = (uint8_t)(i + 1);
        else
            error = mark_side(choice, &fault->groups[i], (uint8_t)(i + 1));
    }
    if (fault->isolate.count > 0) {
        mark_nodes(choice, &fault->isolate, 1);
        rest = 2;
    }
    if (rest > 0)
        mark_rest(choice, rest);
    return error;
}

static int mark(const struct world *world, size_t number, uint8_t *marks) {
    const struct scenario_fault *fault = &world->scenario->faults[number];
    struct choice choice = {.world = world, .marks = marks};
    rng_init(&choice.rng, world->seed, number, "fault");
    if (fault->kind == FAULT_PARTITION)
        return mark_partition(&choice, fault);
    if (fault->kind == FAULT_LOSS)
        mark_loss(&choice, fault);
    else
        mark_nodes(&choice, &fault->nodes, FAULT_END);
    return OK;
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

int faults_init(struct faults *faults, const struct world *world) {
    const struct scenario *scenario = world->scenario;
    int error = OK;
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
            .one_way = fault->one_way == ONE_WAY,
        };
        error = error == OK ? mark(world, i, marks) : error;
    }
    fault_table_init(&faults->table, faults->list, scenario->fault_count, world->node_count);
    return error;
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

/* Two sides are named, and a draw says who is on them: of a share, or of a committee whose members
 * another side may name as people of the city. */
static bool depends_on_draw(const struct scenario_fault *fault) {
    size_t named = 0, shares = 0, cities = 0, others = 0;
    for (size_t i = 0; i < fault->group_count; i++) {
        named += !fault->groups[i].rest;
        for (size_t k = 0; k < fault->groups[i].count; k++) {
            const struct node_selector *term = &fault->groups[i].terms[k];
            shares += term->share != UNSET;
            cities += term->tier == TIER_CITY;
            others += term->tier == TIER_ANY;
        }
    }
    return named > 1 && (shares > 0 || (cities > 0 && others > 0));
}

int faults_check(const struct scenario *scenario, uint64_t seed) {
    struct world world;
    struct faults faults = {0};
    size_t drawn = 0;
    for (size_t i = 0; i < scenario->fault_count; i++)
        drawn += depends_on_draw(&scenario->faults[i]);
    if (drawn == 0)
        return OK;
    int error = world_init(&world, scenario, seed);
    if (error == OK)
        error = faults_init(&faults, &world);
    faults_deinit(&faults);
    world_deinit(&world);
    return error;
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
