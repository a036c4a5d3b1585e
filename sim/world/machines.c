/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The nodes' machines: what work costs, and on how many cores. */
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "models/machine.h"
#include "sim/scenario/user_file.h"
#include "sim/world/internal.h"

int world_prepare_costs(struct world *world) {
    const struct scenario *scenario = world->scenario;
    const char *table = scenario->cpu.table;
    struct cpu_model *model = &world->cpu;
    struct cpu_error where = {0};
    int error;
    if (table[0] == '/') {
        size_t size = 0;
        char *text = user_file_read(table, &size);
        error = text == NULL ? ERR_UNKNOWN
                             : cpu_init(model, text, size, scenario->crypto.suite, &where);
        free(text);
    } else {
        error = cpu_init_named(model, table, scenario->crypto.suite, &where);
    }
    if (error != OK) {
        fprintf(stderr, "%s:%zu:%zu: error: %s\n", table, where.line, where.column,
                where.text[0] != '\0' ? where.text : error_text(error));
        return error;
    }
    for (size_t work = 0; work < WORK_COUNT; work++) {
        if (scenario->cpu.costs[work] != UNSET)
            cpu_set_cost(model, (enum work)work, (uint64_t)scenario->cpu.costs[work]);
        world->work_ns[work] = model->cost_ns[work];
    }
    cpu_set_spread(model, scenario->cpu.spread);
    return OK;
}

void world_prepare_machines(struct world *world) {
    int64_t cores = world->scenario->cpu.cores;
    world->cores = memory_new(world->node_count, sizeof *world->cores);
    for (node_id node = 0; node < world->node_count; node++) {
        int64_t own = world_is_full(world, node) ? MACHINE_CORES_FULL : MACHINE_CORES_HOUSEHOLD;
        world->cores[node] = (uint16_t)(cores != UNSET ? cores : own);
    }
    if (!cpu_is_random(&world->cpu))
        return;
    world->work_streams = memory_new(2 * (size_t)world->node_count, sizeof *world->work_streams);
    for (node_id node = 0; node < world->node_count; node++) {
        rng_init(&world->work_streams[2 * node], world->seed, node, "cpu");
        rng_init(&world->work_streams[2 * node + 1], world->seed, node, "disk");
    }
}

static time_ns draw(void *context, node_id node, enum work work, uint64_t count) {
    struct world *world = context;
    struct rng *rng = &world->work_streams[2 * node + (work == WORK_PERSIST)];
    return cpu_draw_ns(&world->cpu, work, count, rng);
}

world_work_function *world_work(const struct world *world) {
    return world->work_streams == NULL ? NULL : draw;
}
