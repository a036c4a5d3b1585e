/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "models/bandwidth.h"

static int compare(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

START_TEST(published_figures) {
    struct bandwidth_model model;
    ck_assert_int_eq(bandwidth_init(&model), OK);
    /* karpenter-provider-aws: c5.large 750 Mbit/s, c5.2xlarge 2,500, m5.8xlarge 10,000 */
    ck_assert_uint_eq(bandwidth_class(&model, "c5.large")->up_bps, 750000000);
    ck_assert_uint_eq(bandwidth_class(&model, "c5.2xlarge")->down_bps, 2500000000);
    ck_assert_uint_eq(bandwidth_class(&model, "m5.8xlarge")->up_bps, UINT64_C(10000000000));
    /* SimBlock 2019, Japan: 10.2 up, 22.8 down */
    ck_assert_uint_eq(bandwidth_class(&model, "home-japan-2019")->up_bps, 10200000);
    ck_assert_uint_eq(bandwidth_class(&model, "home-japan-2019")->down_bps, 22800000);
    ck_assert_ptr_null(bandwidth_class(&model, "c5"));
    /* Skyplane 2022-11-28: 2.716 Gbit/s from Cape Town to Hong Kong, 2.721 back */
    ck_assert_uint_eq(bandwidth_pair(&model, "af-south-1", "ap-east-1"), 2716000000);
    ck_assert_uint_eq(bandwidth_pair(&model, "ap-east-1", "af-south-1"), 2721000000);
    bandwidth_deinit(&model);
}
END_TEST

START_TEST(the_default_is_the_median_pair) {
    struct bandwidth_model model;
    int64_t measured[33 * 33];
    size_t count = 0;
    ck_assert_int_eq(bandwidth_init(&model), OK);
    for (size_t i = 0; i < model.pairs.count * model.pairs.count; i++)
        if (model.pairs.cells[i] != MATRIX_EMPTY)
            measured[count++] = model.pairs.cells[i];
    qsort(measured, count, sizeof measured[0], compare);
    ck_assert_uint_eq(count, 600);
    ck_assert_int_eq((measured[299] + measured[300]) / 2, (int64_t)BANDWIDTH_PAIR_DEFAULT);
    ck_assert_int_le(measured[599], INT64_C(5000000000)); /* the cap of those instances */
    /* neither Taipei nor a region of another name was measured */
    ck_assert_uint_eq(bandwidth_pair(&model, "ap-east-2", "ap-northeast-1"), 3622000000);
    ck_assert_uint_eq(bandwidth_pair(&model, "moon-1", "ap-northeast-1"), 3622000000);
    ck_assert_uint_eq(bandwidth_pair(&model, "eu-west-3", "eu-west-3"), 0);
    bandwidth_deinit(&model);
}
END_TEST

/* ouroboros-leios, iperf3 of 2025-09-04, one stream of c5.2xlarge nodes after slow start */
START_TEST(one_stream_as_measured) {
    static const struct {
        time_ns round_trip;
        double mbps;
    } rows[] = {{273000000, 125.83}, {200000000, 157.29}, {90100000, 346.03}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        double mbps = (double)bandwidth_stream(rows[i].round_trip) / 1e6;
        ck_assert_double_lt(fabs(mbps / rows[i].mbps - 1), 0.08);
    }
    ck_assert_uint_eq(bandwidth_stream(NS_PER_S), 33554432);
}
END_TEST

Suite *bandwidth_suite(void) {
    Suite *suite = suite_create("bandwidth");
    TCase *tcase = tcase_create("bandwidth");
    tcase_add_test(tcase, published_figures);
    tcase_add_test(tcase, the_default_is_the_median_pair);
    tcase_add_test(tcase, one_stream_as_measured);
    suite_add_tcase(suite, tcase);
    return suite;
}
