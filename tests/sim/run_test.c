/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The built program as a person uses it: how runs end, and what they leave behind. */
#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "sim/calibrate/calibrate.h"

#define SMOKE "scenarios/smoke/pbft.yaml"

static char directory[64];

static void make_directory(void) {
    strcpy(directory, "/tmp/tierchain-run-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(directory));
}

static void remove_directory(void) {
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", directory);
    ck_assert_int_eq(system(command), 0);
}

static const char *program(void) {
    const char *path = getenv("TIERCHAIN_PROGRAM");
    return path != NULL ? path : "build/tierchain";
}

/* Runs the program with @arguments; its output goes to <directory>/out. Returns the exit code. */
static int run(const char *arguments) {
    char command[1024];
    snprintf(command, sizeof command, "%s run %s --quiet > %s/out 2> %s/err", program(), arguments,
             directory, directory);
    int status = system(command);
    ck_assert(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static bool exists(const char *name) {
    char path[256];
    struct stat status;
    snprintf(path, sizeof path, "%s/%s", directory, name);
    return stat(path, &status) == 0 && status.st_size > 0;
}

static bool contains(const char *name, const char *text) {
    char command[512];
    snprintf(command, sizeof command, "grep -q -- '%s' %s/%s", text, directory, name);
    return system(command) == 0;
}

START_TEST(results_are_complete) {
    static const char *const files[] = {
        "manifest.json",       "summary.json",       "results.sqlite",    "transactions.csv",
        "metrics.csv",         "latency.hlog",       "report.html",       "scenario.resolved.yaml",
        "platform.xml",        "plots/latency.png",  "plots/latency.svg", "plots/latency.gp",
        "plots/waterfall.png", "plots/timeline.png", "plots/stack.png",
    };
    char arguments[256];
    snprintf(arguments, sizeof arguments, SMOKE " -o %s", directory);
    ck_assert_int_eq(run(arguments), 0);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char path[128];
        snprintf(path, sizeof path, "pbft/latest/%s", files[i]);
        ck_assert_msg(exists(path), "%s", path);
    }
    ck_assert(contains("pbft/latest/manifest.json", "\"status\": \"complete\""));
    /* What was resolved runs again, to the same trace hash. */
    snprintf(arguments, sizeof arguments, "%s/pbft/latest/scenario.resolved.yaml -o %s/again",
             directory, directory);
    ck_assert(contains("out", "trace hash"));
    char command[256];
    snprintf(command, sizeof command, "grep 'trace hash' %s/out > %s/first", directory, directory);
    ck_assert_int_eq(system(command), 0);
    ck_assert_int_eq(run(arguments), 0);
    snprintf(command, sizeof command, "grep 'trace hash' %s/out | cmp - %s/first", directory,
             directory);
    ck_assert_int_eq(system(command), 0);
}
END_TEST

START_TEST(a_missed_expectation_ends_with_1) {
    char arguments[256];
    snprintf(arguments, sizeof arguments, SMOKE " -o %s --set 'expect=[felt.p99 < 1 ms]'",
             directory);
    ck_assert_int_eq(run(arguments), 1);
    ck_assert(contains("out", "MISSED"));
    ck_assert(contains("out", "reproduce: "));
    ck_assert(exists("pbft/latest/summary.json"));
}
END_TEST

START_TEST(results_that_cannot_be_written_end_with_4) {
    ck_assert_int_eq(run(SMOKE " -o /proc/none"), 4);
}
END_TEST

static int run_with_costs(const char *path, const char *suite) {
    char arguments[384];
    snprintf(arguments, sizeof arguments, SMOKE " -o %s --set cpu.table=%s --set crypto.suite=%s",
             directory, path, suite);
    return run(arguments);
}

START_TEST(runs_take_the_table_that_calibrate_writes) {
    static const char *const suites[] = {"ed25519", "ml-dsa-44", "ml-dsa-65", "bls12-381"};
    const struct calibration quick = {
        .samples = 1, .sample_ns = 1000, .compiler = "a compiler", .date = "today"};
    char path[128];
    struct text table = {0};
    snprintf(path, sizeof path, "%s/cpu.csv", directory);
    ck_assert_int_eq(calibrate(&quick, &table), OK);
    ck_assert_int_eq(text_write(&table, path), OK);
    for (size_t i = 0; i < ARRAY_LEN(suites); i++)
        ck_assert_msg(run_with_costs(path, suites[i]) == 0, "%s", suites[i]);
    char *row = strstr(table.bytes, "\nfrost_commit,");
    ck_assert_ptr_nonnull(row);
    memset(row + 1, '#', strcspn(row + 1, "\n")); /* a comment */
    ck_assert_int_eq(text_write(&table, path), OK);
    ck_assert_int_eq(run_with_costs(path, "ed25519"), 2);
    ck_assert(contains("err", "ends without a row for .frost_commit. that suite ed25519"));
    text_deinit(&table);
}
END_TEST

START_TEST(an_interrupted_run_keeps_what_there_is) {
    char output[128];
    snprintf(output, sizeof output, "%s/out", directory);
    const char *arguments[] = {
        program(), "run", "scenarios/japan.yaml", "--set", "duration=600 s", "-o", directory,
        "--quiet", NULL};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, O_CREAT | O_WRONLY, 0600);
    extern char **environ;
    pid_t child;
    ck_assert_int_eq(
        posix_spawn(&child, program(), &actions, NULL, (char *const *)arguments, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    sleep(2);
    kill(child, SIGINT);
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), 130);
    ck_assert(contains("out", "PARTIAL"));
    ck_assert(contains("japan/latest/manifest.json", "\"status\": \"partial\""));
}
END_TEST

Suite *run_suite(void) {
    Suite *suite = suite_create("run");
    TCase *tcase = tcase_create("run");
    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, make_directory, remove_directory);
    tcase_add_test(tcase, results_are_complete);
    tcase_add_test(tcase, a_missed_expectation_ends_with_1);
    tcase_add_test(tcase, results_that_cannot_be_written_end_with_4);
    tcase_add_test(tcase, runs_take_the_table_that_calibrate_writes);
    tcase_add_test(tcase, an_interrupted_run_keeps_what_there_is);
    suite_add_tcase(suite, tcase);
    return suite;
}
