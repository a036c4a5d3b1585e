/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/places.h"
#include "models/geo.h"

#include <check.h>
#include <math.h>
#include <string.h>

START_TEST(finds_every_place) {
    size_t count = 0;
    for (const struct place_info *place; (place = places_at(count)); count++) {
        ck_assert_ptr_eq(places_find(place->id), place);
        ck_assert_str_eq(places_name_at(count), place->id);
        ck_assert(strspn(place->id, "abcdefghijklmnopqrstuvwxyz-") == strlen(place->id));
        ck_assert(fabs(place->lat) <= 90 && fabs(place->lon) <= 180);
        ck_assert(strlen(place->country) == 2 && strstr("AF AS EU NA OC SA", place->continent));
    }
    ck_assert(count >= 60 && count <= 120);
    ck_assert_ptr_null(places_name_at(count));
    ck_assert_ptr_null(places_find(""));
    ck_assert_ptr_null(places_find("komats"));
    ck_assert_ptr_null(places_find("Komatsu"));
}
END_TEST

START_TEST(knows_komatsu) {
    const struct place_info *place = places_find("komatsu");
    ck_assert_ptr_nonnull(place);
    ck_assert_str_eq(place->name, "Komatsu");
    ck_assert_str_eq(place->country, "JP");
    ck_assert_double_eq(place->lat, 36.4026);
    ck_assert_double_eq(place->lon, 136.4509);
    ck_assert_int_eq(place->population, 109045);
    ck_assert_str_eq(place->aws_region, "ap-northeast-3");
    ck_assert_double_eq(place->aws_km, 208);
}
END_TEST

/* Distances of crosscheck_19_places.csv, which lie between cities of the AWS regions: GeoNames puts
 * the same cities up to 20 km away from those. */
START_TEST(measures_distances) {
    static const struct {
        const char *from, *to;
        double km;
    } pairs[] = {{"tokyo", "osaka", 392},
                 {"tokyo", "seoul", 1149},
                 {"tokyo", "singapore", 5311},
                 {"tokyo", "mumbai", 6720}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        const struct place_info *a = places_find(pairs[i].from), *b = places_find(pairs[i].to);
        ck_assert(a && b);
        ck_assert_double_eq_tol(great_circle_km(a->lat, a->lon, b->lat, b->lon), pairs[i].km, 20);
    }
    const double half_turn = 20015.115;
    ck_assert_double_eq_tol(great_circle_km(90, 0, -90, 0), half_turn, 0.001);
    ck_assert_double_eq_tol(great_circle_km(0, -90, 0, 90), half_turn, 0.001);
    ck_assert_double_eq_tol(great_circle_km(0, 179.5, 0, -179.5), half_turn / 180, 0.001);
    ck_assert_double_eq(great_circle_km(36.4, 136.45, 36.4, 136.45), 0);
}
END_TEST

Suite *places_suite(void) {
    Suite *suite = suite_create("places");
    TCase *tcase = tcase_create("places");
    tcase_add_test(tcase, finds_every_place);
    tcase_add_test(tcase, knows_komatsu);
    tcase_add_test(tcase, measures_distances);
    suite_add_tcase(suite, tcase);
    return suite;
}
