/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What every registered consensus variant must do, with every certificate scheme it supports. */
#include <check.h>
#include <string.h>

#include "base/rng.h"
#include "sim/assembly/assembly.h"

#define DELTA (10 * NS_PER_MS)

static const uint32_t sizes[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};

static size_t variant_count(void) {
    size_t count = 0;
    while (consensus_at(count) != NULL)
        count++;
    return count;
}

/* A variant with one of the certificate schemes that it supports. */
struct pairing {
    const struct consensus_ops *ops;
    const struct certificate_scheme *scheme;
};

static struct pairing pairings[64];

static int count_pairings(void) {
    int count = 0;
    for (size_t i = 0; consensus_at(i) != NULL; i++)
        for (size_t j = 0; certificate_scheme_at(j) != NULL; j++)
            if (consensus_supports(consensus_at(i), certificate_scheme_at(j)))
                pairings[count++] = (struct pairing){consensus_at(i), certificate_scheme_at(j)};
    return count;
}

static struct assembly_config base_config(int test, uint32_t count) {
    return (struct assembly_config){
        .ops = pairings[test].ops,
        .certificates = pairings[test].scheme,
        .count = count,
        .delay = DELTA,
        .view_timeout = 20 * DELTA,
        .batch = 2,
        .seed = 42,
    };
}

static void assert_sound(const struct assembly *assembly) {
    const char *violation = assembly_violation(assembly);
    ck_assert_msg(violation == NULL, "%s", violation);
}

START_TEST(names_are_found_and_distinct) {
    const struct consensus_ops *ops = consensus_at((size_t)_i);
    ck_assert_ptr_eq(consensus_find(ops->name), ops);
    ck_assert_uint_gt(strlen(ops->description), 0);
    ck_assert_uint_gt(strlen(ops->source), 0);
    ck_assert_uint_gt(ops->good_case_hops, 0);
    for (size_t i = 0; consensus_at(i) != NULL; i++)
        ck_assert(i == (size_t)_i || strcmp(consensus_at(i)->name, ops->name) != 0);
    ck_assert_ptr_null(consensus_find("no such variant"));
    ck_assert_ptr_null(consensus_at(variant_count()));
}
END_TEST

/* A few transactions: everyone decides them all, then nothing moves any more. */
START_TEST(decides_then_is_quiet) {
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        struct assembly_config config = base_config(_i, sizes[i]);
        struct assembly *assembly = assembly_new(&config);
        assembly_run(assembly, NS_PER_S);
        ck_assert_uint_eq(loop_messages(assembly_loop(assembly), 0), 0);
        assembly_submit(assembly, NS_PER_S, 7);
        assembly_run(assembly, 3 * NS_PER_S);
        ck_assert_uint_eq(assembly_decided(assembly), 7);
        for (node_id node = 0; node < sizes[i]; node++)
            ck_assert_uint_eq(assembly_height(assembly, node), assembly_log_height(assembly));
        uint64_t messages = loop_messages(assembly_loop(assembly), 0);
        assembly_run(assembly, 1000 * NS_PER_S);
        ck_assert_uint_eq(loop_messages(assembly_loop(assembly), 0), messages);
        ck_assert_uint_eq(assembly_traced(assembly, TRACE_TIMEOUT), 0);
        /* And wakes up again. */
        assembly_submit(assembly, 1000 * NS_PER_S, 1);
        assembly_run(assembly, 1002 * NS_PER_S);
        ck_assert_uint_eq(assembly_decided(assembly), 8);
        ck_assert_uint_eq(assembly_traced(assembly, TRACE_TIMEOUT), 0);
        assert_sound(assembly);
        assembly_free(assembly);
    }
}
END_TEST

struct good_case {
    time_ns proposed;
    time_ns decided[16];
    uint32_t decisions;
};

static void note_times(void *context, const struct trace_record *record) {
    struct good_case *seen = context;
    if (record->point == TRACE_PROPOSED && seen->proposed == 0)
        seen->proposed = record->time;
    if (record->point == TRACE_DECIDED && seen->decided[record->node] == 0) {
        seen->decided[record->node] = record->time;
        seen->decisions++;
    }
}

/* Uniform delay and no cost: the replicas decide after exactly the stated number of hops. */
START_TEST(good_case_takes_the_stated_hops) {
    for (uint32_t count = 4; count <= 10; count += 3) {
        struct good_case seen = {0};
        struct assembly_config config = base_config(_i, count);
        const uint32_t hops = consensus_hops(config.ops, config.certificates);
        config.trace = note_times;
        config.context = &seen;
        struct assembly *assembly = assembly_new(&config);
        assembly_submit(assembly, NS_PER_S, 1);
        assembly_run(assembly, 3 * NS_PER_S);
        uint32_t exact = 0;
        ck_assert_uint_eq(seen.decisions, count);
        for (node_id node = 0; node < count; node++) {
            ck_assert_int_le(seen.decided[node] - seen.proposed, hops * DELTA);
            exact += seen.decided[node] - seen.proposed == hops * DELTA;
        }
        /* Only the one who collects the last votes may know earlier. */
        ck_assert_uint_ge(exact, count - 1);
        assert_sound(assembly);
        assembly_free(assembly);
    }
}
END_TEST

START_TEST(runs_are_reproducible) {
    uint64_t sums[2] = {0, 0};
    for (size_t run = 0; run < 2; run++) {
        struct assembly_config config = base_config(_i, 4);
        struct assembly *assembly = assembly_new(&config);
        assembly_submit(assembly, NS_PER_S, 20);
        assembly_run(assembly, 5 * NS_PER_S);
        sums[run] =
            hash_combine(loop_messages(assembly_loop(assembly), 0), assembly_decided(assembly));
        for (int point = 0; point < TRACE_COUNT; point++)
            sums[run] = hash_combine(sums[run], assembly_traced(assembly, (enum trace_point)point));
        assembly_free(assembly);
    }
    ck_assert_uint_eq(sums[0], sums[1]);
}
END_TEST

/* The trace hash of a run, as trace.def says: without what depends on signature bytes. */
static void hash_trace(void *context, const struct trace_record *record) {
    uint64_t *hash = context;
    *hash = hash_combine(*hash, (uint64_t)record->time << 8 | record->point);
    *hash = hash_combine(*hash, record->node);
    *hash = hash_combine(*hash, record->a);
    if (trace_hashes_b(record->point))
        *hash = hash_combine(*hash, record->b);
}

START_TEST(providers_give_the_same_trace) {
    static const char *const providers[] = {"real", "modelled"};
    uint64_t hashes[2] = {0, 0};
    for (size_t i = 0; i < 2; i++) {
        struct assembly_config config = base_config(_i, 4);
        const char *only = config.certificates->suite;
        if (only != NULL && suite_find(only, "real") == NULL)
            return; /* nothing to agree with */
        config.provider = providers[i];
        config.trace = hash_trace;
        config.context = &hashes[i];
        struct assembly *assembly = assembly_new(&config);
        assembly_submit(assembly, NS_PER_S, 10);
        assembly_run(assembly, 5 * NS_PER_S);
        ck_assert_uint_eq(assembly_decided(assembly), 10);
        assembly_free(assembly);
    }
    ck_assert_uint_eq(hashes[0], hashes[1]);
}
END_TEST

/* What the network does. */
struct network {
    struct rng rng;
    uint32_t loss_percent;
    uint64_t side; /* bit i: node i is on the one side of a partition */
};

static time_ns carry(void *context, const struct assembly_message *message) {
    struct network *network = context;
    bool apart = ((network->side >> message->from ^ network->side >> message->to) & 1) != 0;
    if (apart || rng_chance(&network->rng, network->loss_percent, 100))
        return -1;
    return message->delay + (time_ns)rng_below(&network->rng, (uint64_t)message->delay);
}

static struct assembly *build(int test, uint32_t count, uint64_t seed, struct network *network) {
    struct assembly_config config = base_config(test, count);
    rng_init(&network->rng, seed, 0, "test network");
    config.seed = seed;
    config.route = carry;
    config.context = network;
    return assembly_new(&config);
}

static void assert_all_decided(const struct assembly *assembly, uint32_t count,
                               uint64_t transactions) {
    assert_sound(assembly);
    ck_assert_uint_eq(assembly_decided(assembly), transactions);
    for (node_id node = 0; node < count; node++)
        ck_assert_uint_eq(assembly_height(assembly, node), assembly_log_height(assembly));
}

START_TEST(loss_delays_nothing_for_ever) {
    for (uint64_t seed = 1; seed <= 4; seed++) {
        struct network network = {.loss_percent = 10};
        struct assembly *assembly = build(_i, 4, seed, &network);
        for (uint32_t i = 0; i < 10; i++)
            assembly_submit(assembly, (1 + i) * NS_PER_S, 2);
        assembly_run(assembly, 2000 * NS_PER_S);
        assert_all_decided(assembly, 4, 20);
        assembly_free(assembly);
    }
}
END_TEST

START_TEST(no_quorum_no_decision_then_all) {
    struct network network = {.side = 0x3};
    struct assembly *assembly = build(_i, 4, 1, &network);
    assembly_submit(assembly, NS_PER_S, 10);
    assembly_run(assembly, 30 * NS_PER_S);
    ck_assert_uint_eq(assembly_log_height(assembly), 0);
    network.side = 0;
    assembly_run(assembly, 200 * NS_PER_S);
    assert_all_decided(assembly, 4, 10);
    assembly_free(assembly);
}
END_TEST

/* f members of each size crash and come back with what they had made durable. */
START_TEST(crashed_members_come_back) {
    static const uint32_t committees[] = {4, 7, 10};
    for (size_t i = 0; i < ARRAY_LEN(committees); i++) {
        struct network network = {0};
        const uint32_t count = committees[i], faults = (count - 1) / 3;
        struct assembly *assembly = build(_i, count, i, &network);
        for (uint32_t k = 0; k < 20; k++)
            assembly_submit(assembly, (1 + k) * NS_PER_S, 2);
        assembly_run(assembly, 5 * NS_PER_S + DELTA / 2);
        for (node_id node = 0; node < faults; node++)
            assembly_crash(assembly, 3 * node + 1);
        assembly_run(assembly, 15 * NS_PER_S + DELTA / 2);
        for (node_id node = 0; node < faults; node++)
            assembly_restart(assembly, 3 * node + 1);
        assembly_run(assembly, 400 * NS_PER_S);
        assert_all_decided(assembly, count, 40);
        assembly_free(assembly);
    }
}
END_TEST

Suite *conformance_suite(void) {
    Suite *suite = suite_create("conformance");
    TCase *tcase = tcase_create("conformance");
    int variants = (int)variant_count(), count = count_pairings();
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, names_are_found_and_distinct, 0, variants);
    tcase_add_loop_test(tcase, decides_then_is_quiet, 0, count);
    tcase_add_loop_test(tcase, good_case_takes_the_stated_hops, 0, count);
    tcase_add_loop_test(tcase, runs_are_reproducible, 0, count);
    tcase_add_loop_test(tcase, providers_give_the_same_trace, 0, count);
    tcase_add_loop_test(tcase, loss_delays_nothing_for_ever, 0, count);
    tcase_add_loop_test(tcase, no_quorum_no_decision_then_all, 0, count);
    tcase_add_loop_test(tcase, crashed_members_come_back, 0, count);
    suite_add_tcase(suite, tcase);
    return suite;
}
