/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/manifest.h"

#include "models/data.h"

#include <check.h>
#include <jansson.h>
#include <string.h>

static const char *string_at(json_t *object, const char *key) {
    const char *value = json_string_value(json_object_get(object, key));
    ck_assert_msg(value != NULL, "%s", key);
    return value;
}

static json_t *parse(const struct manifest_facts *facts, const char *scenario,
                     const struct run_result *runs, size_t count) {
    struct text text = {0};
    manifest_json(facts, scenario, runs, count, &text);
    json_error_t error;
    json_t *root = json_loads(text.bytes, JSON_REJECT_DUPLICATES, &error);
    ck_assert_msg(root != NULL, "%s at %d", error.text, error.line);
    text_deinit(&text);
    return root;
}

START_TEST(test_everything_known) {
    static const struct library_fact libraries[] = {{"libsodium", "1.0.18"}, {"zlib", "1.2.13"}};
    static const char *const arguments[] = {"tierchain", "run", "a \"b\"\n.yaml"};
    struct manifest_facts facts = {.version = "0.1.0",
                                   .libraries = libraries,
                                   .library_count = 2,
                                   .argument_count = 3,
                                   .arguments = arguments,
                                   .started = "2026-01-02T03:04:05Z"};
    struct run_result runs[2] = {{.scenario = "x", .seed = UINT64_MAX, .trace_hash = 0xabc},
                                 {.scenario = "x", .repetition = 1, .complete = true}};
    runs[0].complete = true;
    json_t *root = parse(&facts, "abc", runs, 2);
    ck_assert_str_eq(string_at(root, "status"), "complete");
    ck_assert_str_eq(string_at(json_object_get(root, "libraries"), "zlib"), "1.2.13");
    ck_assert_str_eq(json_string_value(json_array_get(json_object_get(root, "arguments"), 2)),
                     arguments[2]);
    ck_assert(json_is_null(json_object_get(root, "git_commit")));
    /* FIPS 180-2, appendix B.1 */
    ck_assert_str_eq(string_at(root, "scenario_sha256"),
                     "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    ck_assert_uint_eq(json_object_size(json_object_get(root, "data_sha256")), data_file_count);
    ck_assert_uint_gt(data_file_count, 0);
    json_t *first = json_array_get(json_object_get(root, "repetitions"), 0);
    ck_assert_str_eq(string_at(first, "seed"), "18446744073709551615");
    ck_assert_str_eq(string_at(first, "trace_hash"), "0000000000000abc");
    json_decref(root);
}
END_TEST

START_TEST(test_what_failed_is_named) {
    static const struct manifest_failure failures[] = {{2, UINT64_MAX, "killed by signal 9"}};
    static const struct manifest_file files[] = {{"/a \"b\".yaml", "00ff"}, {"/gone", NULL}};
    const struct manifest_facts facts = {.failures = failures,
                                         .failure_count = 1,
                                         .files = files,
                                         .file_count = 2,
                                         .wall_s = 1.5,
                                         .kernel = "6.1"};
    struct run_result run = {.scenario = "x", .complete = true};
    json_t *root = parse(&facts, NULL, &run, 1);
    ck_assert_str_eq(string_at(root, "status"), "partial"); /* one is complete, one is missing */
    json_t *failure = json_array_get(json_object_get(root, "failures"), 0);
    ck_assert_str_eq(string_at(failure, "seed"), "18446744073709551615");
    ck_assert_str_eq(string_at(failure, "reason"), "killed by signal 9");
    ck_assert_int_eq(json_integer_value(json_object_get(failure, "repetition")), 2);
    ck_assert_str_eq(string_at(json_object_get(root, "files_sha256"), "/a \"b\".yaml"), "00ff");
    ck_assert(json_is_null(json_object_get(json_object_get(root, "files_sha256"), "/gone")));
    ck_assert(json_number_value(json_object_get(root, "wall_s")) == 1.5);
    ck_assert_str_eq(string_at(root, "kernel"), "6.1");
    json_decref(root);
    const struct manifest_facts running = {.status = "running"};
    root = parse(&running, NULL, NULL, 0);
    ck_assert_str_eq(string_at(root, "status"), "running");
    ck_assert(json_is_null(json_object_get(root, "wall_s")));
    json_decref(root);
}
END_TEST

START_TEST(test_partial_and_unknown) {
    struct run_result run = {.scenario = "x"};
    json_t *root = parse(NULL, NULL, &run, 1);
    ck_assert_str_eq(string_at(root, "status"), "partial");
    ck_assert(json_is_null(json_object_get(root, "scenario_text")));
    json_decref(root);
    root = parse(NULL, NULL, NULL, 0);
    ck_assert_str_eq(string_at(root, "status"), "partial");
    json_decref(root);
}
END_TEST

Suite *manifest_suite(void) {
    Suite *suite = suite_create("manifest");
    TCase *tests = tcase_create("manifest");
    tcase_add_test(tests, test_everything_known);
    tcase_add_test(tests, test_what_failed_is_named);
    tcase_add_test(tests, test_partial_and_unknown);
    suite_add_tcase(suite, tests);
    return suite;
}
