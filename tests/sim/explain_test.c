/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Critical paths in results: the shares of the middle and of the slowest, the files, and `tierchain explain`. */
#include <check.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/report/shares.h"
#include "tests/lib/program.h"

/* Paths of 1 … @count ms; of number i, i ms minus 1 us was spent on the way and 1 us in the queue. */
static struct path_record *ladder(size_t count) {
    struct path_record *paths = calloc(count, sizeof *paths);
    for (size_t i = 0; i < count; i++) { /* not in order */
        struct path_record *path = &paths[(i * 7) % count];
        path->transaction = count - i;
        path->latency = (time_ns)(i + 1) * NS_PER_MS;
        path->causes[PATH_PROPAGATION] = path->latency - NS_PER_US;
        path->causes[PATH_QUEUE] = NS_PER_US;
    }
    return paths;
}

START_TEST(groups_are_cut_by_rank) {
    static const struct {
        size_t count, middle, slowest;
        time_ns middle_ms, slowest_ms; /* sums */
    } cases[] = {
        {1, 1, 1, 1, 1},
        {100, 10, 2, 505, 199}, /* 46 … 55; 99 and 100 */
        {200, 20, 4, 2010, 794},
        {10, 2, 1, 11, 10},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct path_record *paths = ladder(cases[i].count);
        const struct run_result run = {.paths = paths, .path_count = cases[i].count};
        struct shares shares;
        shares_measure(&run, 1, &shares);
        ck_assert_uint_eq(shares.paths, cases[i].count);
        ck_assert_uint_eq(shares.groups[SHARE_P50].count, cases[i].middle);
        ck_assert_uint_eq(shares.groups[SHARE_P99].count, cases[i].slowest);
        ck_assert_int_eq(shares.groups[SHARE_P50].latency, cases[i].middle_ms * NS_PER_MS);
        ck_assert_int_eq(shares.groups[SHARE_P99].latency, cases[i].slowest_ms * NS_PER_MS);
        ck_assert_int_eq(shares.groups[SHARE_P99].causes[PATH_QUEUE],
                         (time_ns)cases[i].slowest * NS_PER_US);
        free(paths);
    }
}
END_TEST

START_TEST(causes_are_ordered_by_the_slowest) {
    struct path_record *paths = ladder(10);
    const struct run_result run = {.paths = paths, .path_count = 10};
    struct shares shares;
    unsigned order[PATH_CAUSES];
    for (size_t i = 0; i < 10; i++) {
        paths[i].causes[PATH_DISK] = NS_PER_MS / 2;
        paths[i].causes[PATH_PROPAGATION] -= NS_PER_MS / 2 + 3 * NS_PER_US;
        paths[i].causes[PATH_JITTER] = NS_PER_US;
        paths[i].causes[PATH_QUEUE] = 3 * NS_PER_US;
    }
    shares_measure(&run, 1, &shares);
    static const unsigned expected[] = {PATH_PROPAGATION, PATH_DISK, PATH_QUEUE, PATH_JITTER};
    ck_assert_uint_eq(shares_order(&shares, order), ARRAY_LEN(expected));
    for (size_t i = 0; i < ARRAY_LEN(expected); i++)
        ck_assert_uint_eq(order[i], expected[i]);
    free(paths);
}
END_TEST

START_TEST(without_paths_nothing_is_printed) {
    const struct run_result run = {0};
    struct text text = {0};
    shares_print(&run, 1, &text);
    ck_assert_uint_eq(text.size, 0);
    text_deinit(&text);
}
END_TEST

/* ---- whole runs ---- */

static char directory[64], results[96];

/* Runs @command; what it prints, the caller's, and its exit code. */
static char *output_of(int *code, const char *format, const char *arguments) {
    char command[512], inner[384];
    snprintf(inner, sizeof inner, format, arguments);
    snprintf(command, sizeof command, "%s %s 2>&1", program_path(), inner);
    FILE *pipe = popen(command, "r");
    ck_assert_ptr_nonnull(pipe);
    char *text = calloc(1 << 20, 1);
    size_t size = fread(text, 1, (1 << 20) - 1, pipe);
    text[size] = '\0';
    *code = WEXITSTATUS(pclose(pipe));
    return text;
}

static void run_once(const char *more) {
    char root[] = "/tmp/tierchain-explain-XXXXXX", command[512];
    ck_assert_ptr_nonnull(mkdtemp(root));
    strcpy(directory, root);
    snprintf(command, sizeof command,
             "%s run -q scenarios/smoke/hotstuff.yaml --repetitions 2 -o %s/r %s > %s/out 2>&1",
             program_path(), root, more, root);
    ck_assert_int_eq(WEXITSTATUS(system(command)), 0);
    snprintf(results, sizeof results, "%s/r/hotstuff/latest", root);
}

static void remove_all(void) {
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", directory);
    ck_assert_int_eq(system(command), 0);
}

static json_t *summary(void) {
    char path[128];
    json_error_t error;
    snprintf(path, sizeof path, "%s/summary.json", results);
    json_t *json = json_load_file(path, 0, &error);
    ck_assert_msg(json != NULL, "%s", error.text);
    return json;
}

START_TEST(summary_json_sums_up) {
    run_once("");
    json_t *json = summary(), *groups = json_object_get(json, "critical_path"), *group, *value;
    const char *name, *cause;
    ck_assert_uint_eq(json_object_size(groups), SHARE_GROUPS);
    json_object_foreach(groups, name, group) {
        json_int_t sum = 0;
        ck_assert_int_gt(json_integer_value(json_object_get(group, "transactions")), 0);
        json_object_foreach(json_object_get(group, "causes_ns"), cause, value) {
            ck_assert_uint_lt(path_cause_find(cause), PATH_CAUSES);
            sum += json_integer_value(value);
        }
        ck_assert_int_eq(sum, json_integer_value(json_object_get(group, "latency_ns")));
    }
    json_decref(json);
    remove_all();
}
END_TEST

START_TEST(paths_can_be_left_out) {
    run_once("--set output.paths=off");
    json_t *json = summary();
    int code;
    ck_assert_ptr_null(json_object_get(json, "critical_path"));
    json_decref(json);
    char *text = output_of(&code, "explain %s", results);
    ck_assert_int_eq(code, 2);
    ck_assert_ptr_nonnull(strstr(text, "output.paths was off"));
    free(text);
    remove_all();
}
END_TEST

/* The parts that are printed, in ms with six digits, sum up to the latency in the first line, to the nanosecond. */
static void expect_sum(const char *text) {
    long long first = 0, fraction, sum = 0;
    int transaction, repetition, steps, headings = 0;
    ck_assert_int_eq(sscanf(text, "transaction %d of repetition %d: %lld.%lld ms in %d steps",
                            &transaction, &repetition, &first, &fraction, &steps),
                     5);
    first = first * 1000000 + fraction;
    for (const char *line = text; (line = strchr(line, '\n')) != NULL; line++) {
        char part[64], sign[2] = "";
        long long whole;
        if (strncmp(line + 1, "transaction", 11) == 0)
            break;
        headings += line[1] == ' ' && strspn(line + 1, " ") < 12;
        if (sscanf(line + 1, " %*1[|`] %63s %1[-]%lld.%lld", part, sign, &whole, &fraction) == 4)
            sum -= whole * 1000000 + fraction;
        else if (sscanf(line + 1, " %*1[|`] %63s %lld.%lld", part, &whole, &fraction) == 3)
            sum += whole * 1000000 + fraction;
    }
    ck_assert_int_eq(sum, first);
    ck_assert_int_eq(headings, steps + 1); /* and the end */
}

START_TEST(the_slowest_are_explained) {
    run_once("--set network.jitter=measured");
    int code;
    char *text = output_of(&code, "explain --slowest 3 %s", results);
    ck_assert_int_eq(code, 0);
    double before = 1e9;
    const char *at = text;
    for (int i = 0; i < 3; i++) {
        double latency;
        ck_assert_ptr_nonnull(at);
        ck_assert_int_eq(sscanf(at, "transaction %*d of repetition %*d: %lf ms", &latency), 1);
        ck_assert(latency < before);
        expect_sum(at);
        before = latency;
        at = strstr(at + 1, "\ntransaction ");
        at = at != NULL ? at + 1 : NULL;
    }
    ck_assert_ptr_null(at);
    ck_assert_ptr_nonnull(strstr(text, "(komatsu, committee)"));
    ck_assert_ptr_nonnull(strstr(text, "hotstuff.vote from node"));
    free(text);
    remove_all();
}
END_TEST

START_TEST(a_transaction_is_explained_in_each_repetition) {
    run_once("");
    int code;
    char *text = output_of(&code, "explain --tx 20 %s", results);
    ck_assert_int_eq(code, 0);
    ck_assert_int_eq(strncmp(text, "transaction 20 of repetition 0", 30), 0);
    ck_assert_ptr_nonnull(strstr(text, "\ntransaction 20 of repetition 1"));
    free(text);
    text = output_of(&code, "explain --tx 999999 %s", results);
    ck_assert_int_eq(code, 2);
    ck_assert_ptr_nonnull(strstr(text, "no path of transaction 999999"));
    free(text);
    remove_all();
}
END_TEST

START_TEST(what_cannot_be_explained_is_said) {
    static const struct {
        const char *arguments, *says;
    } cases[] = {
        {"", "name one folder"},
        {"--tx 1 --slowest 2 /tmp", "name one folder"},
        {"/nonexistent", "/nonexistent/paths.csv: cannot be read"},
        {"--tx x /tmp", "--tx:"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int code;
        char *text = output_of(&code, "explain %s", cases[i].arguments);
        ck_assert_int_eq(code, 2);
        ck_assert_msg(strstr(text, cases[i].says) != NULL, "%s", text);
        free(text);
    }
}
END_TEST

START_TEST(a_damaged_file_is_refused_with_its_line) {
    char path[] = "/tmp/tierchain-explain-XXXXXX", command[128];
    ck_assert_ptr_nonnull(mkdtemp(path));
    snprintf(command, sizeof command, "%s/paths.csv", path);
    FILE *file = fopen(command, "w");
    fputs("repetition,transaction,hop,cause,message,node,from,begin_ns,duration_ns\n"
          "0,1,0,queue,,4,,10,20\n0,1,0,weather,,4,,10,20\n",
          file);
    fclose(file);
    int code;
    char *text = output_of(&code, "explain %s", path);
    ck_assert_int_eq(code, 2);
    ck_assert_ptr_nonnull(strstr(text, "paths.csv:3: this is no part of a path"));
    free(text);
    snprintf(command, sizeof command, "rm -rf %s", path);
    ck_assert_int_eq(system(command), 0);
}
END_TEST

Suite *explain_suite(void) {
    Suite *suite = suite_create("explain");
    TCase *tcase = tcase_create("explain");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, groups_are_cut_by_rank);
    tcase_add_test(tcase, causes_are_ordered_by_the_slowest);
    tcase_add_test(tcase, without_paths_nothing_is_printed);
    tcase_add_test(tcase, summary_json_sums_up);
    tcase_add_test(tcase, paths_can_be_left_out);
    tcase_add_test(tcase, the_slowest_are_explained);
    tcase_add_test(tcase, a_transaction_is_explained_in_each_repetition);
    tcase_add_test(tcase, what_cannot_be_explained_is_said);
    tcase_add_test(tcase, a_damaged_file_is_refused_with_its_line);
    suite_add_tcase(suite, tcase);
    return suite;
}
