/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The shares and movements that rendezvous hashing promises, and the historic weight function. */
#include "select/rendezvous.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/error.h"
#include "base/rng.h"
#include "tests/lib/vectors.h"

#define KEYS   100000
#define NODES  20
#define SIGMAS 3.29 /* two-sided 0.1 % */

static void make_nodes(node_id *nodes, size_t count) {
    for (size_t i = 0; i < count; i++)
        nodes[i] = (node_id)(100 + 7 * i);
}

static node_id owner(const node_id *nodes, size_t count, uint64_t key) {
    struct rendezvous_rank rank;
    ck_assert_int_eq(rendezvous_select(nodes, count, &key, sizeof key, &rank, 1), 1);
    return rank.id;
}

static void assert_binomial(double seen, double trials, double p) {
    double deviation = sqrt(trials * p * (1 - p));
    ck_assert_double_lt(fabs(seen - trials * p), SIGMAS * deviation);
}

START_TEST(shares_and_moved_keys) {
    node_id nodes[NODES + 1];
    uint32_t owned[NODES + 1] = {0}, moved = 0;
    make_nodes(nodes, NODES + 1);
    for (uint64_t key = 0; key < KEYS; key++) {
        node_id before = owner(nodes, NODES, key);
        node_id after = owner(nodes, NODES + 1, key);
        owned[(before - 100) / 7]++;
        if (after == before)
            continue;
        ck_assert_uint_eq(after, nodes[NODES]); /* a key moves to the newcomer or stays */
        moved++;
    }
    double chi_square = 0;
    for (size_t i = 0; i < NODES; i++) {
        double difference = owned[i] - (double)KEYS / NODES;
        chi_square += difference * difference * NODES / KEYS;
        ck_assert_double_lt(fabs(difference), 3.9 * 68.9); /* 0.1 % shared by 20 nodes */
    }
    ck_assert_double_lt(chi_square, 43.82); /* 19 degrees of freedom, 0.1 % */
    assert_binomial(moved, KEYS, 1.0 / (NODES + 1));
}
END_TEST

START_TEST(a_leaver_moves_only_its_own_keys) {
    node_id nodes[NODES], left[NODES - 1];
    make_nodes(nodes, NODES);
    memcpy(left, nodes, sizeof left);
    left[4] = nodes[NODES - 1]; /* node 4 leaves, and the order changes */
    for (uint64_t key = 0; key < 20000; key++) {
        node_id before = owner(nodes, NODES, key);
        node_id after = owner(left, NODES - 1, key);
        ck_assert(before == after || before == nodes[4]);
        ck_assert_uint_ne(after, nodes[4]);
    }
}
END_TEST

static int compare_ranks(const void *a, const void *b) {
    return rendezvous_before(a, b) ? -1 : 1;
}

START_TEST(the_best_in_any_order_of_the_list) {
    struct rendezvous_rank all[NODES], best[NODES];
    struct rendezvous_node nodes[NODES];
    struct rng rng;
    rng_init(&rng, 1, 0, "order");
    for (size_t i = 0; i < NODES; i++)
        nodes[i] = (struct rendezvous_node){(node_id)i, 1 + (uint32_t)rng_below(&rng, 9)};
    for (uint64_t key = 0; key < 2000; key++) {
        for (size_t i = 0; i < NODES; i++)
            ck_assert_int_eq(rendezvous_select_weighted(&nodes[i], 1, &key, sizeof key, &all[i], 1),
                             1);
        qsort(all, NODES, sizeof all[0], compare_ranks);
        rng_shuffle(&rng, nodes, NODES, sizeof nodes[0]);
        size_t wanted = (size_t)rng_below(&rng, NODES + 1);
        ck_assert_int_eq(rendezvous_select_weighted(nodes, NODES, &key, sizeof key, best, wanted),
                         (int)wanted);
        ck_assert_mem_eq(best, all, wanted * sizeof all[0]);
    }
}
END_TEST

START_TEST(shares_follow_the_weights) {
    struct rendezvous_node nodes[] = {{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 10}, {5, 0}};
    uint32_t owned[ARRAY_LEN(nodes)] = {0};
    for (uint64_t key = 0; key < KEYS; key++) {
        struct rendezvous_rank before, after;
        nodes[2].weight = 3;
        rendezvous_select_weighted(nodes, ARRAY_LEN(nodes), &key, sizeof key, &before, 1);
        owned[before.id]++;
        nodes[2].weight = 9; /* draws keys to node 2, moves none between the others */
        rendezvous_select_weighted(nodes, ARRAY_LEN(nodes), &key, sizeof key, &after, 1);
        ck_assert(after.id == before.id || after.id == 2);
    }
    nodes[2].weight = 3;
    for (size_t i = 0; i < 5; i++)
        assert_binomial(owned[i], KEYS, nodes[i].weight / 20.0);
    ck_assert_uint_eq(owned[5], 0);
}
END_TEST

START_TEST(equal_weights_rank_like_none) {
    node_id nodes[NODES];
    struct rendezvous_node weighted[NODES];
    make_nodes(nodes, NODES);
    for (size_t i = 0; i < NODES; i++)
        weighted[i] = (struct rendezvous_node){nodes[i], 5};
    for (uint64_t key = 0; key < 2000; key++) {
        struct rendezvous_rank plain[3], equal[3];
        ck_assert_int_eq(rendezvous_select(nodes, NODES, &key, sizeof key, plain, 3), 3);
        ck_assert_int_eq(rendezvous_select_weighted(weighted, NODES, &key, sizeof key, equal, 3),
                         3);
        for (size_t i = 0; i < 3; i++)
            ck_assert_uint_eq(plain[i].id, equal[i].id);
    }
}
END_TEST

/* A long double logarithm of up to 65 is itself only good to one unit of 2^-57. */
static void assert_logarithm(uint64_t hash) {
    long double truth = 65 - log2l(2.0L * hash + 1);
    long double units = ldexpl(truth, RENDEZVOUS_FRACTION_BITS);
    long double error = rendezvous_negative_log2(hash) - units;
    ck_assert_msg(error > -1.01L && error < 3, "hash %llx is off by %Lf units",
                  (unsigned long long)hash, error);
}

START_TEST(logarithm_is_as_precise_as_documented) {
    struct rng rng;
    rng_init(&rng, 2, 0, "logarithm");
    for (unsigned shift = 0; shift < 64; shift++) {
        uint64_t power = UINT64_C(1) << shift;
        assert_logarithm(power);
        assert_logarithm(power - 1);
        assert_logarithm(0 - power);
        ck_assert_uint_ge(rendezvous_negative_log2(power - 1), rendezvous_negative_log2(power));
    }
    for (size_t i = 0; i < 100000; i++) {
        uint64_t hash = rng_next(&rng) >> rng_below(&rng, 64);
        assert_logarithm(hash);
        if (hash < UINT64_MAX)
            ck_assert_uint_ge(rendezvous_negative_log2(hash), rendezvous_negative_log2(hash + 1));
    }
    ck_assert_uint_eq(rendezvous_negative_log2(0), UINT64_C(65) << RENDEZVOUS_FRACTION_BITS);
    ck_assert_uint_eq(rendezvous_negative_log2(UINT64_MAX), 1);
}
END_TEST

START_TEST(ties_and_limits) {
    struct rendezvous_rank low = {6, 2, 1}, high = {9, 3, 2}, rank;
    uint8_t key[RENDEZVOUS_KEY_LIMIT + 1] = {0};
    node_id node = 5;
    ck_assert(rendezvous_before(&high, &low)); /* 6/2 = 9/3: the larger id */
    ck_assert(!rendezvous_before(&low, &high));
    ck_assert(!rendezvous_before(&low, &low));
    ck_assert_int_eq(rendezvous_select(&node, 1, key, sizeof key, &rank, 1), ERR_INVALID);
    ck_assert_int_eq(rendezvous_select(&node, 1, key, sizeof key - 1, &rank, 1), 1);
    ck_assert_int_eq(rendezvous_select(&node, 1, key, 0, &rank, 4), 1);
    ck_assert_int_eq(rendezvous_select(&node, 0, key, 1, &rank, 1), 0);
    ck_assert_int_eq(rendezvous_select(&node, 1, key, 1, NULL, 0), 0);
}
END_TEST

#define SERVERS 5

static void parse_list(const struct vectors *vectors, const char *key, uint32_t out[SERVERS]) {
    char *at = (char *)vectors_text(vectors, key);
    for (size_t i = 0; i < SERVERS; i++) {
        out[i] = (uint32_t)strtoul(at, &at, 10);
        ck_assert_int_eq(*at, i + 1 < SERVERS ? ',' : '\0');
        at++;
    }
}

/* Ranks by W_rand through the comparison of the selection, so that the tie rule is the same one. */
static void check_order(const uint32_t *servers, uint32_t digest, const uint32_t *weights,
                        const uint32_t *order) {
    struct rendezvous_rank ranks[SERVERS];
    for (size_t i = 0; i < SERVERS; i++) {
        uint32_t weight = rendezvous_w_rand(servers[i], digest);
        ck_assert_uint_eq(weight, weights[i]);
        ranks[i] = (struct rendezvous_rank){INT32_MAX - weight, 1, servers[i]};
    }
    qsort(ranks, SERVERS, sizeof ranks[0], compare_ranks);
    for (size_t i = 0; i < SERVERS; i++)
        ck_assert_uint_eq(ranks[i].id, order[i]);
}

START_TEST(w_rand_by_hand) {
    /* The empty key of the vector file: 10.0.0.1 … 10.0.0.5. */
    static const uint32_t servers[] = {167772161, 167772162, 167772163, 167772164, 167772165};
    static const uint32_t weights[] = {813609191, 1931561808, 902030777, 2019983394, 990452363};
    static const uint32_t order[] = {167772164, 167772162, 167772165, 167772163, 167772161};
    check_order(servers, 0, weights, order);
}
END_TEST

START_TEST(w_rand_vectors) {
    struct vectors vectors;
    size_t checked = 0;
    if (!vectors_open(&vectors, "hrw_rfc8584_derived.txt"))
        return;
    while (vectors_next(&vectors)) {
        uint32_t servers[SERVERS], weights[SERVERS], order[SERVERS];
        parse_list(&vectors, "servers", servers);
        parse_list(&vectors, "weights", weights);
        parse_list(&vectors, "order", order);
        const char *key = vectors_text(&vectors, "key");
        const uint64_t digest = vectors_number(&vectors, "digest");
        ck_assert_uint_eq(digest, crc32(0, (const Bytef *)key, (uInt)strlen(key)) & 0x7fffffff);
        check_order(servers, (uint32_t)digest, weights, order);
        checked++;
    }
    vectors_close(&vectors, checked);
}
END_TEST

Suite *rendezvous_suite(void) {
    Suite *suite = suite_create("rendezvous");
    TCase *tcase = tcase_create("rendezvous");
    tcase_add_test(tcase, shares_and_moved_keys);
    tcase_add_test(tcase, a_leaver_moves_only_its_own_keys);
    tcase_add_test(tcase, the_best_in_any_order_of_the_list);
    tcase_add_test(tcase, shares_follow_the_weights);
    tcase_add_test(tcase, equal_weights_rank_like_none);
    tcase_add_test(tcase, logarithm_is_as_precise_as_documented);
    tcase_add_test(tcase, ties_and_limits);
    tcase_add_test(tcase, w_rand_by_hand);
    tcase_add_test(tcase, w_rand_vectors);
    suite_add_tcase(suite, tcase);
    return suite;
}
