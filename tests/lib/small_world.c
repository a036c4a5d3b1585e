/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/lib/small_world.h"

#include <check.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "models/places.h"

static time_ns delay(void *context, node_id from, node_id to, const struct frame *frame,
                     time_ns now) {
    struct small_world *small = context;
    const struct world *world = &small->world;
    struct message message;
    if (small->lose != NULL && message_parse(&message, frame) == OK &&
        small->lose(small->context, from, to, &message))
        return -1;
    return world->base[(size_t)world->place_of[from] * world->place_count + world->place_of[to]];
}

static void record(void *context, const struct trace_record *record) {
    struct small_world *small = context;
    small->points[record->point]++;
    small->last[record->point] = *record;
    if (small->trace != NULL)
        small->trace(small->context, record);
    if (record->point == TRACE_DROPPED && message_index((uint16_t)record->a) >= 0)
        small->drops[(size_t)message_index((uint16_t)record->a) * ERROR_COUNT + record->b]++;
}

void small_world_open(struct small_world *small, const char *yaml, uint64_t seed) {
    struct diagnostics diagnostics;
    const struct scenario_options options = {.place_at = places_name_at};
    ck_assert_int_ge(sodium_init(), 0);
    int error =
        scenario_load_text(&small->scenario, "test", yaml, strlen(yaml), &options, &diagnostics);
    if (error != OK)
        diagnostics_print(&diagnostics, stderr, false);
    ck_assert_int_eq(error, OK);
    ck_assert_int_eq(world_init(&small->world, &small->scenario, seed), OK);
    small->drops = memory_new(message_count() * ERROR_COUNT, sizeof *small->drops);
    const struct loop_config config = {
        .count = small->world.node_count,
        .context = small,
        .delay = delay,
        .trace = record,
    };
    small->loop = loop_new(&config);
    for (node_id node = 0; node < small->world.node_count; node++)
        loop_start(small->loop, node, world_spawn(&small->world, node));
}

void small_world_close(struct small_world *small) {
    loop_free(small->loop);
    world_deinit(&small->world);
    scenario_deinit(&small->scenario);
    free(small->drops);
}

void small_world_submit(struct small_world *small, uint32_t count, uint32_t size, time_ns gap) {
    const struct world_place *place = &small->world.places[0];
    for (uint32_t i = 0; i < count; i++) {
        uint64_t number = small->submitted++;
        node_id node = world_user(&small->world, 0, (uint32_t)(number % place->users));
        loop_submit(small->loop, node, loop_now(small->loop) + (i + 1) * gap, number, size);
    }
}

void small_world_run(struct small_world *small, time_ns until) {
    loop_run(small->loop, until);
}

struct node *small_world_node(struct small_world *small, node_id node) {
    return small->world.nodes[node];
}

uint64_t small_world_dropped(const struct small_world *small, uint16_t type, int reason) {
    uint64_t sum = 0;
    for (size_t row = 0; row < message_count(); row++)
        if (type == 0 || message_at(row) == type)
            sum += small->drops[row * ERROR_COUNT + (size_t)-reason];
    return sum;
}
