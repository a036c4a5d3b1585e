/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs every suite. CK_RUN_SUITE=name runs one; the list is made from the files' names. */
#include <check.h>
#include <sodium.h>
#include <stdlib.h>

#define SUITE(name) Suite *name##_suite(void);
#include "suites.h"
#undef SUITE

int main(void) {
    if (sodium_init() < 0)
        return EXIT_FAILURE;
    SRunner *runner = srunner_create(suite_create("tierchain"));
#define SUITE(name) srunner_add_suite(runner, name##_suite());
#include "suites.h"
#undef SUITE
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
