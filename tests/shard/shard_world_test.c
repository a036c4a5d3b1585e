/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Shards together: exact costs, and the rules under faults (checks.md G7). */
#include <check.h>
#include <stdlib.h>

#include "base/error.h"
#include "shard/shard_messages.h"
#include "tests/lib/shard_world.h"

#define MS NS_PER_MS

/* When what happened first. */
struct moments {
    time_ns committed[LIMIT_TRANSFER_PARTS]; /* by shard */
    time_ns aborted[LIMIT_TRANSFER_PARTS];
    time_ns retired, told;
    bool commit;
};

static void note(void *context, uint16_t shard, const struct session *session,
                 enum session_change change, time_ns now) {
    struct moments *moments = context;
    if (change == SESSION_COMMITS)
        moments->committed[shard] = now;
    if (change == SESSION_ABORTS)
        moments->aborted[shard] = now;
    if (change == SESSION_RETIRES)
        moments->retired = now;
}

static void note_answer(void *context, bool commit, time_ns now) {
    struct moments *moments = context;
    moments->told = now;
    moments->commit = commit;
}

static struct shard_world_config calm(struct moments *moments, uint16_t shards, uint32_t members) {
    return (struct shard_world_config){
        .shards = shards,
        .members = members,
        .origins = 3,
        .patience = 10,
        .retry = NS_PER_S,
        .delay = 10 * MS,
        .order_delay = 70 * MS,
        .changed = moments == NULL ? NULL : note,
        .done = moments == NULL ? NULL : note_answer,
        .context = moments,
    };
}

/* From account 0 of shard 0 to one account in each other shard. */
static void submit_to_all(struct shard_world *world, time_ns at, uint16_t shards) {
    struct transfer transfer = {.part_count = (uint8_t)shards};
    for (uint16_t i = 0; i < shards; i++)
        transfer.parts[i] = (struct transfer_part){i, i == 0, shard_world_account(world, i, 0),
                                                   i == 0 ? shards - 1u : 1};
    shard_world_submit(world, at, &transfer, CONDUCT_CORRECT);
}

/* The closed forms of coordinator.h: @ordering is D, @delay is d. */
static void check_costs(const struct shard_world_config *config, struct moments *moments,
                        time_ns ordering) {
    struct shard_world *world = shard_world_new(config);
    struct loop *loop = shard_world_loop(world);
    time_ns at = 1000 * MS, d = config->delay;
    uint64_t n = config->members, k = config->shards;
    submit_to_all(world, at, config->shards);
    shard_world_run(world, 5 * NS_PER_S);
    shard_world_finish(world);
    ck_assert_ptr_null(shard_world_violation(world));
    ck_assert(moments->commit);
    ck_assert_int_eq(moments->committed[0], at + 2 * ordering + 2 * d);
    ck_assert_int_eq(moments->told, at + 2 * ordering + 3 * d);
    for (uint16_t i = 1; i < k; i++)
        ck_assert_int_eq(moments->committed[i], at + 3 * ordering + 3 * d);
    ck_assert_int_eq(moments->retired, at + 4 * ordering + 4 * d);
    ck_assert_uint_eq(loop_messages(loop, MESSAGE_SHARD_PREPARE), k * n);
    ck_assert_uint_eq(loop_messages(loop, MESSAGE_SHARD_STATEMENT), 3 * (k - 1) * n * n);
    ck_assert_uint_eq(loop_messages(loop, MESSAGE_SHARD_RESULT), n);
    shard_world_free(world);
}

START_TEST(costs_are_the_closed_forms) {
    for (uint16_t shards = 2; shards <= 4; shards++) {
        static const uint32_t sizes[] = {1, 4, 7};
        for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
            struct moments moments = {0};
            struct shard_world_config config = calm(&moments, shards, sizes[i]);
            check_costs(&config, &moments, config.order_delay);
        }
    }
}
END_TEST

/* PBFT orders in three hops. */
START_TEST(costs_with_pbft) {
    for (uint16_t shards = 2; shards <= 3; shards++) {
        struct moments moments = {0};
        struct shard_world_config config = calm(&moments, shards, 4);
        config.consensus = consensus_find("pbft");
        check_costs(&config, &moments, 3 * config.delay);
    }
}
END_TEST

/* One shard is no affair of others: one ordering, no statements. */
START_TEST(one_shard_decides_at_once) {
    struct moments moments = {0};
    struct shard_world_config config = calm(&moments, 2, 4);
    struct shard_world *world = shard_world_new(&config);
    shard_world_transfer(world, 0, shard_world_account(world, 1, 0),
                         shard_world_account(world, 1, 1), 60);
    shard_world_run(world, 5 * NS_PER_S);
    shard_world_finish(world);
    ck_assert_ptr_null(shard_world_violation(world));
    ck_assert_int_eq(moments.committed[1], config.order_delay + config.delay);
    ck_assert_int_eq(moments.told, config.order_delay + 2 * config.delay);
    ck_assert_uint_eq(loop_messages(shard_world_loop(world), MESSAGE_SHARD_STATEMENT), 0);
    ck_assert_uint_eq(shard_world_balance(world, shard_world_account(world, 1, 1)), 160);
    shard_world_free(world);
}
END_TEST

/* Two transfers want the same account at the same time: at most one gets it, nobody waits, and what
 * was refused is refused everywhere. */
START_TEST(conflicts_abort) {
    struct shard_world_config config = calm(NULL, 3, 4);
    struct shard_world *world = shard_world_new(&config);
    uint64_t shared = shard_world_account(world, 2, 0);
    shard_world_transfer(world, 0, shard_world_account(world, 0, 0), shared, 10);
    shard_world_transfer(world, 0, shard_world_account(world, 1, 1), shared, 10);
    shard_world_run(world, 10 * NS_PER_S);
    shard_world_finish(world);
    ck_assert_ptr_null(shard_world_violation(world));
    ck_assert_uint_eq(shard_world_balance(world, shared), 110);
    ck_assert_uint_eq(shard_world_changes(world, SESSION_REJECTS), 1);
    ck_assert_uint_eq(shard_world_changes(world, SESSION_RETIRES), 1);
    shard_world_free(world);
}
END_TEST

/* The same money to two shards: the second transfer finds the account locked or empty. */
START_TEST(nothing_is_spent_twice) {
    struct shard_world_config config = calm(NULL, 3, 4);
    struct shard_world *world = shard_world_new(&config);
    uint64_t from = shard_world_account(world, 0, 0);
    for (uint16_t i = 1; i < 3; i++)
        shard_world_transfer(world, i * 30 * MS, from, shard_world_account(world, i, 0), 80);
    shard_world_transfer(world, 3 * NS_PER_S, from, shard_world_account(world, 2, 0), 80);
    shard_world_run(world, 10 * NS_PER_S);
    shard_world_finish(world);
    ck_assert_ptr_null(shard_world_violation(world));
    ck_assert_uint_eq(shard_world_balance(world, from), 20);
    ck_assert_uint_eq(shard_world_changes(world, SESSION_RETIRES), 1);
    shard_world_free(world);
}
END_TEST

/* The home shard waits for a shard that never votes, for @patience heights of its own chain, which
 * its members make rise; then it aborts, and nobody keeps a lock. */
START_TEST(silence_is_ended_by_height) {
    struct moments moments = {0};
    struct shard_world_config config = calm(&moments, 2, 4);
    struct shard_world *world = shard_world_new(&config);
    for (node_id node = 4; node < 8; node++)
        shard_world_crash(world, node);
    shard_world_transfer(world, 0, shard_world_account(world, 0, 0),
                         shard_world_account(world, 1, 0), 5);
    shard_world_run(world, 60 * NS_PER_S);
    ck_assert_int_gt(moments.aborted[0], 0);
    ck_assert_uint_eq(shard_world_height(world, 0), 1 + config.patience);
    ck_assert_uint_eq(shard_world_height(world, 1), 0);
    for (node_id node = 4; node < 8; node++)
        shard_world_restart(world, node);
    shard_world_run(world, 120 * NS_PER_S);
    shard_world_finish(world);
    ck_assert_ptr_null(shard_world_violation(world));
    ck_assert(!moments.commit);
    shard_world_free(world);
}
END_TEST

/* All restarts replay the log; the members say again what they said, and come to the same state. */
START_TEST(members_recover_from_the_log) {
    struct shard_world_config config = calm(NULL, 2, 4);
    struct shard_world *world = shard_world_new(&config);
    for (int i = 0; i < 10; i++)
        shard_world_random(world, i * 400 * MS, 2, CONDUCT_CORRECT);
    for (int i = 1; i < 40; i++) {
        shard_world_run(world, i * 100 * MS);
        shard_world_crash(world, (node_id)(i % 8));
        shard_world_restart(world, (node_id)((i + 5) % 8));
    }
    for (node_id node = 0; node < 8; node++)
        shard_world_restart(world, node);
    shard_world_run(world, 120 * NS_PER_S);
    shard_world_finish(world);
    ck_assert_ptr_null(shard_world_violation(world));
    ck_assert_uint_gt(shard_world_changes(world, SESSION_RETIRES), 2);
    shard_world_free(world);
}
END_TEST

Suite *shard_world_suite(void) {
    Suite *suite = suite_create("shard_world");
    TCase *tests = tcase_create("shards");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, costs_are_the_closed_forms);
    tcase_add_test(tests, costs_with_pbft);
    tcase_add_test(tests, one_shard_decides_at_once);
    tcase_add_test(tests, conflicts_abort);
    tcase_add_test(tests, nothing_is_spent_twice);
    tcase_add_test(tests, silence_is_ended_by_height);
    tcase_add_test(tests, members_recover_from_the_log);
    suite_add_tcase(suite, tests);
    return suite;
}
