/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Finding the area of a point and ranking candidates, on small maps known by construction. */
#include "place/place.h"
#include "base/error.h"

#include <check.h>

/* Area 0 spans the antimeridian in two rings; area 1 has a hole that area 2 fills. */
static const struct point strip[] = {
    {179000000, 0},  {180000000, 0},  {180000000, 1000000},  {179000000, 1000000},
    {-180000000, 0}, {-179000000, 0}, {-179000000, 1000000}, {-180000000, 1000000}};
static const struct point framed[] = {{0, 0}, {9, 0}, {9, 9}, {0, 9},
                                      {3, 3}, {6, 3}, {6, 6}, {3, 6}};
static const uint32_t two_rings[] = {4, 8};
static const uint32_t one_ring[] = {4};
static const struct place_area areas[] = {{"A", "strip", {strip, two_rings, 2}},
                                          {"B", "frame", {framed, two_rings, 2}},
                                          {"C", "filling", {framed + 4, one_ring, 1}}};

START_TEST(finds_holes_and_the_antimeridian) {
    struct place_map map;
    ck_assert_int_eq(place_map_init(&map, areas, ARRAY_LEN(areas)), OK);
    ck_assert_uint_eq(place_find(&map, (struct point){179500000, 500000}), 0);
    ck_assert_uint_eq(place_find(&map, (struct point){-179500000, 500000}), 0);
    ck_assert_uint_eq(place_find(&map, (struct point){LON_LIMIT, 500000}), 0);
    ck_assert_uint_eq(place_find(&map, (struct point){-LON_LIMIT, 500000}), 0);
    ck_assert_uint_eq(place_find(&map, (struct point){1, 1}), 1);
    for (int32_t lon = 0; lon < 9; lon++)
        for (int32_t lat = 0; lat < 9; lat++) {
            bool hole = lon >= 3 && lon < 6 && lat >= 3 && lat < 6;
            ck_assert_uint_eq(place_find(&map, (struct point){lon, lat}), hole ? 2 : 1);
        }
    ck_assert_uint_eq(place_find(&map, (struct point){50, 50}), AREA_NONE);
    ck_assert_uint_eq(place_by_code(&map, "C"), 2);
    ck_assert_uint_eq(place_by_code(&map, "D"), AREA_NONE);
    place_map_deinit(&map);
}
END_TEST

START_TEST(ranks_by_score_distance_and_id) {
    static const struct place_multiplier events[] = {{2, 3000}, {7, 0}};
    struct place_query query = {1, {0, 0}, events, ARRAY_LEN(events)};
    static const struct place_candidate candidates[] = {
        {10, 0, {1, 1}}, {11, 1, {9, 0}}, {12, 2, {900, 0}},      {13, 1, {3, 0}},
        {9, 1, {0, 9}},  {14, 7, {0, 0}}, {15, AREA_NONE, {0, 0}}};
    static const node_id order[] = {13, 9, 11, 12, 15, 10};
    for (size_t limit = 0; limit <= ARRAY_LEN(candidates); limit++) {
        struct place_rank best[ARRAY_LEN(candidates)];
        size_t kept = place_rank(&query, candidates, ARRAY_LEN(candidates), best, limit);
        ck_assert_uint_eq(kept, size_min(limit, ARRAY_LEN(order)));
        for (size_t i = 0; i < kept; i++)
            ck_assert_uint_eq(best[i].node, order[i]);
    }
    ck_assert_uint_eq(place_score(&query, 1), 1000 * PLACE_SAME_CITY);
    ck_assert_uint_eq(place_score(&query, 2), 3000);
}
END_TEST

Suite *place_suite(void) {
    Suite *suite = suite_create("place");
    TCase *tcase = tcase_create("place");
    tcase_add_test(tcase, finds_holes_and_the_antimeridian);
    tcase_add_test(tcase, ranks_by_score_distance_and_id);
    suite_add_tcase(suite, tcase);
    return suite;
}
