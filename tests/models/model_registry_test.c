/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <check.h>
#include <string.h>

#include "models/registry.h"

START_TEST(rows_are_whole_and_unique) {
    struct model_row row, other;
    size_t count = 0;
    while (model_at(count, &row)) {
        ck_assert_uint_gt(strlen(row.description), 0);
        ck_assert_uint_gt(strlen(row.source), 0);
        ck_assert_uint_gt(strlen(row.unit), 0);
        for (size_t i = 0; i < count; i++) {
            ck_assert(model_at(i, &other));
            ck_assert(strcmp(row.family, other.family) != 0 || strcmp(row.name, other.name) != 0);
        }
        count++;
    }
    ck_assert_uint_eq(count, 5 + 3 + 2 + 4 + 7);
}
END_TEST

START_TEST(found_by_name) {
    struct model_row row;
    ck_assert(model_find("latency", "aws", &row));
    ck_assert_str_eq(row.unit, "ns one way");
    ck_assert(model_find("workload", "closed-loop", &row));
    ck_assert(model_find("loss", "bursts", &row));
    ck_assert(!model_find("latency", "poisson", &row));
}
END_TEST

Suite *model_registry_suite(void) {
    Suite *suite = suite_create("model_registry");
    TCase *tcase = tcase_create("registry");
    tcase_add_test(tcase, rows_are_whole_and_unique);
    tcase_add_test(tcase, found_by_name);
    suite_add_tcase(suite, tcase);
    return suite;
}
