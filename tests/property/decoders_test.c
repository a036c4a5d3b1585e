/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs the trials of decoders.def, and sees to it that the inventory is complete. */
#include <check.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/property/trials.h"

static const struct row {
    const char *function;
    void (*fill)(struct trial *trial); /* NULL: elsewhere, or exempt */
    const char *via, *test, *fuzz;
} rows[] = {
#define DECODER(function, fill)              {#function, fill, NULL, NULL, NULL},
#define ELSEWHERE(function, via, test, fuzz) {#function, NULL, #via, #test, #fuzz},
#define EXEMPT(function, reason)             {#function, NULL, NULL, NULL, NULL},
#include "tests/property/decoders.def"
#undef DECODER
#undef ELSEWHERE
#undef EXEMPT
};

static enum verdict check(void *context, const uint8_t *bytes, size_t size) {
    return trial_verdict(context, bytes, size);
}

static void fill(struct trial *trial, struct property *property, const struct row *row) {
    *trial = (struct trial){0};
    row->fill(trial);
    *property = (struct property){.name = row->function,
                                  .check = check,
                                  .context = trial,
                                  .samples = trial->samples,
                                  .sample_count = trial->sample_count,
                                  .fixed_size = trial->fixed_size,
                                  .sampled = trial->sampled,
                                  .random_per_mille = trial->random_per_mille};
}

static bool ran_before(size_t index) {
    for (size_t i = 0; i < index; i++)
        if (rows[i].fill == rows[index].fill)
            return true;
    return false;
}

/* TIERCHAIN_INVENTORY=1 prints: function, cases, refused, disproved, accepted. */
START_TEST(takes_what_is_genuine_and_nothing_else) {
    const struct row *row = &rows[_i];
    struct property property;
    struct property_result result;
    struct trial trial;
    if (row->fill == NULL || ran_before((size_t)_i))
        return;
    fill(&trial, &property, row);
    for (size_t i = 0; i < trial.sample_count; i++)
        ck_assert_msg(trial_verdict(&trial, trial.samples[i].bytes, trial.samples[i].size) ==
                          VERDICT_ACCEPTED,
                      "%s refuses sample %zu", row->function, i);
    property_holds(&property, &result);
    if (getenv("TIERCHAIN_INVENTORY") != NULL)
        printf("%-28s %8llu %8llu %8llu %8llu\n", row->function, (unsigned long long)result.cases,
               (unsigned long long)result.refused, (unsigned long long)result.disproved,
               (unsigned long long)result.accepted);
    const uint64_t enough = trial.computed > 0 ? trial.computed : result.cases / 10;
    ck_assert_uint_gt(result.refused + result.disproved, result.cases / 10);
    const uint64_t computed =
        trial.verify != NULL ? result.disproved + result.accepted : result.accepted;
    ck_assert_msg(computed >= enough, "%s: only %llu cases ran to the end", row->function,
                  (unsigned long long)computed);
    trial_deinit(&trial);
}
END_TEST

/* ---- the inventory ---- */

/* Declarations of what reads the bytes of others, by their names. */
static const char pattern[] = "[a-z0-9_]+_(decode|read|verify|open|parse|judge|decaps|recover)\\("
                              "|[a-z0-9_]+_(read|verify|unpack)_[a-z0-9_]+\\("
                              "|[a-z0-9_]+_check\\(";

static const struct row *find_row(const char *name) {
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (strcmp(rows[i].function, name) == 0)
            return &rows[i];
    return NULL;
}

static bool file_holds(const char *path, const char *text) {
    char command[512];
    snprintf(command, sizeof command, "grep -q '%s' '%s'", text, path);
    return system(command) == 0;
}

static size_t check_line(const regex_t *regex, const char *line, const char *path) {
    regmatch_t match;
    char name[128];
    if (regexec(regex, line, 1, &match, 0) != 0)
        return 0;
    snprintf(name, sizeof name, "%.*s", (int)(match.rm_eo - match.rm_so - 1), line + match.rm_so);
    const struct row *row = find_row(name);
    ck_assert_msg(row != NULL, "%s declares %s: give it a row in tests/property/decoders.def", path,
                  name);
    if (row->via != NULL)
        ck_assert_msg(file_holds(row->test, row->via) &&
                          file_holds(row->test, "100000\\|property_holds") &&
                          file_holds(row->fuzz, row->via),
                      "%s or %s does not try %s", row->test, row->fuzz, row->via);
    return 1;
}

/* Declarations stand at the beginning of a line, behind their type. */
START_TEST(every_decoder_has_a_row) {
    char line[512];
    size_t found = 0;
    regex_t regex;
    FILE *headers = popen("grep -E '^(int|bool|void|const uint8_t \\*)' -r src models sim "
                          "--include='*.h' 2>/dev/null",
                          "r");
    ck_assert_ptr_nonnull(headers);
    ck_assert_int_eq(regcomp(&regex, pattern, REG_EXTENDED), 0);
    while (fgets(line, sizeof line, headers) != NULL) {
        char *declaration = strchr(line, ':');
        ck_assert_ptr_nonnull(declaration);
        *declaration = '\0';
        found += check_line(&regex, declaration + 1, line);
    }
    regfree(&regex);
    pclose(headers);
    ck_assert_uint_gt(found, 50); /* the sources were there */
}
END_TEST

Suite *decoders_suite(void) {
    Suite *suite = suite_create("decoders");
    TCase *tcase = tcase_create("decoders");
    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, takes_what_is_genuine_and_nothing_else, 0, ARRAY_LEN(rows));
    tcase_add_test(tcase, every_decoder_has_a_row);
    suite_add_tcase(suite, tcase);
    return suite;
}
