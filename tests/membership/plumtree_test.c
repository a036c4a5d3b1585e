/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <check.h>
#include <string.h>

#include "base/error.h"
#include "tests/lib/gossip.h"
#include "tests/lib/steps.h"

/* checks.md 5.2: on a stable tree a broadcast takes n − 1 payload messages, none for nothing. */
START_TEST(stable_tree_sends_nothing_twice) {
    static const uint32_t sizes[] = {4, 7, 10, 31, 100, 300};
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        struct gossip_world *world = gossip_world_new(sizes[i], 1, 0);
        gossip_quiet(world);
        ck_assert_uint_gt(gossip_broadcast(world, 1), sizes[i] - 1); /* the flood */
        for (int again = 0; again < 10; again++)
            ck_assert_uint_eq(gossip_broadcast(world, 1), sizes[i] - 1);
        ck_assert_uint_eq(loop_messages(world->loop, MESSAGE_PLUMTREE_GRAFT), 0);
        gossip_world_free(world);
    }
}
END_TEST

/* All senders share one tree: it spans for each of them. */
START_TEST(every_source_reaches_everyone) {
    struct gossip_world *world = gossip_world_new(100, 2, 10 * NS_PER_MS);
    (void)gossip_broadcast(world, 0);
    for (node_id source = 1; source < 50; source++)
        (void)gossip_broadcast(world, source);
    gossip_world_free(world);
}
END_TEST

/* The node with the most eager links, other than @except: its death tears the tree most. */
static node_id busiest(const struct gossip_world *world, node_id except) {
    node_id best = NODE_NONE;
    size_t most = 0;
    for (node_id i = 0; i < world->count; i++) {
        const struct plumtree *plumtree = &world->nodes[i].plumtree;
        size_t eager = 0;
        for (size_t k = 0; k < plumtree->neighbour_count; k++)
            eager += !plumtree->neighbours[k].lazy;
        if (i != except && world->nodes[i].alive && eager > most) {
            most = eager;
            best = i;
        }
    }
    return best;
}

/* Nobody says that a node died: announcements alone must bring the payload around the hole. */
START_TEST(lazy_links_mend_a_torn_tree) {
    struct gossip_world *world = gossip_world_new(100, 3, 0);
    gossip_quiet(world);
    for (int warm = 0; warm < 3; warm++)
        (void)gossip_broadcast(world, 0);
    gossip_kill(world, busiest(world, 0));
    (void)gossip_broadcast(world, 0);
    ck_assert_uint_gt(loop_messages(world->loop, MESSAGE_PLUMTREE_GRAFT), 0);
    gossip_announce_deaths(world);
    gossip_run(world, 5 * NS_PER_S);
    (void)gossip_broadcast(world, 0);
    ck_assert_uint_eq(gossip_broadcast(world, 0), 98);
    gossip_world_free(world);
}
END_TEST

START_TEST(half_of_the_nodes_die) {
    struct gossip_world *world = gossip_world_new(200, 4, 0);
    (void)gossip_broadcast(world, 0);
    for (node_id i = 1; i < world->count; i += 2)
        gossip_kill(world, i);
    gossip_announce_deaths(world);
    gossip_run(world, 30 * NS_PER_S);
    gossip_quiet(world);
    (void)gossip_broadcast(world, 0);
    for (int again = 0; again < 5; again++)
        ck_assert_uint_eq(gossip_broadcast(world, 0), 99);
    gossip_world_free(world);
}
END_TEST

/* One node alone, driven by hand: node 9 with the neighbours 1, 2 and 3. */
struct bench {
    struct process process;
    struct plumtree plumtree;
    size_t delivered;
    int verdict; /* what deliver answers */
    int dropped; /* what the last receive returned */
};

static int count_delivery(void *context, const struct plumtree_message *gossip) {
    struct bench *bench = context;
    bench->delivered++;
    return bench->verdict;
}

static void bench_step(struct process *process, const struct event *event) {
    struct bench *bench = container_of(process, struct bench, process);
    struct message message;
    bench->dropped = message_parse(&message, event->frame);
    if (bench->dropped == OK)
        bench->dropped = plumtree_receive(&bench->plumtree, event->from, &message);
}

static void bench_init(struct bench *bench) {
    *bench = (struct bench){.process.step = bench_step};
    struct plumtree_config config = {.env = &bench->process.env,
                                     .missing_timeout = NS_PER_S,
                                     .graft_timeout = 200 * NS_PER_MS,
                                     .client = {count_delivery, NULL, bench}};
    env_init(&bench->process.env, 9, 1);
    plumtree_init(&bench->plumtree, &config);
    for (node_id peer = 1; peer <= 3; peer++)
        ck_assert_int_eq(plumtree_up(&bench->plumtree, peer), OK);
}

static void bench_deinit(struct bench *bench) {
    plumtree_deinit(&bench->plumtree);
    env_deinit(&bench->process.env);
}

static int hand_over(struct bench *bench, node_id from, time_ns at, struct frame *frame) {
    steps_message(&bench->process, from, at, frame);
    return bench->dropped;
}

static int hear(struct bench *bench, node_id from, time_ns at, uint16_t type, uint8_t id,
                uint16_t round) {
    struct plumtree_message message = {
        .type = type, .wanted = true, .round = round, .id.bytes = {id}, .payload = &id, .size = 1};
    return hand_over(bench, from, at, plumtree_encode(&message, 0));
}

static void pass_time(struct bench *bench, time_ns at) {
    steps_timer(&bench->process, at);
}

static size_t sent(const struct bench *bench, node_id to, uint16_t type) {
    return steps_sent(&bench->process.env, to, type);
}

START_TEST(graft_goes_on_to_the_next_announcer) {
    struct bench bench;
    bench_init(&bench);
    for (node_id peer = 1; peer <= 3; peer++)
        ck_assert_int_eq(hear(&bench, peer, 0, MESSAGE_PLUMTREE_IHAVE, 5, 1), OK);
    ck_assert_int_eq(hear(&bench, 3, 0, MESSAGE_PLUMTREE_IHAVE, 5, 1), ERR_DUPLICATE);
    ck_assert_int_eq(hear(&bench, 4, 0, MESSAGE_PLUMTREE_IHAVE, 5, 1), ERR_NOT_MEMBER);
    pass_time(&bench, NS_PER_S - 1);
    ck_assert_uint_eq(bench.process.env.out.count, 0);
    pass_time(&bench, NS_PER_S);
    ck_assert_uint_eq(sent(&bench, 1, MESSAGE_PLUMTREE_GRAFT), 1);
    plumtree_down(&bench.plumtree, 2);
    pass_time(&bench, NS_PER_S + 200 * NS_PER_MS);
    ck_assert_uint_eq(sent(&bench, 3, MESSAGE_PLUMTREE_GRAFT), 1);
    ck_assert_uint_eq(bench.process.env.out.count, 1);
    pass_time(&bench, NS_PER_S + 400 * NS_PER_MS); /* all asked: given up */
    ck_assert_uint_eq(bench.process.env.out.count, 0);
    ck_assert_int_eq(timers_deadline(&bench.process.env.timers), TIME_NEVER);
    bench_deinit(&bench);
}
END_TEST

/* What a neighbour gets next tells whether its link is eager or lazy. */
START_TEST(prune_and_graft_change_links) {
    struct bench bench;
    bench_init(&bench);
    ck_assert_int_eq(hear(&bench, 2, 0, MESSAGE_PLUMTREE_PRUNE, 0, 0), OK);
    ck_assert_int_eq(hear(&bench, 1, 0, MESSAGE_PLUMTREE_GOSSIP, 5, 0), OK);
    ck_assert_uint_eq(sent(&bench, 2, MESSAGE_PLUMTREE_GOSSIP), 0);
    ck_assert_uint_eq(sent(&bench, 2, MESSAGE_PLUMTREE_IHAVE), 1);
    ck_assert_uint_eq(sent(&bench, 3, MESSAGE_PLUMTREE_GOSSIP), 1);
    ck_assert_int_eq(hear(&bench, 2, 0, MESSAGE_PLUMTREE_GRAFT, 5, 0), OK);
    ck_assert_uint_eq(sent(&bench, 2, MESSAGE_PLUMTREE_GOSSIP), 1);
    ck_assert_int_eq(hear(&bench, 3, 0, MESSAGE_PLUMTREE_PRUNE, 0, 0), OK);
    (void)hear(&bench, 3, 0, MESSAGE_PLUMTREE_IHAVE, 6, 0);
    pass_time(&bench, NS_PER_S); /* our own graft makes the link to 3 eager again */
    ck_assert_int_eq(hear(&bench, 1, NS_PER_S, MESSAGE_PLUMTREE_GOSSIP, 7, 0), OK);
    ck_assert_uint_eq(sent(&bench, 2, MESSAGE_PLUMTREE_GOSSIP), 1);
    ck_assert_uint_eq(sent(&bench, 3, MESSAGE_PLUMTREE_GOSSIP), 1);
    bench_deinit(&bench);
}
END_TEST

START_TEST(seven_hops_saved_change_the_tree) {
    for (uint16_t round = 7; round <= 8; round++) {
        struct bench bench;
        bench_init(&bench);
        (void)hear(&bench, 1, 0, MESSAGE_PLUMTREE_IHAVE, 5, 1);
        ck_assert_int_eq(hear(&bench, 2, 0, MESSAGE_PLUMTREE_GOSSIP, 5, round), OK);
        ck_assert_uint_eq(sent(&bench, 1, MESSAGE_PLUMTREE_GRAFT), round == 8);
        ck_assert_uint_eq(sent(&bench, 2, MESSAGE_PLUMTREE_PRUNE), round == 8);
        ck_assert_uint_eq(sent(&bench, 3, MESSAGE_PLUMTREE_GOSSIP), 1);
        bench_deinit(&bench);
    }
}
END_TEST

START_TEST(caches_forget_in_time) {
    struct bench bench;
    bench_init(&bench);
    ck_assert_int_eq(hear(&bench, 1, 0, MESSAGE_PLUMTREE_GOSSIP, 5, 0), OK);
    (void)hear(&bench, 2, PLUMTREE_PAYLOAD_LIFE, MESSAGE_PLUMTREE_GRAFT, 5, 0);
    ck_assert_uint_eq(sent(&bench, 2, MESSAGE_PLUMTREE_GOSSIP), 1);
    (void)hear(&bench, 2, PLUMTREE_PAYLOAD_LIFE + 1, MESSAGE_PLUMTREE_GRAFT, 5, 0);
    ck_assert_uint_eq(sent(&bench, 2, MESSAGE_PLUMTREE_GOSSIP), 0);
    ck_assert_int_eq(hear(&bench, 2, PLUMTREE_ID_LIFE, MESSAGE_PLUMTREE_GOSSIP, 5, 0),
                     ERR_DUPLICATE);
    ck_assert_uint_eq(sent(&bench, 2, MESSAGE_PLUMTREE_PRUNE), 1);
    ck_assert_int_eq(hear(&bench, 2, PLUMTREE_ID_LIFE + 1, MESSAGE_PLUMTREE_GOSSIP, 5, 0), OK);
    ck_assert_uint_eq(bench.delivered, 2);
    bench_deinit(&bench);
}
END_TEST

START_TEST(refused_payloads_go_no_further) {
    struct bench bench;
    bench_init(&bench);
    bench.verdict = ERR_SIGNATURE;
    ck_assert_int_eq(hear(&bench, 1, 0, MESSAGE_PLUMTREE_GOSSIP, 5, 0), ERR_SIGNATURE);
    ck_assert_uint_eq(bench.process.env.out.count, 0);
    bench.verdict = OK;
    ck_assert_int_eq(hear(&bench, 2, 0, MESSAGE_PLUMTREE_GOSSIP, 5, 0), OK);
    ck_assert_uint_eq(sent(&bench, 1, MESSAGE_PLUMTREE_GOSSIP), 1);
    bench_deinit(&bench);
}
END_TEST

static struct digest numbered(uint64_t number) {
    struct digest id = {{0}};
    memcpy(id.bytes, &number, sizeof number);
    return id;
}

/* A flood of announcements and payloads stays within the limits, however long it lasts. */
START_TEST(memory_is_bounded) {
    struct bench bench;
    bench_init(&bench);
    for (uint64_t i = 0; i < PLUMTREE_IDS + 100; i++) {
        struct plumtree_message gossip = {.type = MESSAGE_PLUMTREE_GOSSIP, .id = numbered(i)};
        ck_assert_int_eq(hand_over(&bench, 1, 0, plumtree_encode(&gossip, 0)), OK);
        ck_assert_uint_le(bench.plumtree.payload_count, PLUMTREE_PAYLOADS);
    }
    for (uint64_t i = 0; i < PLUMTREE_MISSING + 10; i++) {
        struct plumtree_message ihave = {.type = MESSAGE_PLUMTREE_IHAVE, .id = numbered(~i)};
        ck_assert_int_eq(hand_over(&bench, 1, 0, plumtree_encode(&ihave, 0)),
                         i < PLUMTREE_MISSING ? OK : ERR_LIMIT);
    }
    struct plumtree_message again = {.type = MESSAGE_PLUMTREE_GOSSIP, .id = numbered(99)};
    ck_assert_int_eq(hand_over(&bench, 1, 0, plumtree_encode(&again, 0)), OK); /* forgotten */
    again.id = numbered(300);
    ck_assert_int_eq(hand_over(&bench, 1, 0, plumtree_encode(&again, 0)), ERR_DUPLICATE);
    bench_deinit(&bench);
}
END_TEST

START_TEST(random_messages_never_break_a_node) {
    struct bench bench;
    struct rng rng;
    size_t accepted = 0;
    bench_init(&bench);
    rng_init(&rng, 1, 0, "mutation");
    for (int round = 0; round < 100000; round++) {
        uint16_t type = (uint16_t)(MESSAGE_PLUMTREE_GOSSIP + rng_below(&rng, 4));
        uint32_t size = (uint32_t)rng_below(&rng, rng_chance(&rng, 1, 2) ? 2 : 40);
        if (rng_chance(&rng, 1, 2))
            size = DIGEST_BYTES + 2 + (type == MESSAGE_PLUMTREE_GRAFT);
        struct writer body;
        struct frame *frame = message_new(type, 0, size, &body);
        for (uint32_t i = 0; i < size; i++)
            write_u8(&body, (uint8_t)rng_below(&rng, rng_chance(&rng, 1, 10) ? 4 : 2));
        struct plumtree_message decoded;
        struct message message;
        ck_assert_int_eq(message_parse(&message, frame), OK);
        if (plumtree_decode(&decoded, &message) == OK) {
            struct frame *again = plumtree_encode(&decoded, 0);
            ck_assert_uint_eq(again->size, frame->size);
            ck_assert_mem_eq(again->bytes, frame->bytes, frame->size);
            frame_unref(again);
            accepted++;
        }
        time_ns now = round * (10 * NS_PER_MS);
        (void)hand_over(&bench, (node_id)rng_below(&rng, 5), now, frame);
        pass_time(&bench, now);
    }
    ck_assert_uint_gt(accepted, 10000);
    bench_deinit(&bench);
}
END_TEST

Suite *plumtree_suite(void) {
    Suite *suite = suite_create("plumtree");
    TCase *tests = tcase_create("tree");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, stable_tree_sends_nothing_twice);
    tcase_add_test(tests, every_source_reaches_everyone);
    tcase_add_test(tests, lazy_links_mend_a_torn_tree);
    tcase_add_test(tests, half_of_the_nodes_die);
    tcase_add_test(tests, graft_goes_on_to_the_next_announcer);
    tcase_add_test(tests, prune_and_graft_change_links);
    tcase_add_test(tests, seven_hops_saved_change_the_tree);
    tcase_add_test(tests, caches_forget_in_time);
    tcase_add_test(tests, refused_payloads_go_no_further);
    tcase_add_test(tests, memory_is_bounded);
    tcase_add_test(tests, random_messages_never_break_a_node);
    suite_add_tcase(suite, tests);
    return suite;
}
