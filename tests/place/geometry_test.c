/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Exact containment against GEOS on random polygons with a hole; the half-open border rule. */
#include "place/geometry.h"
#include "base/rng.h"

#include <check.h>
#include <geos_c.h>
#include <math.h>
#include <stdio.h>

#define CORNERS 12
#define SHAPES  40
#define QUERIES 500

/* A random star around the origin: radius in [inner, outer), so that rings do not meet. */
static void make_ring(struct rng *rng, struct point *ring, int inner, int outer) {
    for (int i = 0; i < CORNERS; i++) {
        double angle = i * 2 * M_PI / CORNERS;
        double radius = inner + (double)rng_below(rng, (uint64_t)(outer - inner));
        ring[i] = (struct point){(int32_t)(radius * cos(angle)), (int32_t)(radius * sin(angle))};
    }
}

static GEOSGeometry *geos_shape(GEOSContextHandle_t geos, const struct point *points) {
    char text[2048];
    size_t at = (size_t)snprintf(text, sizeof text, "POLYGON (");
    for (int r = 0; r < 2; r++) {
        at += (size_t)snprintf(text + at, sizeof text - at, r == 0 ? "(" : ", (");
        for (int i = 0; i <= CORNERS; i++) {
            struct point p = points[r * CORNERS + i % CORNERS];
            at += (size_t)snprintf(text + at, sizeof text - at, "%s%d %d", i == 0 ? "" : ", ",
                                   p.lon, p.lat);
        }
        at += (size_t)snprintf(text + at, sizeof text - at, ")");
    }
    snprintf(text + at, sizeof text - at, ")");
    GEOSWKTReader *reader = GEOSWKTReader_create_r(geos);
    GEOSGeometry *shape = GEOSWKTReader_read_r(geos, reader, text);
    GEOSWKTReader_destroy_r(geos, reader);
    ck_assert_ptr_nonnull(shape);
    ck_assert_int_eq(GEOSisValid_r(geos, shape), 1);
    return shape;
}

static void compare(GEOSContextHandle_t geos, const GEOSGeometry *shape,
                    const struct polygon *polygon, struct point p) {
    GEOSGeometry *at = GEOSGeom_createPointFromXY_r(geos, p.lon, p.lat);
    bool contains = GEOSContains_r(geos, shape, at) == 1;
    bool border = GEOSTouches_r(geos, shape, at) == 1;
    ck_assert_int_eq(polygon_on_border(polygon, p), border);
    if (!border)
        ck_assert_int_eq(polygon_contains(polygon, p), contains);
    GEOSGeom_destroy_r(geos, at);
}

START_TEST(agrees_with_geos) {
    static const uint32_t ends[] = {CORNERS, 2 * CORNERS};
    GEOSContextHandle_t geos = GEOS_init_r();
    struct rng rng;
    rng_init(&rng, 1, 0, "geometry-test");
    for (int s = 0; s < SHAPES; s++) {
        struct point points[2 * CORNERS];
        make_ring(&rng, points, 60, 100);
        make_ring(&rng, points + CORNERS, 10, 50);
        struct polygon polygon = {points, ends, 2};
        GEOSGeometry *shape = geos_shape(geos, points);
        for (int i = 0; i < 2 * CORNERS; i++)
            compare(geos, shape, &polygon, points[i]);
        for (int q = 0; q < QUERIES; q++)
            compare(geos, shape, &polygon,
                    (struct point){(int32_t)rng_below(&rng, 220) - 110,
                                   (int32_t)rng_below(&rng, 220) - 110});
        GEOSGeom_destroy_r(geos, shape);
    }
    GEOS_finish_r(geos);
}
END_TEST

/* A square cut along a slanted line: every lattice point of it is in exactly one half. */
START_TEST(neighbours_share_nothing_and_leave_no_gap) {
    static const struct point west[] = {{0, 0}, {4, 0}, {7, 10}, {0, 10}};
    static const struct point east[] = {{7, 10}, {10, 10}, {10, 0}, {4, 0}};
    static const uint32_t end[] = {4};
    struct polygon a = {west, end, 1}, b = {east, end, 1};
    for (int32_t lon = 0; lon <= 10; lon++)
        for (int32_t lat = 0; lat <= 10; lat++) {
            struct point p = {lon, lat};
            int owners = polygon_contains(&a, p) + polygon_contains(&b, p);
            ck_assert_int_eq(owners, lon < 10 && lat < 10);
        }
}
END_TEST

START_TEST(extreme_coordinates_are_exact) {
    static const struct point world[] = {
        {-LON_LIMIT, -LAT_LIMIT}, {LON_LIMIT, -LAT_LIMIT}, {LON_LIMIT, LAT_LIMIT}};
    static const uint32_t end[] = {3};
    struct polygon half = {world, end, 1};
    ck_assert(polygon_contains(&half, (struct point){1, 0}));
    ck_assert(!polygon_contains(&half, (struct point){-1, 0}));
    ck_assert(polygon_on_border(&half, (struct point){2, 1}));
}
END_TEST

START_TEST(distance_crosses_the_antimeridian) {
    struct point west = {-LON_LIMIT + 1, 0}, east = {LON_LIMIT - 1, 0};
    ck_assert_int_eq(distance_squared(west, east), 4);
    for (int32_t lat = -90; lat <= 90; lat++) {
        double got = (double)latitude_cosine(lat * DEGREE) / 1073741824.0;
        ck_assert_double_eq_tol(got, cos(lat * M_PI / 180), 1.0 / 1048576);
    }
}
END_TEST

Suite *geometry_suite(void) {
    Suite *suite = suite_create("geometry");
    TCase *tcase = tcase_create("geometry");
    tcase_add_test(tcase, agrees_with_geos);
    tcase_add_test(tcase, neighbours_share_nothing_and_leave_no_gap);
    tcase_add_test(tcase, extreme_coordinates_are_exact);
    tcase_add_test(tcase, distance_crosses_the_antimeridian);
    suite_add_tcase(suite, tcase);
    return suite;
}
