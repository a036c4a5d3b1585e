/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "clock/ptp.h"

#include <check.h>

/* The slave is @ahead of the master. */
static struct ptp_exchange exchange(time_ns ahead, time_ns forth, time_ns back) {
    time_ns t1 = 1000, t3 = 9000 + ahead;
    return (struct ptp_exchange){t1, t1 + forth + ahead, t3, t3 - ahead + back};
}

START_TEST(known_asymmetry_is_removed) {
    struct ptp_exchange even = exchange(-350, 400, 400), uneven = exchange(-350, 500, 300);
    struct ptp_result result = ptp_measure(&even, 0);
    ck_assert_int_eq(result.offset, -350);
    ck_assert_int_eq(result.path_delay, 400);
    ck_assert_int_eq(ptp_measure(&uneven, 0).offset, -350 + 100);
    result = ptp_measure(&uneven, 100);
    ck_assert_int_eq(result.offset, -350);
    ck_assert_int_eq(result.path_delay, 400);
}
END_TEST

Suite *ptp_suite(void) {
    Suite *suite = suite_create("ptp");
    TCase *tcase = tcase_create("ptp");
    tcase_add_test(tcase, known_asymmetry_is_removed);
    suite_add_tcase(suite, tcase);
    return suite;
}
