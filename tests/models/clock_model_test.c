/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/clock.h"
#include "base/error.h"

#include <check.h>

START_TEST(follows_its_equation) {
    struct clock_settings settings = {5, 20000, -700, 100 * NS_PER_S, 0};
    struct clock_model clock;
    ck_assert_int_eq(clock_init(&clock, &settings, 1, 2), OK);
    ck_assert_int_eq(clock_read(&clock, 0), 5);
    ck_assert_int_eq(clock_read(&clock, NS_PER_S), NS_PER_S + 20005);
    ck_assert_int_eq(clock_read(&clock, 100 * NS_PER_S), 100 * NS_PER_S + 2000005 - 700);
    settings.noise = 9;
    ck_assert_int_eq(clock_init(&clock, &settings, 1, 2), OK);
    for (int i = 0; i < 1000; i++) {
        time_ns error = clock_read(&clock, 0) - 5;
        ck_assert(error >= -9 && error <= 9);
    }
    settings.noise = -1;
    ck_assert_int_eq(clock_init(&clock, &settings, 1, 2), ERR_INVALID);
}
END_TEST

Suite *clock_model_suite(void) {
    Suite *suite = suite_create("clock_model");
    TCase *tcase = tcase_create("clock_model");
    tcase_add_test(tcase, follows_its_equation);
    suite_add_tcase(suite, tcase);
    return suite;
}
