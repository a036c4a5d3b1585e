/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "models/cpu.h"
#include "sim/calibrate/calibrate.h"
#include "sim/calibrate/measure.h"

static const struct calibration quick = {
    .samples = 1, .sample_ns = 1000, .compiler = "a compiler", .date = "today"};
static const struct calibration patient = {.samples = 5, .sample_ns = NS_PER_MS};

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
        ck_assert_msg(cpu_init(&model, text.bytes, text.size, suites[i], &error) == OK, "%zu: %s",
                      error.line, error.text);
        for (size_t w = 0; w < ARRAY_LEN(timed); w++)
            ck_assert_uint_gt(model.cost_ns[timed[w]], 0);
    }
    text_deinit(&text);
}
END_TEST

/* A row that the embedded table does not name would never be run. */
static void check_measured(const char *table, const struct bench_row *row) {
    char start[64], source[160];
    snprintf(start, sizeof start, "\n%s,", row->kind);
    snprintf(source, sizeof source, ",measured,%s; %s\n", row->name, row->note);
    const char *line = strstr(table, start);
    ck_assert_msg(line != NULL, "%s", row->kind);
    const char *end = strchr(line + 1, '\n') + 1;
    ck_assert_int_eq(strncmp(end - strlen(source), source, strlen(source)), 0);
}

START_TEST(every_row_of_a_kind_is_measured) {
    struct text text = quick_table();
    const struct bench_family *family;
    for (size_t f = 0; (family = bench_family_at(f)) != NULL; f++)
        for (size_t i = 0; i < family->row_count; i++)
            if (family->rows[i].kind != NULL)
                check_measured(text.bytes, &family->rows[i]);
    ck_assert_ptr_nonnull(
        strstr(text.bytes, "\npersist,100000,assumption,embedded table (the disk "));
    ck_assert_ptr_nonnull(
        strstr(text.bytes, "\nsign@bls12-381,257890,measured,embedded table (no pairings "));
    text_deinit(&text);
}
END_TEST

/* The plain kind, or the kind for one suite. */
static unsigned ways_to_a_cost(const char *kind) {
    const struct bench_family *family;
    return (bench_row_find(kind, &family) != NULL) + (calibrate_copied(kind) != NULL);
}

START_TEST(every_kind_is_measured_or_copied_for_a_reason) {
    static const char *const suites[] = {"ed25519", "ml-dsa-44", "ml-dsa-65", "bls12-381"};
    for (unsigned work = 0; work < WORK_COUNT; work++) {
        const char *kind = work_name((enum work)work);
        unsigned plain = ways_to_a_cost(kind);
        ck_assert_msg(plain <= 1, "%s", kind);
        for (size_t i = 0; i < ARRAY_LEN(suites); i++) {
            char special[64];
            snprintf(special, sizeof special, "%s@%s", kind, suites[i]);
            ck_assert_msg(plain + ways_to_a_cost(special) == 1, "%s", special);
        }
    }
    ck_assert_uint_eq(ways_to_a_cost("sign@rsa"), 0);
}
END_TEST

START_TEST(every_row_names_a_kind_once_and_works) {
    const struct bench_family *family, *found;
    for (size_t f = 0; (family = bench_family_at(f)) != NULL; f++) {
        for (size_t i = 0; i < family->row_count; i++) {
            const struct bench_row *row = &family->rows[i];
            char kind[64];
            double unit_ns = -1;
            ck_assert_msg(measure_row(&quick, family, row, &unit_ns) == OK, "%s; %s", row->name,
                          row->note);
            ck_assert(unit_ns > 0);
            ck_assert_ptr_null(strchr(row->name, ','));
            ck_assert_ptr_null(strchr(row->note, ','));
            if (row->kind == NULL)
                continue;
            snprintf(kind, sizeof kind, "%.*s", (int)strcspn(row->kind, "@"), row->kind);
            ck_assert_msg(work_find(kind) != WORK_COUNT, "%s", row->kind);
            ck_assert_ptr_eq(bench_row_find(row->kind, &found), row);
        }
    }
}
END_TEST

/* Fails once. */
static bool fail_call(void *state) {
    uint64_t *calls = state;
    return ++*calls != 3;
}

static int fail_layout(void *state, const struct bench_row *row) {
    return row->size == 0 ? OK : ERR_UNKNOWN;
}

START_TEST(a_failing_primitive_has_no_cost) {
    static const struct bench_row rows[] = {{.units = 1, .run = fail_call},
                                            {.size = 1, .units = 1, .run = fail_call}};
    const struct bench_family family = {
        .rows = rows, .row_count = 2, .state_bytes = 8, .prepare = fail_layout};
    double unit_ns;
    ck_assert_int_eq(measure_row(&patient, &family, &rows[0], &unit_ns), ERR_INVALID);
    ck_assert_int_eq(measure_row(&patient, &family, &rows[1], &unit_ns), ERR_UNKNOWN);
}
END_TEST

START_TEST(medians) {
    double odd[] = {3, 9, 1}, even[] = {4, 1, 3, 2};
    ck_assert_double_eq(median(odd, 3), 3);
    ck_assert_double_eq(median(even, 4), 3);
}
END_TEST

Suite *calibrate_suite(void);
Suite *calibrate_suite(void) {
    Suite *suite = suite_create("calibrate");
    TCase *tests = tcase_create("calibrate");
    tcase_add_test(tests, the_table_has_every_kind_for_every_suite);
    tcase_add_test(tests, every_row_of_a_kind_is_measured);
    tcase_add_test(tests, every_kind_is_measured_or_copied_for_a_reason);
    tcase_add_test(tests, every_row_names_a_kind_once_and_works);
    tcase_add_test(tests, a_failing_primitive_has_no_cost);
    tcase_add_test(tests, medians);
    suite_add_tcase(suite, tests);
    return suite;
}
