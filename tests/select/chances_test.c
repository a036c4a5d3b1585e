/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rows of checks.md 5.7 that no module owns alone: committees and samples drawn with our random
 * streams, and processes of gossip. Exact tails equal the stated figures, and what is drawn with a
 * fixed seed lies within 3.29 standard deviations. */
#include <check.h>
#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "consensus/committee.h"
#include "hold/audit.h"

#define SIGMAS 3.29

static void check_band(double seen, double expected, double deviation, const char *what) {
    ck_assert_msg(fabs(seen - expected) <= SIGMAS * deviation, "%s: %g, not %g (sigma %g)", what,
                  seen, expected, deviation);
}

static void check_share(uint64_t hits, uint64_t trials, double expected, const char *what) {
    check_band((double)hits / (double)trials, expected,
               sqrt(expected * (1 - expected) / (double)trials), what);
}

static double ln_choose(double n, double k) {
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1);
}

/* ---- committees ---- */

/* A committee of @size fails with more than f bad members. The pool is finite, or (0) endless. */
static const struct committee_row {
    uint32_t pool, bad, size;
    double chance;
    uint64_t draws;
} committees[] = {
    {1000, 250, 50, 9.2686e-2, 20000},  {1000, 250, 100, 2.1436e-2, 20000},
    {1000, 250, 200, 1.5817e-3, 20000}, {4000, 1000, 400, 3.583e-5, 0},
    {10000, 2500, 600, 1.437e-6, 0},    {1000, 333, 100, 0.47819, 20000},
    {0, 25, 100, 2.7594e-2, 20000}, /* Elastico's 2.76 %: each is bad with a chance of 25 % */
};

static uint32_t failing(uint32_t size) {
    const struct committee committee = {NULL, size};
    return committee_faults(&committee) + 1;
}

static double failure(const struct committee_row *row) {
    double sum = 0;
    for (uint32_t i = failing(row->size); i <= row->size; i++)
        sum += row->pool == 0 ? exp(ln_choose(row->size, i) + i * log(row->bad / 100.0) +
                                    (row->size - i) * log(1 - row->bad / 100.0))
               : i <= row->bad
                   ? exp(ln_choose(row->bad, i) + ln_choose(row->pool - row->bad, row->size - i) -
                         ln_choose(row->pool, row->size))
                   : 0;
    return sum;
}

/* Drawn without putting back, or each member for itself. */
static uint32_t draw_bad(struct rng *rng, const struct committee_row *row) {
    uint32_t bad = 0;
    for (uint32_t i = 0; i < row->size; i++)
        bad += row->pool == 0 ? rng_chance(rng, row->bad, 100)
                              : rng_chance(rng, row->bad - bad, row->pool - i);
    return bad;
}

START_TEST(committees_fail_as_often_as_stated) {
    const struct committee_row *row = &committees[_i];
    struct rng rng;
    uint64_t failed = 0;
    rng_init(&rng, 1, (uint64_t)_i, "committee draws");
    ck_assert_double_lt(fabs(failure(row) / row->chance - 1), 3e-4);
    for (uint64_t draw = 0; draw < row->draws; draw++)
        failed += draw_bad(&rng, row) >= failing(row->size);
    if (row->draws > 0)
        check_share(failed, row->draws, row->chance, "committee");
}
END_TEST

START_TEST(one_of_sixteen_shards) {
    ck_assert_double_lt(fabs(1 - pow(1 - failure(&committees[6]), 16) - 0.3609), 5e-5);
}
END_TEST

/* Who withholds a share q of the blocks escapes s samples: the chance that audits compute. */
START_TEST(withheld_data_escape_as_often_as_stated) {
    static const struct {
        size_t lost, samples;
        double chance;
    } rows[] = {{256, 20, 3.17e-3}, {512, 30, 9.3e-10}};
    struct rng rng;
    uint64_t missed = 0;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const double chance =
            (double)audit_miss_chance(1024, rows[i].lost, rows[i].samples) / (double)AUDIT_CERTAIN;
        ck_assert_double_lt(fabs(chance / rows[i].chance - 1), 2e-3);
    }
    rng_init(&rng, 2, 0, "samples");
    for (int run = 0; run < 50000; run++) {
        size_t sample = 0;
        while (sample < rows[0].samples && rng_below(&rng, 1024) >= rows[0].lost)
            sample++;
        missed += sample == rows[0].samples;
    }
    check_share(missed, 50000, pow(0.75, 20), "samples");
}
END_TEST

/* ---- gossip ---- */

/* Draws until each of n was drawn. */
START_TEST(coupon_collector) {
    static const struct {
        uint32_t count, runs;
        double mean;
    } rows[] = {{4, 20000, 8.333}, {10, 20000, 29.290}, {100, 4000, 518.738}, {1000, 500, 7485.47}};
    bool seen[1000];
    struct rng rng;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const uint32_t count = rows[i].count;
        double draws = 0, mean = 0, variance = 0;
        for (uint32_t k = 1; k <= count; k++) {
            mean += (double)count / k;
            variance += (double)count / k * ((double)count / k - 1);
        }
        ck_assert_double_lt(fabs(mean / rows[i].mean - 1), 1e-4);
        rng_init(&rng, 3, i, "coupons");
        for (uint32_t run = 0; run < rows[i].runs; run++) {
            memset(seen, 0, sizeof seen);
            for (uint32_t left = count; left > 0; draws++) {
                bool *drawn = &seen[rng_below(&rng, count)];
                left -= !*drawn;
                *drawn = true;
            }
        }
        check_band(draws / rows[i].runs, mean, sqrt(variance / rows[i].runs), "coupons");
    }
}
END_TEST

/* Synchronous push to one other node a round: rounds until all n know. */
static uint32_t push_rounds(struct rng *rng, uint32_t count) {
    uint32_t informed = 1, rounds = 0;
    while (informed < count) {
        /* Nodes are alike, so those that know are 0 … informed - 1, and each picks another one. */
        bool chosen[200] = {false};
        const uint32_t before = informed;
        for (uint32_t node = 0; node < before; node++) {
            const uint32_t other = (node + 1 + (uint32_t)rng_below(rng, count - 1)) % count;
            informed += other >= before && !chosen[other];
            chosen[other] = true;
        }
        rounds++;
    }
    return rounds;
}

START_TEST(push_gossip) {
    static const struct {
        uint32_t count;
        double mean;
    } rows[] = {{4, 3.1908}, {10, 6.0471}, {32, 9.3293}, {100, 12.3045}, {200, 14.0536}};
    const uint32_t runs = 10000;
    struct rng rng;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        double sum = 0, squares = 0;
        rng_init(&rng, 4, i, "push gossip");
        for (uint32_t run = 0; run < runs; run++) {
            const double rounds = push_rounds(&rng, rows[i].count);
            sum += rounds;
            squares += rounds * rounds;
        }
        const double mean = sum / runs, variance = squares / runs - mean * mean;
        check_band(mean, rows[i].mean, sqrt(variance / runs), "push gossip");
    }
}
END_TEST

/* The share that infect-and-die reaches: the root of x = 1 - e^(-kx). */
START_TEST(infect_and_die) {
    static const struct {
        double fanout, share;
    } rows[] = {{2, 0.7968}, {3, 0.9405}, {4, 0.9802}, {5, 0.9930}, {6, 0.99748}, {8, 0.99966}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        double share = 1;
        for (int step = 0; step < 200; step++)
            share = 1 - exp(-rows[i].fanout * share);
        ck_assert_double_lt(fabs(share - rows[i].share), 6e-5);
    }
}
END_TEST

/* Each of n nodes is chosen by Binomial(n, (ln n + c)/n) others: nobody is left out with a chance
 * that goes to exp(-e^-c). Drawn for n = 2000, where the limit is off by less than a deviation. */
START_TEST(fanout_that_reaches_all) {
    static const struct {
        double extra, chance;
    } rows[] = {{0, 0.368}, {1, 0.692}, {2, 0.873}, {3, 0.951}, {5, 0.993}};
    enum { NODES = 2000, RUNS = 2000 };
    struct rng rng;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        ck_assert_double_lt(fabs(exp(-exp(-rows[i].extra)) - rows[i].chance), 6e-4);
        /* A node is missed by all with (1 - p)^n = e^-(ln n + c), here in units of 2^-40. */
        const double missed = exp(-(log(NODES) + rows[i].extra));
        const uint64_t numerator = (uint64_t)(missed * (double)(UINT64_C(1) << 40));
        uint64_t complete = 0;
        rng_init(&rng, 5, i, "fan-out");
        for (int run = 0; run < RUNS; run++) {
            int node = 0;
            while (node < NODES && !rng_chance(&rng, numerator, UINT64_C(1) << 40))
                node++;
            complete += node == NODES;
        }
        check_share(complete, RUNS, pow(1 - missed, NODES), "fan-out");
    }
}
END_TEST

Suite *chances_suite(void) {
    Suite *suite = suite_create("chances");
    TCase *tcase = tcase_create("chances");
    tcase_add_loop_test(tcase, committees_fail_as_often_as_stated, 0, ARRAY_LEN(committees));
    tcase_add_test(tcase, one_of_sixteen_shards);
    tcase_add_test(tcase, withheld_data_escape_as_often_as_stated);
    tcase_add_test(tcase, coupon_collector);
    tcase_add_test(tcase, push_gossip);
    tcase_add_test(tcase, infect_and_die);
    tcase_add_test(tcase, fanout_that_reaches_all);
    suite_add_tcase(suite, tcase);
    return suite;
}
