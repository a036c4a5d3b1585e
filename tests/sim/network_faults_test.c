/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the network does with frames while faults are active: shares of losses against the binomial
 * distribution, by link and direction. */
#include <check.h>
#include <gsl/gsl_cdf.h>

#include "sim/run/fault_table.h"

#define NODES  4
#define FRAMES 20000

static const uint16_t place_of[NODES] = {0};
static const time_ns local[1] = {NS_PER_MS};

/* Two-sided, 99.9 %. */
static void check_binomial(uint64_t hits, uint64_t trials, double chance) {
    double below = gsl_cdf_binomial_P((unsigned)hits, chance, (unsigned)trials);
    double above =
        1 - (hits == 0 ? 0 : gsl_cdf_binomial_P((unsigned)hits - 1, chance, (unsigned)trials));
    ck_assert_msg(below > 0.0005 && above > 0.0005, "%lu of %lu, expected %g", (unsigned long)hits,
                  (unsigned long)trials, chance);
}

struct fixture {
    struct network network;
    struct fault_table table;
};

static void nothing(void *context, node_id node) {
}

static void nothing_more(void *context, node_id node, uint32_t value) {
}

static void no_step(void *context, node_id node, time_ns by) {
}

static void open_fixture(struct fixture *f, uint32_t loss_ppm, const struct fault *faults,
                         size_t count) {
    static const struct fault_ops ops = {nothing, nothing, nothing_more, nothing_more, no_step};
    const struct network_config config = {.seed = 5,
                                          .node_count = NODES,
                                          .place_of = place_of,
                                          .place_count = 1,
                                          .base = local,
                                          .loss_ppm = loss_ppm};
    network_init(&f->network, &config);
    fault_table_init(&f->table, faults, count, NODES);
    fault_table_advance(&f->table, 1, &ops, NULL);
    network_set_links(&f->network, fault_table_link, &f->table);
}

static void close_fixture(struct fixture *f) {
    network_deinit(&f->network);
    fault_table_deinit(&f->table);
}

/* How many of FRAMES frames met @fate. */
static uint64_t count(struct fixture *f, node_id from, node_id to, enum network_fate fate) {
    uint64_t hits = 0;
    time_ns extra;
    for (int i = 0; i < FRAMES; i++)
        hits += network_fate(&f->network, from, to, 0, &extra) == fate;
    return hits;
}

static const uint8_t node_0[NODES] = {FAULT_END}, nodes_0_1[NODES] = {FAULT_END, FAULT_END},
                     from_0_to_1[NODES] = {FAULT_SENDER, FAULT_RECEIVER},
                     sides[NODES] = {1, 2, 2, 0};

#define ACTIVE .at = 0, .until = 10

START_TEST(losses_have_the_rate_that_is_set) {
    static const uint32_t rates[] = {1000, 50000, 300000, 999000};
    struct fixture f;
    open_fixture(&f, rates[_i], NULL, 0);
    check_binomial(count(&f, 0, 1, NETWORK_LOST), FRAMES, rates[_i] / 1e6);
    ck_assert_uint_eq(f.network.fates[NETWORK_LOST] + f.network.fates[NETWORK_DELIVERED], FRAMES);
    close_fixture(&f);
}
END_TEST

START_TEST(all_and_nothing_are_lost_exactly) {
    struct fixture f;
    open_fixture(&f, 0, NULL, 0);
    ck_assert_uint_eq(count(&f, 0, 1, NETWORK_LOST), 0);
    close_fixture(&f);
    open_fixture(&f, 1000000, NULL, 0);
    ck_assert_uint_eq(count(&f, 0, 1, NETWORK_LOST), FRAMES);
    close_fixture(&f);
}
END_TEST

START_TEST(losses_add_up_as_independent_ones) {
    static const struct fault faults[] = {
        {.kind = FAULT_LOSS, ACTIVE, .value = 300000, .marks = node_0},
        {.kind = FAULT_LOSS, ACTIVE, .value = 400000, .marks = nodes_0_1},
    };
    struct fixture f;
    open_fixture(&f, 100000, faults, 2);
    check_binomial(count(&f, 0, 1, NETWORK_LOST), FRAMES,
                   1 - 0.9 * 0.7 * 0.6); /* both ends: once */
    check_binomial(count(&f, 1, 0, NETWORK_LOST), FRAMES, 1 - 0.9 * 0.7 * 0.6);
    check_binomial(count(&f, 1, 2, NETWORK_LOST), FRAMES, 1 - 0.9 * 0.6);
    check_binomial(count(&f, 2, 0, NETWORK_LOST), FRAMES, 1 - 0.9 * 0.7 * 0.6);
    check_binomial(count(&f, 2, 3, NETWORK_LOST), FRAMES, 0.1);
    close_fixture(&f);
}
END_TEST

START_TEST(a_loss_may_have_one_direction) {
    static const struct fault faults[] = {
        {.kind = FAULT_LOSS, ACTIVE, .value = 500000, .marks = from_0_to_1}};
    struct fixture f;
    open_fixture(&f, 0, faults, 1);
    check_binomial(count(&f, 0, 1, NETWORK_LOST), FRAMES, 0.5);
    ck_assert_uint_eq(count(&f, 1, 0, NETWORK_LOST), 0);
    ck_assert_uint_eq(count(&f, 0, 2, NETWORK_LOST), 0);
    ck_assert_uint_eq(count(&f, 2, 1, NETWORK_LOST), 0);
    close_fixture(&f);
}
END_TEST

START_TEST(a_partition_cuts_all_or_one_way) {
    const struct fault faults[] = {
        {.kind = FAULT_PARTITION, ACTIVE, .marks = sides, .one_way = _i != 0}};
    struct fixture f;
    open_fixture(&f, 0, faults, 1);
    ck_assert_uint_eq(count(&f, 0, 1, NETWORK_CUT), FRAMES);
    ck_assert_uint_eq(count(&f, 1, 0, NETWORK_CUT), _i != 0 ? 0 : FRAMES);
    ck_assert_uint_eq(count(&f, 1, 2, NETWORK_CUT), 0); /* same side */
    ck_assert_uint_eq(count(&f, 0, 3, NETWORK_CUT), 0); /* on neither */
    ck_assert_uint_eq(count(&f, 3, 1, NETWORK_CUT), 0);
    close_fixture(&f);
}
END_TEST

static time_ns offset_of(void *context, node_id from, node_id to) {
    return 1000 * (from + 1) + 100 * (to + 1);
}

static time_ns jitter_of(void *context, uint32_t from_place, uint32_t to_place, struct rng *rng) {
    return 7;
}

START_TEST(what_arrives_is_late_by_offset_and_jitter) {
    struct fixture f;
    time_ns extra;
    open_fixture(&f, 0, NULL, 0);
    f.network.config.models = (struct network_models){NULL, offset_of, jitter_of, NULL};
    ck_assert_int_eq(network_fate(&f.network, 0, 2, 0, &extra), NETWORK_DELIVERED);
    ck_assert_int_eq(extra, 1000 + 300 + 7);
    ck_assert_int_eq(network_head(&f.network, 0, 2, 100, 50, extra), 50 + NS_PER_MS + extra);
    close_fixture(&f);
}
END_TEST

/* Links that no fault touches draw as they would without any. */
START_TEST(a_fault_elsewhere_shifts_no_draw) {
    static const struct fault faults[] = {
        {.kind = FAULT_LOSS, ACTIVE, .value = 400000, .marks = node_0},
        {.kind = FAULT_PARTITION, ACTIVE, .marks = sides},
    };
    struct fixture with, without;
    open_fixture(&with, 200000, faults, 2);
    open_fixture(&without, 200000, NULL, 0);
    for (int i = 0; i < FRAMES; i++) {
        time_ns extra;
        ck_assert_int_eq(network_fate(&with.network, 2, 3, 0, &extra),
                         network_fate(&without.network, 2, 3, 0, &extra));
    }
    close_fixture(&with);
    close_fixture(&without);
}
END_TEST

Suite *network_faults_suite(void) {
    Suite *suite = suite_create("network_faults");
    TCase *tcase = tcase_create("network_faults");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, losses_have_the_rate_that_is_set, 0, 4);
    tcase_add_test(tcase, all_and_nothing_are_lost_exactly);
    tcase_add_test(tcase, losses_add_up_as_independent_ones);
    tcase_add_test(tcase, a_loss_may_have_one_direction);
    tcase_add_loop_test(tcase, a_partition_cuts_all_or_one_way, 0, 2);
    tcase_add_test(tcase, what_arrives_is_late_by_offset_and_jitter);
    tcase_add_test(tcase, a_fault_elsewhere_shifts_no_draw);
    suite_add_tcase(suite, tcase);
    return suite;
}
