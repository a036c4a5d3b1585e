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
#include "sim/loop/loop.h"

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
    time_ns split_from, split_until; /* the time of a partition; none when equal */
    time_ns done[TRANSACTIONS];
};

/* Two sides: three cities with five representatives, two cities with two. */
static bool is_east(const struct world *world, node_id node) {
    for (uint32_t i = 0; i < world->representative_count; i++)
        if (world->representatives[i] == node)
            return i < 5;
    return world->places[world->place_of[node]].city < 3;
}

static time_ns base_delay(void *context, node_id from, node_id to, const struct frame *frame,
                          time_ns now) {
    const struct stage *stage = context;
    const struct world *world = &stage->world;
    if (now >= stage->split_from && now < stage->split_until &&
        is_east(world, from) != is_east(world, to))
        return -1;
    return world->base[(size_t)world->place_of[from] * world->place_count + world->place_of[to]];
}

static void watch(void *context, const struct trace_record *record) {
    struct stage *stage = context;
    announcements_record(&stage->announcements, record);
    if (record->point == TRACE_TX_DONE)
        stage->done[record->a] = record->time;
    stage->trace_hash = hash_combine(stage->trace_hash, (uint64_t)record->time);
    stage->trace_hash =
        hash_combine(stage->trace_hash, (uint64_t)record->node << 32 | record->point);
    stage->trace_hash = hash_combine(stage->trace_hash, record->a);
}

/* Announcements count from @from on. */
static struct stage *open_stage(time_ns from, bool overlay) {
    struct stage *stage = calloc(1, sizeof *stage);
    struct diagnostics diagnostics;
    static const char *const off[] = {"overlay.use=off"};
    const struct scenario_options options = {
        .sets = off, .set_count = overlay ? 0 : 1, .place_at = places_name_at};
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
        struct stage *stage = open_stage(START + 8 * NS_PER_S, true);
        loop_run(stage->loop, END);
        uint64_t payloads = loop_messages(stage->loop, MESSAGE_PLUMTREE_GOSSIP);
        hashes[run] = stage->trace_hash;
        struct announcement_totals totals = close_stage(stage);
        ck_assert_uint_gt(totals.sent, 20);
        ck_assert_uint_eq(totals.expected, totals.sent * (FULL - 1));
        ck_assert_uint_eq(totals.reached, totals.expected);
        /* The trees have settled. What comes twice is from links that nodes with a free place in
         * their views still find: such a link starts eager, at one needless payload each way. */
        ck_assert_uint_le(50 * totals.redundant, totals.received);
        ck_assert_uint_ge(totals.last_hop_max, 3); /* 5^2 < 72 */
        ck_assert_uint_gt(payloads, totals.received);
    }
    ck_assert_uint_eq(hashes[0], hashes[1]);
}
END_TEST

/* Nobody who is in the overlay when the load begins misses anything, though no tree stands yet. */
START_TEST(the_first_announcements_come_too) {
    struct stage *stage = open_stage(0, true);
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
    struct stage *stage = open_stage(crash_at + 8 * NS_PER_S, true);
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

static void stop_member(void *context, uint64_t city) {
    struct stage *stage = context;
    node_id node = stage->world.cities[city].members[0];
    loop_crash(stage->loop, node);
    world_kill(&stage->world, node);
    announcements_dead(&stage->announcements, node);
}

static void start_member(void *context, uint64_t city) {
    struct stage *stage = context;
    node_id node = stage->world.cities[city].members[0];
    loop_start(stage->loop, node, world_spawn(&stage->world, node));
    announcements_alive(&stage->announcements, node, loop_now(stage->loop));
}

/* A joining node lives, so broadcasts must reach it: it is offered what it missed meanwhile. It is
 * down for so long that its neighbours have given up their links, or these would still bring it all. */
START_TEST(who_joins_hears_what_was_announced_meanwhile) {
    struct stage *stage = open_stage(START, true);
    for (uint64_t city = 0; city < 5; city++) {
        time_ns at = START + (time_ns)(4 + city) * NS_PER_S;
        loop_at(stage->loop, at, stop_member, city);
        loop_at(stage->loop, at + 4 * NS_PER_S, start_member, city);
    }
    loop_run(stage->loop, END);
    struct announcement_totals totals = close_stage(stage);
    ck_assert_uint_gt(totals.sent, 20);
    ck_assert_uint_gt(totals.expected, totals.sent * (FULL - 1 - 5));
    ck_assert_uint_eq(totals.reached, totals.expected);
}
END_TEST

/* Links between the two sides, seen from both ends. */
static size_t crossing(const struct stage *stage) {
    size_t count = 0;
    for (node_id node = 0; node < stage->world.node_count; node++) {
        const struct announce *announce = node_announce(stage->world.nodes[node]);
        for (size_t i = 0; announce != NULL && i < announce->hyparview.active.count; i++)
            count += is_east(&stage->world, node) !=
                     is_east(&stage->world, announce->hyparview.active.peers[i]);
    }
    return count;
}

/* A partition makes two overlays, and full views look for no other nodes. Whoever misses what
 * the other side's representatives announce joins through them, once these lead again. */
START_TEST(overlays_that_were_parted_become_one) {
    time_ns heals = START + 8 * NS_PER_S;
    struct stage *stage = open_stage(heals + 3 * NS_PER_S, true);
    stage->split_from = START + NS_PER_S;
    stage->split_until = heals;
    loop_run(stage->loop, START);
    ck_assert_uint_gt(crossing(stage), FULL);
    loop_run(stage->loop, heals);
    ck_assert_uint_eq(crossing(stage), 0);
    loop_run(stage->loop, heals + 8 * NS_PER_S);
    ck_assert_uint_gt(crossing(stage), 0); /* then nobody misses anything, nor joins once more */
    loop_run(stage->loop, END);
    struct announcement_totals totals = close_stage(stage);
    ck_assert_uint_gt(totals.sent, 10);
    ck_assert_uint_eq(totals.expected, totals.sent * (FULL - 1));
    ck_assert_uint_eq(totals.reached, totals.expected);
}
END_TEST

/* Nothing that a sender waits for depends on the overlay: what differs is when a core was busy with
 * a message or a signature of it. */
START_TEST(senders_wait_no_longer) {
    struct stage *with = open_stage(START, true), *without = open_stage(START, false);
    time_ns sum = 0;
    loop_run(with->loop, END);
    loop_run(without->loop, END);
    for (size_t i = 0; i < TRANSACTIONS; i++) {
        ck_assert_int_gt(without->done[i], 0);
        ck_assert_int_gt(with->done[i], 0);
        ck_assert_int_le(llabs(with->done[i] - without->done[i]), 5 * NS_PER_MS);
        sum += with->done[i] - without->done[i];
    }
    ck_assert_int_le(llabs(sum / TRANSACTIONS), 50 * NS_PER_US);
    ck_assert_uint_gt(close_stage(with).reached, 0);
    ck_assert_uint_eq(close_stage(without).sent, 0);
}
END_TEST

Suite *overlay_world_suite(void) {
    Suite *suite = suite_create("overlay_world");
    TCase *tcase = tcase_create("overlay_world");
    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, everyone_hears_everything_over_a_tree);
    tcase_add_test(tcase, the_first_announcements_come_too);
    tcase_add_test(tcase, senders_wait_no_longer);
    tcase_add_test(tcase, who_joins_hears_what_was_announced_meanwhile);
    tcase_add_test(tcase, overlays_that_were_parted_become_one);
    tcase_add_test(tcase, the_living_hear_everything_after_a_third_died);
    suite_add_tcase(suite, tcase);
    return suite;
}
