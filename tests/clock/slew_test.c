/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "clock/slew.h"

#include <check.h>

START_TEST(no_faster_than_500_ppm) {
    struct slew slew = {0};
    const time_ns start = 100 * NS_PER_S;
    slew_towards(&slew, NS_PER_MS, start);
    ck_assert_int_eq(slew_at(&slew, start), 0);
    ck_assert_int_eq(slew_at(&slew, start + NS_PER_S), 500 * NS_PER_US);
    ck_assert_int_eq(slew_at(&slew, start + 2 * NS_PER_S), NS_PER_MS);
    ck_assert_int_eq(slew_at(&slew, start + 3 * NS_PER_S), NS_PER_MS);
    slew_towards(&slew, -NS_PER_MS, start + 3 * NS_PER_S); /* and back, past 0 */
    ck_assert_int_eq(slew_at(&slew, start + 5 * NS_PER_S), 0);
    ck_assert_int_eq(slew_at(&slew, start + 7 * NS_PER_S), -NS_PER_MS);
}
END_TEST

START_TEST(a_new_target_starts_where_the_old_one_got) {
    struct slew slew = {0};
    slew_towards(&slew, 10 * NS_PER_MS, 0);
    slew_towards(&slew, 0, 2 * NS_PER_S);
    ck_assert_int_eq(slew_at(&slew, 2 * NS_PER_S), NS_PER_MS);
    ck_assert_int_eq(slew_at(&slew, 3 * NS_PER_S), 500 * NS_PER_US);
}
END_TEST

START_TEST(a_slewed_clock_never_runs_back) {
    struct slew slew = {0};
    time_ns last = 0;
    slew_towards(&slew, -100 * NS_PER_MS, 0);
    for (time_ns clock = 0; clock < 300 * NS_PER_S; clock += 7 * NS_PER_MS) {
        ck_assert_int_ge(clock + slew_at(&slew, clock), last);
        last = clock + slew_at(&slew, clock);
    }
    ck_assert_int_eq(slew_at(&slew, 300 * NS_PER_S), -100 * NS_PER_MS);
}
END_TEST

START_TEST(a_clock_set_back_has_seen_no_time_pass) {
    struct slew slew = {0};
    slew_towards(&slew, NS_PER_MS, 100 * NS_PER_S);
    ck_assert_int_eq(slew_at(&slew, 50 * NS_PER_S), 0);
    slew_step(&slew, NS_PER_S);
    ck_assert_int_eq(slew_at(&slew, 50 * NS_PER_S), NS_PER_S);
    ck_assert_int_eq(slew_at(&slew, -NS_PER_S), NS_PER_S);
}
END_TEST

Suite *slew_suite(void) {
    Suite *suite = suite_create("slew");
    TCase *tcase = tcase_create("slew");
    tcase_add_test(tcase, no_faster_than_500_ppm);
    tcase_add_test(tcase, a_new_target_starts_where_the_old_one_got);
    tcase_add_test(tcase, a_slewed_clock_never_runs_back);
    tcase_add_test(tcase, a_clock_set_back_has_seen_no_time_pass);
    suite_add_tcase(suite, tcase);
    return suite;
}
