/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Random schedules of everything at once: loss, doubling, reordering, crashes, silent and equivocating
 * origins, lying members; and for every rule a mutant without it, which the checker must find. */
#include <check.h>
#include <stdlib.h>

#include "base/rng.h"
#include "tests/lib/shard_world.h"

#define MS        NS_PER_MS
#define CHAOS     (3 * NS_PER_S)
#define SCHEDULES 10000

static void crash_and_restart(struct shard_world *world, struct rng *rng, uint32_t nodes,
                              uint32_t members) {
    node_id node = (node_id)rng_below(rng, nodes);
    if (rng_chance(rng, 1, 2))
        shard_world_crash(world, node);
    for (node_id other = 0; other < nodes; other++) /* one of a shard is down at a time */
        if (other / members == node / members && other != node)
            shard_world_restart(world, other);
}

static struct shard_world *run_schedule(uint64_t seed, enum shard_mutant mutant,
                                        uint32_t most_hostile) {
    struct rng rng;
    rng_init(&rng, seed, 0, "schedule");
    struct shard_world_config config = {
        .shards = (uint16_t)(2 + rng_below(&rng, 3)),
        .members = 4,
        .origins = 3,
        .hostile = (uint32_t)rng_below(&rng, most_hostile + 1),
        .seed = seed,
        .patience = 2 + rng_below(&rng, 10),
        .retry = 150 * MS,
        .delay = 10 * MS,
        .order_delay = 50 * MS,
        .chaos = CHAOS,
        .forgetful = rng_chance(&rng, 1, 2),
        .mutant = mutant,
    };
    struct shard_world *world = shard_world_new(&config);
    uint32_t nodes = config.shards * config.members;
    size_t transfers = 2 + rng_below(&rng, 6);
    for (size_t i = 0; i < transfers; i++)
        shard_world_random(world, (time_ns)rng_below(&rng, 2 * NS_PER_S),
                           2 + (uint32_t)rng_below(&rng, config.shards - 1u),
                           (enum shard_conduct)rng_below(&rng, 3));
    /* A lying member uses up what may fail; otherwise one of each shard may crash. */
    for (time_ns at = 300 * MS; at < CHAOS; at += 300 * MS) {
        shard_world_run(world, at);
        if (config.hostile == 0)
            crash_and_restart(world, &rng, nodes, config.members);
    }
    shard_world_run(world, CHAOS);
    for (node_id node = 0; node < nodes; node++)
        shard_world_restart(world, node);
    shard_world_run(world, CHAOS + 40 * NS_PER_S);
    shard_world_finish(world);
    return world;
}

START_TEST(random_schedules_keep_the_rules) {
    uint64_t commits = 0, aborts = 0, dropped = 0;
    for (uint64_t seed = 0; seed < SCHEDULES / 10; seed++) {
        struct shard_world *world = run_schedule(seed * 10 + (uint64_t)_i, MUTANT_NONE, 1);
        if (shard_world_violation(world) != NULL)
            ck_abort_msg("%s", shard_world_violation(world));
        commits += shard_world_changes(world, SESSION_RETIRES);
        aborts += shard_world_changes(world, SESSION_ABORTS);
        dropped += shard_world_dropped(world, 0);
        shard_world_free(world);
    }
    /* The schedules say something: much commits, much aborts, much is refused. */
    ck_assert_uint_gt(commits, SCHEDULES / 20);
    ck_assert_uint_gt(aborts, SCHEDULES / 20);
    ck_assert_uint_gt(dropped, SCHEDULES);
}
END_TEST

/* A mutant, and the checker that must fire for it in some of the first schedules. */
static const struct {
    enum shard_mutant mutant;
    const char *checker;
} mutants[] = {
    {MUTANT_LOCAL_TIMEOUT, "atomic"}, {MUTANT_NO_TICKET, "once"},    {MUTANT_NO_NUMBER, "once"},
    {MUTANT_HASTY, "atomic"},         {MUTANT_ONE_SIGNER, "atomic"}, {MUTANT_NO_REMINDER, "locks"},
};

START_TEST(every_mutant_is_found) {
    bool found = false;
    for (uint64_t seed = 0; seed < 500 && !found; seed++) {
        struct shard_world *world = run_schedule(seed, mutants[_i].mutant, 1);
        found = shard_world_violated(world, mutants[_i].checker);
        shard_world_free(world);
    }
    ck_assert(found);
}
END_TEST

/* SH-3: two Byzantine members of four are f + 1, and they can speak for their shard. */
START_TEST(too_many_liars_break_it) {
    bool found = false;
    for (uint64_t seed = 0; seed < 500 && !found; seed++) {
        struct shard_world *world = run_schedule(seed, MUTANT_NONE, 2);
        found = shard_world_violated(world, "atomic");
        shard_world_free(world);
    }
    ck_assert(found);
}
END_TEST

Suite *shard_random_suite(void) {
    Suite *suite = suite_create("shard_random");
    TCase *tests = tcase_create("random");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, random_schedules_keep_the_rules, 0, 10);
    tcase_add_loop_test(tests, every_mutant_is_found, 0, (int)ARRAY_LEN(mutants));
    tcase_add_test(tests, too_many_liars_break_it);
    suite_add_tcase(suite, tests);
    return suite;
}
