/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "select/sortition.h"

#include <check.h>
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/rng.h"

START_TEST(exact_thresholds) {
    /* Binomial(2, 1/2): none below 1/4, one below 3/4, two above. */
    static const struct {
        uint8_t first, rest;
        uint64_t seats;
    } cases[] = {{0x00, 0x00, 0}, {0x3f, 0xff, 0}, {0x40, 0x00, 1},
                 {0xbf, 0xff, 1}, {0xc0, 0x00, 2}, {0xff, 0xff, 2}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint8_t output[64];
        uint64_t seats;
        memset(output, cases[i].rest, sizeof output);
        output[0] = cases[i].first;
        ck_assert_int_eq(sortition_seats(output, 2, 4, 2, &seats), OK);
        ck_assert_uint_eq(seats, cases[i].seats);
    }
}
END_TEST

START_TEST(arguments_are_checked) {
    uint8_t output[64];
    uint64_t seats = 7;
    memset(output, 0xff, sizeof output);
    ck_assert_int_eq(sortition_seats(output, 5, 4, 1, &seats), ERR_INVALID);
    ck_assert_int_eq(sortition_seats(output, 4, 4, 4, &seats), ERR_INVALID);
    ck_assert_int_eq(sortition_seats(output, 0, 0, 0, &seats), ERR_INVALID);
    ck_assert_int_eq(sortition_seats(output, 1000000, 1000000, 300, &seats), ERR_LIMIT);
    ck_assert_uint_eq(seats, 7);
    ck_assert_int_eq(sortition_seats(output, 4, 4, 0, &seats), OK);
    ck_assert_uint_eq(seats, 0);
    ck_assert_int_eq(sortition_seats(output, 0, 4, 1, &seats), OK);
    ck_assert_uint_eq(seats, 0);
    ck_assert_int_eq(sortition_seats(output, UINT64_MAX, UINT64_MAX, 20, &seats), OK);
    ck_assert_uint_gt(seats, 20);
    ck_assert_uint_lt(seats, 400);
}
END_TEST

/* The frequency of @hits in @count draws lies within 3.29 standard deviations of @chance. */
static void check_frequency(unsigned hits, unsigned count, double chance) {
    double deviation = sqrt(chance * (1 - chance) / count);
    ck_assert_double_eq_tol((double)hits / count, chance, 3.29 * deviation);
}

START_TEST(committee_statistics) {
    enum { DRAWS = 20000 };
    struct rng rng;
    unsigned below = 0;
    double sum = 0;
    rng_init(&rng, 1, 0, "sortition test");
    for (unsigned i = 0; i < DRAWS; i++) {
        uint8_t output[64];
        uint64_t seats;
        rng_fill(&rng, output, sizeof output);
        ck_assert_int_eq(sortition_seats(output, 10000000, 10000000, 20, &seats), OK);
        below += 3 * seats < 2 * 20;
        sum += (double)seats;
    }
    check_frequency(below, DRAWS, 0.0661); /* P(X < 2/3 of 20), Poisson */
    ck_assert_double_eq_tol(sum / DRAWS, 20, 3.29 * sqrt(20.0 / DRAWS));
}
END_TEST

/* P(fewer than @least seats) when all stake is one owner's: the output from which on there are as
 * many, found by bisection. */
static double chance_below(uint64_t expected, uint64_t least) {
    uint64_t low = 0, high = UINT64_MAX; /* the first eight bytes */
    while (low < high) {
        uint64_t middle = low + (high - low) / 2, seats;
        uint8_t output[64] = {0};
        for (int i = 0; i < 8; i++)
            output[i] = (uint8_t)(middle >> (56 - 8 * i));
        ck_assert_int_eq(sortition_seats(output, 100000000, 100000000, expected, &seats), OK);
        if (seats < least)
            low = middle + 1;
        else
            high = middle;
    }
    return (double)low * 0x1p-64;
}

/* checks.md 5.7: P(X < 2/3 of the mean), to the digits given there. */
START_TEST(tails_are_those_of_poisson) {
    ck_assert_double_eq_tol(chance_below(20, 14), 0.0661, 5e-5);
    ck_assert_double_eq_tol(chance_below(100, 67), 1.915e-4, 5e-8);
}
END_TEST

START_TEST(lowest_output_leads) {
    uint8_t outputs[3][64] = {{2}, {1, 5}, {1, 5}};
    ck_assert_uint_eq(sortition_lowest(outputs, 3), 1);
    outputs[2][63] = 1;
    ck_assert_uint_eq(sortition_lowest(outputs, 3), 1);
    outputs[1][62] = 1;
    ck_assert_uint_eq(sortition_lowest(outputs, 3), 2);
    ck_assert_uint_eq(sortition_lowest(outputs, 1), 0);
}
END_TEST

Suite *sortition_suite(void) {
    Suite *suite = suite_create("sortition");
    TCase *tcase = tcase_create("sortition");
    tcase_add_test(tcase, exact_thresholds);
    tcase_add_test(tcase, arguments_are_checked);
    tcase_add_test(tcase, committee_statistics);
    tcase_add_test(tcase, tails_are_those_of_poisson);
    tcase_add_test(tcase, lowest_output_leads);
    suite_add_tcase(suite, tcase);
    return suite;
}
