/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The real municipal outlines: known points, GEOS as oracle, the index against a linear search. */
#include "base/error.h"
#include "base/rng.h"
#include "models/place.h"
#include "models/places.h"

#include <check.h>
#include <geos_c.h>
#include <stdlib.h>

#define QUERIES     200
#define MAP_QUERIES 20000

static struct place_model model;

static void setup(void) {
    ck_assert_int_eq(place_model_init(&model), OK);
}

static void teardown(void) {
    place_model_deinit(&model);
    ck_assert_ptr_null(model.areas);
}

static const char *code_at(double lat, double lon) {
    uint32_t area = place_find(&model.map, place_point(lat, lon));
    return area == AREA_NONE ? "none" : model.areas[area].code;
}

START_TEST(reads_every_area) {
    ck_assert_uint_eq(model.area_count, 19 + 53 + 124);
    ck_assert_uint_eq(model.ring_count, 21 + 71 + 124);
    for (uint32_t area = 0; area < model.area_count; area++) {
        ck_assert_uint_eq(place_by_code(&model.map, model.areas[area].code), area);
        ck_assert(model.areas[area].name[0] != '\0');
    }
    ck_assert_str_eq(model.areas[place_by_code(&model.map, "17203")].name, "Komatsu");
}
END_TEST

START_TEST(finds_known_points) {
    ck_assert_str_eq(code_at(36.4024, 136.4536), "17203"); /* Komatsu station */
    ck_assert_str_eq(code_at(36.5613, 136.6562), "17201"); /* Kanazawa */
    ck_assert_str_eq(code_at(35.6812, 139.7671), "13101"); /* Tokyo station: Chiyoda */
    ck_assert_str_eq(code_at(35.6896, 139.7005), "13104"); /* Shinjuku station */
    ck_assert_str_eq(code_at(48.8566, 2.3522), "75056");   /* the middle of Paris */
    ck_assert_str_eq(code_at(35.0211, 135.7538), "none");  /* Kyoto */
    ck_assert_str_eq(code_at(37.0, 135.0), "none");        /* the sea */
    const struct place_info *komatsu = places_find("komatsu");
    ck_assert_ptr_nonnull(komatsu);
    ck_assert_str_eq(code_at(komatsu->lat, komatsu->lon), "17203");
}
END_TEST

static GEOSGeometry *geos_ring(GEOSContextHandle_t geos, const struct point *points,
                               uint32_t count) {
    GEOSCoordSequence *line = GEOSCoordSeq_create_r(geos, count + 1, 2);
    for (uint32_t i = 0; i <= count; i++)
        GEOSCoordSeq_setXY_r(geos, line, i, points[i % count].lon, points[i % count].lat);
    GEOSGeometry *ring = GEOSGeom_createLinearRing_r(geos, line);
    GEOSGeometry *polygon = GEOSGeom_createPolygon_r(geos, ring, NULL, 0);
    ck_assert_ptr_nonnull(polygon);
    /* Simplification may have made a ring touch itself; the repair keeps the even-odd interior. */
    GEOSGeometry *valid = GEOSMakeValid_r(geos, polygon);
    GEOSGeom_destroy_r(geos, polygon);
    ck_assert_ptr_nonnull(valid);
    return valid;
}

/* Parity over all rings, as a set. */
static GEOSGeometry *geos_shape(GEOSContextHandle_t geos, const struct polygon *polygon) {
    GEOSGeometry *shape = NULL;
    for (uint32_t r = 0, first = 0; r < polygon->ring_count; first = polygon->ring_end[r++]) {
        GEOSGeometry *ring = geos_ring(geos, polygon->points + first, polygon->ring_end[r] - first);
        if (!shape) {
            shape = ring;
            continue;
        }
        GEOSGeometry *both = GEOSSymDifference_r(geos, shape, ring);
        GEOSGeom_destroy_r(geos, shape);
        GEOSGeom_destroy_r(geos, ring);
        ck_assert_ptr_nonnull(both);
        shape = both;
    }
    return shape;
}

static struct point random_point(struct rng *rng, const struct box *box) {
    return (struct point){
        box->west + (int32_t)rng_below(rng, (uint64_t)(box->east - box->west) + 1),
        box->south + (int32_t)rng_below(rng, (uint64_t)(box->north - box->south) + 1)};
}

START_TEST(agrees_with_geos) {
    GEOSContextHandle_t geos = GEOS_init_r();
    struct rng rng;
    rng_init(&rng, 1, 0, "municipalities");
    uint32_t inside = 0, outside = 0;
    for (uint32_t area = 0; area < model.area_count; area++) {
        const struct polygon *polygon = &model.areas[area].shape;
        GEOSGeometry *shape = geos_shape(geos, polygon);
        const GEOSPreparedGeometry *prepared = GEOSPrepare_r(geos, shape);
        struct box box = polygon_box(polygon);
        for (int i = 0; i < QUERIES; i++) {
            struct point p = random_point(&rng, &box);
            if (polygon_on_border(polygon, p))
                continue;
            GEOSGeometry *at = GEOSGeom_createPointFromXY_r(geos, p.lon, p.lat);
            bool expected = GEOSPreparedContains_r(geos, prepared, at) == 1;
            GEOSGeom_destroy_r(geos, at);
            ck_assert_msg(polygon_contains(polygon, p) == expected, "%s at %d %d",
                          model.areas[area].code, p.lon, p.lat);
            inside += expected;
            outside += !expected;
        }
        GEOSPreparedGeom_destroy_r(geos, prepared);
        GEOSGeom_destroy_r(geos, shape);
    }
    GEOS_finish_r(geos);
    ck_assert(inside > 10000 && outside > 10000);
}
END_TEST

START_TEST(index_agrees_with_search) {
    struct rng rng;
    rng_init(&rng, 2, 0, "municipalities");
    uint32_t found = 0;
    for (int i = 0; i < MAP_QUERIES; i++) {
        uint32_t near = (uint32_t)rng_below(&rng, model.area_count), expected = 0;
        struct box box = polygon_box(&model.areas[near].shape);
        struct point p = random_point(&rng, &box);
        while (expected < model.area_count && !polygon_contains(&model.areas[expected].shape, p))
            expected++;
        if (expected == model.area_count)
            expected = AREA_NONE;
        ck_assert_uint_eq(place_find(&model.map, p), expected);
        found += expected != AREA_NONE;
    }
    ck_assert(found > MAP_QUERIES / 2);
}
END_TEST

Suite *municipalities_suite(void) {
    Suite *suite = suite_create("municipalities");
    TCase *tcase = tcase_create("municipalities");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, reads_every_area);
    tcase_add_test(tcase, finds_known_points);
    tcase_add_test(tcase, agrees_with_geos);
    tcase_add_test(tcase, index_agrees_with_search);
    suite_add_tcase(suite, tcase);
    return suite;
}
