/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <check.h>
#include <string.h>

#include "models/registry.h"
#include "sim/scenario/keys.h"
#include "sim/scenario/scenario.h"

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
    ck_assert_uint_eq(count, 5 + 3 + 2 + 4 + 6);
}
END_TEST

static bool has_choice(const struct key_row *key, const char *name) {
    for (size_t i = 0; key->choices != NULL && key->choices[i] != NULL; i++)
        if (strcmp(key->choices[i], name) == 0)
            return true;
    return false;
}

/* Every row can be chosen, and every choice of such a key is a row. */
START_TEST(scenarios_choose_the_rows_and_nothing_else) {
    struct model_row row;
    for (size_t i = 0; model_at(i, &row); i++) {
        ck_assert_msg(key_find(row.key) < SCENARIO_KEYS, "%s %s: no key '%s'", row.family, row.name,
                      row.key);
        const struct key_row *key = &scenario_keys[key_find(row.key)];
        if (key->choices == NULL) { /* a family of one: the key is its parameter */
            ck_assert_str_eq(row.family, "clock");
            continue;
        }
        ck_assert_msg(has_choice(key, row.name), "%s has no choice '%s'", row.key, row.name);
        for (size_t k = 0; key->choices[k] != NULL; k++)
            ck_assert_msg(model_find(row.family, key->choices[k], &(struct model_row){0}),
                          "%s: %s is no row", row.key, key->choices[k]);
    }
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
    tcase_add_test(tcase, scenarios_choose_the_rows_and_nothing_else);
    tcase_add_test(tcase, found_by_name);
    suite_add_tcase(suite, tcase);
    return suite;
}
