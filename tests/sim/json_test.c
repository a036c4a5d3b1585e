/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/json.h"

#include <check.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

/* An independent parser reads back exactly what was written. */
START_TEST(test_round_trip) {
    const char *nasty = "a\"b\\c\n\t\x01'; DROP TABLE runs; -- \xc3\xa9";
    struct text text = {0};
    struct json json;
    json_init(&json, &text);
    json_open(&json, NULL, '{');
    json_put_string(&json, nasty, nasty);
    json_put_double(&json, "third", 1.0 / 3);
    json_put_double(&json, "endless", INFINITY);
    json_put_integer(&json, "least", INT64_MIN);
    json_put_unsigned(&json, "count", 42);
    json_open(&json, "list", '[');
    json_put_bool(&json, NULL, true);
    json_put_null(&json, NULL);
    json_close(&json, ']');
    json_open(&json, "empty", '{');
    json_close(&json, '}');
    json_close(&json, '}');

    json_error_t error;
    json_t *root = json_loads(text.bytes, 0, &error);
    ck_assert_msg(root != NULL, "%s", error.text);
    ck_assert_str_eq(json_string_value(json_object_get(root, nasty)), nasty);
    ck_assert(json_real_value(json_object_get(root, "third")) == 1.0 / 3);
    ck_assert(json_is_null(json_object_get(root, "endless")));
    ck_assert(json_integer_value(json_object_get(root, "least")) == INT64_MIN);
    ck_assert_uint_eq(json_array_size(json_object_get(root, "list")), 2);
    ck_assert_uint_eq(json_object_size(json_object_get(root, "empty")), 0);
    json_decref(root);
    text_deinit(&text);
}
END_TEST

/* Unicode 15, table 3-7: overlong forms, surrogates and what lies above U+10FFFF are not UTF-8. */
START_TEST(test_invalid_utf8) {
    static const char *const cases[][2] = {
        {"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80", "\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"},
        {"a\xff"
         "b",
         "a\xef\xbf\xbd"
         "b"},
        {"\xc3", "\xef\xbf\xbd"},
        {"\xc0\x80", "\xef\xbf\xbd\xef\xbf\xbd"},
        {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
        {"\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
        {"\xf0\x9f\x98", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct text out = {0};
        struct json json;
        json_init(&json, &out);
        json_open(&json, NULL, '[');
        json_put_string(&json, NULL, cases[i][0]);
        json_close(&json, ']');
        json_t *root = json_loads(out.bytes, 0, NULL);
        ck_assert_msg(root != NULL, "case %zu", i);
        ck_assert_str_eq(json_string_value(json_array_get(root, 0)), cases[i][1]);
        json_decref(root);
        text_deinit(&out);
    }
}
END_TEST

Suite *json_suite(void) {
    Suite *suite = suite_create("json");
    TCase *tests = tcase_create("json");
    tcase_add_test(tests, test_round_trip);
    tcase_add_test(tests, test_invalid_utf8);
    suite_add_tcase(suite, tests);
    return suite;
}
