/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What paths do to messages beside delaying them: bandwidth between places, losses in bursts. */
#include <stdio.h>
#include <stdlib.h>
#include <uthash.h>

#include "base/error.h"
#include "base/memory.h"
#include "models/bandwidth.h"
#include "sim/world/internal.h"

/* A path, from one node to another, that loses everything at the moment. Good ones are not kept. */
struct bad_path {
    uint64_t key;
    UT_hash_handle hh;
};

static uint64_t pair_rate(const struct world *world, const struct bandwidth_model *model,
                          uint32_t from, uint32_t to) {
    const struct scenario *scenario = world->scenario;
    time_ns round_trip = world_base(world, from, to) + world_base(world, to, from);
    switch (scenario->network.bandwidth) {
    case BANDWIDTH_MEASURED:
        return bandwidth_pair(model, world->places[from].info->aws_region,
                              world->places[to].info->aws_region);
    case BANDWIDTH_STREAM:
        return round_trip > 0 ? bandwidth_stream(round_trip) : 0;
    default:
        return (uint64_t)scenario->network.backbone;
    }
}

static int prepare_bandwidth(struct world *world) {
    struct bandwidth_model model = {0};
    size_t count = world->place_count;
    int error =
        world->scenario->network.bandwidth == BANDWIDTH_MEASURED ? bandwidth_init(&model) : OK;
    if (error != OK) {
        fprintf(stderr, "tierchain: measured bandwidth: %s\n", error_text(error));
        return error;
    }
    world->pair_bps = memory_new(count * count, sizeof *world->pair_bps);
    for (uint32_t from = 0; from < count; from++)
        for (uint32_t to = 0; to < count; to++)
            if (from != to)
                world->pair_bps[from * count + to] = pair_rate(world, &model, from, to);
    bandwidth_deinit(&model);
    return OK;
}

static bool in_bursts(const struct world *world) {
    return world->scenario->network.loss_model == LOSS_BURSTS && world->scenario->network.loss > 0;
}

int world_prepare_links(struct world *world) {
    const struct scenario *scenario = world->scenario;
    int error = prepare_bandwidth(world);
    if (error == OK && in_bursts(world))
        error = loss_init_bursts(&world->loss, (double)scenario->network.loss / (double)MILLION,
                                 (double)scenario->network.burst);
    return error; /* check_models.c keeps rate and burst within the model's limits */
}

void world_free_links(struct world *world) {
    struct bad_path *path, *next;
    HASH_ITER(hh, world->bad_paths, path, next) {
        HASH_DEL(world->bad_paths, path);
        free(path);
    }
    free(world->pair_bps);
}

uint32_t world_independent_loss(const struct world *world) {
    return in_bursts(world) ? 0 : (uint32_t)world->scenario->network.loss;
}

bool world_lost(void *context, node_id from, node_id to, struct rng *rng) {
    struct world *world = context;
    uint64_t key = (uint64_t)from << 32 | to;
    struct bad_path *path;
    if (!in_bursts(world))
        return false;
    HASH_FIND(hh, world->bad_paths, &key, sizeof key, path);
    struct loss_path state = {.bad = path != NULL};
    bool lost = loss_next(&world->loss, &state, rng);
    if (state.bad && path == NULL) {
        path = memory_new(1, sizeof *path);
        path->key = key;
        HASH_ADD(hh, world->bad_paths, key, sizeof path->key, path);
    } else if (!state.bad && path != NULL) {
        HASH_DEL(world->bad_paths, path);
        free(path);
    }
    return lost;
}
