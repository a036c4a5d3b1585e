/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Faults of a scenario in a run: one city of 16 nodes, its committee of 4, 5 ms between places. */
#include <check.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/lib/run_text.h"

static const char base[] = "schema: 1\nduration: 3 s\nwarmup: 500 ms\n"
                           "places: [{id: komatsu, nodes: 16}]\n"
                           "city: {committee: 4, consensus: pbft}\n"
                           "continent: {committee: 4, places: [tokyo], consensus: pbft}\n"
                           "pipeline: {candidates: 8, holders: 5, pieces: 5, needed: 3, acks: 4}\n";

static void run(const char *more, struct run_result *result) {
    char yaml[2048];
    snprintf(yaml, sizeof yaml,
             "%sdrain: 2 s\nworkload: {model: constant, rate: 20/s, size: 512 B}\n"
             "network: {latency: uniform, delay: 5 ms, jitter: none}\n%s",
             base, more);
    run_text(yaml, result);
    for (size_t i = 0; i < result->invariant_count; i++)
        ck_assert_msg(result->invariants[i].passed, "%s", result->invariants[i].name);
}

/* A run in a process of its own, as SimGrid wants it. */
static uint64_t frames_lost(const char *faults) {
    struct run_result result;
    uint64_t lost = 0;
    int ends[2], status;
    ck_assert_int_eq(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        run(faults, &result);
        lost = run_counter(&result, "frames_lost");
        _exit(write(ends[1], &lost, sizeof lost) == (ssize_t)sizeof lost ? 0 : 1);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    ck_assert_int_eq(read(ends[0], &lost, sizeof lost), (ssize_t)sizeof lost);
    close(ends[0]);
    close(ends[1]);
    return lost;
}

#define LONG "faults:\n  - {at: 500 ms, until: 3 s, kind: loss, nodes: {tier: city}, rate: 30 %}\n"

START_TEST(the_end_of_a_short_loss_leaves_the_long_one) {
    uint64_t alone = frames_lost(LONG);
    uint64_t both = frames_lost(
        LONG "  - {at: 1 s, until: 1010 ms, kind: loss, nodes: {tier: city}, rate: 40 %}\n");
    ck_assert_uint_gt(alone, 200);
    ck_assert_msg(both > alone / 2, "%lu of %lu", (unsigned long)both, (unsigned long)alone);
}
END_TEST

static const char *const modes[] = {"latency", "fluid", "hybrid, threshold: 600 B"};

/* Every frame that a node sent is somewhere; the end comes while some are under way, and one member
 * dies with a full queue. */
START_TEST(no_frame_vanishes) {
    char yaml[2048];
    struct run_result result;
    snprintf(
        yaml, sizeof yaml,
        "%sdrain: 1 ms\n"
        "workload: {model: constant, rate: 500/s, size: 512 B}\n"
        "network: {latency: uniform, delay: 5 ms, loss: 1 %%, mode: %s}\n"
        "faults:\n"
        "  - {at: 600 ms, until: 900 ms, kind: loss, from: komatsu, to: tokyo, rate: 50 %%}\n"
        "  - {at: 700 ms, until: 1 s, kind: partition, isolate: {tier: city, index: 1}}\n"
        "  - {at: 900 ms, until: 1 s, kind: slow, nodes: {tier: city, index: 0}, factor: 1000}\n"
        "  - {at: 1 s, until: 2 s, kind: restart, nodes: {tier: city, index: 0}}\n"
        "  - {at: 2500 ms, kind: crash, nodes: [{index: 3}, {tier: continent, index: 1}]}\n",
        base, modes[_i]);
    run_text(yaml, &result);
    uint64_t sum = 0;
    static const char *const ends[] = {"frames_delivered", "frames_lost", "frames_cut",
                                       "frames_nowhere",   "frames_down", "frames_in_flight"};
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        sum += run_counter(&result, ends[i]);
        if (strcmp(ends[i], "frames_nowhere") != 0)
            ck_assert_msg(run_counter(&result, ends[i]) > 0, "%s", ends[i]);
    }
    ck_assert_uint_eq(run_counter(&result, "frames_sent"), sum);
    run_result_free(&result);
}
END_TEST

/* Done transactions whose submission was meant within [from, until). */
static size_t done_within(const struct run_result *result, time_ns from, time_ns until) {
    size_t done = 0;
    for (size_t i = 0; i < result->transaction_count; i++)
        done += result->transactions[i].intended >= from &&
                result->transactions[i].intended < until && result->transactions[i].done < until;
    return done;
}

struct cut {
    const char *fault;
    bool stops; /* what would be done while it lasts */
};

/* Tokyo has the representatives: with it gone, nothing is acknowledged. */
static const struct cut cuts[] = {
    {"isolate: tokyo", true},
    {"isolate: tokyo, one_way: true", true},                       /* no acknowledgement comes */
    {"groups: [komatsu, rest], one_way: true", true},              /* no batch goes */
    {"groups: [{tier: continent, index: 0}, rest]", false},        /* f of them */
    {"groups: [{tier: city, index: 2}, {tier: continent}]", false} /* others carry the batches */
};

START_TEST(a_partition_lasts_while_it_is_active) {
    char more[512];
    struct run_result result;
    snprintf(
        more, sizeof more,
        "faults:\n"
        "  - {at: 1 s, until: 2 s, kind: partition, %s}\n"
        "  - {at: 1100 ms, until: 1200 ms, kind: partition, groups: [{index: 0}, {index: 1}]}\n",
        cuts[_i].fault);
    run(more, &result);
    ck_assert_uint_gt(run_counter(&result, "frames_cut"), 0);
    ck_assert_uint_ge(done_within(&result, 500 * NS_PER_MS, NS_PER_S), 8);
    size_t during = done_within(&result, NS_PER_S, 2 * NS_PER_S);
    if (cuts[_i].stops)
        ck_assert_uint_eq(during, 0);
    else
        ck_assert_uint_ge(during, 10);
    ck_assert_uint_ge(done_within(&result, 2 * NS_PER_S, 3 * NS_PER_S), 10);
    run_result_free(&result);
}
END_TEST

START_TEST(a_slow_node_works_longer) {
    struct run_result result;
    run("faults: [{at: 0 s, kind: slow, nodes: {tier: continent, index: 1}, factor: 100}]\n",
        &result);
    const struct node_record *nodes = result.nodes + 16; /* the representatives */
    ck_assert_int_gt(nodes[1].cpu_busy_ns, 20 * nodes[0].cpu_busy_ns);
    ck_assert_int_gt(nodes[1].cpu_busy_ns, 20 * nodes[2].cpu_busy_ns);
    run_result_free(&result);
}
END_TEST

/* With two of four members gone nothing is ordered; back again, they take part. */
START_TEST(who_restarts_is_back) {
    struct run_result result;
    run("faults: [{at: 1 s, until: 1800 ms, kind: restart, nodes: {tier: city, index: 0..1}}]\n",
        &result);
    ck_assert_uint_gt(done_within(&result, 500 * NS_PER_MS, NS_PER_S), 0);
    ck_assert_uint_eq(done_within(&result, 1100 * NS_PER_MS, 1800 * NS_PER_MS), 0);
    ck_assert_uint_gt(done_within(&result, 2 * NS_PER_S, 4 * NS_PER_S), 10);
    ck_assert_uint_gt(run_counter(&result, "frames_down"), 0);
    run_result_free(&result);
}
END_TEST

/* Whoever forgets goes on forgetting after a restart. */
START_TEST(forgetting_outlives_a_restart) {
    char yaml[2048];
    struct run_result result;
    snprintf(yaml, sizeof yaml,
             "%sdrain: 2 s\nworkload: {model: constant, rate: 20/s, size: 4 KiB}\n"
             "network: {latency: uniform, delay: 5 ms, jitter: none}\n"
             "faults:\n"
             "  - {at: 0 s, kind: forget, nodes: komatsu, rate: 100 %%}\n"
             "  - {at: 10 ms, until: 20 ms, kind: restart, nodes: komatsu}\n",
             base);
    char *audit = strstr(yaml, "acks: 4}");
    ck_assert_ptr_nonnull(audit);
    memmove(audit + strlen("acks: 4, audit: {share: 100 %}}"), audit + strlen("acks: 4}"),
            strlen(audit + strlen("acks: 4}")) + 1);
    memcpy(audit, "acks: 4, audit: {share: 100 %}}", strlen("acks: 4, audit: {share: 100 %}}"));
    run_text(yaml, &result);
    ck_assert_uint_gt(run_counter(&result, "audit_wrong"), 0);
    ck_assert_uint_eq(run_counter(&result, "audit_passed"), 0);
    run_result_free(&result);
}
END_TEST

/* Two representatives restart one after the other: what they kept of batches is nothing that their
 * consensus takes for its own. */
static const char *const variants[] = {"pbft", "hotstuff-sticky", "honeybadger"};

START_TEST(representatives_that_restart_go_on_ordering) {
    char yaml[2048];
    struct run_result result;
    snprintf(
        yaml, sizeof yaml,
        "schema: 1\nseed: 372\nduration: 3 s\nwarmup: 0 s\ndrain: 10 s\n"
        "places: [{id: komatsu, nodes: 18}]\ncity: {committee: 4}\n"
        "continent: {committee: 4, consensus: %s, ack: ordered, places: [tokyo]}\n"
        "pipeline: {candidates: 10, holders: 7, pieces: 7, needed: 3, acks: 4}\n"
        "workload: {model: poisson, rate: 20/s, size: 512 B}\n"
        "network: {latency: uniform, delay: 20 ms, jitter: none}\ncpu: {table: zero}\n"
        "faults:\n"
        "  - {at: 1532 ms, until: 1548 ms, kind: restart, nodes: {tier: continent, index: 1}}\n"
        "  - {at: 1594 ms, until: 1687 ms, kind: restart, nodes: {tier: continent, index: 3}}\n",
        variants[_i]);
    run_text(yaml, &result);
    ck_assert_uint_gt(result.transaction_count, 30);
    for (size_t i = 0; i < result.transaction_count; i++)
        ck_assert_int_ne(result.transactions[i].done, TIME_NEVER);
    run_result_free(&result);
}
END_TEST

Suite *faults_suite(void) {
    Suite *suite = suite_create("faults");
    TCase *tcase = tcase_create("faults");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, the_end_of_a_short_loss_leaves_the_long_one);
    tcase_add_test(tcase, a_slow_node_works_longer);
    tcase_add_test(tcase, who_restarts_is_back);
    tcase_add_loop_test(tcase, representatives_that_restart_go_on_ordering, 0, ARRAY_LEN(variants));
    tcase_add_test(tcase, forgetting_outlives_a_restart);
    tcase_add_loop_test(tcase, no_frame_vanishes, 0, ARRAY_LEN(modes));
    tcase_add_loop_test(tcase, a_partition_lasts_while_it_is_active, 0, ARRAY_LEN(cuts));
    suite_add_tcase(suite, tcase);
    return suite;
}
