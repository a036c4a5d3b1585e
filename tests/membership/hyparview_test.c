/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <check.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "tests/lib/gossip.h"
#include "tests/lib/steps.h"

#define SPREAD (30 * NS_PER_MS) /* above the smallest delay: messages overtake each other */

START_TEST(overlay_is_connected_and_symmetric) {
    static const uint32_t sizes[] = {2, 3, 6, 7, 100, 300};
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        for (uint64_t seed = 1; seed <= 3; seed++) {
            struct gossip_world *world = gossip_world_new(sizes[i], seed, seed == 1 ? 0 : SPREAD);
            gossip_quiet(world);
            gossip_check_views(world);
            gossip_world_free(world);
        }
    }
}
END_TEST

START_TEST(views_are_filled_by_shuffles) {
    struct gossip_world *world = gossip_world_new(200, 4, 0);
    size_t active = 0, passive = 0;
    for (node_id i = 0; i < world->count; i++) {
        active += world->nodes[i].hyparview.active.count;
        passive += world->nodes[i].hyparview.passive.count;
    }
    ck_assert_uint_ge(active, 200 * HYPARVIEW_ACTIVE * 8 / 10);
    ck_assert_uint_ge(passive, 200 * HYPARVIEW_PASSIVE / 2);
    gossip_world_free(world);
}
END_TEST

START_TEST(half_of_the_nodes_die) {
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct gossip_world *world = gossip_world_new(200, seed, seed == 1 ? 0 : SPREAD);
        for (node_id i = 1; i < world->count; i += 2)
            gossip_kill(world, i);
        gossip_announce_deaths(world);
        gossip_run(world, 30 * NS_PER_S);
        gossip_quiet(world);
        gossip_check_views(world);
        gossip_world_free(world);
    }
}
END_TEST

START_TEST(same_seed_same_trace) {
    uint64_t hashes[3];
    for (size_t i = 0; i < ARRAY_LEN(hashes); i++) {
        struct gossip_world *world = gossip_world_new(100, i == 2 ? 8 : 7, SPREAD);
        (void)gossip_broadcast(world, 3);
        hashes[i] = world->trace_hash;
        gossip_world_free(world);
    }
    ck_assert_uint_eq(hashes[0], hashes[1]);
    ck_assert_uint_ne(hashes[0], hashes[2]);
}
END_TEST

/* One node alone, driven by hand: node 9. */
struct bench {
    struct process process;
    struct hyparview hyparview;
    int dropped; /* what the last receive returned */
};

static void ignore(void *context, node_id peer) {
}

static void bench_step(struct process *process, const struct event *event) {
    struct bench *bench = container_of(process, struct bench, process);
    struct message message;
    if (event->type == EVENT_START) {
        hyparview_start(&bench->hyparview, NODE_NONE);
        return;
    }
    ck_assert_int_eq(message_parse(&message, event->frame), OK);
    bench->dropped = hyparview_receive(&bench->hyparview, event->from, &message);
}

static void bench_init(struct bench *bench) {
    struct event start = {.type = EVENT_START};
    *bench = (struct bench){.process.step = bench_step};
    struct hyparview_config config = {.env = &bench->process.env,
                                      .period = 10 * NS_PER_S,
                                      .timeout = NS_PER_S,
                                      .client = {ignore, ignore, NULL}};
    env_init(&bench->process.env, 9, 1);
    hyparview_init(&bench->hyparview, &config);
    process_step(&bench->process, &start, 0);
    /* These tests choose the moment of a period themselves. */
    env_timer_stop(&bench->process.env, &bench->hyparview.shuffle);
}

static void bench_deinit(struct bench *bench) {
    hyparview_deinit(&bench->hyparview);
    env_deinit(&bench->process.env);
}

static int hear(struct bench *bench, node_id from, time_ns at, struct hyparview_message message) {
    steps_message(&bench->process, from, at, hyparview_encode(&message, 0));
    return bench->dropped;
}

static size_t sent(const struct bench *bench, node_id to, uint16_t type) {
    return steps_sent(&bench->process.env, to, type);
}

START_TEST(unasked_answers_change_nothing) {
    struct bench bench;
    struct hyparview_message reply = {.type = MESSAGE_HYPARVIEW_NEIGHBOR_REPLY, .flag = true};
    struct hyparview_message peers = {
        .type = MESSAGE_HYPARVIEW_SHUFFLE_REPLY, .count = 2, .peers = {1, 2}};
    struct hyparview_message walk = {
        .type = MESSAGE_HYPARVIEW_FORWARD_JOIN, .peer = 3, .ttl = HYPARVIEW_TTL};
    bench_init(&bench);
    ck_assert_int_eq(hear(&bench, 1, 0, peers), ERR_STALE);
    ck_assert_int_eq(hear(&bench, 1, 0, reply), ERR_STALE);
    ck_assert_uint_eq(sent(&bench, 1, MESSAGE_HYPARVIEW_DISCONNECT), 1);
    ck_assert_int_eq(hear(&bench, 1, 0, walk), ERR_NOT_MEMBER);
    ck_assert_uint_eq(sent(&bench, 1, MESSAGE_HYPARVIEW_DISCONNECT), 1);
    reply.flag = false;
    ck_assert_int_eq(hear(&bench, 9, 0, reply), ERR_INVALID);
    ck_assert_uint_eq(bench.hyparview.active.count + bench.hyparview.passive.count, 0);
    bench_deinit(&bench);
}
END_TEST

/* ARWL 6, PRWL 3: a walk goes on, leaves the new node behind at 3, and ends in a link at 0. */
START_TEST(joins_walk_as_far_as_the_paper_says) {
    for (uint8_t ttl = 0; ttl <= HYPARVIEW_TTL; ttl++) {
        struct bench bench;
        struct hyparview_message walk = {
            .type = MESSAGE_HYPARVIEW_FORWARD_JOIN, .peer = 20, .ttl = ttl};
        bench_init(&bench);
        for (node_id peer = 1; peer <= 2; peer++)
            (void)hear(&bench, peer, 0,
                       (struct hyparview_message){.type = MESSAGE_HYPARVIEW_NEIGHBOR});
        ck_assert_int_eq(hear(&bench, 1, 0, walk), OK);
        ck_assert_uint_eq(sent(&bench, 20, MESSAGE_HYPARVIEW_NEIGHBOR), ttl == 0);
        ck_assert_uint_eq(sent(&bench, 2, MESSAGE_HYPARVIEW_FORWARD_JOIN), ttl > 0);
        ck_assert_uint_eq(bench.hyparview.passive.count, ttl == HYPARVIEW_PASSIVE_TTL);
        bench_deinit(&bench);
    }
}
END_TEST

/* What of @type was sent to @to, decoded; false when nothing was. The last one counts. */
static bool sent_message(const struct bench *bench, node_id to, uint16_t type,
                         struct hyparview_message *out) {
    bool found = false;
    for (size_t i = 0; i < bench->process.env.out.count; i++) {
        const struct effect *effect = &bench->process.env.out.list[i];
        struct message message;
        if (effect->type != EFFECT_SEND || effect->number != to ||
            message_parse(&message, effect->frame) != OK || message.type != type)
            continue;
        ck_assert_int_eq(hyparview_decode(out, &message), OK);
        found = true;
    }
    return found;
}

/* Nodes 1 … HYPARVIEW_ACTIVE are linked. */
static void fill(struct bench *bench) {
    bench_init(bench);
    for (node_id peer = 1; peer <= HYPARVIEW_ACTIVE; peer++)
        ck_assert_int_eq(
            hear(bench, peer, 0, (struct hyparview_message){.type = MESSAGE_HYPARVIEW_NEIGHBOR}),
            OK);
}

/* A full contact drops nobody for a new node: its walks begin, one of them gently. */
START_TEST(a_full_contact_sends_new_nodes_on) {
    struct bench bench;
    struct hyparview_message walk;
    size_t gentle = 0;
    fill(&bench);
    ck_assert_int_eq(
        hear(&bench, 20, 0, (struct hyparview_message){.type = MESSAGE_HYPARVIEW_JOIN}), OK);
    ck_assert_uint_eq(bench.hyparview.active.count, HYPARVIEW_ACTIVE);
    ck_assert(!hyparview_linked(&bench.hyparview, 20));
    ck_assert_uint_eq(sent(&bench, 20, MESSAGE_HYPARVIEW_NEIGHBOR_REPLY), 0);
    for (node_id peer = 1; peer <= HYPARVIEW_ACTIVE; peer++) {
        ck_assert(sent_message(&bench, peer, MESSAGE_HYPARVIEW_FORWARD_JOIN, &walk));
        ck_assert(walk.peer == 20 && walk.ttl == HYPARVIEW_TTL);
        gentle += walk.flag;
        ck_assert_uint_eq(sent(&bench, peer, MESSAGE_HYPARVIEW_DISCONNECT), 0);
    }
    ck_assert_uint_eq(gentle, 1);
    bench_deinit(&bench);
}
END_TEST

/* A gentle walk ends where there is a free place, at once; elsewhere it goes on, and at last nowhere. */
START_TEST(a_gentle_walk_takes_a_free_place) {
    for (uint8_t ttl = 1; ttl <= HYPARVIEW_TTL; ttl++)
        for (int full = 0; full < 2; full++) {
            struct bench bench;
            struct hyparview_message walk = {
                .type = MESSAGE_HYPARVIEW_FORWARD_JOIN, .peer = 20, .ttl = ttl, .flag = true};
            struct hyparview_message leave = {.type = MESSAGE_HYPARVIEW_DISCONNECT}, out;
            size_t passed_on = 0;
            fill(&bench);
            if (full == 0)
                ck_assert_int_eq(hear(&bench, 5, 0, leave), OK);
            if (full == 0) /* repair asked it again: no, it said */
                (void)hear(&bench, 5, 0,
                           (struct hyparview_message){.type = MESSAGE_HYPARVIEW_NEIGHBOR_REPLY});
            ck_assert_int_eq(hear(&bench, 1, 0, walk), OK);
            ck_assert_uint_eq(sent_message(&bench, 20, MESSAGE_HYPARVIEW_NEIGHBOR, &out), !full);
            ck_assert(full || out.flag);
            for (node_id peer = 2; peer <= HYPARVIEW_ACTIVE; peer++)
                if (sent_message(&bench, peer, MESSAGE_HYPARVIEW_FORWARD_JOIN, &out)) {
                    ck_assert(out.flag && out.ttl == ttl - 1);
                    passed_on++;
                }
            ck_assert_uint_eq(passed_on, full && ttl > 1);
            bench_deinit(&bench);
        }
}
END_TEST

/* Whoever is dropped for a new node is told its name, and asks it with low priority; the end of a
 * paper's walk does too. */
START_TEST(a_split_edge_stays_connected) {
    struct bench bench;
    struct hyparview_message high = {.type = MESSAGE_HYPARVIEW_NEIGHBOR, .flag = true}, out;
    node_id victim = NODE_NONE;
    fill(&bench);
    ck_assert_int_eq(hear(&bench, 20, 0, high), OK);
    ck_assert(hyparview_linked(&bench.hyparview, 20));
    for (node_id peer = 1; peer <= HYPARVIEW_ACTIVE; peer++)
        if (sent(&bench, peer, MESSAGE_HYPARVIEW_DISCONNECT) > 0)
            victim = peer;
    ck_assert_uint_ne(victim, NODE_NONE);
    ck_assert(sent_message(&bench, victim, MESSAGE_HYPARVIEW_FORWARD_JOIN, &out));
    ck_assert(out.peer == 20 && out.ttl == 0 && out.flag);
    bench_deinit(&bench);
    for (int gently = 0; gently < 2; gently++) {
        struct hyparview_message told = {
            .type = MESSAGE_HYPARVIEW_FORWARD_JOIN, .peer = 20, .flag = gently == 1};
        fill(&bench);
        ck_assert_int_eq(hear(&bench, 3, 0, told), OK);
        ck_assert(sent_message(&bench, 20, MESSAGE_HYPARVIEW_NEIGHBOR, &out));
        ck_assert(!out.flag);
        /* It accepts: the paper's walk makes room for it here, the dropped peer needs none. */
        (void)hear(
            &bench, 20, 0,
            (struct hyparview_message){.type = MESSAGE_HYPARVIEW_NEIGHBOR_REPLY, .flag = true});
        ck_assert_uint_eq(hyparview_linked(&bench.hyparview, 20), gently == 0);
        bench_deinit(&bench);
    }
}
END_TEST

/* A refused neighbour stays known; a period asks it again; silence makes it forgotten. */
START_TEST(silent_candidates_are_forgotten) {
    struct bench bench;
    struct hyparview_message low = {.type = MESSAGE_HYPARVIEW_NEIGHBOR};
    bench_init(&bench);
    for (node_id peer = 1; peer <= HYPARVIEW_ACTIVE + 1; peer++)
        ck_assert_int_eq(hear(&bench, peer, 0, low), OK);
    ck_assert_uint_eq(bench.hyparview.active.count, HYPARVIEW_ACTIVE);
    ck_assert_uint_eq(bench.hyparview.passive.count, 1);
    struct hyparview_message leave = {.type = MESSAGE_HYPARVIEW_DISCONNECT};
    struct hyparview_message refusal = {.type = MESSAGE_HYPARVIEW_NEIGHBOR_REPLY};
    ck_assert_int_eq(hear(&bench, 1, 0, leave), OK);
    node_id asked = sent(&bench, 6, MESSAGE_HYPARVIEW_NEIGHBOR) == 1 ? 6 : 1;
    ck_assert_int_eq(hear(&bench, asked, 0, refusal), OK);
    ck_assert_uint_eq(sent(&bench, 7 - asked, MESSAGE_HYPARVIEW_NEIGHBOR), 1);
    ck_assert_int_eq(hear(&bench, 7 - asked, 0, refusal), OK);
    ck_assert_uint_eq(bench.process.env.out.count, 0); /* everyone was asked once */
    timers_start(&bench.process.env.timers, &bench.hyparview.shuffle, NS_PER_S);
    steps_timer(&bench.process, NS_PER_S);
    asked = sent(&bench, 6, MESSAGE_HYPARVIEW_NEIGHBOR) == 1 ? 6 : 1;
    ck_assert_uint_eq(sent(&bench, asked, MESSAGE_HYPARVIEW_NEIGHBOR), 1);
    steps_timer(&bench.process, 2 * NS_PER_S);
    ck_assert_uint_eq(sent(&bench, asked, MESSAGE_HYPARVIEW_DISCONNECT), 1);
    ck_assert_uint_eq(sent(&bench, 7 - asked, MESSAGE_HYPARVIEW_NEIGHBOR), 1);
    ck_assert_uint_eq(bench.hyparview.passive.count, 1);
    bench_deinit(&bench);
}
END_TEST

static int decode_body(uint16_t type, const void *body, uint32_t size) {
    struct hyparview_message decoded;
    return hyparview_decode(&decoded, &(struct message){.type = type, .body = body, .size = size});
}

START_TEST(decoder_names_what_is_wrong) {
    static const struct {
        uint16_t type;
        uint32_t size;
        uint8_t body[24];
        int error;
    } cases[] = {
        {MESSAGE_HYPARVIEW_JOIN, 0, {0}, OK},
        {MESSAGE_HYPARVIEW_JOIN, 1, {0}, ERR_TRAILING},
        {MESSAGE_HYPARVIEW_NEIGHBOR, 0, {0}, ERR_TRUNCATED},
        {MESSAGE_HYPARVIEW_NEIGHBOR, 1, {1}, OK},
        {MESSAGE_HYPARVIEW_NEIGHBOR, 1, {2}, ERR_NON_CANONICAL},
        {MESSAGE_HYPARVIEW_FORWARD_JOIN, 6, {1, 0, 0, 0, 6, 1}, OK},
        {MESSAGE_HYPARVIEW_FORWARD_JOIN, 6, {1, 0, 0, 0, 7, 0}, ERR_LIMIT},
        {MESSAGE_HYPARVIEW_FORWARD_JOIN, 6, {1, 0, 0, 0, 6, 2}, ERR_NON_CANONICAL},
        {MESSAGE_HYPARVIEW_FORWARD_JOIN, 6, {0, 0, 1, 0, 6, 0}, ERR_INVALID},
        {MESSAGE_HYPARVIEW_SHUFFLE, 10, {1, 0, 0, 0, 6, 1, 2, 0, 0, 0}, OK},
        {MESSAGE_HYPARVIEW_SHUFFLE, 10, {1, 0, 0, 0, 6, 1, 1, 0, 0, 0}, ERR_DUPLICATE},
        {MESSAGE_HYPARVIEW_SHUFFLE, 6, {1, 0, 0, 0, 6, 8}, ERR_LIMIT},
        {MESSAGE_HYPARVIEW_SHUFFLE_REPLY, 9, {2, 3, 0, 0, 0, 3, 0, 0, 0}, ERR_DUPLICATE},
        {MESSAGE_HYPARVIEW_SHUFFLE_REPLY, 1, {9}, ERR_LIMIT},
        {MESSAGE_PLUMTREE_PRUNE, 0, {0}, ERR_UNKNOWN_TYPE},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        ck_assert_msg(decode_body(cases[i].type, cases[i].body, cases[i].size) == cases[i].error,
                      "case %zu", i);
}
END_TEST

/* Random bodies, mostly small numbers so that many are valid, into a node that has neighbours. */
START_TEST(random_messages_never_break_a_node) {
    struct gossip_world *world = gossip_world_new(20, 9, 0);
    struct rng rng;
    size_t accepted = 0;
    rng_init(&rng, 1, 0, "mutation");
    for (int round = 0; round < 20000; round++) {
        uint16_t type = (uint16_t)(MESSAGE_HYPARVIEW_JOIN + rng_below(&rng, 7));
        uint32_t size = (uint32_t)rng_below(&rng, rng_chance(&rng, 3, 4) ? 8 : 40);
        struct writer body;
        struct frame *frame = message_new(type, 0, size, &body);
        for (uint32_t i = 0; i < size; i++)
            write_u8(&body, rng_chance(&rng, 1, 2) ? 0 : (uint8_t)rng_below(&rng, 12));
        struct hyparview_message decoded;
        struct message message;
        ck_assert_int_eq(message_parse(&message, frame), OK);
        if (hyparview_decode(&decoded, &message) == OK) {
            struct frame *again = hyparview_encode(&decoded, 0);
            ck_assert_uint_eq(again->size, frame->size);
            ck_assert_mem_eq(again->bytes, frame->bytes, frame->size);
            frame_unref(again);
            accepted++;
        }
        node_id to = (node_id)rng_below(&rng, world->count);
        loop_inject(world->loop, (to + 1 + (node_id)rng_below(&rng, 19)) % 20, to,
                    loop_now(world->loop), frame);
        gossip_run(world, NS_PER_MS);
    }
    ck_assert_uint_gt(accepted, 1000);
    /* Forged walks name nodes that don't exist; those requests time out and the overlay heals. */
    gossip_run(world, 300 * NS_PER_S);
    gossip_quiet(world);
    gossip_check_views(world);
    gossip_world_free(world);
}
END_TEST

Suite *hyparview_suite(void) {
    Suite *suite = suite_create("hyparview");
    TCase *tests = tcase_create("overlay");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, overlay_is_connected_and_symmetric);
    tcase_add_test(tests, views_are_filled_by_shuffles);
    tcase_add_test(tests, half_of_the_nodes_die);
    tcase_add_test(tests, same_seed_same_trace);
    tcase_add_test(tests, unasked_answers_change_nothing);
    tcase_add_test(tests, joins_walk_as_far_as_the_paper_says);
    tcase_add_test(tests, a_full_contact_sends_new_nodes_on);
    tcase_add_test(tests, a_gentle_walk_takes_a_free_place);
    tcase_add_test(tests, a_split_edge_stays_connected);
    tcase_add_test(tests, silent_candidates_are_forgotten);
    tcase_add_test(tests, decoder_names_what_is_wrong);
    tcase_add_test(tests, random_messages_never_break_a_node);
    suite_add_tcase(suite, tests);
    return suite;
}
