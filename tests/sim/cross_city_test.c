/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The program with transfers between cities, over loss, a crash and a restart. (That the scenario's
 * expectations and the invariant `atomic` hold, and that runs agree, is in determinism_test.c.) */
#include <check.h>
#include <stdio.h>

#include "tests/lib/program.h"

#define SMOKE    "scenarios/smoke/cross-city.yaml"
#define RESTARTS "scenarios/smoke/cross-city-restarts.yaml"

/* A bound that the run can't keep fails it: the metrics are those of the transfers. */
START_TEST(missed_expectations_fail_the_run) {
    char hashes[PROGRAM_HASHES];
    const char *program = program_path();
    ck_assert_int_eq(program_run(program, SMOKE " --set 'expect=[settle.p50 < 1 ms]'", hashes), 1);
    ck_assert_int_eq(program_run(program, SMOKE " --set 'expect=[settled_share < 50 %]'", hashes),
                     1);
}
END_TEST

/* All members of a city restart, one after another, and still have their accounts: with any consensus. */
START_TEST(restarted_members_take_part_again) {
    static const char *const variants[] = {"pbft", "hotstuff", "hotstuff-sticky", "honeybadger"};
    char hashes[PROGRAM_HASHES], arguments[160];
    snprintf(arguments, sizeof arguments, "%s --set city.consensus=%s", RESTARTS, variants[_i]);
    ck_assert_int_eq(program_run(program_path(), arguments, hashes), 0);
}
END_TEST

Suite *cross_city_suite(void) {
    Suite *suite = suite_create("cross_city");
    TCase *tests = tcase_create("program");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, missed_expectations_fail_the_run);
    tcase_add_loop_test(tests, restarted_members_take_part_again, 0, 4);
    suite_add_tcase(suite, tests);
    return suite;
}
