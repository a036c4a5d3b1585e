/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * HotStuff with crashes, loss, partitions and amnesia. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "consensus/hotstuff/hotstuff.h"
#include "sim/assembly/assembly.h"

#define DELTA   (10 * NS_PER_MS)
#define TIMEOUT (100 * NS_PER_MS)

/* Rotating and sticky leaders, each with certificates of votes and of signing rounds. */
static const struct {
    const struct hotstuff_variant *variant;
    const struct certificate_scheme *scheme;
} setups[] = {
    {&hotstuff_rotating, &certificate_list},
    {&hotstuff_sticky, &certificate_list},
    {&hotstuff_rotating, &certificate_frost},
    {&hotstuff_sticky, &certificate_frost},
};

#define SETUPS ((int)ARRAY_LEN(setups))

/* What the network does. */
struct network {
    struct assembly *assembly;
    struct rng rng;
    uint32_t loss_percent;
    uint32_t jitter_percent;    /* of the delay, on top of it: messages overtake each other */
    uint32_t duplicate_percent; /* arrive once more, later */
    uint64_t side;              /* bit i: node i is on the one side of the partition */
    time_ns partition_until;
};

static time_ns carry(void *context, const struct assembly_message *message) {
    struct network *network = context;
    bool apart = ((network->side >> message->from ^ network->side >> message->to) & 1) != 0;
    if (apart && message->now < network->partition_until)
        return -1;
    if (rng_chance(&network->rng, network->loss_percent, 100))
        return -1;
    time_ns extra = 0;
    if (network->jitter_percent > 0)
        extra = (time_ns)rng_below(&network->rng,
                                   (uint64_t)message->delay * network->jitter_percent / 100);
    if (rng_chance(&network->rng, network->duplicate_percent, 100))
        loop_inject(assembly_loop(network->assembly), message->from, message->to,
                    message->now + 3 * message->delay,
                    frame_copy(message->frame->bytes, message->frame->size));
    return message->delay + extra;
}

static struct assembly *build(int setup, uint32_t count, uint64_t seed, struct network *network) {
    struct assembly_config config = {
        .ops = &setups[setup].variant->ops,
        .certificates = setups[setup].scheme,
        .count = count,
        .delay = DELTA,
        .view_timeout = TIMEOUT,
        .seed = seed,
        .route = network == NULL ? NULL : carry,
        .context = network,
    };
    struct assembly *assembly = assembly_new(&config);
    if (network != NULL) {
        rng_init(&network->rng, seed, 0, "test network");
        network->assembly = assembly;
    }
    return assembly;
}

static void assert_sound(const struct assembly *assembly) {
    const char *violation = assembly_violation(assembly);
    ck_assert_msg(violation == NULL, "%s", violation);
}

static void assert_all_decided(const struct assembly *assembly, uint32_t count,
                               uint64_t transactions) {
    ck_assert_uint_eq(assembly_decided(assembly), transactions);
    for (node_id node = 0; node < count; node++)
        ck_assert_uint_eq(assembly_height(assembly, node), assembly_log_height(assembly));
    assert_sound(assembly);
}

START_TEST(loss_reordering_duplicates) {
    static const uint32_t loss[] = {0, 10, 20, 30};
    for (uint64_t seed = 1; seed <= 6; seed++) {
        struct network network = {
            .loss_percent = loss[_i / SETUPS], .jitter_percent = 300, .duplicate_percent = 20};
        uint32_t count = seed % 2 == 0 ? 4 : 7;
        struct assembly *assembly = build(_i % SETUPS, count, seed, &network);
        for (uint32_t i = 0; i < 10; i++)
            assembly_submit(assembly, (1 + i) * NS_PER_S, 2);
        assembly_run(assembly, 2000 * NS_PER_S);
        /* Every member has decided all: lost messages are made up for by asking. */
        assert_all_decided(assembly, count, 20);
        /* And after that it is quiet, but for what is under way. */
        uint64_t messages = loop_messages(assembly_loop(assembly), 0);
        assembly_run(assembly, 4000 * NS_PER_S);
        ck_assert_uint_eq(loop_messages(assembly_loop(assembly), 0), messages);
        assembly_free(assembly);
    }
}
END_TEST

/* No quorum anywhere, however long: members keep saying so in one view, so that after the heal they
 * are in one view after one time-out (checks.md PM-4), and commit. Bound: the timer that runs may
 * just have been started; then n = 4 needs at most two views of 2δ for members to vote together
 * and 8δ for a three-chain; with five certificates on the way. */
START_TEST(partition_and_heal) {
    static const time_ns durations[] = {1 * NS_PER_S, 10 * NS_PER_S, 100 * NS_PER_S};
    for (size_t i = 0; i < ARRAY_LEN(durations); i++) {
        const time_ns heal = NS_PER_S + 25 * NS_PER_MS + durations[i];
        struct network network = {.side = 0x3, .partition_until = 0};
        struct assembly *assembly = build(_i, 4, 5, &network);
        assembly_submit(assembly, NS_PER_S, 100);
        assembly_run(assembly, NS_PER_S + 25 * NS_PER_MS);
        network.partition_until = heal;
        assembly_run(assembly, heal);
        uint64_t before = assembly_log_height(assembly);
        const time_ns rounds = 5 * setups[_i].scheme->signing_hops * DELTA;
        assembly_run(assembly, heal + 2 * TIMEOUT + 12 * DELTA + rounds);
        ck_assert_uint_gt(assembly_log_height(assembly), before);
        assembly_run(assembly, heal + 30 * NS_PER_S);
        assert_all_decided(assembly, 4, 100);
        assembly_free(assembly);
    }
}
END_TEST

/* A minority is cut off while the others go on; it catches up after the heal. */
START_TEST(minority_catches_up) {
    struct network network = {.side = 0x41, .partition_until = 60 * NS_PER_S};
    struct assembly *assembly = build(_i, 7, 9, &network);
    assembly_submit(assembly, NS_PER_S, 300);
    assembly_run(assembly, 55 * NS_PER_S);
    ck_assert_uint_eq(assembly_height(assembly, 0), 0);
    ck_assert_uint_eq(assembly_height(assembly, 6), 0);
    ck_assert_uint_ge(assembly_log_height(assembly), _i % 2 == 0 ? 0 : 100);
    assembly_run(assembly, 200 * NS_PER_S);
    assert_all_decided(assembly, 7, 300);
    assembly_free(assembly);
}
END_TEST

/* The power fails after every possible number of effects; the restarted member remembers its votes
 * and catches up. */
START_TEST(crash_at_every_effect) {
    for (uint64_t effects = 0; effects < 150; effects++) {
        struct assembly *assembly = build(_i, 4, effects, NULL);
        const node_id victim = (node_id)(effects % 4);
        assembly_crash_after(assembly, victim, effects);
        assembly_submit(assembly, NS_PER_S, 20);
        assembly_run(assembly, NS_PER_S + 600 * NS_PER_MS);
        ck_assert(!assembly_alive(assembly, victim));
        assembly_restart(assembly, victim);
        assembly_run(assembly, 200 * NS_PER_S);
        assert_all_decided(assembly, 4, 20);
        assembly_free(assembly);
    }
}
END_TEST

static void raise_the_dead(struct assembly *assembly, uint32_t count) {
    for (node_id node = 0; node < count; node++)
        if (!assembly_alive(assembly, node))
            assembly_restart(assembly, node);
}

/* Members fall and rise again and again, with loss; now and then two are down at once. */
START_TEST(rolling_restarts) {
    struct network network = {.loss_percent = 5, .jitter_percent = 100};
    struct assembly *assembly = build(_i, 4, 77, &network);
    struct rng rng;
    rng_init(&rng, 77, 0, "test crashes");
    for (uint32_t round = 0; round < 60; round++) {
        node_id victim = (node_id)rng_below(&rng, 4);
        assembly_submit(assembly, loop_now(assembly_loop(assembly)), 3);
        assembly_crash_after(assembly, victim, rng_below(&rng, 120));
        assembly_run(assembly, loop_now(assembly_loop(assembly)) + 2 * NS_PER_S);
        raise_the_dead(assembly, 4);
        assembly_run(assembly, loop_now(assembly_loop(assembly)) + NS_PER_S);
    }
    raise_the_dead(assembly, 4);
    for (uint32_t later = 0; later < 10; later++) { /* some are still doomed */
        assembly_run(assembly, loop_now(assembly_loop(assembly)) + 10 * NS_PER_S);
        raise_the_dead(assembly, 4);
    }
    assembly_run(assembly, loop_now(assembly_loop(assembly)) + 500 * NS_PER_S);
    assert_all_decided(assembly, 4, 180);
    assembly_free(assembly);
}
END_TEST

/* All members crash at once, at any moment: the blocks that no one has committed are durable too. */
START_TEST(all_crash_at_once) {
    for (time_ns at = 0; at < 12 * DELTA; at += DELTA / 2) {
        struct assembly *assembly = build(_i, 4, 3, NULL);
        assembly_submit(assembly, NS_PER_S, 20);
        assembly_run(assembly, NS_PER_S + 10 * DELTA + at);
        for (node_id node = 0; node < 4; node++)
            assembly_crash(assembly, node);
        assembly_run(assembly, 5 * NS_PER_S);
        for (node_id node = 0; node < 4; node++)
            assembly_restart(assembly, node);
        assembly_run(assembly, 100 * NS_PER_S);
        assert_all_decided(assembly, 4, 20);
        assembly_free(assembly);
    }
}
END_TEST

static uint64_t fetches(struct assembly *assembly) {
    return loop_messages(assembly_loop(assembly), MESSAGE_HOTSTUFF_FETCH);
}

/* Down for 200 blocks: 64 come with each answer, so a handful of questions suffices. */
START_TEST(down_for_200_blocks) {
    struct assembly *assembly = build(_i, 7, 11, NULL);
    const node_id victim = 3;
    assembly_submit(assembly, NS_PER_S, 40);
    assembly_run(assembly, 20 * NS_PER_S);
    const uint64_t height = assembly_height(assembly, victim);
    ck_assert_uint_eq(height, 40);
    assembly_crash(assembly, victim);
    assembly_submit(assembly, 20 * NS_PER_S, 200);
    assembly_run(assembly, 200 * NS_PER_S);
    ck_assert_uint_eq(assembly_log_height(assembly), 240);
    ck_assert_uint_eq(assembly_height(assembly, victim), height);
    const uint64_t before = fetches(assembly);
    assembly_restart(assembly, victim);
    assembly_run(assembly, 200 * NS_PER_S + 12 * DELTA);
    ck_assert_uint_ge(assembly_height(assembly, victim), 240);
    ck_assert_uint_le(fetches(assembly) - before, 8);
    /* And it takes part again. */
    const uint64_t votes = assembly_traced(assembly, TRACE_VOTED);
    assembly_submit(assembly, 300 * NS_PER_S, 1);
    assembly_run(assembly, 400 * NS_PER_S);
    ck_assert_uint_ge(assembly_traced(assembly, TRACE_VOTED) - votes, 4 * 7);
    assert_all_decided(assembly, 7, 241);
    assembly_free(assembly);
}
END_TEST

/* Without records it has to start from genesis, and learns of the chain by the next proposal. */
START_TEST(new_member_from_genesis) {
    struct assembly *assembly = build(_i, 7, 12, NULL);
    assembly_submit(assembly, NS_PER_S, 150);
    assembly_run(assembly, 100 * NS_PER_S);
    assembly_crash(assembly, 2);
    assembly_restart_empty(assembly, 2);
    assembly_submit(assembly, 101 * NS_PER_S, 20);
    assembly_run(assembly, 200 * NS_PER_S);
    assert_all_decided(assembly, 7, 170);
    assembly_free(assembly);
}
END_TEST

Suite *hotstuff_faults_suite(void) {
    Suite *suite = suite_create("hotstuff_faults");
    TCase *tcase = tcase_create("faults");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, loss_reordering_duplicates, 0, 4 * SETUPS);
    tcase_add_loop_test(tcase, partition_and_heal, 0, SETUPS);
    tcase_add_loop_test(tcase, minority_catches_up, 0, SETUPS);
    tcase_add_loop_test(tcase, crash_at_every_effect, 0, SETUPS);
    tcase_add_loop_test(tcase, rolling_restarts, 0, SETUPS);
    tcase_add_loop_test(tcase, all_crash_at_once, 0, SETUPS);
    tcase_add_loop_test(tcase, down_for_200_blocks, 0, SETUPS);
    tcase_add_loop_test(tcase, new_member_from_genesis, 0, SETUPS);
    suite_add_tcase(suite, tcase);
    return suite;
}
