/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "models/cpu.h"
#include "sim/calibrate/calibrate.h"
#include "sim/calibrate/rows.h"

static const struct calibration quick = {
    .samples = 1, .sample_ns = 1000, .compiler = "a compiler", .date = "today"};

static struct text quick_table(void) {
    struct text text = {0};
    ck_assert_int_eq(calibrate(&quick, &text), OK);
    return text;
}

START_TEST(the_table_has_every_kind_for_every_suite) {
    static const char *const suites[] = {"ed25519", "ml-dsa-44", "ml-dsa-65", "bls12-381"};
    static const enum work timed[] = {WORK_HASH,       WORK_VRF_PROVE, WORK_VRF_VERIFY,
                                      WORK_KEM_ENCAPS, WORK_SIGN,      WORK_VERIFY};
    struct cpu_model model;
    struct cpu_error error;
    struct text text = quick_table();
    for (size_t i = 0; i < ARRAY_LEN(suites); i++) {
        ck_assert_msg(cpu_init(&model, text.bytes, text.size, suites[i], &error) == OK,
                      "%zu: %s %s", error.line, error.text, error.name);
        for (size_t w = 0; w < ARRAY_LEN(timed); w++)
            ck_assert_uint_gt(model.cost_ns[timed[w]], 0);
    }
    text_deinit(&text);
}
END_TEST

/* A row that the embedded table does not name would never be run. */
START_TEST(every_row_is_measured) {
    struct text text = quick_table();
    const struct bench_family *family;
    for (size_t f = 0; (family = bench_family_at(f)) != NULL; f++) {
        for (size_t i = 0; i < family->row_count; i++) {
            const struct bench_row *row = &family->rows[i];
            char start[64], source[160];
            if (row->kind == NULL)
                continue;
            snprintf(start, sizeof start, "\n%s,", row->kind);
            snprintf(source, sizeof source, ",measured,%s; %s\n", row->name, row->note);
            const char *line = strstr(text.bytes, start);
            ck_assert_msg(line != NULL, "%s", row->kind);
            const char *end = strchr(line + 1, '\n') + 1;
            ck_assert_int_eq(strncmp(end - strlen(source), source, strlen(source)), 0);
        }
    }
    ck_assert_ptr_nonnull(strstr(text.bytes, "\npersist,100000,assumption,embedded table: "));
    text_deinit(&text);
}
END_TEST

Suite *calibrate_suite(void);
Suite *calibrate_suite(void) {
    Suite *suite = suite_create("calibrate");
    TCase *tests = tcase_create("calibrate");
    tcase_add_test(tests, the_table_has_every_kind_for_every_suite);
    tcase_add_test(tests, every_row_is_measured);
    suite_add_tcase(suite, tests);
    return suite;
}
