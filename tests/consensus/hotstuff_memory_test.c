/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What HotStuff keeps, in memory and on disk: chains that nobody commits for long, restarts one after
 * another and all at once, and what a new life reports. */
#include <check.h>

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
    uint64_t side; /* bit i: node i is on the one side of the partition */
    time_ns partition_until;
};

static time_ns carry(void *context, const struct assembly_message *message) {
    const struct network *network = context;
    bool apart = ((network->side >> message->from ^ network->side >> message->to) & 1) != 0;
    return apart && message->now < network->partition_until ? -1 : message->delay;
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
    return assembly_new(&config);
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

/* With n = 4 and one member away the rotating variant can't commit (protocols.md 4). The chain must not
 * grow for ever meanwhile: 4,096 blocks were the end, also for when the member was back. */
START_TEST(away_for_long) {
    struct assembly *assembly = build(_i, 4, 13, NULL);
    assembly_crash(assembly, 3);
    assembly_submit(assembly, NS_PER_S, 200);
    assembly_run(assembly, 3000 * NS_PER_S);
    const struct hotstuff *self =
        container_of(assembly_consensus(assembly, 0), struct hotstuff, base);
    ck_assert_uint_le(self->tip->length - self->store.root->length, 6 * HOTSTUFF_OPEN_BLOCKS);
    ck_assert_uint_le(HASH_COUNT(self->store.tree), STORE_TREE_BLOCKS / 4 * 3);
    ck_assert_uint_le(self->store.payloads, 2 * HOTSTUFF_OPEN_PAYLOADS);
    assembly_restart(assembly, 3);
    assembly_run(assembly, 3030 * NS_PER_S);
    assert_all_decided(assembly, 4, 200);
    assembly_free(assembly);
}
END_TEST

/* The same with one who is there, says that views fail, and leads none: it can't be told from one that
 * will, so the chain grows further; but when it leads at last there is room. */
static time_ns lead_nothing(void *context, const struct assembly_message *message) {
    const struct network *network = context;
    if (message->now >= network->partition_until)
        return message->delay;
    bool proposal = message->from == 3 && message->type == MESSAGE_HOTSTUFF_PROPOSAL;
    bool vote = message->to == 3 && message->type == MESSAGE_HOTSTUFF_VOTE;
    return proposal || vote ? -1 : message->delay;
}

START_TEST(leads_nothing_for_long) {
    struct network network = {.partition_until = 6000 * NS_PER_S};
    struct assembly_config config = {
        .ops = &hotstuff_rotating.ops,
        .count = 4,
        .delay = DELTA,
        .view_timeout = TIMEOUT,
        .seed = 14,
        .route = lead_nothing,
        .context = &network,
    };
    struct assembly *assembly = assembly_new(&config);
    assembly_submit(assembly, NS_PER_S, 200);
    assembly_run(assembly, network.partition_until);
    ck_assert_uint_eq(assembly_height(assembly, 0), 0);
    const struct hotstuff *self =
        container_of(assembly_consensus(assembly, 0), struct hotstuff, base);
    ck_assert_uint_le(HASH_COUNT(self->store.tree), STORE_TREE_BLOCKS / 4 * 3);
    assembly_run(assembly, network.partition_until + network.partition_until / 50);
    ck_assert_uint_gt(assembly_height(assembly, 0), 0);
    assembly_run(assembly, network.partition_until + network.partition_until / 5);
    assert_all_decided(assembly, 4, 200);
    assembly_free(assembly);
}
END_TEST

/* Member 0 is cut off while the others decide, and then restart one after the other: it still learns
 * all from them, and they can do without one of them afterwards. */
START_TEST(history_survives_restarts_in_turn) {
    struct network network = {.side = 0x1, .partition_until = 20 * NS_PER_S};
    struct assembly *assembly = build(_i, 4, 15, &network);
    assembly_submit(assembly, NS_PER_S, 100);
    assembly_run(assembly, 16 * NS_PER_S);
    for (node_id node = 1; node < 4; node++) {
        assembly_crash(assembly, node);
        assembly_run(assembly, loop_now(assembly_loop(assembly)) + 100 * NS_PER_MS);
        assembly_restart(assembly, node);
        assembly_run(assembly, loop_now(assembly_loop(assembly)) + NS_PER_S);
    }
    assembly_run(assembly, 40 * NS_PER_S);
    assembly_submit(assembly, 40 * NS_PER_S, 1);
    assembly_run(assembly, 60 * NS_PER_S);
    ck_assert_uint_ge(assembly_height(assembly, 0), 100);
    if (_i % 2 == 1) /* with n = 4 and rotation one crash is one too many */
        assembly_crash(assembly, 1);
    assembly_submit(assembly, 60 * NS_PER_S, 5);
    assembly_run(assembly, 90 * NS_PER_S);
    ck_assert_uint_eq(assembly_decided(assembly), 106);
    ck_assert_uint_eq(assembly_height(assembly, 0), assembly_log_height(assembly));
    assert_sound(assembly);
    assembly_free(assembly);
}
END_TEST

/* All restart at once with a longer chain of uncommitted blocks than twelve: it is all there again. */
START_TEST(all_crash_with_a_long_chain) {
    struct assembly *assembly = build(_i, 4, 16, NULL);
    assembly_crash(assembly, 3);
    assembly_submit(assembly, NS_PER_S, 60);
    assembly_run(assembly, 10 * NS_PER_S);
    for (node_id node = 0; node < 3; node++)
        assembly_crash(assembly, node);
    assembly_run(assembly, 12 * NS_PER_S);
    for (node_id node = 0; node < 4; node++)
        assembly_restart(assembly, node);
    assembly_run(assembly, 60 * NS_PER_S);
    assert_all_decided(assembly, 4, 60);
    assembly_free(assembly);
}
END_TEST

/* A new life reports again what is kept, marked as such, before anything new. */
START_TEST(a_new_life_reports_again) {
    struct assembly *assembly = build(_i, 4, 17, NULL);
    assembly_submit(assembly, NS_PER_S, 50);
    assembly_run(assembly, 30 * NS_PER_S);
    const uint64_t decided = assembly_traced(assembly, TRACE_DECIDED);
    assembly_crash(assembly, 2);
    assembly_restart(assembly, 2);
    assembly_run(assembly, 31 * NS_PER_S);
    ck_assert_uint_eq(assembly_repeated(assembly, 2), 50);
    ck_assert_uint_eq(assembly_traced(assembly, TRACE_DECIDED), decided);
    assert_all_decided(assembly, 4, 50);
    assembly_free(assembly);
}
END_TEST

Suite *hotstuff_memory_suite(void) {
    Suite *suite = suite_create("hotstuff_memory");
    TCase *tcase = tcase_create("memory");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, away_for_long, 0, SETUPS);
    tcase_add_test(tcase, leads_nothing_for_long);
    tcase_add_loop_test(tcase, history_survives_restarts_in_turn, 0, SETUPS);
    tcase_add_loop_test(tcase, all_crash_with_a_long_chain, 0, SETUPS);
    tcase_add_loop_test(tcase, a_new_life_reports_again, 0, SETUPS);
    suite_add_tcase(suite, tcase);
    return suite;
}
