/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <check.h>
#include <string.h>

#include "base/error.h"
#include "models/csv.h"
#include "models/data.h"

static int open_text(struct csv *csv, const char *text) {
    return csv_init(csv, text, strlen(text));
}

START_TEST(rows_by_column_name) {
    struct csv csv;
    double number;
    int64_t integer;
    char name[8];
    ck_assert_int_eq(open_text(&csv, "# a comment\nname,ms\na,-12.5\n# another\nbc,7"), OK);
    ck_assert_int_eq(csv_column(&csv, "ms"), 1);
    ck_assert_int_eq(csv_column(&csv, "m"), -1);
    ck_assert_int_eq(csv_next(&csv), 1);
    ck_assert_int_eq(csv_number(csv.fields[1], &number), OK);
    ck_assert_double_eq(number, -12.5);
    ck_assert_int_eq(csv_integer(csv.fields[1], &integer), ERR_INVALID);
    ck_assert_int_eq(csv_next(&csv), 1);
    ck_assert_uint_eq(csv.line, 5);
    ck_assert_int_eq(csv_copy(csv.fields[0], name, sizeof name), OK);
    ck_assert_str_eq(name, "bc");
    ck_assert_int_eq(csv_copy(csv.fields[0], name, 2), ERR_LIMIT);
    ck_assert_int_eq(csv_integer(csv.fields[1], &integer), OK);
    ck_assert_int_eq(integer, 7);
    ck_assert_int_eq(csv_next(&csv), 0);
}
END_TEST

START_TEST(malformed_tables_are_errors) {
    static const struct {
        const char *text;
        int error;
    } heads[] = {{"", ERR_TRUNCATED},
                 {"# only a comment\n", ERR_TRUNCATED},
                 {"\n", ERR_NON_CANONICAL},
                 {"a,\n", ERR_NON_CANONICAL},
                 {"a,b,a\n", ERR_NON_CANONICAL},
                 {"a, b\n", ERR_NON_CANONICAL},
                 {"a,\"b\"\n", ERR_NON_CANONICAL}};
    static const char *const rows[] = {"a,b\n1\n",     "a,b\n1,2,3\n",  "a,b\n\n1,2\n",
                                       "a,b\n1,\r2\n", "a\n\n1\n",      "a,b\n1,\t\n",
                                       "a,b\n1,2 \n",  "a,b\n1,\"2\"\n"};
    struct csv csv;
    for (size_t i = 0; i < ARRAY_LEN(heads); i++)
        ck_assert_int_eq(open_text(&csv, heads[i].text), heads[i].error);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        ck_assert_int_eq(open_text(&csv, rows[i]), OK);
        ck_assert_int_eq(csv_next(&csv), ERR_NON_CANONICAL);
        ck_assert_uint_eq(csv.line, 2);
    }
}
END_TEST

/* What editors and spreadsheets add changes nothing. */
START_TEST(marks_and_line_ends_of_editors_are_taken) {
    static const char *const texts[] = {
        "# c\na,b\n1,2\n3,4\n",         "\xef\xbb\xbf# c\na,b\n1,2\n3,4\n",
        "# c\r\na,b\r\n1,2\r\n3,4\r\n", "\xef\xbb\xbf# c\r\na,b\r\n1,2\r\n3,4\r\n\r\n",
        "# c\na,b\n1,2\n3,4",           "# c\na,b\n1,2\n3,4\n\n\n"};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct csv csv;
        int64_t sum = 0, value;
        ck_assert_int_eq(open_text(&csv, texts[i]), OK);
        ck_assert_int_eq(csv_column(&csv, "b"), 1);
        while (csv_next(&csv) == 1)
            for (size_t k = 0; k < 2; k++) {
                ck_assert_int_eq(csv_integer(csv.fields[k], &value), OK);
                sum = 10 * sum + value;
            }
        ck_assert_int_eq(sum, 1234);
        ck_assert_str_eq(csv.problem, "");
    }
}
END_TEST

START_TEST(problems_are_located) {
    static const struct {
        const char *text;
        size_t line, column;
        const char *part;
    } rows[] = {{"", 0, 1, "no line of column names"},
                {"a,b,a\n", 1, 5, "two columns"},
                {"a,,c\n", 1, 3, "is empty"},
                {"#\na,b\n1,2\n1,2,3\n", 4, 5, "3 fields; the line of names has 2"},
                {"a,b\n1\n", 2, 1, "1 fields"},
                {"a,b\n\xc3\xa9\xc3\xa9,\"x\"\n", 2, 4, "quote"},
                {"a,b\n1,2\n\n3,4\n", 3, 1, "empty line"}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct csv csv;
        int error = open_text(&csv, rows[i].text);
        while (error == OK)
            error = csv_next(&csv) == 1 ? OK : ERR_INVALID;
        ck_assert_msg(strstr(csv.problem, rows[i].part) != NULL, "row %zu: %s", i, csv.problem);
        ck_assert_uint_eq(csv.line, rows[i].line);
        ck_assert_uint_eq(csv.column, rows[i].column);
    }
}
END_TEST

START_TEST(numbers_are_strict) {
    static const char *const wrong[] = {
        "", "-", ".5", "5.", "1e3", "+1", "1 2", "0x1", "--1", "1.2.3", "1234567890123456"};
    static const struct {
        const char *text;
        double value;
    } right[] = {{"0", 0},
                 {"7", 7},
                 {"-0.1", -0.1},
                 {"0.3", 0.3},
                 {"99.99", 99.99},
                 {"123456789012345", 123456789012345.0},
                 {"0.00000000000001", 1e-14}};
    double value;
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        struct csv_field field = {wrong[i], strlen(wrong[i])};
        ck_assert_int_eq(csv_number(field, &value), ERR_INVALID);
    }
    for (size_t i = 0; i < ARRAY_LEN(right); i++) {
        struct csv_field field = {right[i].text, strlen(right[i].text)};
        ck_assert_int_eq(csv_number(field, &value), OK);
        ck_assert_double_eq(value, right[i].value);
    }
}
END_TEST

START_TEST(every_embedded_table_reads_and_states_its_source) {
    ck_assert_uint_gt(data_file_count, 0);
    for (size_t i = 0; i < data_file_count; i++) {
        struct csv csv;
        int more;
        size_t rows = 0;
        ck_assert_int_eq(data_files[i].text[0], '#');
        ck_assert_int_eq(csv_init(&csv, data_files[i].text, data_files[i].size), OK);
        while ((more = csv_next(&csv)) > 0)
            rows++;
        ck_assert_msg(more == 0, "%s:%zu", data_files[i].name, csv.line);
        ck_assert_uint_gt(rows, 0);
    }
}
END_TEST

Suite *model_csv_suite(void) {
    Suite *suite = suite_create("model_csv");
    TCase *tcase = tcase_create("csv");
    tcase_add_test(tcase, rows_by_column_name);
    tcase_add_test(tcase, malformed_tables_are_errors);
    tcase_add_test(tcase, marks_and_line_ends_of_editors_are_taken);
    tcase_add_test(tcase, problems_are_located);
    tcase_add_test(tcase, numbers_are_strict);
    tcase_add_test(tcase, every_embedded_table_reads_and_states_its_source);
    suite_add_tcase(suite, tcase);
    return suite;
}
