/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Who is present, in a whole city: who crashes is no holder any more once the time-out and a refresh
 * have passed, who restarts is one again, and a member that hears nobody stops no one else. */
#include <check.h>

#include "membership/presence_messages.h"
#include "tests/lib/small_world.h"

#define CITY                                                                                       \
    "schema: 1\n"                                                                                  \
    "places: [{id: komatsu, nodes: 24}]\n"                                                         \
    "city: {committee: 4}\n"                                                                       \
    "overlay: {use: off}\n"                                                                        \
    "presence: {heartbeat: 1 s, timeout: 3 s, refresh: 1 s}\n"                                     \
    "pipeline: {candidates: 20, holders: 8, pieces: 8, needed: 4, acks: 5, retry: 250 ms}\n"       \
    "network: {latency: uniform, delay: 5 ms, jitter: none}\n"

/* Until everybody knows: time-out, gathering, a refresh, and the way. */
#define KNOWN (3 * NS_PER_S + 3 * NS_PER_S / 16 + NS_PER_S + 100 * NS_PER_MS)

static struct stage {
    struct small_world small;
    uint32_t asked[32]; /* hold requests to each node */
    uint32_t beats, asks, lists;
    uint64_t list_bytes;
    node_id deaf; /* hears no beats; NODE_NONE */
    node_id lost; /* its beats get lost; NODE_NONE */
} stage;

static bool lose(void *context, node_id from, node_id to, const struct message *message) {
    if (message->type == MESSAGE_HOLD_REQUEST)
        stage.asked[to]++;
    stage.beats += message->type == MESSAGE_PRESENCE_BEAT;
    stage.asks += message->type == MESSAGE_PRESENCE_ASK;
    if (message->type == MESSAGE_PRESENCE_LIST) {
        stage.lists++;
        stage.list_bytes += message->size;
    }
    return message->type == MESSAGE_PRESENCE_BEAT && (to == stage.deaf || from == stage.lost);
}

static void setup(void) {
    memset(&stage, 0, sizeof stage);
    stage.deaf = stage.lost = NODE_NONE;
    stage.small.lose = lose;
    small_world_open(&stage.small, CITY, 1);
}

static void teardown(void) {
    small_world_close(&stage.small);
}

static const struct committee *members(void) {
    return &stage.small.world.city_committees[0];
}

/* The last user that is no member. */
static node_id bystander(void) {
    node_id node = 23;
    while (committee_index(members(), node) != MEMBER_NONE)
        node--;
    return node;
}

static void run_for(time_ns time) {
    small_world_run(&stage.small, loop_now(stage.small.loop) + time);
}

/* @count transactions of everybody but @silent; all must be done. Returns how often @watched was asked
 * to hold. */
static uint32_t asked_in(uint32_t count, node_id watched, node_id silent) {
    const uint64_t done = stage.small.points[TRACE_TX_DONE];
    const uint32_t before = stage.asked[watched];
    time_ns at = loop_now(stage.small.loop);
    for (uint32_t i = 0; i < count; i++) {
        const node_id node = (node_id)(i % 24);
        if (node != silent)
            loop_submit(stage.small.loop, node, at += 10 * NS_PER_MS, stage.small.submitted++, 256);
    }
    run_for((time_ns)count * 10 * NS_PER_MS + 3 * NS_PER_S);
    const uint32_t left_out = silent == NODE_NONE ? 0 : (count + 23 - silent) / 24;
    ck_assert_uint_eq(stage.small.points[TRACE_TX_DONE] - done, count - left_out);
    return stage.asked[watched] - before;
}

static void restart(node_id node) {
    loop_start(stage.small.loop, node, world_spawn(&stage.small.world, node));
}

static bool lists(node_id whose, node_id whom) {
    return presence_find(node_presence(small_world_node(&stage.small, whose)), whom) != NULL;
}

START_TEST(who_crashes_goes_and_who_restarts_comes_back) {
    const node_id node = bystander();
    run_for(NS_PER_S);
    ck_assert_uint_gt(asked_in(48, node, NODE_NONE), 0);
    loop_crash(stage.small.loop, node);
    world_kill(&stage.small.world, node);
    run_for(2 * NS_PER_S - NS_PER_MS); /* its last beat is a second old at most */
    for (uint32_t i = 0; i < members()->count; i++)
        ck_assert(lists(members()->members[i], node));
    run_for(KNOWN - 2 * NS_PER_S + NS_PER_MS);
    for (node_id other = 0; other < 24; other++)
        ck_assert(other == node || !lists(other, node));
    ck_assert_uint_eq(asked_in(96, node, node), 0);
    restart(node);
    run_for(NS_PER_S + 3 * NS_PER_S / 16 + 100 * NS_PER_MS);
    for (node_id other = 0; other < 24; other++)
        ck_assert(lists(other, node));
    ck_assert_uint_gt(asked_in(48, node, NODE_NONE), 0);
}
END_TEST

/* It may send at once, though nobody has it on its list yet. */
START_TEST(who_restarts_may_send_at_once) {
    const node_id node = bystander();
    loop_crash(stage.small.loop, node);
    world_kill(&stage.small.world, node);
    run_for(2 * KNOWN);
    restart(node);
    loop_submit(stage.small.loop, node, loop_now(stage.small.loop) + 20 * NS_PER_MS, 7000, 256);
    run_for(3 * NS_PER_S);
    ck_assert_uint_eq(stage.small.points[TRACE_TX_DONE], 1);
}
END_TEST

/* A member whose way for beats is cut takes everybody for gone, and is alone with that: it refuses every
 * record, its list is not believed, and the others do without it. */
START_TEST(a_deaf_members_list_is_its_own) {
    stage.deaf = members()->members[1];
    run_for(2 * KNOWN); /* it judges by its last good list for some time */
    const struct presence *its = node_presence(small_world_node(&stage.small, stage.deaf));
    ck_assert_uint_eq(its->count, 1);
    ck_assert_uint_eq(its->entries[0].node, stage.deaf);
    for (node_id other = 0; other < 24; other++)
        ck_assert(other == stage.deaf ||
                  node_presence(small_world_node(&stage.small, other))->count == 24);
    (void)asked_in(48, 0, stage.deaf);
    ck_assert_uint_gt(small_world_dropped(&stage.small, MESSAGE_TX_SUBMIT, ERR_UNKNOWN), 40);
    ck_assert_uint_gt(small_world_dropped(&stage.small, MESSAGE_PRESENCE_LIST, ERR_NOT_ENOUGH), 0);
    stage.deaf = NODE_NONE;
    run_for(2 * NS_PER_S);
    for (node_id other = 0; other < 24; other++)
        ck_assert_uint_eq(node_presence(small_world_node(&stage.small, other))->count, 24);
    (void)asked_in(48, 0, NODE_NONE);
}
END_TEST

/* Half of the city is gone: that is believed when two members say so. */
START_TEST(many_may_go_at_once) {
    for (node_id node = 0; node < 24; node++)
        if (committee_index(members(), node) == MEMBER_NONE && node % 2 == 0) {
            loop_crash(stage.small.loop, node);
            world_kill(&stage.small.world, node);
        }
    run_for(2 * KNOWN);
    for (node_id node = 0; node < 24; node++) {
        if (stage.small.world.nodes[node] == NULL)
            continue;
        const struct presence *its = node_presence(small_world_node(&stage.small, node));
        ck_assert_uint_lt(its->count, 17);
        for (size_t i = 0; i < its->count; i++)
            ck_assert_ptr_nonnull(stage.small.world.nodes[its->entries[i].node]);
    }
}
END_TEST

START_TEST(one_lost_beat_is_not_death) {
    const node_id node = bystander();
    run_for(500 * NS_PER_MS);
    stage.lost = node;
    run_for(1900 * NS_PER_MS); /* two of them */
    stage.lost = NODE_NONE;
    for (int i = 0; i < 40; i++) {
        run_for(100 * NS_PER_MS);
        for (node_id other = 0; other < 24; other++)
            ck_assert(lists(other, node));
    }
}
END_TEST

/* Where nobody comes or goes: 24 × 4 beats (members not to themselves) and 20 asks a period, answers of
 * 20 bytes, and one list for all. */
START_TEST(little_is_said_where_nothing_happens) {
    run_for(10 * NS_PER_S);
    ck_assert_uint_eq(stage.beats, 10 * (24 * 4 - 4));
    ck_assert_uint_ge(stage.asks, 9 * 20);
    ck_assert_uint_le(stage.asks, 10 * 20);
    ck_assert_uint_eq(stage.list_bytes, 20 * (uint64_t)stage.lists);
    ck_assert_uint_eq(roster_pool_count(stage.small.world.rosters), 1);
}
END_TEST

/* A change costs its bytes, not a list's. */
START_TEST(changes_are_told_not_lists) {
    loop_crash(stage.small.loop, bystander());
    world_kill(&stage.small.world, bystander());
    run_for(2 * KNOWN);
    ck_assert_uint_eq(stage.list_bytes, 20 * (uint64_t)stage.lists + 5 * 19);
    ck_assert_uint_le(roster_pool_count(stage.small.world.rosters), 2);
}
END_TEST

Suite *presence_world_suite(void) {
    Suite *suite = suite_create("presence_world");
    TCase *tests = tcase_create("presence_world");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, who_crashes_goes_and_who_restarts_comes_back);
    tcase_add_test(tests, who_restarts_may_send_at_once);
    tcase_add_test(tests, a_deaf_members_list_is_its_own);
    tcase_add_test(tests, many_may_go_at_once);
    tcase_add_test(tests, one_lost_beat_is_not_death);
    tcase_add_test(tests, little_is_said_where_nothing_happens);
    tcase_add_test(tests, changes_are_told_not_lists);
    suite_add_tcase(suite, tests);
    return suite;
}
