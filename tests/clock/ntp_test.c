/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "clock/ntp.h"
#include "base/error.h"

#include <check.h>

/* The server is @ahead of the client; both clocks run at the rate of true time. */
static struct ntp_sample exchange(time_ns ahead, time_ns out, time_ns back) {
    time_ns t1 = 5 * NS_PER_S, t2 = t1 + out + ahead, t3 = t2 + NS_PER_MS;
    return ntp_measure(t1, t2, t3, t3 - ahead + back);
}

START_TEST(asymmetry_is_the_error) {
    struct ntp_sample even = exchange(70 * NS_PER_MS, 20 * NS_PER_MS, 20 * NS_PER_MS);
    ck_assert_int_eq(even.offset, 70 * NS_PER_MS);
    ck_assert_int_eq(even.delay, 40 * NS_PER_MS);
    struct ntp_sample uneven = exchange(70 * NS_PER_MS, 10 * NS_PER_MS, 30 * NS_PER_MS);
    ck_assert_int_eq(uneven.offset - 70 * NS_PER_MS, -10 * NS_PER_MS);
    ck_assert_int_eq(uneven.delay, 40 * NS_PER_MS);
}
END_TEST

/* RFC 5905 section 8: its own example, 100 ppm over 64 s, makes the delay -6.4 ms. */
START_TEST(a_negative_delay_is_clamped) {
    const struct ntp_sample sample = ntp_measure(0, 32 * NS_PER_S, 32 * NS_PER_S + 64 * NS_PER_S,
                                                 64 * NS_PER_S - 6400 * NS_PER_US);
    ck_assert_int_eq(sample.delay, NTP_PRECISION);
    ck_assert_int_eq(sample.excess, 6400 * NS_PER_US);
    ck_assert_int_eq(sample.offset, 32 * NS_PER_S + 3200 * NS_PER_US);
    const struct ntp_sample none = ntp_measure(0, 5, 5, 0);
    ck_assert(none.delay == NTP_PRECISION && none.excess == 0);
    /* A sane sample of 2 ms is better than one across a step of 1 s, and claims less. */
    struct ntp_filter filter = {0};
    const struct ntp_sample sane = exchange(0, NS_PER_MS, NS_PER_MS);
    struct ntp_sample across =
        ntp_measure(sane.at - NS_PER_MS, sane.at, sane.at, sane.at - NS_PER_S);
    ntp_filter_add(&filter, &sane);
    ntp_filter_add(&filter, &across);
    ck_assert_int_eq(ntp_filter_best(&filter, sane.at)->offset, 0);
    across.at = sane.at;
    filter = (struct ntp_filter){0};
    ntp_filter_add(&filter, &across);
    ck_assert_int_eq(ntp_root_distance(&filter, &across, sane.at),
                     (NS_PER_S - NS_PER_MS) / 2);
}
END_TEST

START_TEST(filter_keeps_eight_and_prefers_least_delay) {
    struct ntp_filter filter = {0};
    ck_assert_ptr_null(ntp_filter_best(&filter, 0));
    for (int i = 0; i < 20; i++) {
        struct ntp_sample sample = {.offset = i, .delay = i == 3 ? 1 : 100 - i % 4, .at = i};
        ntp_filter_add(&filter, &sample);
        if (i >= 3)
            ck_assert_int_eq(ntp_filter_best(&filter, i)->at, i <= 10 ? 3 : i - (i + 1) % 4);
    }
}
END_TEST

START_TEST(samples_age) {
    struct ntp_filter filter = {0};
    const struct ntp_sample near = {.offset = 7, .delay = NS_PER_MS, .at = 0};
    const struct ntp_sample far = {.offset = 9, .delay = 2 * NS_PER_MS, .at = 8 * NS_PER_S};
    ntp_filter_add(&filter, &near);
    ntp_filter_add(&filter, &far);
    /* 50 ppm are 0.5 ms, half the difference of the delays, in 10 s. */
    ck_assert_int_eq(ntp_filter_best(&filter, 8 * NS_PER_S)->offset, 7);
    filter.samples[1].at = 10 * NS_PER_S;
    ck_assert_int_eq(ntp_filter_best(&filter, 10 * NS_PER_S)->offset, 9); /* a tie: the later */
    ck_assert_int_eq(ntp_root_distance(&filter, &filter.samples[0], 10 * NS_PER_S),
                     NS_PER_MS / 2 + 5 * NS_PER_MS + 2);
    ck_assert_int_eq(ntp_root_distance(&filter, &filter.samples[0], -1), NS_PER_MS / 2 + 2);
}
END_TEST

START_TEST(selection_outvotes_a_falseticker) {
    /* Three that overlap, the same with a liar, two that disagree. */
    static const struct ntp_interval three[] = {{8, 12}, {11, 13}, {10, 12}};
    static const struct ntp_interval liar[] = {{8, 12}, {11, 13}, {10, 12}, {500, 501}};
    static const struct ntp_interval split[] = {{0, 1}, {5, 6}};
    static const struct ntp_interval inverted[] = {{2, 1}};
    struct ntp_interval result;
    size_t agreeing;
    ck_assert_int_eq(ntp_select(three, 3, &result, &agreeing), OK);
    ck_assert(result.low == 11 && result.high == 12 && agreeing == 3);
    ck_assert_int_eq(ntp_select(liar, 4, &result, &agreeing), OK);
    ck_assert(result.low == 11 && result.high == 12 && agreeing == 3);
    ck_assert_int_eq(ntp_select(split, 2, &result, &agreeing), ERR_NOT_ENOUGH);
    ck_assert_int_eq(ntp_select(inverted, 1, &result, &agreeing), ERR_INVALID);
    ck_assert_int_eq(ntp_select(three, 0, &result, &agreeing), ERR_INVALID);
}
END_TEST

Suite *ntp_suite(void) {
    Suite *suite = suite_create("ntp");
    TCase *tcase = tcase_create("ntp");
    tcase_add_test(tcase, asymmetry_is_the_error);
    tcase_add_test(tcase, a_negative_delay_is_clamped);
    tcase_add_test(tcase, filter_keeps_eight_and_prefers_least_delay);
    tcase_add_test(tcase, samples_age);
    tcase_add_test(tcase, selection_outvotes_a_falseticker);
    suite_add_tcase(suite, tcase);
    return suite;
}
