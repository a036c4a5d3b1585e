/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The program with transfers between cities, over loss, a crash and a restart: the scenario's
 * expectations and the invariant `atomic` hold, and the same run has the same trace. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/types.h"

#define SMOKE "scenarios/smoke/cross-city.yaml"

/* Runs the scenario in a new directory; the line with the trace hash goes to @hash. */
static int run(const char *options, char hash[120]) {
    const char *named = getenv("TIERCHAIN_PROGRAM");
    char *program = realpath(named != NULL ? named : "build/tierchain", NULL);
    char *scenario = realpath(SMOKE, NULL), command[900], line[400];
    ck_assert_ptr_nonnull(program);
    ck_assert_ptr_nonnull(scenario);
    char directory[] = "/tmp/tierchain-cross-XXXXXX";
    ck_assert_ptr_nonnull(mkdtemp(directory));
    snprintf(command, sizeof command, "cd %s && %s run %s %s 2>&1", directory, program, scenario,
             options);
    FILE *output = popen(command, "r");
    ck_assert_ptr_nonnull(output);
    hash[0] = '\0';
    while (fgets(line, sizeof line, output) != NULL)
        if (strstr(line, "trace hash") != NULL)
            snprintf(hash, 120, "%.119s", line);
    int status = pclose(output);
    snprintf(command, sizeof command, "rm -r %s", directory);
    ck_assert_int_eq(system(command), 0);
    free(program);
    free(scenario);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

START_TEST(cities_settle_over_faults) {
    char first[120], second[120], real[120];
    ck_assert_int_eq(run("", first), 0);
    ck_assert_int_eq(run("", second), 0);
    ck_assert_int_eq(run("--set crypto.provider=real", real), 0);
    ck_assert_str_ne(first, "");
    ck_assert_str_eq(first, second);
    ck_assert_str_eq(first, real);
}
END_TEST

/* A bound that the run can't keep fails it: the metrics are those of the transfers. */
START_TEST(missed_expectations_fail_the_run) {
    char hash[120];
    ck_assert_int_eq(run("--set 'expect=[settle.p50 < 1 ms]'", hash), 1);
    ck_assert_int_eq(run("--set 'expect=[settled_share < 50 %]'", hash), 1);
}
END_TEST

Suite *cross_city_suite(void) {
    Suite *suite = suite_create("cross_city");
    TCase *tests = tcase_create("program");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, cities_settle_over_faults);
    tcase_add_test(tests, missed_expectations_fail_the_run);
    suite_add_tcase(suite, tests);
    return suite;
}
