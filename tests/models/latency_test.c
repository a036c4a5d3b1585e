/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <check.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/rng.h"
#include "models/csv.h"
#include "models/data.h"
#include "models/geo.h"
#include "models/latency.h"
#include "models/places.h"
#include "sim/scenario/keys.h"

static const struct latency_parameters defaults = {.local = LATENCY_LOCAL_DEFAULT,
                                                   .delay = 50 * NS_PER_MS};

/* At the points of the tables. */
static const struct site tokyo_aws = {.lat = 35.6762, .lon = 139.6503};
static const struct site frankfurt_aws = {.lat = 50.1109, .lon = 8.6821};
static const struct site tokyo_azure = {.lat = 35.68, .lon = 139.77};
static const struct site tokyo_city = {.lat = 35.6833, .lon = 139.7667};
static const struct site frankfurt_city = {.lat = 50.1167, .lon = 8.6833};
/* Komatsu has no region: Tokyo and Osaka are the nearest. */
static const struct site komatsu = {
    .lat = 36.4024, .lon = 136.4536, .aws_region = "ap-northeast-1"};

static void init(struct latency_model *model, const char *name) {
    ck_assert_int_eq(latency_init(model, name, &defaults), OK);
}

/* Named, because two Azure regions have the same coordinates. */
static struct site at_point(const struct matrix *matrix, size_t i) {
    const struct matrix_point *point = &matrix->points[i];
    return (struct site){.lat = point->lat,
                         .lon = point->lon,
                         .aws_region = point->name,
                         .azure_region = point->name,
                         .wonder_city = point->name};
}

START_TEST(published_round_trips) {
    struct latency_model aws, azure, cities;
    init(&aws, "aws");
    init(&azure, "azure");
    init(&cities, "cities");
    /* cloudping.co, p50 of the year to 2025-07-17: 227.580 ms there, 226.991 ms back */
    ck_assert_int_eq(latency_base(&aws, &tokyo_aws, &frankfurt_aws), 227580000 / 2);
    ck_assert_int_eq(latency_base(&aws, &frankfurt_aws, &tokyo_aws), 226991000 / 2);
    /* Microsoft, p50 of June 2025: Japan East to Germany West Central 219 ms */
    ck_assert_int_eq(latency_base(&azure, &tokyo_azure, &frankfurt_aws), 219000000 / 2);
    /* WonderProxy, 2020-07-19: 221.77 and 221.75 ms */
    ck_assert_int_eq(latency_base(&cities, &tokyo_city, &frankfurt_city), 221770000 / 2);
    ck_assert_int_eq(latency_base(&cities, &frankfurt_city, &tokyo_city), 221750000 / 2);
    latency_deinit(&aws);
    latency_deinit(&azure);
    latency_deinit(&cities);
}
END_TEST

START_TEST(names_choose_the_point) {
    struct latency_model aws;
    init(&aws, "aws");
    struct site by_osaka = komatsu;
    by_osaka.aws_region = "ap-northeast-3";
    time_ns leg =
        fibre_delay(LATENCY_STRETCH * great_circle_km(komatsu.lat, komatsu.lon, 35.6762, 139.6503));
    ck_assert_int_eq(latency_base(&aws, &komatsu, &frankfurt_aws), 227580000 / 2 + leg);
    ck_assert_int_ne(latency_base(&aws, &by_osaka, &frankfurt_aws),
                     latency_base(&aws, &komatsu, &frankfurt_aws));
    /* 298.54 km by the spherical law of cosines, computed apart */
    ck_assert_int_eq(leg, 2654002);
    struct site wrong = {.aws_region = "moon-1"};
    ck_assert(latency_knows(&aws, &komatsu));
    ck_assert(latency_knows(&aws, &tokyo_aws));
    ck_assert(!latency_knows(&aws, &wrong));
    latency_deinit(&aws);
}
END_TEST

START_TEST(own_region_is_fibre_and_a_floor) {
    struct latency_model aws;
    init(&aws, "aws");
    struct site yokohama = {.lat = 35.4437, .lon = 139.638};
    time_ns near = latency_base(&aws, &tokyo_aws, &yokohama);
    double km = great_circle_km(35.6762, 139.6503, 35.4437, 139.638);
    ck_assert_int_eq(latency_base(&aws, &tokyo_aws, &tokyo_aws), 770 * NS_PER_US);
    ck_assert_int_eq(near, 770 * NS_PER_US + fibre_delay(km * 1.778));
    latency_deinit(&aws);
}
END_TEST

START_TEST(uniform_is_exact) {
    struct latency_model model;
    init(&model, "uniform");
    ck_assert_int_eq(latency_base(&model, &tokyo_aws, &frankfurt_aws), 50 * NS_PER_MS);
    ck_assert_int_eq(latency_base(&model, &tokyo_aws, &tokyo_city), 50 * NS_PER_MS);
    ck_assert_int_eq(latency_base(&model, &tokyo_aws, &tokyo_aws), 770 * NS_PER_US);
    latency_deinit(&model);
}
END_TEST

static int compare_doubles(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

START_TEST(the_stretch_factor_is_the_median_of_the_aws_matrix) {
    struct latency_model aws;
    double ratios[33 * 32];
    size_t count = 0;
    init(&aws, "aws");
    ck_assert_uint_eq(aws.matrix.count, 33);
    for (size_t p = 0; p < 33; p++)
        for (size_t q = 0; q < 33; q++) {
            struct site from = at_point(&aws.matrix, p), to = at_point(&aws.matrix, q);
            double km = great_circle_km(from.lat, from.lon, to.lat, to.lon);
            time_ns round_trip = aws.matrix.cells[p * 33 + q];
            if (p != q)
                ratios[count++] = (double)round_trip / (2 * (double)fibre_delay(km));
        }
    qsort(ratios, count, sizeof ratios[0], compare_doubles);
    ck_assert_double_eq_tol((ratios[count / 2 - 1] + ratios[count / 2]) / 2, LATENCY_STRETCH, 5e-4);
    ck_assert_double_eq_tol(ratios[0], 1.122, 5e-4); /* Oregon to Sydney */
    ck_assert_double_gt(ratios[0], LATENCY_LEAST_STRETCH);
    latency_deinit(&aws);
}
END_TEST

/* net/zones_rtt.csv: 816 means, the half of their median is the delay inside a place; a scenario's too. */
START_TEST(the_local_delay_is_measured) {
    const struct data_file *file = data_find("net/zones_rtt.csv");
    static int64_t values[1000];
    size_t count = 0;
    struct csv csv;
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(csv_init(&csv, file->text, file->size), OK);
    while (csv_next(&csv) > 0) {
        int64_t round_trip, times;
        ck_assert_int_eq(csv_integer(csv.fields[csv_column(&csv, "rtt")], &round_trip), OK);
        ck_assert_int_eq(csv_integer(csv.fields[csv_column(&csv, "count")], &times), OK);
        while (times-- > 0)
            values[count++] = round_trip; /* in order */
    }
    ck_assert_uint_eq(count, 816);
    ck_assert_int_eq((values[407] + values[408]) * NS_PER_US / 4, LATENCY_LOCAL_DEFAULT);
    int64_t key;
    char message[200];
    const struct key_row *row = &scenario_keys[key_find("network.local_delay")];
    ck_assert_int_eq(quantity_parse(row->fallback, UNIT_DURATION, &key, message, sizeof message),
                     OK);
    ck_assert_int_eq(key, LATENCY_LOCAL_DEFAULT);
}
END_TEST

/* So that no scenario with default delays is refused (check_models.c): every pair of known places. */
START_TEST(the_local_delay_is_below_all_others) {
    for (size_t family = 0; family < 4; family++) {
        struct latency_model model;
        init(&model, latency_at(family)->name);
        for (size_t i = 0; places_at(i) != NULL; i++)
            for (size_t k = 0; places_at(k) != NULL; k++) {
                const struct place_info *a = places_at(i), *b = places_at(k);
                const struct site from = {
                    .lat = a->lat, .lon = a->lon, .aws_region = a->aws_region};
                const struct site to = {.lat = b->lat, .lon = b->lon, .aws_region = b->aws_region};
                ck_assert_int_ge(latency_base(&model, &from, &to), LATENCY_LOCAL_DEFAULT);
            }
        latency_deinit(&model);
    }
}
END_TEST

/* Every measured cell must come out unchanged: the lower bound is below all of them. */
START_TEST(nothing_beats_light_and_measurements_are_kept) {
    for (size_t family = 0; family < 4; family++) {
        struct latency_model model;
        init(&model, latency_at(family)->name);
        for (size_t p = 0; p < model.matrix.count; p++)
            for (size_t q = 0; q < model.matrix.count; q++) {
                struct site from = at_point(&model.matrix, p), to = at_point(&model.matrix, q);
                time_ns delay = latency_base(&model, &from, &to);
                time_ns round_trip = model.matrix.cells[p * model.matrix.count + q];
                double km = great_circle_km(from.lat, from.lon, to.lat, to.lon);
                ck_assert_int_gt(delay, fibre_delay(km * LATENCY_LEAST_STRETCH));
                if (km > 0 && round_trip != MATRIX_EMPTY)
                    ck_assert_msg(delay == round_trip / 2, "%s: %s to %s", model.ops->name,
                                  model.matrix.points[p].name, model.matrix.points[q].name);
            }
        latency_deinit(&model);
    }
}
END_TEST

/* 10^4 pairs of places anywhere, in each family. */
START_TEST(nothing_beats_light_anywhere) {
    for (size_t family = 0; family < 4; family++) {
        struct latency_model model;
        struct rng rng;
        rng_init(&rng, 1, family, "places of a test");
        init(&model, latency_at(family)->name);
        for (int i = 0; i < 10000; i++) {
            double v[4];
            for (int k = 0; k < 4; k++)
                v[k] = (double)rng_below(&rng, 1800000) / 1e4 - 90;
            struct site from = {.lat = v[0], .lon = 2 * v[1]}, to = {.lat = v[2], .lon = 2 * v[3]};
            double km = great_circle_km(from.lat, from.lon, to.lat, to.lon);
            ck_assert_int_gt(latency_base(&model, &from, &to), fibre_delay(km));
        }
        latency_deinit(&model);
    }
}
END_TEST

/* Triangles: a detour through a third region seldom wins much in a sane matrix. */
START_TEST(detours_rarely_win) {
    struct latency_model aws;
    size_t triangles = 0, wins = 0;
    init(&aws, "aws");
    const time_ns *rtt = aws.matrix.cells;
    for (size_t a = 0; a < 33; a++)
        for (size_t b = 0; b < 33; b++)
            for (size_t c = 0; c < 33; c++) {
                if (a == b || b == c || a == c)
                    continue;
                triangles++;
                time_ns detour = rtt[a * 33 + c] + rtt[c * 33 + b];
                ck_assert_int_gt(2 * detour, rtt[a * 33 + b] / 2); /* no cell in a wrong unit */
                wins += detour + 10 * NS_PER_MS < rtt[a * 33 + b];
            }
    ck_assert_uint_eq(triangles, 33 * 32 * 31);
    ck_assert_uint_lt(wins, triangles / 20);
    latency_deinit(&aws);
}
END_TEST

START_TEST(directions_differ_where_the_data_do) {
    struct latency_model aws, cities;
    init(&aws, "aws");
    init(&cities, "cities");
    size_t israel = matrix_find(&aws.matrix, "il-central-1");
    size_t zurich = matrix_find(&aws.matrix, "eu-central-2");
    struct site from = at_point(&aws.matrix, israel), to = at_point(&aws.matrix, zurich);
    double there = (double)latency_base(&aws, &from, &to);
    double back = (double)latency_base(&aws, &to, &from);
    ck_assert_double_gt(there > back ? there / back : back / there, 1.15);
    size_t a = matrix_find(&cities.matrix, "Prague"), b = matrix_find(&cities.matrix, "Vienna");
    from = at_point(&cities.matrix, a);
    to = at_point(&cities.matrix, b);
    /* not measured (faster than light in the source): fibre, and that is symmetric */
    ck_assert_int_eq(latency_base(&cities, &from, &to), latency_base(&cities, &to, &from));
    latency_deinit(&aws);
    latency_deinit(&cities);
}
END_TEST

START_TEST(arguments_are_checked) {
    struct latency_model model;
    struct latency_parameters wrong = {.local = -1};
    ck_assert_int_eq(latency_init(&model, "avian", &defaults), ERR_UNKNOWN);
    ck_assert_int_eq(latency_init(&model, "aws", &wrong), ERR_INVALID);
    ck_assert_int_eq(matrix_init(&model.matrix, "net/aws_regions.csv", "net/azure_rtt.csv", 1),
                     ERR_MISMATCH);
    ck_assert_int_eq(matrix_init(&model.matrix, "net/nowhere.csv", "net/azure_rtt.csv", 1),
                     ERR_UNKNOWN);
    ck_assert_ptr_null(latency_at(5));
}
END_TEST

Suite *latency_suite(void) {
    Suite *suite = suite_create("latency");
    TCase *tcase = tcase_create("latency");
    tcase_add_test(tcase, published_round_trips);
    tcase_add_test(tcase, names_choose_the_point);
    tcase_add_test(tcase, own_region_is_fibre_and_a_floor);
    tcase_add_test(tcase, uniform_is_exact);
    tcase_add_test(tcase, the_stretch_factor_is_the_median_of_the_aws_matrix);
    tcase_add_test(tcase, the_local_delay_is_measured);
    tcase_add_test(tcase, the_local_delay_is_below_all_others);
    tcase_add_test(tcase, nothing_beats_light_and_measurements_are_kept);
    tcase_add_test(tcase, nothing_beats_light_anywhere);
    tcase_add_test(tcase, detours_rarely_win);
    tcase_add_test(tcase, directions_differ_where_the_data_do);
    tcase_add_test(tcase, arguments_are_checked);
    suite_add_tcase(suite, tcase);
    return suite;
}
