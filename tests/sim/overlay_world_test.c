/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A whole world of japan.yaml's shape in the test loop: do announcements of continental blocks
 * reach every living full node, also when a third of them dies, at the cost of a tree? */
#include <check.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "models/places.h"
#include "sim/observe/announcements.h"
#include "sim/world/world.h"
#include "tests/lib/loop.h"

#define COMMITTEE       13
#define REPRESENTATIVES 7
#define FULL            (5 * COMMITTEE + REPRESENTATIVES)
#define TRANSACTIONS    200
#define GAP             (100 * NS_PER_MS)
#define START           (4 * NS_PER_S)
#define LOAD_END        (START + TRANSACTIONS * GAP)
#define END             (LOAD_END + 5 * NS_PER_S)

static const char text[] = "schema: 1\n"
                           "warmup: 0 s\n"
                           "places:\n"
                           "  - {id: komatsu, nodes: 20}\n"
                           "  - {id: kanazawa, nodes: 20}\n"
                           "  - {id: osaka, nodes: 20}\n"
                           "  - {id: tokyo, nodes: 20}\n"
                           "  - {id: sapporo, nodes: 20}\n"
                           "city: {committee: 13, timeout: 300 ms}\n"
                           "continent:\n"
                           "  committee: 7\n"
                           "  timeout: 400 ms\n"
                           "  places: [tokyo, osaka, seoul, taipei, hong-kong, singapore, mumbai]\n"
                           "overlay: {heartbeat: 500 ms}\n";

struct stage {
    struct scenario scenario;
    struct world world;
    struct loop *loop;
    struct announcements announcements;
    uint64_t trace_hash;
};

static time_ns base_delay(void *context, node_id from, node_id to, const struct frame *frame,
                          time_ns now) {
    const struct world *world = &((struct stage *)context)->world;
    return world->base[(size_t)world->place_of[from] * world->place_count + world->place_of[to]];
}

static void watch(void *context, const struct trace_record *record) {
    struct stage *stage = context;
    announcements_record(&stage->announcements, record);
    stage->trace_hash = hash_combine(stage->trace_hash, (uint64_t)record->time);
    stage->trace_hash =
        hash_combine(stage->trace_hash, (uint64_t)record->node << 32 | record->point);
    stage->trace_hash = hash_combine(stage->trace_hash, record->a);
}

/* Announcements count from @from on. */
static struct stage *open_stage(time_ns from) {
    struct stage *stage = calloc(1, sizeof *stage);
    struct diagnostics diagnostics;
    const struct scenario_options options = {.place_at = places_name_at};
    ck_assert_ptr_nonnull(stage);
    ck_assert_int_ge(sodium_init(), 0);
    ck_assert_int_eq(
        scenario_load_text(&stage->scenario, "test", text, sizeof text - 1, &options, &diagnostics),
        0);
    ck_assert_int_eq(world_init(&stage->world, &stage->scenario, 3), 0);
    announcements_init(&stage->announcements, stage->world.node_count, from, LOAD_END);
    const struct loop_config config = {.count = stage->world.node_count,
                                       .context = stage,
                                       .delay = base_delay,
                                       .work_ns = stage->world.work_ns,
                                       .trace = watch};
    stage->loop = loop_new(&config);
    uint32_t full = 0;
    for (node_id node = 0; node < stage->world.node_count; node++) {
        loop_start(stage->loop, node, world_spawn(&stage->world, node));
        if (!world_is_full(&stage->world, node))
            continue;
        announcements_alive(&stage->announcements, node, 0);
        full++;
    }
    ck_assert_uint_eq(full, FULL);
    /* From nodes that are no full nodes, so that none of the senders dies. */
    for (uint64_t i = 0, user = 0; i < TRANSACTIONS; i++) {
        while (world_is_full(&stage->world, world_user(&stage->world, i % 5, user % 20)))
            user++;
        loop_submit(stage->loop, world_user(&stage->world, i % 5, user++ % 20),
                    START + (time_ns)i * GAP, i, 400);
    }
    return stage;
}

static struct announcement_totals close_stage(struct stage *stage) {
    struct announcement_totals totals;
    announcements_total(&stage->announcements, &totals);
    free((void *)totals.latencies);
    totals.latencies = NULL;
    loop_free(stage->loop);
    announcements_deinit(&stage->announcements);
    world_deinit(&stage->world);
    scenario_deinit(&stage->scenario);
    free(stage);
    return totals;
}

START_TEST(everyone_hears_everything_over_a_tree) {
    uint64_t hashes[2];
    for (size_t run = 0; run < 2; run++) {
        struct stage *stage = open_stage(START + 8 * NS_PER_S);
        loop_run(stage->loop, END);
        uint64_t payloads = loop_messages(stage->loop, MESSAGE_PLUMTREE_GOSSIP);
        hashes[run] = stage->trace_hash;
        struct announcement_totals totals = close_stage(stage);
        ck_assert_uint_gt(totals.sent, 20);
        ck_assert_uint_eq(totals.expected, totals.sent * (FULL - 1));
        ck_assert_uint_eq(totals.reached, totals.expected);
        /* The trees have settled. What comes twice is from links that nodes with a free place in
         * their views still find: such a link starts eager, at one needless payload each way. */
        ck_assert_uint_le(100 * totals.redundant, totals.received);
        ck_assert_uint_ge(totals.last_hop_max, 3); /* 5^2 < 72 */
        ck_assert_uint_gt(payloads, totals.received);
    }
    ck_assert_uint_eq(hashes[0], hashes[1]);
}
END_TEST

/* Nobody who is in the overlay when the load begins misses anything, though no tree stands yet. */
START_TEST(the_first_announcements_come_too) {
    struct stage *stage = open_stage(0);
    loop_run(stage->loop, END);
    struct announcement_totals totals = close_stage(stage);
    ck_assert_uint_eq(totals.reached, totals.expected);
}
END_TEST

/* Four members of each city's committee and two representatives: no quorum is lost, and enough
 * leaders in a row are left for HotStuff. */
static void crash(void *context, uint64_t argument) {
    struct stage *stage = context;
    struct world *world = &stage->world;
    size_t dead = 0;
    for (uint32_t city = 0; city < world->city_count; city++)
        for (uint32_t i = 0; i < 4; i++, dead++) {
            node_id node = world->cities[city].members[2 * i];
            loop_crash(stage->loop, node);
            announcements_dead(&stage->announcements, node);
        }
    for (uint32_t i = 0; i < 2; i++, dead++) {
        loop_crash(stage->loop, world->representatives[i]);
        announcements_dead(&stage->announcements, world->representatives[i]);
    }
    ck_assert_uint_ge(10 * dead, 3 * FULL);
}

START_TEST(the_living_hear_everything_after_a_third_died) {
    time_ns crash_at = START + 4 * NS_PER_S;
    struct stage *stage = open_stage(crash_at + 8 * NS_PER_S);
    loop_at(stage->loop, crash_at, crash, 0);
    loop_run(stage->loop, END);
    for (node_id node = 0; node < stage->world.node_count; node++) {
        const struct announce *announce = node_announce(stage->world.nodes[node]);
        for (size_t i = 0; announce != NULL && loop_alive(stage->loop, node) &&
                           i < announce->hyparview.active.count;
             i++) {
            node_id peer = announce->hyparview.active.peers[i];
            ck_assert_msg(loop_alive(stage->loop, peer), "%u is linked to dead %u", node, peer);
        }
    }
    struct announcement_totals totals = close_stage(stage);
    ck_assert_uint_gt(totals.sent, 10);
    ck_assert_uint_eq(totals.expected, totals.sent * (FULL - 22 - 1));
    ck_assert_uint_eq(totals.reached, totals.expected);
    ck_assert_uint_le(50 * totals.redundant, totals.received);
}
END_TEST

Suite *overlay_world_suite(void) {
    Suite *suite = suite_create("overlay_world");
    TCase *tcase = tcase_create("overlay_world");
    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, everyone_hears_everything_over_a_tree);
    tcase_add_test(tcase, the_first_announcements_come_too);
    tcase_add_test(tcase, the_living_hear_everything_after_a_third_died);
    suite_add_tcase(suite, tcase);
    return suite;
}
