/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/fault_table.h"

#include <stdlib.h>

#include "base/memory.h"

static const struct fault_state healthy = {.slow_permille = FAULT_SLOW_NONE};

void fault_table_init(struct fault_table *table, const struct fault *faults, size_t count,
                      uint32_t node_count) {
    *table = (struct fault_table){.faults = faults, .count = count, .node_count = node_count};
    table->active = memory_new(count, sizeof *table->active);
    table->nodes = memory_new(node_count, sizeof *table->nodes);
    for (node_id node = 0; node < node_count; node++)
        table->nodes[node] = healthy;
}

void fault_table_deinit(struct fault_table *table) {
    free(table->active);
    free(table->nodes);
    *table = (struct fault_table){0};
}

static void find_active(struct fault_table *table, time_ns now) {
    table->active_count = 0;
    for (size_t i = 0; i < table->count; i++)
        if (table->faults[i].at <= now && now < table->faults[i].until)
            table->active[table->active_count++] = &table->faults[i];
}

/* 1 - (1 - a)(1 - b), in millionths. */
static uint32_t either(uint32_t a, int64_t b) {
    return a + (uint32_t)((MILLION - a) * b / MILLION);
}

static uint32_t slower(uint32_t permille, int64_t factor) {
    int64_t product = permille * factor / FAULT_SLOW_NONE;
    return product < FAULT_SLOW_MAX ? (uint32_t)product : FAULT_SLOW_MAX;
}

static void add(struct fault_state *state, const struct fault *fault) {
    switch (fault->kind) {
    case FAULT_CRASH:
    case FAULT_RESTART:
        state->down = true;
        break;
    case FAULT_SLOW:
        state->slow_permille = slower(state->slow_permille, fault->value);
        break;
    case FAULT_FORGET:
        state->forget_ppm = either(state->forget_ppm, fault->value);
        break;
    case FAULT_CLOCK: /* clock_step */
    case FAULT_LOSS:  /* of links: fault_table_link */
    case FAULT_PARTITION:
        break;
    }
}

/* The bound holds for the sum alone: which faults come first must not matter. */
static time_ns clock_step(const struct fault_table *table, node_id node) {
    __int128 sum = 0;
    for (size_t i = 0; i < table->active_count; i++)
        if (table->active[i]->kind == FAULT_CLOCK && table->active[i]->marks[node] != 0)
            sum += table->active[i]->value;
    return sum > FAULT_CLOCK_MAX    ? FAULT_CLOCK_MAX
           : sum < -FAULT_CLOCK_MAX ? -FAULT_CLOCK_MAX
                                    : (time_ns)sum;
}

static struct fault_state derive(const struct fault_table *table, node_id node) {
    struct fault_state state = healthy;
    for (size_t i = 0; i < table->active_count; i++)
        if (table->active[i]->marks[node] != 0)
            add(&state, table->active[i]);
    state.clock_step = clock_step(table, node);
    return state;
}

static void tell(const struct fault_state *old, const struct fault_state *new,
                 const struct fault_ops *ops, void *context, node_id node) {
    bool starts = old->down && !new->down;
    if (new->clock_step != old->clock_step)
        ops->step_clock(context, node, new->clock_step - old->clock_step);
    if (new->slow_permille != old->slow_permille)
        ops->slow(context, node, new->slow_permille);
    if (new->down && !old->down)
        ops->crash(context, node);
    if (starts)
        ops->start(context, node);
    if (!new->down && (new->forget_ppm != old->forget_ppm || (starts && new->forget_ppm > 0)))
        ops->forget(context, node, new->forget_ppm);
}

void fault_table_advance(struct fault_table *table, time_ns now, const struct fault_ops *ops,
                         void *context) {
    find_active(table, now);
    for (node_id node = 0; node < table->node_count; node++) {
        const struct fault_state old = table->nodes[node];
        table->nodes[node] = derive(table, node);
        tell(&old, &table->nodes[node], ops, context, node);
    }
}

static bool loses(uint8_t from, uint8_t to) {
    return ((from | to) & FAULT_END) != 0 ||
           ((from & FAULT_SENDER) != 0 && (to & FAULT_RECEIVER) != 0);
}

static bool parts(const struct fault *fault, uint8_t from, uint8_t to) {
    return from != 0 && to != 0 && (fault->one_way ? from < to : from != to);
}

void fault_table_link(void *context, node_id from, node_id to, struct network_link *link) {
    const struct fault_table *table = context;
    for (size_t i = 0; i < table->active_count; i++) {
        const struct fault *fault = table->active[i];
        uint8_t sender = fault->marks[from], receiver = fault->marks[to];
        if (fault->kind == FAULT_LOSS && loses(sender, receiver))
            link->loss_ppm = either(link->loss_ppm, fault->value);
        else if (fault->kind == FAULT_PARTITION && parts(fault, sender, receiver))
            link->cut = true;
    }
}
