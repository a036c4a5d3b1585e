/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Common random numbers: what a seed decides does not depend on what is varied. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/types.h"
#include "sim/driver/network.h"
#include "tests/lib/program.h"

#define NODES 6

static const uint16_t place_of[NODES] = {0};
static const time_ns base[1] = {NS_PER_MS};

static time_ns jitter(void *context, uint32_t from, uint32_t to, struct rng *rng) {
    return (time_ns)(rng_next(rng) >> 40);
}

static void open_network(struct network *network, uint32_t loss_ppm) {
    const struct network_config config = {.seed = 9,
                                          .node_count = NODES,
                                          .place_of = place_of,
                                          .place_count = 1,
                                          .base = base,
                                          .loss_ppm = loss_ppm,
                                          .models = {.jitter = jitter}};
    network_init(network, &config);
}

/* One network carries messages of kind 7 from 1 to 2 alone; the other much else between them, and in other directions. */
START_TEST(others_traffic_changes_nothing) {
    struct network alone, busy;
    open_network(&alone, 100000);
    open_network(&busy, 100000);
    for (uint32_t i = 0; i < 2000; i++) {
        time_ns a, b, other;
        for (uint32_t k = 0; k < i % 4; k++) {
            network_fate(&busy, 1, 2, 8 + k, &other);
            network_fate(&busy, 1, (i + k) % NODES, 9, &other);
            network_fate(&busy, 2, 1, 7, &other);
        }
        ck_assert_int_eq(network_fate(&alone, 1, 2, 7, &a), network_fate(&busy, 1, 2, 7, &b));
        ck_assert_int_eq(a, b);
    }
    network_deinit(&alone);
    network_deinit(&busy);
}
END_TEST

/* Nor does a loss change how long others take: what arrives with losses took as long without. */
START_TEST(losses_do_not_shift_delays) {
    struct network without, with;
    size_t lost = 0;
    open_network(&without, 0);
    open_network(&with, 300000);
    for (uint32_t i = 0; i < 2000; i++) {
        time_ns a, b;
        network_fate(&without, 1, 2, 7, &a);
        if (network_fate(&with, 1, 2, 7, &b) == NETWORK_LOST)
            lost++;
        else
            ck_assert_int_eq(a, b);
    }
    ck_assert_uint_gt(lost, 500);
    network_deinit(&without);
    network_deinit(&with);
}
END_TEST

/* Links, kinds and numbers each have fates of their own. */
START_TEST(all_delays_differ) {
    struct network network;
    time_ns seen[4 * 50];
    size_t count = 0;
    open_network(&network, 0);
    for (uint32_t i = 0; i < 50; i++) {
        network_fate(&network, 1, 2, 7, &seen[count++]);
        network_fate(&network, 2, 1, 7, &seen[count++]);
        network_fate(&network, 1, 3, 7, &seen[count++]);
        network_fate(&network, 1, 2, 8, &seen[count++]);
    }
    for (size_t a = 0; a < count; a++)
        for (size_t b = 0; b < a; b++)
            ck_assert_int_ne(seen[a], seen[b]);
    network_deinit(&network);
}
END_TEST

START_TEST(numbers_survive_growth) {
    struct numbering few = {0}, many = {0};
    for (uint32_t i = 0; i < 3; i++) {
        for (uint32_t kind = 1; kind < 3000; kind++)
            numbering_next(&many, 4, 5, kind);
        ck_assert_uint_eq(numbering_next(&few, 4, 5, 0), numbering_next(&many, 4, 5, 0));
    }
    numbering_deinit(&few);
    numbering_deinit(&many);
}
END_TEST

static int shell(const char *directory, const char *command) {
    char line[2048];
    snprintf(line, sizeof line, "D=%s; T=%s; export D T; %s", directory, program_path(), command);
    int status = system(line);
    ck_assert(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* The first @columns of transactions.csv are the same under each consensus, and the whole is not. */
static void expect_equal(unsigned columns, const char *sets) {
    char directory[] = "/tmp/tierchain-common-XXXXXX", command[1600];
    ck_assert_ptr_nonnull(mkdtemp(directory));
    snprintf(
        command, sizeof command,
        "for c in pbft hotstuff honeybadger; do PATH=/nonexistent $T run scenarios/smoke/pbft.yaml"
        " --set city.consensus=$c --set network.jitter=measured --set 'network.nic=100 Gbps'"
        " --set cpu.table=zero --set crypto.provider=modelled --set workload.model=poisson"
        " --set workload.size=cardano --set expect=[] %s -q -o $D/$c >$D/$c.out 2>&1 || exit 9;"
        " cut -d, -f1-%u $D/$c/pbft/latest/transactions.csv > $D/$c.csv; done;"
        " test $(wc -l < $D/pbft.csv) -gt 40 &&"
        " cmp $D/pbft.csv $D/hotstuff.csv && cmp $D/pbft.csv $D/honeybadger.csv &&"
        " ! cmp -s $D/pbft/pbft/latest/transactions.csv $D/hotstuff/pbft/latest/transactions.csv",
        sets, columns);
    int code = shell(directory, command);
    snprintf(command, sizeof command, "rm -rf %s", directory);
    ck_assert_int_eq(system(command), 0);
    ck_assert_int_eq(code, 0);
}

/* Arrivals at random, jitter: with CPUs and interfaces that keep nobody waiting, a transaction's way up to the consensus
 * (promised_ns is the twelfth column) is the same to the nanosecond. */
START_TEST(up_to_the_consensus_runs_are_equal) {
    expect_equal(12, "");
}
END_TEST

/* Under losses a protocol that waits for another message may ask again; who sends what, and when, stays. */
START_TEST(arrivals_are_equal) {
    expect_equal(
        5,
        "--set 'network.loss=0.5 %' --set 'faults=[{at: 1 s, until: 2 s, kind: loss, rate: 20 %, "
        "nodes: {share: 30 %}}]'");
}
END_TEST

Suite *common_numbers_suite(void) {
    Suite *suite = suite_create("common_numbers");
    TCase *tests = tcase_create("common_numbers");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, others_traffic_changes_nothing);
    tcase_add_test(tests, losses_do_not_shift_delays);
    tcase_add_test(tests, all_delays_differ);
    tcase_add_test(tests, numbers_survive_growth);
    tcase_add_test(tests, up_to_the_consensus_runs_are_equal);
    tcase_add_test(tests, arrivals_are_equal);
    suite_add_tcase(suite, tests);
    return suite;
}
