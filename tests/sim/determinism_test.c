/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Same scenario, same seed: same trace hash, whatever compiled the program, whichever provider does
 * the cryptography, however many runs go side by side. TIERCHAIN_VARIANTS lists further builds. */
#include <check.h>
#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/program.h"

/* The trace hashes of a run that must keep its expectations. */
static void hashes_of(const char *binary, const char *arguments, char hashes[PROGRAM_HASHES]) {
    int status = program_run(binary, arguments, hashes);
    ck_assert_msg(status == 0 && hashes[0] != '\0', "%s run %s ended with %d", binary, arguments,
                  status);
}

static void must_agree(const char *binary, const char *arguments, const char *expected) {
    char hashes[PROGRAM_HASHES];
    hashes_of(binary, arguments, hashes);
    ck_assert_msg(strcmp(hashes, expected) == 0, "%s run %s:\n%sinstead of\n%s", binary, arguments,
                  hashes, expected);
}

#define SMOKE "scenarios/smoke/pbft.yaml"

/* The scenarios of scenarios/smoke by name: one that is added there is tested here. */
static const glob_t *smoke(void) {
    static glob_t found;
    if (found.gl_pathc == 0 && glob("scenarios/smoke/*.yaml", 0, NULL, &found) != 0)
        abort();
    return &found;
}

static int smoke_count(void) {
    return (int)smoke()->gl_pathc;
}

static const char *smoke_scenario(int index) {
    return smoke()->gl_pathv[index];
}

START_TEST(twice_the_same) {
    char hashes[PROGRAM_HASHES];
    hashes_of(program_path(), SMOKE, hashes);
    must_agree(program_path(), SMOKE, hashes);
}
END_TEST

START_TEST(another_seed_is_another_run) {
    char one[PROGRAM_HASHES], other[PROGRAM_HASHES];
    hashes_of(program_path(), SMOKE " --seed 1", one);
    hashes_of(program_path(), SMOKE " --seed 2", other);
    ck_assert_str_ne(one, other);
}
END_TEST

/* BLS12-381 has no real provider. */
static bool is_modelled_only(const char *scenario) {
    return strstr(scenario, "aggregate") != NULL;
}

/* Every smoke scenario keeps its expectations, with real and with modelled cryptography alike. */
START_TEST(smoke_scenarios_pass_and_providers_agree) {
    const char *scenario = smoke_scenario(_i);
    char hashes[PROGRAM_HASHES], arguments[256];
    snprintf(arguments, sizeof arguments, "%s --set crypto.provider=modelled", scenario);
    hashes_of(program_path(), arguments, hashes);
    if (is_modelled_only(scenario))
        return;
    snprintf(arguments, sizeof arguments, "%s --set crypto.provider=real", scenario);
    must_agree(program_path(), arguments, hashes);
}
END_TEST

START_TEST(jobs_change_nothing) {
    char hashes[PROGRAM_HASHES];
    hashes_of(program_path(), SMOKE " --repetitions 3 -j 1", hashes);
    must_agree(program_path(), SMOKE " --repetitions 3 -j 2", hashes);
}
END_TEST

START_TEST(compilers_and_levels_agree) {
    const char *variants = getenv("TIERCHAIN_VARIANTS");
    char list[1024], hashes[PROGRAM_HASHES];
    if (variants == NULL)
        return; /* `make check` builds and names them */
    hashes_of(program_path(), smoke_scenario(_i), hashes);
    snprintf(list, sizeof list, "%s", variants);
    for (char *variant = strtok(list, " "); variant != NULL; variant = strtok(NULL, " "))
        must_agree(variant, smoke_scenario(_i), hashes);
}
END_TEST

START_TEST(context_factories_agree) {
    char hashes[PROGRAM_HASHES], binary[512];
    hashes_of(program_path(), SMOKE, hashes);
    snprintf(binary, sizeof binary, "TIERCHAIN_CONTEXTS=%s %s", _i == 0 ? "thread" : "ucontext",
             program_path());
    must_agree(binary, SMOKE, hashes);
}
END_TEST

Suite *determinism_suite(void) {
    Suite *suite = suite_create("determinism");
    TCase *tcase = tcase_create("determinism");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, twice_the_same);
    tcase_add_test(tcase, another_seed_is_another_run);
    tcase_add_loop_test(tcase, smoke_scenarios_pass_and_providers_agree, 0, smoke_count());
    tcase_add_test(tcase, jobs_change_nothing);
    tcase_add_loop_test(tcase, compilers_and_levels_agree, 0, smoke_count());
    tcase_add_loop_test(tcase, context_factories_agree, 0, 2);
    suite_add_tcase(suite, tcase);
    return suite;
}
