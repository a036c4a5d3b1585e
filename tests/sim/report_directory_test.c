/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/directory.h"

#include "../lib/records.h"
#include "sim/report/csv.h"
#include "sim/report/figures.h"
#include "sim/report/summary.h"

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct transaction_record records[2][1000];
static struct run_result runs[2];

static void setup(void) {
    for (uint32_t r = 0; r < 2; r++) {
        records_make(records[r], 1000, r, r == 1);
        runs[r] = (struct run_result){.scenario = "test",
                                      .repetition = r,
                                      .complete = true,
                                      .simulated_ns = 10 * NS_PER_S,
                                      .transactions = records[r],
                                      .transaction_count = 1000};
    }
}

START_TEST(test_csv_field) {
    struct text text = {0};
    csv_field(&text, "plain'; DROP TABLE x;");
    text_add(&text, ",");
    csv_field(&text, "a,\"b\"\nc");
    ck_assert_str_eq(text.bytes, "plain'; DROP TABLE x;,\"a,\"\"b\"\"\nc\"");
    text_deinit(&text);
}
END_TEST

START_TEST(test_csv_rows) {
    struct text text = {0};
    csv_transactions(runs, 2, &text);
    size_t lines = 0;
    for (size_t i = 0; i < text.size; i++)
        lines += text.bytes[i] == '\n';
    ck_assert_uint_eq(lines, 2001);
    ck_assert_ptr_nonnull(strstr(text.bytes, ",,,,\n")); /* a censored one */
    text_deinit(&text);
}
END_TEST

/* 2 % censored: p99 is "> T" and the target counts as missed, never dropped from the count. */
START_TEST(test_censored_verdict) {
    const struct metric *felt = metric_find("felt");
    struct summary_row row;
    summary_measure(felt, &runs[0], 1, &row);
    ck_assert_int_eq(row.verdict, VERDICT_MET);
    ck_assert_uint_eq(row.n, 1000);
    summary_measure(felt, &runs[1], 1, &row);
    ck_assert_int_eq(row.verdict, VERDICT_OVER);
    ck_assert_uint_eq(row.censored, 20);
    ck_assert_int_eq(row.values[2], STATISTIC_CENSORED);
    summary_measure(felt, runs, 2, &row);
    ck_assert_uint_eq(row.n + row.censored, 2000);
    struct text text = {0};
    summary_print(&runs[1], 1, false, &text);
    ck_assert_ptr_nonnull(strstr(text.bytes, "over target: target, not an expectation"));
    ck_assert_ptr_null(strchr(text.bytes, '\033'));
    text_deinit(&text);
}
END_TEST

static void slurp(const char *path, struct text *out) {
    FILE *file = fopen(path, "rb");
    ck_assert_msg(file != NULL, "%s", path);
    char part[4096];
    for (size_t size; (size = fread(part, 1, sizeof part, file)) > 0;)
        text_append(out, part, size);
    fclose(file);
    ck_assert_msg(out->size > 0, "%s", path);
}

/* Every file below @left is in @right with the same bytes. Returns how many. */
static size_t compare_trees(const char *left, const char *right) {
    struct dirent **entries;
    int count = scandir(left, &entries, NULL, alphasort);
    ck_assert_int_gt(count, 2);
    size_t files = 0;
    for (int i = 0; i < count; i++) {
        struct text paths[2] = {0}, bytes[2] = {0};
        text_format(&paths[0], "%s/%s", left, entries[i]->d_name);
        text_format(&paths[1], "%s/%s", right, entries[i]->d_name);
        if (entries[i]->d_type == DT_REG) {
            slurp(paths[0].bytes, &bytes[0]);
            slurp(paths[1].bytes, &bytes[1]);
            ck_assert_msg(bytes[0].size == bytes[1].size &&
                              memcmp(bytes[0].bytes, bytes[1].bytes, bytes[0].size) == 0,
                          "%s", entries[i]->d_name);
            files++;
        } else if (entries[i]->d_name[0] != '.') {
            files += compare_trees(paths[0].bytes, paths[1].bytes);
        }
        for (int side = 0; side < 2; side++) {
            text_deinit(&paths[side]);
            text_deinit(&bytes[side]);
        }
        free(entries[i]);
    }
    free(entries);
    return files;
}

START_TEST(test_directory) {
    static const char *const names[] = {"summary.json", "summary.txt",   "transactions.csv",
                                        "metrics.csv",  "latency.hlog",  "scenario.resolved.yaml",
                                        "felt.hgrm",    "manifest.json", "results.sqlite",
                                        "report.html",  "series.csv",    "nodes.csv",
                                        "messages.csv", "paths.csv"};
    char root[] = "/tmp/report_testXXXXXX", first[64], second[64], latest[64] = "";
    ck_assert_ptr_nonnull(mkdtemp(root));
    snprintf(first, sizeof first, "%s/a", root);
    snprintf(second, sizeof second, "%s/b", root);
    struct report report = {.runs = runs, .run_count = 2, .scenario_text = "name: test\n"};
    ck_assert_int_eq(report_write(&report, first), 0);
    ck_assert_int_eq(report_write(&report, second), 0);
    char third[64], fourth[64];
    ck_assert_int_eq(report_begin(root, "c", third, sizeof third), 0);
    ck_assert_int_eq(report_begin(root, "c", fourth, sizeof fourth), 0);
    ck_assert_str_eq(third + strlen(third) - 2, "/c");
    ck_assert_str_eq(fourth + strlen(fourth) - 4, "/c-2");
    ck_assert_int_eq(report_begin("/proc/none", "c", fourth, sizeof fourth), REPORT_ERROR);
    ck_assert_int_eq(report_begin(root, "c", fourth, 8), REPORT_ERROR);
    ck_assert_int_eq(report_announce(&report, third), 0);
    ck_assert_int_eq(report_write(&report, third), 0);
    ck_assert_int_eq(report_write(&report, first), REPORT_ERROR); /* never overwritten */
    ck_assert_int_eq(report_write(&report, "/nonexistent/x"), REPORT_ERROR);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s", first, names[i]);
        ck_assert_msg(access(path, R_OK) == 0, "%s", names[i]);
    }
    ck_assert_uint_ge(compare_trees(first, second), ARRAY_LEN(names) + 9 - 1 + 4 * figure_count);
    char link[64];
    snprintf(link, sizeof link, "%s/latest", root);
    ck_assert_int_eq(readlink(link, latest, sizeof latest - 1), 1);
    ck_assert_str_eq(latest, "c");
    char command[128];
    if (getenv("KEEP_PLOTS") != NULL)
        return;
    snprintf(command, sizeof command, "rm -r %s", root);
    ck_assert_int_eq(system(command), 0);
}
END_TEST

Suite *report_directory_suite(void) {
    Suite *suite = suite_create("report_directory");
    TCase *tests = tcase_create("report_directory");
    tcase_add_checked_fixture(tests, setup, NULL);
    tcase_add_test(tests, test_csv_field);
    tcase_add_test(tests, test_csv_rows);
    tcase_add_test(tests, test_censored_verdict);
    tcase_add_test(tests, test_directory);
    suite_add_tcase(suite, tests);
    return suite;
}
