/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <check.h>
#include <math.h>

#include "base/error.h"
#include "models/cloud.h"

#define SAMPLES 100000

static void expect_share_above(const struct cloud_operation *operation, uint64_t bytes,
                               time_ns bound, double share, uint64_t stream) {
    struct rng rng;
    size_t above = 0;
    rng_init(&rng, 11, stream, "cloud test");
    for (size_t i = 0; i < SAMPLES; i++)
        above += cloud_sample(operation, bytes, &rng) > bound;
    double sigma = sqrt(SAMPLES * share * (1 - share));
    ck_assert_double_le(fabs((double)above - SAMPLES * share), 3.29 * sigma);
}

/* service_latency.csv: Redis GET 0.423 and 1.287 ms; BatchWriteItem of 25 items 10.2 and 27.6 ms.
 */
START_TEST(published_quantiles) {
    struct cloud_model model;
    ck_assert_int_eq(cloud_init(&model), OK);
    const struct cloud_operation *get = cloud_find(&model, "cache_get");
    const struct cloud_operation *write = cloud_find(&model, "kv_batch_write");
    expect_share_above(get, 0, 423000, 0.5, 0);
    expect_share_above(get, 0, 1287000, 0.01, 1);
    expect_share_above(write, 0, 10200000, 0.5, 2);
    expect_share_above(write, 0, 27600000, 0.01, 3);
    /* the lognormal law has 10.2 ms · (27.6 / 10.2)^(1.2816 / 2.3263) = 17.66 ms at 90 % */
    expect_share_above(write, 0, 17664000, 0.1, 4);
    ck_assert_ptr_null(cloud_find(&model, "cache"));
}
END_TEST

START_TEST(floor_and_size) {
    struct cloud_model model;
    struct rng rng;
    ck_assert_int_eq(cloud_init(&model), OK);
    for (size_t i = 0; i < model.count; i++) {
        rng_init(&rng, 5, i, "cloud test");
        for (int k = 0; k < 10000; k++) {
            time_ns sample = cloud_sample(&model.operations[i], 0, &rng);
            ck_assert_int_gt(sample, 0);
            ck_assert_double_ge((double)sample, model.operations[i].floor_ns);
        }
    }
    const struct cloud_operation *put = cloud_find(&model, "kv_put");
    struct rng small, large;
    rng_init(&small, 6, 0, "cloud test");
    rng_init(&large, 6, 0, "cloud test");
    for (int k = 0; k < 100; k++) {
        time_ns more = cloud_sample(put, 11 * 1024, &large) - cloud_sample(put, 1024, &small);
        ck_assert_int_ge(more, 330000 - 1);
        ck_assert_int_le(more, 330000 + 1);
    }
}
END_TEST

Suite *cloud_suite(void) {
    Suite *suite = suite_create("cloud");
    TCase *tcase = tcase_create("cloud");
    tcase_add_test(tcase, published_quantiles);
    tcase_add_test(tcase, floor_and_size);
    suite_add_tcase(suite, tcase);
    return suite;
}
