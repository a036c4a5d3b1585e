/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "models/cpu.h"

/* crypto_measured_zen5.csv */
START_TEST(measured_costs) {
    struct cpu_model model;
    struct cpu_error error;
    ck_assert_int_eq(cpu_init_named(&model, "measured", "ed25519", &error), OK);
    ck_assert_int_eq(cpu_cost_ns(&model, WORK_SIGN, 1), 12561);
    ck_assert_int_eq(cpu_cost_ns(&model, WORK_VERIFY, 10), 347320);
    ck_assert_int_eq(cpu_cost_ns(&model, WORK_VRF_VERIFY, 1), 163817);
    ck_assert_int_eq(cpu_cost_ns(&model, WORK_RENDEZVOUS, 20), 840);
    ck_assert_int_eq(cpu_cost_ns(&model, WORK_LAYER_S3, 1), 0);
    ck_assert_int_eq(cpu_init_named(&model, "measured", "ml-dsa-65", &error), OK);
    ck_assert_int_eq(cpu_cost_ns(&model, WORK_SIGN, 1), 83495); /* the mean, not the median */
    ck_assert_int_eq(cpu_cost_ns(&model, WORK_VERIFY, 1), 31247);
    ck_assert_int_eq(cpu_init_named(&model, "zero", "ml-dsa-65", &error), OK);
    ck_assert_int_eq(cpu_cost_ns(&model, WORK_SIGN, 1), 0);
}
END_TEST

START_TEST(the_measured_table_knows_every_suite) {
    static const char *const suites[] = {"ed25519", "ml-dsa-44", "ml-dsa-65", "bls12-381"};
    struct cpu_model model;
    struct cpu_error error;
    for (size_t i = 0; i < ARRAY_LEN(suites); i++)
        ck_assert_int_eq(cpu_init_named(&model, "measured", suites[i], &error), OK);
    ck_assert_int_eq(cpu_init_named(&model, "measured", "rsa", &error), ERR_INVALID);
    ck_assert_ptr_nonnull(strstr(error.text, "'sign'"));
    ck_assert_int_eq(cpu_init_named(&model, "guessed", "ed25519", &error), ERR_UNKNOWN);
}
END_TEST

/* A whole table of cost 1, then @row. */
static int init_with(struct cpu_model *model, const char *row, struct cpu_error *error) {
    char text[4096] = "kind,unit_ns\n";
    size_t at = strlen(text);
    for (unsigned work = 0; work < WORK_COUNT; work++)
        at += (size_t)snprintf(text + at, sizeof text - at, "%s,1\n", work_name((enum work)work));
    snprintf(text + at, sizeof text - at, "%s", row);
    return cpu_init(model, text, strlen(text), "ed25519", error);
}

START_TEST(a_suite_wins_over_a_plain_row) {
    struct cpu_model model;
    struct cpu_error error;
    ck_assert_int_eq(init_with(&model, "sign@ed25519,7.5\nsign@ml-dsa-44,9\n", &error), OK);
    ck_assert_int_eq(cpu_cost_ns(&model, WORK_SIGN, 1), 8);
    ck_assert_int_eq(cpu_cost_ns(&model, WORK_VERIFY, 3), 3);
}
END_TEST

START_TEST(errors_are_located) {
    static const char *const rows[] = {"sign,2\n",
                                       "signs,1\n",
                                       "@ed25519,1\n",
                                       "sign@ed25519,-1\n",
                                       "sign@ed25519,\n",
                                       "sign@ed25519\n",
                                       "sign@ed25519,3600000000001\n",
                                       "\nsign,2\n"};
    struct cpu_model model;
    struct cpu_error error;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        ck_assert_int_eq(init_with(&model, rows[i], &error), ERR_INVALID);
        ck_assert_uint_eq(error.line, WORK_COUNT + 2);
        ck_assert_uint_gt(strlen(error.text), 0);
        ck_assert_uint_ge(error.column, 1);
    }
    ck_assert_int_eq(cpu_init(&model, "kind,ns\nsign,1\n", 15, "ed25519", &error), ERR_INVALID);
    ck_assert_uint_eq(error.line, 1);
    ck_assert_int_eq(cpu_init(&model, "", 0, "ed25519", &error), ERR_INVALID);
    ck_assert_int_eq(cpu_init(&model, "kind,unit_ns\nhash,1\n", 20, "ed25519", &error),
                     ERR_INVALID);
    ck_assert_ptr_nonnull(strstr(error.text, "'message'")); /* the first kind that has no row */
}
END_TEST

START_TEST(costs_saturate) {
    struct cpu_model model;
    struct cpu_error error;
    ck_assert_int_eq(init_with(&model, "hash@ed25519,3600000000000\n", &error), OK);
    ck_assert_int_eq(cpu_cost_ns(&model, WORK_HASH, UINT64_MAX), INT64_MAX);
    ck_assert_int_eq(cpu_cost_ns(&model, WORK_HASH, 1000), INT64_C(3600000000000000));
}
END_TEST

Suite *cpu_suite(void) {
    Suite *suite = suite_create("cpu");
    TCase *tcase = tcase_create("cpu");
    tcase_add_test(tcase, measured_costs);
    tcase_add_test(tcase, the_measured_table_knows_every_suite);
    tcase_add_test(tcase, a_suite_wins_over_a_plain_row);
    tcase_add_test(tcase, errors_are_located);
    tcase_add_test(tcase, costs_saturate);
    suite_add_tcase(suite, tcase);
    return suite;
}
