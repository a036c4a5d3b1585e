/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Same scenario, same seed: same trace hash, whatever compiled the program, whichever provider does
 * the cryptography, however many runs go side by side. TIERCHAIN_VARIANTS lists further builds. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/types.h"

#define HASHES 512

static const char *program(void) {
    const char *path = getenv("TIERCHAIN_PROGRAM");
    return path != NULL ? path : "build/tierchain";
}

/* The lines of a run that carry seeds and trace hashes. */
static void hashes_of(const char *binary, const char *arguments, char hashes[HASHES]) {
    char command[1024], line[512], directory[] = "/tmp/tierchain-determinism-XXXXXX";
    ck_assert_ptr_nonnull(mkdtemp(directory));
    snprintf(command, sizeof command, "%s run %s --quiet -o %s 2>&1", binary, arguments, directory);
    FILE *pipe = popen(command, "r");
    ck_assert_ptr_nonnull(pipe);
    hashes[0] = '\0';
    while (fgets(line, sizeof line, pipe) != NULL)
        if (strstr(line, "trace hash") != NULL && strlen(hashes) + strlen(line) < HASHES)
            strcat(hashes, line);
    int status = pclose(pipe);
    snprintf(command, sizeof command, "rm -rf %s", directory);
    ck_assert_int_eq(system(command), 0);
    ck_assert_msg(status == 0 && hashes[0] != '\0', "%s run %s ended with %d", binary, arguments,
                  status);
}

static void must_agree(const char *binary, const char *arguments, const char *expected) {
    char hashes[HASHES];
    hashes_of(binary, arguments, hashes);
    ck_assert_msg(strcmp(hashes, expected) == 0, "%s run %s:\n%sinstead of\n%s", binary, arguments,
                  hashes, expected);
}

#define SMOKE "scenarios/smoke/pbft.yaml"

static const char *const smoke_scenarios[] = {SMOKE,
                                              "scenarios/smoke/clocks.yaml",
                                              "scenarios/smoke/audits.yaml",
                                              "scenarios/smoke/honeybadger.yaml",
                                              "scenarios/smoke/hotstuff.yaml",
                                              "scenarios/smoke/closed-loop.yaml",
                                              "scenarios/smoke/faults.yaml",
                                              "scenarios/smoke/aggregate.yaml",
                                              "scenarios/smoke/overlay.yaml"};
#define CLOSELY 4 /* of them, the first ones */

START_TEST(twice_the_same) {
    char hashes[HASHES];
    hashes_of(program(), SMOKE, hashes);
    must_agree(program(), SMOKE, hashes);
}
END_TEST

START_TEST(another_seed_is_another_run) {
    char one[HASHES], other[HASHES];
    hashes_of(program(), SMOKE " --seed 1", one);
    hashes_of(program(), SMOKE " --seed 2", other);
    ck_assert_str_ne(one, other);
}
END_TEST

START_TEST(providers_agree) {
    char hashes[HASHES], real[128], modelled[128];
    snprintf(real, sizeof real, "%s --set crypto.provider=real", smoke_scenarios[_i]);
    snprintf(modelled, sizeof modelled, "%s --set crypto.provider=modelled", smoke_scenarios[_i]);
    hashes_of(program(), real, hashes);
    must_agree(program(), modelled, hashes);
}
END_TEST

START_TEST(jobs_change_nothing) {
    char hashes[HASHES];
    hashes_of(program(), SMOKE " --repetitions 3 -j 1", hashes);
    must_agree(program(), SMOKE " --repetitions 3 -j 2", hashes);
}
END_TEST

START_TEST(compilers_and_levels_agree) {
    const char *variants = getenv("TIERCHAIN_VARIANTS");
    char list[1024], hashes[HASHES];
    if (variants == NULL)
        return; /* `make check` builds and names them */
    hashes_of(program(), smoke_scenarios[_i], hashes);
    snprintf(list, sizeof list, "%s", variants);
    for (char *variant = strtok(list, " "); variant != NULL; variant = strtok(NULL, " "))
        must_agree(variant, smoke_scenarios[_i], hashes);
}
END_TEST

START_TEST(context_factories_agree) {
    char hashes[HASHES], binary[512];
    hashes_of(program(), SMOKE, hashes);
    snprintf(binary, sizeof binary, "TIERCHAIN_CONTEXTS=%s %s", _i == 0 ? "thread" : "ucontext",
             program());
    must_agree(binary, SMOKE, hashes);
}
END_TEST

/* Every smoke scenario meets its expectations. */
START_TEST(smoke_scenarios_pass) {
    char hashes[HASHES];
    hashes_of(program(), smoke_scenarios[_i], hashes);
}
END_TEST

Suite *determinism_suite(void) {
    Suite *suite = suite_create("determinism");
    TCase *tcase = tcase_create("determinism");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, twice_the_same);
    tcase_add_test(tcase, another_seed_is_another_run);
    tcase_add_loop_test(tcase, providers_agree, 0, CLOSELY);
    tcase_add_test(tcase, jobs_change_nothing);
    tcase_add_loop_test(tcase, compilers_and_levels_agree, 0, CLOSELY);
    tcase_add_loop_test(tcase, context_factories_agree, 0, 2);
    tcase_add_loop_test(tcase, smoke_scenarios_pass, 0, ARRAY_LEN(smoke_scenarios));
    suite_add_tcase(suite, tcase);
    return suite;
}
