/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/clock.h"
#include "base/error.h"

#include <check.h>

static struct clock_model clock_of(const struct clock_settings *settings) {
    struct clock_model clock;
    ck_assert_int_eq(clock_init(&clock, settings, 1, 2), OK);
    return clock;
}

START_TEST(offset_and_drift) {
    const struct clock_settings settings = {.offset = 5, .drift_ppb = 20000};
    struct clock_model clock = clock_of(&settings);
    ck_assert_int_eq(clock_read(&clock, 0), 5);
    ck_assert_int_eq(clock_read(&clock, NS_PER_S), NS_PER_S + 20005);
    /* 50 ppm over a year, far beyond where now * drift fits into 64 bits */
    const struct clock_settings slow = {.drift_ppb = -50000};
    const time_ns year = 365 * 24 * 3600 * NS_PER_S;
    clock = clock_of(&slow);
    ck_assert_int_eq(clock_read(&clock, year), year - year / 20000);
}
END_TEST

START_TEST(a_step_stays) {
    const struct clock_settings settings = {.step = -700, .step_at = 100 * NS_PER_S};
    struct clock_model clock = clock_of(&settings);
    ck_assert_int_eq(clock_read(&clock, 100 * NS_PER_S - 1), 100 * NS_PER_S - 1);
    ck_assert_int_eq(clock_read(&clock, 100 * NS_PER_S), 100 * NS_PER_S - 700); /* runs back */
    ck_assert_int_eq(clock_read(&clock, 900 * NS_PER_S), 900 * NS_PER_S - 700);
    const struct clock_settings never = {.step = -700, .step_at = TIME_NEVER};
    clock = clock_of(&never);
    ck_assert_int_eq(clock_read(&clock, 900 * NS_PER_S), 900 * NS_PER_S);
}
END_TEST

START_TEST(periodic_error_is_a_sine) {
    const time_ns minute = 60 * NS_PER_S;
    struct clock_settings settings = {.amplitude = NS_PER_MS, .period = minute};
    struct clock_model clock = clock_of(&settings);
    static const struct {
        int twelfths;
        time_ns error;
    } points[] = {{0, 0}, {1, 500000}, {3, 1000000}, {6, 0}, {7, -500000}, {9, -1000000}, {12, 0}};
    for (size_t i = 0; i < ARRAY_LEN(points); i++) {
        time_ns now = 1000 * minute + points[i].twelfths * minute / 12;
        ck_assert_int_eq(clock_read(&clock, now), now + points[i].error);
    }
    settings.phase = minute / 4;
    clock = clock_of(&settings);
    ck_assert_int_eq(clock_read(&clock, 0), NS_PER_MS);
}
END_TEST

START_TEST(noise_is_bounded_uniform_and_of_the_moment) {
    const struct clock_settings settings = {.noise = 9};
    struct clock_model clock = clock_of(&settings);
    int counts[19] = {0};
    for (time_ns now = 0; now < 19000; now++) {
        time_ns error = clock_read(&clock, now) - now;
        ck_assert(error >= -9 && error <= 9);
        ck_assert_int_eq(clock_read(&clock, now), now + error);
        counts[error + 9]++;
    }
    /* Binomial(19000, 1/19) has a deviation of 30.8: five of them. */
    for (size_t i = 0; i < ARRAY_LEN(counts); i++)
        ck_assert(counts[i] > 845 && counts[i] < 1155);
}
END_TEST

START_TEST(nonsense_is_refused) {
    static const struct clock_settings wrong[] = {
        {.drift_ppb = 1000001}, {.drift_ppb = -1000001}, {.noise = -1},
        {.amplitude = -1},      {.amplitude = 1},        {.phase = -1},
    };
    struct clock_model clock;
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        ck_assert_int_eq(clock_init(&clock, &wrong[i], 1, 2), ERR_INVALID);
}
END_TEST

Suite *clock_model_suite(void) {
    Suite *suite = suite_create("clock_model");
    TCase *tcase = tcase_create("clock_model");
    tcase_add_test(tcase, offset_and_drift);
    tcase_add_test(tcase, a_step_stays);
    tcase_add_test(tcase, periodic_error_is_a_sine);
    tcase_add_test(tcase, noise_is_bounded_uniform_and_of_the_moment);
    tcase_add_test(tcase, nonsense_is_refused);
    suite_add_tcase(suite, tcase);
    return suite;
}
