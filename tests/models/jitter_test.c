/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "models/jitter.h"

#define SAMPLES 100000

static int compare(const void *a, const void *b) {
    time_ns x = *(const time_ns *)a, y = *(const time_ns *)b;
    return x < y ? -1 : x > y;
}

static void init(struct jitter_model *model, const char *name) {
    ck_assert_int_eq(jitter_init(model, name), OK);
}

/* The share of @count that exceeds @bound must be @share within 3.29 standard deviations. */
static void expect_share(const time_ns *samples, size_t count, time_ns bound, double share) {
    size_t above = 0;
    for (size_t i = 0; i < count; i++)
        above += samples[i] > bound;
    double sigma = sqrt((double)count * share * (1 - share));
    ck_assert_double_le(fabs((double)above - (double)count * share), 3.29 * sigma + 1e-9);
}

START_TEST(no_jitter) {
    struct jitter_model model;
    struct rng rng;
    init(&model, "none");
    rng_init(&rng, 1, 0, "jitter test");
    struct rng before = rng;
    ck_assert_int_eq(jitter_sample(&model, &rng, NS_PER_MS), 0);
    ck_assert_int_eq(jitter_path(&model, 1, 2, 3, NS_PER_MS), 0);
    ck_assert_mem_eq(&before, &rng, sizeof rng);
}
END_TEST

/* Half of the messages have the excess. aws_c5_3region_jitter_excess_quantiles.csv, 64 bytes,
 * intra: p50 36 µs, p90 59, p99 136, p99.9 382, largest 2504. */
START_TEST(measured_quantiles_inside_a_region) {
    static time_ns samples[SAMPLES];
    struct jitter_model model;
    struct rng rng;
    init(&model, "measured");
    rng_init(&rng, 42, 0, "jitter test");
    for (size_t i = 0; i < SAMPLES; i++) {
        samples[i] = jitter_sample(&model, &rng, 250 * NS_PER_US);
        ck_assert_int_ge(samples[i], 0);
        ck_assert_int_le(samples[i], 2504 * NS_PER_US);
    }
    expect_share(samples, SAMPLES, 0, 0.5);
    expect_share(samples, SAMPLES, 36 * NS_PER_US, 0.5 * 0.5);
    expect_share(samples, SAMPLES, 59 * NS_PER_US, 0.5 * 0.1);
    expect_share(samples, SAMPLES, 136 * NS_PER_US, 0.5 * 0.01);
    expect_share(samples, SAMPLES, 382 * NS_PER_US, 0.5 * 0.001);
}
END_TEST

/* AP-EU: p95 1 ms, p99 2 ms, p99.9 8 ms. */
START_TEST(measured_quantiles_between_continents) {
    static time_ns samples[SAMPLES];
    struct jitter_model model;
    struct rng rng;
    init(&model, "measured");
    rng_init(&rng, 42, 1, "jitter test");
    for (size_t i = 0; i < SAMPLES; i++)
        samples[i] = jitter_sample(&model, &rng, 136 * NS_PER_MS);
    expect_share(samples, SAMPLES, NS_PER_MS, 0.5 * 0.05);
    expect_share(samples, SAMPLES, 2 * NS_PER_MS, 0.5 * 0.01);
    expect_share(samples, SAMPLES, 8 * NS_PER_MS, 0.5 * 0.001);
}
END_TEST

/* aws_c5_3region_jitter_excess_quantiles.csv, 64 bytes: by class a round trip, the mean in µs, and the
 * largest excess that shares 75, 90, 95, 99 and 99.9 % of the pings. */
static const struct {
    time_ns round_trip;
    double mean;
    time_ns quantiles[5];
} source[] = {
    {194 * NS_PER_US, 40, {46, 59, 73, 136, 382}},
    {90100 * NS_PER_US, 31, {100, 100, 100, 200, 200}},
    {200 * NS_PER_MS, 82, {0, 0, 1000, 2000, 2000}},
    {273 * NS_PER_MS, 106, {0, 0, 1000, 2000, 8000}},
};

START_TEST(a_round_trip_has_the_measured_mean) {
    struct jitter_model model;
    struct rng rng;
    init(&model, "measured");
    rng_init(&rng, 7, 0, "jitter test");
    double sum = 0, squares = 0;
    for (size_t i = 0; i < 4 * SAMPLES; i++) {
        double excess = (double)(jitter_sample(&model, &rng, source[_i].round_trip / 2) +
                                 jitter_sample(&model, &rng, source[_i].round_trip / 2));
        sum += excess;
        squares += excess * excess;
    }
    double mean = sum / (4 * SAMPLES);
    double sigma = sqrt((squares / (4 * SAMPLES) - mean * mean) / (4 * SAMPLES));
    ck_assert_double_le(fabs(mean - 1e3 * source[_i].mean), 3.29 * sigma);
    ck_assert_double_le(sigma, 0.01 * mean); /* so that 3 % would show */
    ck_assert_double_eq_tol(quantiles_mean(&model.classes[_i].excess), 1e3 * source[_i].mean, 1e-6);
}
END_TEST

START_TEST(a_round_trip_has_the_measured_quantiles) {
    static const double shares[] = {0.25, 0.1, 0.05, 0.01, 0.001};
    static time_ns samples[SAMPLES];
    struct jitter_model model;
    struct rng rng;
    init(&model, "measured");
    rng_init(&rng, 11, (uint64_t)_i, "jitter test");
    for (size_t i = 0; i < SAMPLES; i++)
        do /* the half of the messages that have an excess */
            samples[i] = jitter_sample(&model, &rng, source[_i].round_trip / 2);
        while (rng_next(&rng) >> 63 && samples[i] == 0);
    for (size_t q = 0; q < ARRAY_LEN(shares); q++) {
        time_ns bound = source[_i].quantiles[q] * NS_PER_US;
        size_t above = 0;
        for (size_t i = 0; i < SAMPLES; i++)
            above += samples[i] > bound;
        /* At most the share lies above; where the source has one step for several, less does. */
        double limit = shares[q] * SAMPLES + 3.29 * sqrt(shares[q] * SAMPLES);
        ck_assert_double_le((double)above, limit);
    }
}
END_TEST

/* The mean that the known quantiles cannot have is refused, any other one is met. */
START_TEST(quantiles_take_a_mean) {
    struct quantiles quantiles = {
        .count = 3, .probability = {0, 0.5, 1}, .value = {0, 10, 40}, .bend = 1};
    ck_assert_double_eq_tol(quantiles_mean(&quantiles), 15, 1e-12);
    ck_assert_int_eq(quantiles_fit(&quantiles, 5), ERR_INVALID);
    ck_assert_int_eq(quantiles_fit(&quantiles, 25), ERR_INVALID);
    ck_assert_int_eq(quantiles_fit(&quantiles, NAN), ERR_INVALID);
    for (double mean = 6; mean < 25; mean++) {
        double sum = 0;
        ck_assert_int_eq(quantiles_fit(&quantiles, mean), OK);
        ck_assert_double_eq_tol(quantiles_mean(&quantiles), mean, 1e-12);
        for (int i = 0; i < 100000; i++)
            sum += quantiles_at(&quantiles, (i + 0.5) / 100000);
        ck_assert_double_eq_tol(sum / 100000, mean, 2e-3);
        ck_assert_double_eq(quantiles_at(&quantiles, 0.5), 10);
        ck_assert_double_eq(quantiles_at(&quantiles, 1), 40);
    }
}
END_TEST

START_TEST(heavy_tail) {
    static time_ns samples[SAMPLES];
    struct jitter_model model;
    struct rng rng;
    init(&model, "heavy");
    rng_init(&rng, 42, 2, "jitter test");
    for (size_t i = 0; i < SAMPLES; i++)
        samples[i] = jitter_sample(&model, &rng, 10 * NS_PER_MS);
    /* -0.3 + 0.25 (2^1.4 - 1) = 0.10975 ms at u = 0.5; 5.73 ms at 0.9; 157.2 ms from 0.99 on */
    expect_share(samples, SAMPLES, 109754, 0.5 * 0.5);
    expect_share(samples, SAMPLES, 5729716, 0.5 * 0.1);
    qsort(samples, SAMPLES, sizeof samples[0], compare);
    ck_assert_int_eq(samples[SAMPLES - 1] / NS_PER_US, 157189);
}
END_TEST

START_TEST(classes_by_ratio) {
    struct jitter_model model;
    struct rng rng;
    init(&model, "measured");
    ck_assert_uint_eq(model.class_count, 4);
    /* the largest excess tells the class: 2.504, 0.7, 5 and 12 ms */
    static const struct {
        time_ns base, largest;
    } rows[] = {{100000, 2504000},     {2000000, 2504000},   {2200000, 700000},
                {66000000, 700000},    {68000000, 5000000},  {116000000, 5000000},
                {118000000, 12000000}, {300000000, 12000000}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        time_ns largest = 0;
        rng_init(&rng, 3, i, "jitter test");
        for (int k = 0; k < 200000; k++) {
            time_ns sample = jitter_sample(&model, &rng, rows[i].base);
            largest = sample > largest ? sample : largest;
        }
        ck_assert_int_le(largest, rows[i].largest);
        ck_assert_int_gt(largest, rows[i].largest / 2);
    }
}
END_TEST

START_TEST(path_diversity_is_a_function_of_the_pair) {
    struct jitter_model model;
    init(&model, "measured");
    time_ns offset = jitter_path(&model, 1, 10, 20, 136 * NS_PER_MS);
    ck_assert_int_eq(jitter_path(&model, 1, 20, 10, 136 * NS_PER_MS), offset);
    ck_assert_int_ne(jitter_path(&model, 1, 10, 21, 136 * NS_PER_MS), offset);
    ck_assert_int_ne(jitter_path(&model, 2, 10, 20, 136 * NS_PER_MS), offset);
}
END_TEST

/* AP-EU pairs: medians of 266 to 276 ms around 273: -2.56 % to +1.10 %. */
START_TEST(path_diversity_is_as_measured) {
    static time_ns offsets[SAMPLES];
    struct jitter_model model;
    init(&model, "measured");
    for (size_t i = 0; i < SAMPLES; i++)
        offsets[i] = jitter_path(&model, 5, 0, (node_id)i + 1, 136500 * NS_PER_US);
    expect_share(offsets, SAMPLES, 0, 0.5);
    expect_share(offsets, SAMPLES, (time_ns)(-0.00733 * 136.5e6), 0.75);
    qsort(offsets, SAMPLES, sizeof offsets[0], compare);
    ck_assert_int_ge(offsets[0], -3500 * NS_PER_US);
    ck_assert_int_lt(offsets[0], -3450 * NS_PER_US);
    ck_assert_int_le(offsets[SAMPLES - 1], 1501 * NS_PER_US);
    /* Never more than the measured share or the lower bound's slack (latency.h). */
    for (node_id node = 1; node < 10000; node++)
        for (time_ns base = 60 * NS_PER_US; base < 200 * NS_PER_MS; base *= 3) {
            time_ns offset = jitter_path(&model, 5, 0, node, base);
            ck_assert_int_gt(offset, -(base / 38 > 33 * NS_PER_US ? base / 38 : 33 * NS_PER_US));
        }
}
END_TEST

START_TEST(unknown_law) {
    struct jitter_model model;
    ck_assert_int_eq(jitter_init(&model, "gamma"), ERR_UNKNOWN);
    ck_assert_ptr_null(jitter_at(3));
}
END_TEST

Suite *jitter_suite(void) {
    Suite *suite = suite_create("jitter");
    TCase *tcase = tcase_create("jitter");
    tcase_add_test(tcase, no_jitter);
    tcase_add_test(tcase, measured_quantiles_inside_a_region);
    tcase_add_test(tcase, measured_quantiles_between_continents);
    tcase_add_loop_test(tcase, a_round_trip_has_the_measured_mean, 0, ARRAY_LEN(source));
    tcase_add_loop_test(tcase, a_round_trip_has_the_measured_quantiles, 0, ARRAY_LEN(source));
    tcase_add_test(tcase, quantiles_take_a_mean);
    tcase_add_test(tcase, heavy_tail);
    tcase_add_test(tcase, classes_by_ratio);
    tcase_add_test(tcase, path_diversity_is_a_function_of_the_pair);
    tcase_add_test(tcase, path_diversity_is_as_measured);
    tcase_add_test(tcase, unknown_law);
    suite_add_tcase(suite, tcase);
    return suite;
}
