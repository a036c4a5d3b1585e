/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/plots.h"

#include "../lib/records.h"
#include "sim/report/figures.h"
#include "sim/report/stamp.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Every figure of the table is drawn in both formats below @root/plots. */
static void expect_pictures(const char *root) {
    static const char *const kinds[] = {"png", "svg"};
    for (size_t f = 0; f < figure_count; f++)
        for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
            struct stat status;
            char path[128];
            snprintf(path, sizeof path, "%s/plots/%s.%s", root, figures[f].name, kinds[k]);
            ck_assert_msg(stat(path, &status) == 0, "%s", path);
            ck_assert_int_gt(status.st_size, 4000);
        }
}

START_TEST(test_renders) {
    static struct transaction_record records[1000];
    records_make(records, 1000, 3, false);
    struct run_result run = {.scenario = "it's \"quoted\" `x` %d",
                             .transactions = records,
                             .transaction_count = 1000,
                             .warmup_ns = NS_PER_S};
    char root[] = "/tmp/plots_testXXXXXX", path[128];
    ck_assert_ptr_nonnull(mkdtemp(root));
    snprintf(path, sizeof path, "%s/plots", root);
    ck_assert_int_eq(plots_write(&run, 1, path), 0);
    ck_assert_int_ne(plots_write(&run, 1, path), 0); /* never overwritten */
    expect_pictures(root);
    if (getenv("KEEP_PLOTS") == NULL) {
        snprintf(path, sizeof path, "rm -r %s", root);
        ck_assert_int_eq(system(path), 0);
    }
}
END_TEST

/* All pictures of a run are drawn, into a directory of their own. */
static void draws(const struct run_result *run) {
    char root[] = "/tmp/plots_testXXXXXX", path[128];
    ck_assert_ptr_nonnull(mkdtemp(root));
    snprintf(path, sizeof path, "%s/plots", root);
    ck_assert_int_eq(plots_write(run, 1, path), 0);
    expect_pictures(root);
    snprintf(path, sizeof path, "rm -r %s", root);
    ck_assert_int_eq(system(path), 0);
}

/* A run in which nothing was committed still gets its figures. */
START_TEST(test_nothing_committed) {
    struct transaction_record record = {.id = 0};
    stamps_clear(&record);
    record.intended = 0;
    for (size_t count = 0; count < 2; count++)
        draws(&(struct run_result){
            .scenario = "stuck", .transactions = &record, .transaction_count = count});
}
END_TEST

/* A single transaction leaves nothing above itself to draw. */
START_TEST(test_one_committed) {
    struct transaction_record record;
    records_make(&record, 1, 3, false);
    draws(&(struct run_result){.scenario = "one", .transactions = &record, .transaction_count = 1});
}
END_TEST

static size_t lines_of(const struct text *text) {
    size_t lines = 0;
    for (size_t i = 0; i < text->size; i++)
        lines += text->bytes[i] == '\n';
    return lines;
}

/* Few transactions: a point each. Many: thinned, but the very last one is there. */
START_TEST(test_latency_points) {
    static struct transaction_record records[50000];
    records_make(records, ARRAY_LEN(records), 3, false);
    struct run_result run = {.scenario = "x", .transactions = records, .transaction_count = 500};
    struct text data = {0}, variables = {0};
    figure_latency(&run, 1, &data, &variables);
    ck_assert_uint_eq(lines_of(&data), 502);
    data.size = 0;
    run.transaction_count = ARRAY_LEN(records);
    figure_latency(&run, 1, &data, &variables);
    ck_assert_uint_ge(lines_of(&data), 3500);
    ck_assert_uint_le(lines_of(&data), 4100);
    ck_assert_str_eq(data.bytes + data.size - 5, " 1 0\n");
    text_deinit(&data);
    text_deinit(&variables);
}
END_TEST

/* The waterfall of a run in which 2 % never closed: p99 is one of those, drawn as far as it got. */
START_TEST(test_waterfall_censored) {
    struct transaction_record records[100];
    records_make(records, 100, 3, true);
    records[7].token = records[7].continent_ack + NS_PER_S; /* and one whose token is critical */
    records[7].done = records[7].token;
    struct run_result run = {.scenario = "x", .transactions = records, .transaction_count = 100};
    struct text data = {0}, variables = {0};
    figure_waterfall(&run, 1, &data, &variables);
    ck_assert_ptr_nonnull(strstr(variables.bytes, "p99: never closed (transaction 0,"));
    /* A comment; five blocks of an invisible row after two empty lines; 7 steps, 2 marks and the
     * felt latency of the one, 3 steps up to S2 of the other. */
    ck_assert_uint_eq(lines_of(&data), 1 + 5 * 3 + 7 + 2 + 1 + 3);
    data.size = variables.size = 0;
    run.transactions = &records[7];
    run.transaction_count = 1;
    figure_waterfall(&run, 1, &data, &variables);
    ck_assert_ptr_nonnull(strstr(data.bytes, " 7 1 \""));
    ck_assert_ptr_nonnull(strstr(data.bytes, " 6 0 \""));
    text_deinit(&data);
    text_deinit(&variables);
}
END_TEST

/* The first bar on @row of the first panel. */
static void bar_on(const struct text *data, unsigned row, double *from, double *to) {
    for (const char *line = data->bytes; line != NULL; line = strchr(line + 1, '\n')) {
        unsigned at;
        if (sscanf(line, "%lf %lf %u", from, to, &at) == 3 && at == row)
            return;
    }
    ck_abort_msg("no bar on row %u", row);
}

/* S4 runs while S3 waits: the bars overlap as the stamps do, and S5 starts where S3 ends. */
START_TEST(test_waterfall_overlap) {
    struct transaction_record record = {.id = 0};
    stamps_clear(&record);
    record.intended = 1000 * NS_PER_MS;
    record.token = 1030 * NS_PER_MS;
    record.s1 = 1001 * NS_PER_MS;
    record.s2 = 1003 * NS_PER_MS;
    record.requested = 1006 * NS_PER_MS;
    record.held = 1011 * NS_PER_MS;
    record.promised = 1016 * NS_PER_MS;
    record.s5 = record.city_commit = 1026 * NS_PER_MS;
    record.continent_ack = record.done = 1046 * NS_PER_MS;
    struct run_result run = {.scenario = "x", .transactions = &record, .transaction_count = 1};
    struct text data = {0}, variables = {0};
    static const double expected[][2] = {{26, 46}, {16, 26}, {6, 11}, {3, 16},
                                         {1, 3},   {0, 1},   {0, 30}};
    figure_waterfall(&run, 1, &data, &variables);
    for (unsigned row = 1; row <= ARRAY_LEN(expected); row++) {
        double from, to;
        bar_on(&data, row, &from, &to);
        ck_assert_msg(from == expected[row - 1][0] && to == expected[row - 1][1],
                      "row %u: %g to %g", row, from, to);
    }
    text_deinit(&data);
    text_deinit(&variables);
}
END_TEST

/* No gnuplot, or one that fails: scripts and data are there, no broken picture, no error. */
START_TEST(test_gnuplot_fails) {
    char root[] = "/tmp/plots_testXXXXXX", path[128];
    ck_assert_ptr_nonnull(mkdtemp(root));
    ck_assert_int_eq(setenv("PATH", root, 1), 0);
    struct transaction_record records[10];
    records_make(records, 10, 3, false);
    struct run_result run = {.scenario = "x", .transactions = records, .transaction_count = 10};
    for (int failing = 0; failing < 2; failing++) {
        snprintf(path, sizeof path, "%s/gnuplot", root);
        if (failing)
            ck_assert_int_eq(symlink("/bin/false", path), 0);
        snprintf(path, sizeof path, "%s/plots%d", root, failing);
        ck_assert_int_eq(plots_write(&run, 1, path), 0);
        snprintf(path, sizeof path, "%s/plots%d/latency.gp", root, failing);
        ck_assert_int_eq(access(path, R_OK), 0);
        snprintf(path, sizeof path, "%s/plots%d/layers.dat", root, failing);
        ck_assert_int_eq(access(path, R_OK), 0);
        snprintf(path, sizeof path, "%s/plots%d/latency.png", root, failing);
        ck_assert_int_ne(access(path, R_OK), 0);
    }
    snprintf(path, sizeof path, "/bin/rm -r %s", root);
    ck_assert_int_eq(system(path), 0);
}
END_TEST

Suite *plots_suite(void) {
    Suite *suite = suite_create("plots");
    TCase *tests = tcase_create("plots");
    tcase_add_test(tests, test_renders);
    tcase_add_test(tests, test_nothing_committed);
    tcase_add_test(tests, test_one_committed);
    tcase_add_test(tests, test_latency_points);
    tcase_add_test(tests, test_waterfall_censored);
    tcase_add_test(tests, test_waterfall_overlap);
    tcase_add_test(tests, test_gnuplot_fails);
    suite_add_tcase(suite, tests);
    return suite;
}
