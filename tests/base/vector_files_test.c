/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * No file of vectors lies there unread: a test opens each. (That each record and each of its fields
 * is read, vectors.c asserts.) */
#include <check.h>
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_opened(const char *name) {
    char command[512];
    snprintf(command, sizeof command, "grep -qF '%s\"' tests/*/*_test.c", name);
    return system(command) == 0;
}

START_TEST(every_file_is_opened_by_a_test) {
    const char *folder = getenv("TIERCHAIN_VECTORS");
    if (folder == NULL)
        return;
    DIR *directory = opendir(folder);
    size_t files = 0;
    ck_assert_ptr_nonnull(directory);
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        const size_t length = strlen(entry->d_name);
        if (length < 4 || strcmp(entry->d_name + length - 4, ".txt") != 0)
            continue;
        ck_assert_msg(is_opened(entry->d_name), "no test opens %s", entry->d_name);
        files++;
    }
    closedir(directory);
    ck_assert_uint_ge(files, 19);
}
END_TEST

Suite *vector_files_suite(void) {
    Suite *suite = suite_create("vector_files");
    TCase *tcase = tcase_create("vector_files");
    tcase_add_test(tcase, every_file_is_opened_by_a_test);
    suite_add_tcase(suite, tcase);
    return suite;
}
