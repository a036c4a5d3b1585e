/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The built program with signing rounds: real FROST and the modelled one give the same trace, a
 * member's restart included. TIERCHAIN_PROGRAM names the program. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The trace hash of a run that must meet its expectations. */
static void hash_of(const char *options, char hash[64]) {
    const char *named = getenv("TIERCHAIN_PROGRAM");
    char command[512], line[512], directory[] = "/tmp/tierchain-certificates-XXXXXX";
    ck_assert_ptr_nonnull(mkdtemp(directory));
    snprintf(command, sizeof command, "%s run scenarios/smoke/frost.yaml --quiet -o %s %s 2>&1",
             named != NULL ? named : "build/tierchain", directory, options);
    FILE *pipe = popen(command, "r");
    ck_assert_ptr_nonnull(pipe);
    hash[0] = '\0';
    while (fgets(line, sizeof line, pipe) != NULL) {
        const char *at = strstr(line, "trace hash ");
        if (at != NULL)
            snprintf(hash, 64, "%.40s", at);
    }
    ck_assert_msg(pclose(pipe) == 0 && hash[0] != '\0', "%s failed", command);
    snprintf(command, sizeof command, "rm -rf %s", directory);
    ck_assert_int_eq(system(command), 0);
}

START_TEST(providers_agree_on_signing_rounds) {
    char real[64], modelled[64], list[64];
    hash_of("--set crypto.provider=real", real);
    hash_of("--set crypto.provider=modelled", modelled);
    ck_assert_str_eq(real, modelled);
    hash_of("--set city.certificates=list --set continent.certificates=list", list);
    ck_assert_str_ne(real, list);
}
END_TEST

Suite *certificate_runs_suite(void) {
    Suite *suite = suite_create("certificate_runs");
    TCase *tcase = tcase_create("runs");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, providers_agree_on_signing_rounds);
    suite_add_tcase(suite, tcase);
    return suite;
}
