/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Traces of the user's in whole runs, as the program reads and replays them. What is wrong with a file
 * and where is in tests/bad (table-*.yaml, trace-*.yaml). */
#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/types.h"
#include "sim/scenario/user_file.h"
#include "tests/lib/program.h"

static char directory[64];

static void begin(void) {
    strcpy(directory, "/tmp/tierchain-files-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(directory));
}

static int shell(const char *format, ...) __attribute__((format(printf, 1, 2)));

static int shell(const char *format, ...) {
    char command[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(command, sizeof command, format, arguments);
    va_end(arguments);
    int status = system(command);
    ck_assert(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void end(void) {
    ck_assert_int_eq(shell("rm -rf %s", directory), 0);
}

static void write_file(const char *name, const char *text, size_t size) {
    char path[128];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(text, 1, size, file), size);
    ck_assert_int_eq(fclose(file), 0);
}

static void write_scenario(const char *duration, const char *load, int commits) {
    char text[1024];
    int size = snprintf(text, sizeof text,
                        "schema: 1\nduration: %s\nwarmup: 0 s\ndrain: 3 s\n"
                        "places: [{id: komatsu, nodes: 16}]\n"
                        "city: {committee: 4, consensus: pbft}\n"
                        "continent: {committee: 4, places: [komatsu], consensus: pbft}\n"
                        "pipeline: {candidates: 8, holders: 5, pieces: 5, needed: 3, acks: 4}\n"
                        "overlay: {use: off}\n"
                        "workload: {model: trace, trace: trace.csv%s}\n"
                        "expect: [commits == %d]\n",
                        duration, load, commits);
    write_file("replay.yaml", text, (size_t)size);
}

static int run(void) {
    return shell("%s run %s/replay.yaml --quiet -o %s/results > %s/out 2> %s/err", program_path(),
                 directory, directory, directory, directory);
}

static bool said(const char *text) {
    return shell("grep -q '%s' %s/err", text, directory) == 0;
}

/* 40 transactions a second for 5 s. */
static const char plain[] = "t_s,count\n0,40\n1,40\n2,40\n3,40\n4,40\n";
static const char decorated[] =
    "\xef\xbb\xbft_s,count\r\n0,40\r\n1,40\r\n2,40\r\n3,40\r\n4,40\r\n\r\n";

static const struct {
    const char *trace;
    const char *duration, *load;
    int commits;
    const char *note;
} rows[] = {
    {plain, "6 s", "", 200,
     "the trace ends after 5 s; nothing is sent in the last 1 s of the load"},
    {decorated, "6 s", "", 200, "the trace ends after 5 s"},
    {plain, "6 s", ", rate: as-recorded", 200, "the trace ends after 5 s"},
    {plain, "6 s", ", rate: 20/s", 100, "the trace ends after 5 s"},
    {plain, "3 s", "", 120, "the load is the first 3 s of the trace.s 5 s"},
    {plain, "5 s", "", 200, NULL},
};

START_TEST(a_trace_keeps_its_rate_unless_one_is_given) {
    begin();
    write_file("trace.csv", rows[_i].trace, strlen(rows[_i].trace));
    write_scenario(rows[_i].duration, rows[_i].load, rows[_i].commits);
    ck_assert_int_eq(run(), 0);
    ck_assert(rows[_i].note != NULL ? said(rows[_i].note) : !said("trace"));
    write_scenario(rows[_i].duration, rows[_i].load, rows[_i].commits + 1);
    ck_assert_int_eq(run(), 1); /* the expectation counts */
    end();
}
END_TEST

/* Sparse, so it takes no room. Nothing is written. */
START_TEST(a_huge_file_is_refused) {
    char path[128];
    begin();
    write_file("trace.csv", "t_s,count\n", 10);
    write_scenario("5 s", "", 1);
    snprintf(path, sizeof path, "%s/trace.csv", directory);
    ck_assert_int_eq(truncate(path, (off_t)USER_FILE_MAX + 1), 0);
    ck_assert_int_eq(run(), 2);
    ck_assert(said("replay.yaml:10:33: error: workload.trace: the file is larger than 64 MiB"));
    ck_assert_int_ne(shell("test -e %s/results", directory), 0);
    ck_assert_int_eq(chmod(path, 0), 0);
    ck_assert_int_eq(truncate(path, 10), 0);
    if (geteuid() != 0) {
        ck_assert_int_eq(run(), 2);
        ck_assert(said("workload.trace: the file cannot be read: "));
    }
    end();
}
END_TEST

Suite *user_files_suite(void) {
    Suite *suite = suite_create("user_files");
    TCase *tcase = tcase_create("user_files");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, a_trace_keeps_its_rate_unless_one_is_given, 0, ARRAY_LEN(rows));
    tcase_add_test(tcase, a_huge_file_is_refused);
    suite_add_tcase(suite, tcase);
    return suite;
}
