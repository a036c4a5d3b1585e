/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Scenarios choose how certificates are made, and it shows in the trace. (That real FROST and the
 * modelled one give the same trace, a member's restart included, is in determinism_test.c.) */
#include <check.h>

#include "tests/lib/program.h"

START_TEST(signing_rounds_change_the_run) {
    char frost[PROGRAM_HASHES], list[PROGRAM_HASHES];
    ck_assert_int_eq(program_run(program_path(), "scenarios/smoke/frost.yaml", frost), 0);
    ck_assert_int_eq(program_run(program_path(),
                                 "scenarios/smoke/frost.yaml --set city.certificates=list "
                                 "--set continent.certificates=list",
                                 list),
                     0);
    ck_assert_str_ne(frost, list);
}
END_TEST

Suite *certificate_runs_suite(void) {
    Suite *suite = suite_create("certificate_runs");
    TCase *tcase = tcase_create("runs");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, signing_rounds_change_the_run);
    suite_add_tcase(suite, tcase);
    return suite;
}
