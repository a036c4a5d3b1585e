/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tests/consensus/README.md says which test shows what: each name in it, `suite/test`, is a test of that
 * suite, and all fourteen points of issue 9 stand there. Run from the tree's root. */
#include <check.h>
#include <glob.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POINTS 14

static char *read_file(const char *path) {
    FILE *file = fopen(path, "r");
    ck_assert_msg(file != NULL, "no %s", path);
    char *text = NULL;
    size_t room = 0;
    ck_assert_int_gt((int)getdelim(&text, &room, '\0', file), 0);
    fclose(file);
    return text;
}

/* The file of a suite, wherever below tests it lies; exactly one. */
static char *read_suite(const char *suite) {
    char pattern[160];
    glob_t found;
    snprintf(pattern, sizeof pattern, "tests/*/%s_test.c", suite);
    ck_assert_msg(glob(pattern, 0, NULL, &found) == 0 && found.gl_pathc == 1, "no suite '%s'",
                  suite);
    char *text = read_file(found.gl_pathv[0]);
    globfree(&found);
    return text;
}

/* Defined, and not left out of its suite. */
static void check_name(const char *suite, const char *test) {
    char definition[160], use[160];
    char *text = read_suite(suite);
    snprintf(definition, sizeof definition, "START_TEST(%s)", test);
    snprintf(use, sizeof use, ", %s", test);
    ck_assert_msg(strstr(text, definition) != NULL, "suite %s has no test '%s'", suite, test);
    ck_assert_msg(strstr(text, use) != NULL, "suite %s does not run '%s'", suite, test);
    free(text);
}

START_TEST(every_test_that_is_named_exists) {
    char *text = read_file("tests/consensus/README.md");
    regex_t name;
    regmatch_t match[3];
    uint32_t names = 0;
    ck_assert_int_eq(regcomp(&name, "`([a-z0-9_]+)/([a-z0-9_]+)`", REG_EXTENDED), 0);
    for (const char *at = text; regexec(&name, at, 3, match, 0) == 0; at += match[0].rm_eo) {
        char suite[80], test[120];
        snprintf(suite, sizeof suite, "%.*s", (int)(match[1].rm_eo - match[1].rm_so),
                 at + match[1].rm_so);
        snprintf(test, sizeof test, "%.*s", (int)(match[2].rm_eo - match[2].rm_so),
                 at + match[2].rm_so);
        if (strcmp(suite, "tests") == 0) /* a directory */
            continue;
        check_name(suite, test);
        names++;
    }
    regfree(&name);
    free(text);
    ck_assert_uint_gt(names, 50);
}
END_TEST

START_TEST(every_point_stands_there) {
    char *text = read_file("tests/consensus/README.md");
    for (int point = 1; point <= POINTS; point++) {
        char row[16];
        snprintf(row, sizeof row, "\n| A%d |", point);
        ck_assert_msg(strstr(text, row) != NULL, "no row of A%d", point);
    }
    free(text);
}
END_TEST

Suite *consensus_points_suite(void) {
    Suite *suite = suite_create("consensus_points");
    TCase *tcase = tcase_create("consensus_points");
    tcase_add_test(tcase, every_test_that_is_named_exists);
    tcase_add_test(tcase, every_point_stands_there);
    suite_add_tcase(suite, tcase);
    return suite;
}
