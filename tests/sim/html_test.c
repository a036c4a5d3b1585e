/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/html.h"

#include "../lib/records.h"
#include "sim/report/figures.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static size_t occurrences(const char *text, const char *part) {
    size_t count = 0;
    for (const char *at = text; (at = strstr(at, part)) != NULL; at++)
        count++;
    return count;
}

static void write_svg(const char *dir, const char *name) {
    struct text svg = {0}, path = {0};
    text_format(&path, "%s/plots/%s.svg", dir, name);
    text_add(
        &svg,
        "<?xml version=\"1.0\"?>\n<svg width=\"1\"><title>Gnuplot</title>"
        "<g id=\"twice\"/><g id=\"twice\"/><path id='gpPt0'/><use xlink:href='#gpPt0'/></svg>\n");
    ck_assert_int_eq(text_write(&svg, path.bytes), 0);
    text_deinit(&svg);
    text_deinit(&path);
}

START_TEST(test_page) {
    static struct transaction_record records[100];
    records_make(records, 100, 1, true);
    const struct invariant_record invariant = {"</td><script>alert(1)</script>", true, 1, 2};
    const struct expectation_record expectation = {"felt.p99 < 450 ms", 500, 450, false, "ms"};
    struct run_result run = {.scenario = "<b>&\"x'",
                             .seed = 42,
                             .transactions = records,
                             .transaction_count = 100,
                             .complete = true,
                             .invariants = &invariant,
                             .invariant_count = 1,
                             .expectations = &expectation,
                             .expectation_count = 1};
    const struct manifest_facts facts = {.version = "9.8.7", .started = "2026-01-02T03:04:05Z"};
    struct report report = {
        .runs = &run, .run_count = 1, .scenario_text = "name: <x>\n", .facts = &facts};
    char root[] = "/tmp/html_testXXXXXX", path[64];
    ck_assert_ptr_nonnull(mkdtemp(root));
    snprintf(path, sizeof path, "%s/plots", root);
    ck_assert_int_eq(mkdir(path, 0777), 0);
    write_svg(root, figures[0].name);
    write_svg(root, figures[1].name);
    struct text page = {0};
    html_report(&report, root, &page);
    ck_assert_ptr_null(strstr(page.bytes, "<script"));
    ck_assert_ptr_null(strstr(page.bytes, "<b>"));
    ck_assert_ptr_null(strstr(page.bytes, "2026")); /* only the manifest knows the time */
    ck_assert_ptr_null(strstr(page.bytes, "<?xml"));
    ck_assert_ptr_null(strstr(page.bytes, "Gnuplot"));
    ck_assert_ptr_null(strstr(page.bytes, "twice"));
    ck_assert_ptr_nonnull(strstr(page.bytes, "<h1>&lt;b&gt;&amp;&quot;x&#39;</h1>"));
    ck_assert_ptr_nonnull(strstr(page.bytes, "9.8.7"));
    ck_assert_ptr_nonnull(strstr(page.bytes, "name: &lt;x&gt;"));
    ck_assert_ptr_nonnull(strstr(page.bytes, "<a href=\"plots\">"));
    ck_assert_uint_eq(occurrences(page.bytes, "<svg"), 2);
    ck_assert_uint_eq(occurrences(page.bytes, " id='waterfall-gpPt0'"), 1);
    ck_assert_uint_eq(occurrences(page.bytes, "href='#waterfall-gpPt0'"), 1);
    ck_assert_uint_eq(occurrences(page.bytes, "Not drawn"), figure_count - 2);
    ck_assert_uint_eq(occurrences(page.bytes, ">FAILED</td>"), 1);
    ck_assert_uint_eq(occurrences(page.bytes, ">passed</td>"), 1);
    ck_assert_uint_ge(occurrences(page.bytes, ">over</td>"), 1); /* 2 % never closed */
    ck_assert_ptr_nonnull(strstr(page.bytes, "name=\"viewport\""));
    ck_assert_ptr_nonnull(strstr(page.bytes, "prefers-color-scheme:dark"));
    const char *verdict = strstr(page.bytes, "<p class=\"verdict bad\">1 of 1 expectations MISSED. "
                                             "All 1 invariants kept. 3 of 9 p99 targets met.</p>");
    ck_assert_ptr_nonnull(verdict);
    ck_assert_ptr_eq(strstr(page.bytes, "<p"), verdict); /* nothing comes before it */
    ck_assert_ptr_nonnull(strstr(page.bytes, "<details><summary>1 checked, 0 broken</summary>"));
    text_deinit(&page);
    snprintf(path, sizeof path, "rm -r %s", root);
    ck_assert_int_eq(system(path), 0);
}
END_TEST

/* Nothing to show is shown as nothing. */
START_TEST(test_no_run) {
    struct report report = {0};
    struct text page = {0};
    html_report(&report, "/nonexistent", &page);
    ck_assert_ptr_nonnull(strstr(page.bytes, "<h1>no run</h1>"));
    ck_assert_ptr_nonnull(strstr(page.bytes, "</html>"));
    text_deinit(&page);
}
END_TEST

Suite *html_suite(void) {
    Suite *suite = suite_create("html");
    TCase *tests = tcase_create("html");
    tcase_add_test(tests, test_page);
    tcase_add_test(tests, test_no_run);
    suite_add_tcase(suite, tests);
    return suite;
}
