/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * PBFT: closed forms exactly, and what faults must not and must do (checks.md 2.6, 3.3, 5.1, 5.2).
 */
#include <check.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/rng.h"
#include "consensus/certificate.h"
#include "consensus/pbft/messages.h"
#include "consensus/pbft/pbft.h"
#include "tests/lib/consensus_world.h"

#define DELTA   (10 * NS_PER_MS)
#define TIMEOUT (400 * NS_PER_MS)

Suite *pbft_suite(void);

/* What a test does with the messages: everything is a field, so that a route stays one function. */
struct net {
    struct world *world;
    struct rng rng;
    time_ns faults_end;  /* the faults below end then */
    double loss;         /* of every message */
    uint64_t isolated;   /* bit i: node i is cut off from the nodes without a bit */
    uint16_t muted_type; /* messages of this type are lost, but those to the spared node */
    node_id spared;
    uint32_t mutations;  /* messages to node 0 that are still to be altered */
    time_ns decided[64]; /* when each node decided first */
    uint32_t decisions;
};

static time_ns route(void *context, const struct world_message *message) {
    struct net *net = context;
    if (message->now >= net->faults_end)
        return message->delay;
    if (net->loss > 0 && (double)rng_below(&net->rng, 1000) < net->loss * 1000)
        return -1;
    if ((net->isolated >> message->from & 1) != (net->isolated >> message->to & 1))
        return -1;
    if (net->muted_type == message->type && message->to != net->spared)
        return -1;
    return message->delay;
}

static void watch(void *context, const struct trace_record *record) {
    struct net *net = context;
    if (record->point != TRACE_DECIDED)
        return;
    net->decisions++;
    if (record->node < ARRAY_LEN(net->decided) && net->decided[record->node] == 0)
        net->decided[record->node] = record->time;
}

static struct world *make(struct net *net, uint32_t count, uint64_t outside) {
    struct world_config config = {
        .ops = &pbft_ops,
        .count = count,
        .delay = DELTA,
        .view_timeout = TIMEOUT,
        .seed = 7,
        .outside = outside,
        .route = route,
        .trace = watch,
        .context = net,
    };
    rng_init(&net->rng, 11, count, "net");
    net->world = world_new(&config);
    return net->world;
}

static void all_decided(const struct net *net, uint32_t count, uint64_t outside) {
    ck_assert_msg(world_violation(net->world) == NULL, "%s", world_violation(net->world));
    for (node_id node = 0; node < count; node++)
        if ((outside >> node & 1) == 0 && world_alive(net->world, node))
            ck_assert_uint_eq(world_height(net->world, node), world_log_height(net->world));
}

static const uint32_t sizes[] = {4, 7, 10, 31};
static const uint64_t messages[] = {24, 84, 180, 1860}; /* 2n(n-1), checks.md 5.2 */

START_TEST(decides_after_three_delays_with_the_exact_number_of_messages) {
    struct net net = {0};
    const uint32_t n = sizes[_i];
    struct world *world = make(&net, n, 0);
    world_submit(world, NS_PER_S, 1);
    world_run(world, 100 * NS_PER_S);
    all_decided(&net, n, 0);
    ck_assert_uint_eq(world_decided(world), 1);
    for (node_id node = 0; node < n; node++)
        ck_assert_int_eq(net.decided[node], NS_PER_S + 3 * DELTA);
    ck_assert_uint_eq(loop_messages(world_loop(world), 0), messages[_i]);
    ck_assert_uint_eq(loop_messages(world_loop(world), MESSAGE_PBFT_PRE_PREPARE), n - 1);
    ck_assert_uint_eq(loop_messages(world_loop(world), MESSAGE_PBFT_PREPARE), (n - 1) * (n - 1));
    ck_assert_uint_eq(loop_messages(world_loop(world), MESSAGE_PBFT_COMMIT), n * (n - 1));
    ck_assert_uint_eq(world_traced(world, TRACE_TIMEOUT), 0);
    world_free(world);
}
END_TEST

START_TEST(any_committee_size_decides) {
    for (uint32_t n = 1; n <= 9; n++) {
        struct net net = {0};
        struct world *world = make(&net, n, 0);
        world_submit(world, NS_PER_S, 5);
        world_run(world, 10 * NS_PER_S);
        all_decided(&net, n, 0);
        ck_assert_uint_eq(world_decided(world), 5);
        world_free(world);
    }
}
END_TEST

START_TEST(checkpoints_move_the_window) {
    struct net net = {0};
    struct world *world = make(&net, 4, 0);
    for (uint32_t i = 0; i < 10; i++)
        world_submit(world, NS_PER_S + i * NS_PER_S, 100);
    world_run(world, 30 * NS_PER_S);
    all_decided(&net, 4, 0);
    ck_assert_uint_eq(world_decided(world), 1000); /* beyond h + L = 256 */
    ck_assert_uint_eq(loop_messages(world_loop(world), MESSAGE_PBFT_CHECKPOINT), 7 * 4 * 3);
    world_free(world);
}
END_TEST

START_TEST(a_silent_primary_is_replaced) {
    struct net net = {0};
    struct world *world = make(&net, 7, 1);
    world_submit(world, NS_PER_S, 3);
    world_run(world, 20 * NS_PER_S);
    all_decided(&net, 7, 1);
    ck_assert_uint_eq(world_decided(world), 3);
    /* timeout, VIEW-CHANGE, NEW-VIEW with PRE-PREPARE behind it, PREPARE, COMMIT */
    for (node_id node = 1; node < 7; node++)
        ck_assert_int_eq(net.decided[node], NS_PER_S + TIMEOUT + 4 * DELTA);
    world_free(world);
}
END_TEST

static Suite *suite_of(TCase *tests) {
    Suite *suite = suite_create("pbft");
    tcase_set_timeout(tests, 60);
    suite_add_tcase(suite, tests);
    return suite;
}

Suite *pbft_suite(void) {
    TCase *tests = tcase_create("pbft");
    tcase_add_loop_test(tests, decides_after_three_delays_with_the_exact_number_of_messages, 0,
                        ARRAY_LEN(sizes));
    tcase_add_test(tests, any_committee_size_decides);
    tcase_add_test(tests, checkpoints_move_the_window);
    tcase_add_test(tests, a_silent_primary_is_replaced);
    return suite_of(tests);
}
