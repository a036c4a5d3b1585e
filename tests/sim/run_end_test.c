/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How runs end when something is in their way: signals, killed workers and parents, full disks,
 * neighbours in the same second. What was simulated is kept and marked, and nothing stays behind. */
#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/types.h"
#include "tests/lib/program.h"

#define SMOKE   "scenarios/smoke/pbft.yaml"
#define WAIT_MS 20000

static char directory[64];

static void make_directory(void) {
    strcpy(directory, "/tmp/tierchain-end-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(directory));
}

static void remove_directory(void) {
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", directory);
    ck_assert_int_eq(system(command), 0);
}

static void sleep_ms(long ms) {
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

static bool contains(const char *name, const char *text) {
    char command[512];
    snprintf(command, sizeof command, "grep -qs -- '%s' %s/%s", text, directory, name);
    return system(command) == 0;
}

/* Starts the program in a process group of its own, with output in <directory>/out and err.
 * @prepare runs in the child. */
static pid_t begin(const char *const *arguments, void (*prepare)(void)) {
    char *argv[24] = {(char *)program_path(), (char *)"run"};
    size_t count = 2;
    for (; arguments[count - 2] != NULL; count++)
        argv[count] = (char *)arguments[count - 2];
    argv[count++] = (char *)"-o";
    argv[count++] = directory;
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child > 0)
        return child;
    char path[80];
    setpgid(0, 0);
    snprintf(path, sizeof path, "%s/out", directory);
    dup2(open(path, O_CREAT | O_WRONLY | O_TRUNC, 0600), STDOUT_FILENO);
    snprintf(path, sizeof path, "%s/err", directory);
    dup2(open(path, O_CREAT | O_WRONLY | O_TRUNC, 0600), STDERR_FILENO);
    if (prepare != NULL)
        prepare();
    execv(argv[0], argv);
    _exit(127);
}

static int end(pid_t child) {
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(WIFEXITED(status), "killed by signal %d", WTERMSIG(status));
    return WEXITSTATUS(status);
}

/* The program's workers, oldest first; 0 behind the last. */
static void workers_of(pid_t parent, pid_t workers[8]) {
    char path[64];
    size_t count = 0;
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)parent, (int)parent);
    memset(workers, 0, 8 * sizeof *workers);
    FILE *file = fopen(path, "r");
    while (file != NULL && count < 7 && fscanf(file, "%d", &workers[count]) == 1)
        count++;
    if (file != NULL)
        fclose(file);
}

/* Waits until @count workers simulate: each has loaded its platform, and thus taken the signals. */
static void await_workers(pid_t parent, size_t count, pid_t workers[8]) {
    for (long waited = 0; waited < WAIT_MS; waited += 50) {
        size_t found = 0, busy = 0;
        workers_of(parent, workers);
        for (; workers[found] != 0; found++) {
            char path[64], state[512] = "";
            unsigned long ticks = 0;
            snprintf(path, sizeof path, "/proc/%d/stat", (int)workers[found]);
            FILE *file = fopen(path, "r");
            if (file != NULL && fgets(state, sizeof state, file) != NULL)
                sscanf(strrchr(state, ')') + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu",
                       &ticks);
            if (file != NULL)
                fclose(file);
            busy += ticks >= 30; /* 300 ms of CPU time */
        }
        if (found >= count && busy >= count)
            return;
        sleep_ms(50);
    }
    ck_abort_msg("the workers do not start");
}

/* Files below the directory whose names start with @prefix. */
static size_t count_files(const char *prefix) {
    char command[256], line[64] = "0";
    snprintf(command, sizeof command, "find %s -name '%s*' | wc -l", directory, prefix);
    FILE *pipe = popen(command, "r");
    ck_assert_ptr_nonnull(pipe);
    ck_assert_ptr_nonnull(fgets(line, sizeof line, pipe));
    pclose(pipe);
    return strtoul(line, NULL, 10);
}

static void assert_nothing_left(pid_t child) {
    for (long waited = 0; kill(-child, 0) == 0 && waited < WAIT_MS; waited += 50)
        sleep_ms(50);
    ck_assert_msg(kill(-child, 0) != 0 && errno == ESRCH, "a process is left");
    ck_assert_uint_eq(count_files(".platform"), 0);
    ck_assert_uint_eq(count_files("platform-"), 0);
    ck_assert_uint_eq(count_files("latest."), 0);
}

static const char *const endless[] = {"scenarios/japan.yaml", "--set", "duration=6000 s", "--quiet",
                                      NULL};
static const char *const endless_two[] = {"scenarios/japan.yaml",
                                          "--set",
                                          "duration=6000 s",
                                          "--quiet",
                                          "--repetitions",
                                          "3",
                                          "-j",
                                          "2",
                                          NULL};

static const struct { int signal, code; } ends[] = {{SIGINT, 130}, {SIGTERM, 143}, {SIGHUP, 129}};

START_TEST(a_signal_ends_the_run_and_keeps_what_there_is) {
    pid_t workers[8], child = begin(endless, NULL);
    await_workers(child, 1, workers);
    kill(child, ends[_i].signal);
    ck_assert_int_eq(end(child), ends[_i].code);
    ck_assert(contains("out", "PARTIAL"));
    ck_assert(contains("japan/latest/manifest.json", "\"status\": \"partial\""));
    ck_assert(contains("japan/latest/summary.json", "\"complete\": false"));
    assert_nothing_left(child);
}
END_TEST

/* A terminal's signal comes to all; those that have not begun never do. */
START_TEST(a_signal_to_the_group_ends_all_repetitions) {
    pid_t workers[8], child = begin(endless_two, NULL);
    await_workers(child, 2, workers);
    kill(-child, SIGINT);
    ck_assert_int_eq(end(child), 130);
    ck_assert(contains("out", "repetition 1 .*PARTIAL"));
    ck_assert(!contains("out", "repetition 2 .*PARTIAL"));
    ck_assert(contains("out", "1 of 3 repetitions are missing"));
    ck_assert(contains("japan/latest/manifest.json", "not started"));
    assert_nothing_left(child);
}
END_TEST

START_TEST(a_second_signal_ends_at_once) {
    pid_t workers[8], child = begin(endless_two, NULL);
    struct timespec before, after;
    await_workers(child, 2, workers);
    kill(workers[0], SIGSTOP); /* it would never hand over anything */
    clock_gettime(CLOCK_MONOTONIC, &before);
    kill(child, SIGINT);
    sleep_ms(600);
    kill(child, SIGINT);
    ck_assert_int_eq(end(child), 130);
    clock_gettime(CLOCK_MONOTONIC, &after);
    ck_assert_int_lt(after.tv_sec - before.tv_sec, 10);
    ck_assert(contains("japan/*/manifest.json", "\"status\": \"aborted\""));
    ck_assert(contains("out", "results: none"));
    assert_nothing_left(child);
}
END_TEST

static void ignore_hangup(void) {
    signal(SIGHUP, SIG_IGN);
}

/* As under nohup. */
START_TEST(an_ignored_signal_stays_ignored) {
    pid_t workers[8], child = begin(endless, ignore_hangup);
    await_workers(child, 1, workers);
    kill(-child, SIGHUP);
    sleep_ms(600);
    ck_assert_int_eq(waitpid(child, NULL, WNOHANG), 0);
    kill(child, SIGTERM);
    ck_assert_int_eq(end(child), 143);
    assert_nothing_left(child);
}
END_TEST

START_TEST(a_killed_worker_is_named_and_the_others_are_kept) {
    const char *const three[] = {SMOKE,     "--set", "duration=40 s", "--repetitions", "3",
                                 "--quiet", NULL};
    pid_t workers[8], child = begin(three, NULL);
    await_workers(child, 1, workers);
    kill(workers[0], SIGKILL);
    ck_assert_int_eq(end(child), 3);
    ck_assert(contains("err", "repetition 0 (seed [0-9]*) was killed: SIGKILL"));
    ck_assert(contains("out", "repetition 0  seed [0-9]*  FAILED: killed by signal 9 (Killed)"));
    ck_assert(contains("out", "repetition 2  seed [0-9]*  trace hash"));
    ck_assert(contains("out", "1 of 3 repetitions are missing"));
    ck_assert(contains("pbft/latest/manifest.json", "\"status\": \"partial\""));
    ck_assert(contains("pbft/latest/manifest.json", "killed by signal 9 (Killed)"));
    assert_nothing_left(child);
}
END_TEST

/* Somebody ends one worker politely: it hands over what it has, and the run has failed. */
START_TEST(a_worker_ended_alone_fails_the_run) {
    pid_t workers[8], child = begin(endless, NULL);
    await_workers(child, 1, workers);
    kill(workers[0], SIGTERM);
    ck_assert_int_eq(end(child), 3);
    ck_assert(contains("out", "PARTIAL"));
    assert_nothing_left(child);
}
END_TEST

START_TEST(a_killed_parent_leaves_no_orphans) {
    pid_t workers[8], child = begin(endless_two, NULL);
    int status;
    await_workers(child, 2, workers);
    kill(child, SIGKILL);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    assert_nothing_left(child);
    ck_assert(contains("japan/*/manifest.json", "\"status\": \"running\""));
    ck_assert(!contains("japan/latest/manifest.json", "status"));
}
END_TEST

/* Directories are made, not chosen: whoever comes in the same second has one too. */
START_TEST(runs_of_one_second_all_keep_their_results) {
    const char *const quick[] = {SMOKE, "--quiet", NULL};
    pid_t children[5];
    for (size_t i = 0; i < ARRAY_LEN(children); i++)
        children[i] = begin(quick, NULL);
    for (size_t i = 0; i < ARRAY_LEN(children); i++)
        ck_assert_int_eq(end(children[i]), 0);
    ck_assert_uint_eq(count_files("summary.json"), ARRAY_LEN(children));
    ck_assert(contains("pbft/latest/manifest.json", "\"status\": \"complete\""));
    ck_assert_uint_eq(count_files("latest."), 0);
}
END_TEST

static void limit_to(rlim_t bytes) {
    const struct rlimit limit = {bytes, bytes};
    setrlimit(RLIMIT_FSIZE, &limit);
}

static void limit_small(void) {
    limit_to(32 << 10);
}

/* What the repetition hands over fits (about 170 KiB), the page does not (about 215 KiB). */
static void limit_medium(void) {
    limit_to(192 << 10);
}

/* Where it can be known before, it is said before; and then there is nothing to keep. */
START_TEST(results_that_cannot_fit_are_refused_before_the_run) {
    const char *const quick[] = {SMOKE, "--quiet", NULL};
    pid_t child = begin(quick, limit_small);
    ck_assert_int_eq(end(child), 4);
    ck_assert(contains("err", "which these results need, cannot be written: File too large"));
    ck_assert_uint_eq(count_files("manifest.json"), 0);
    ck_assert_uint_eq(count_files("platform.xml"), 0);
    ck_assert_uint_eq(count_files("20"), 0);
    assert_nothing_left(child);
}
END_TEST

/* No disk has room for 10^5 transactions a second for seven days. */
START_TEST(results_beyond_the_free_space_are_refused_before_the_run) {
    const char *const huge[] = {
        SMOKE,   "--quiet", "--set", "duration=168 h", "--set", "workload.rate=100k/s",
        "--set", "faults=", NULL};
    pid_t child = begin(huge, NULL);
    ck_assert_int_eq(end(child), 4);
    ck_assert(contains("err", "these results need about .* MB, and .* MB are free: No space left"));
    ck_assert_uint_eq(count_files("20"), 0);
}
END_TEST

START_TEST(what_fits_is_kept_when_a_file_does_not) {
    const char *const quick[] = {SMOKE, "--quiet", NULL};
    pid_t child = begin(quick, limit_medium);
    ck_assert_int_eq(end(child), 4);
    ck_assert(contains("err", "cannot be written"));
    ck_assert(contains("out", "trace hash"));
    ck_assert_uint_eq(count_files("summary.json"), 1);
    ck_assert_uint_eq(count_files("*.tmp"), 0);
    ck_assert(contains("pbft/20*/manifest.json", "\"status\": \"incomplete\""));
    ck_assert_uint_eq(count_files("latest"), 0);
}
END_TEST

static json_t *manifest(void) {
    char path[128];
    snprintf(path, sizeof path, "%s/pbft/latest/manifest.json", directory);
    json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
    ck_assert_ptr_nonnull(root);
    return root;
}

static const char *string_at(json_t *root, const char *key) {
    const char *text = json_string_value(json_object_get(root, key));
    ck_assert_msg(text != NULL, "%s", key);
    return text;
}

static void first_hash(json_t *root, char hash[32]) {
    json_t *run = json_array_get(json_object_get(root, "repetitions"), 0);
    snprintf(hash, 32, "%s", string_at(run, "trace_hash"));
}

/* The line of the manifest, pasted anywhere, and the one that is printed, pasted where the program was
 * called: same trace hash. */
START_TEST(the_reproduce_line_reproduces) {
    const char *const odd[] = {"--set",   "description=\"it's 5 o'clock; $(false) `false`\"",
                               "--set",   "expect=[felt.p99 < 1 ns]",
                               "--seed",  "7",
                               "--quiet", "--",
                               SMOKE,     NULL};
    char command[2048], line[1024], hash[32], again[32];
    /* begin() puts -o behind, where it is an operand after "--": so give the file last instead. */
    const char *const arguments[] = {odd[0], odd[1], odd[2], odd[3], odd[4],
                                     odd[5], odd[6], SMOKE,  NULL};
    ck_assert_int_eq(end(begin(arguments, NULL)), 1);
    json_t *root = manifest();
    first_hash(root, hash);
    ck_assert_ptr_nonnull(strstr(string_at(root, "reproduce"), "--seed 7 --repetitions 1"));
    snprintf(command, sizeof command, "cd / && %s --quiet > /dev/null 2>&1",
             string_at(root, "reproduce"));
    json_decref(root);
    ck_assert_int_eq(WEXITSTATUS(system(command)), 1);
    ck_assert_uint_eq(count_files("manifest.json"),
                      2); /* beside each other, wherever the line was pasted */
    root = manifest();
    first_hash(root, again);
    json_decref(root);
    ck_assert_str_eq(hash, again);

    snprintf(command, sizeof command,
             "%s run -o %s --set 'expect=[felt.p99 < 1 ns]' --seed 7 -- %s "
             "2>/dev/null | sed -n 's/^reproduce: //p'",
             program_path(), directory, SMOKE);
    FILE *pipe = popen(command, "r");
    ck_assert_ptr_nonnull(pipe);
    ck_assert_ptr_nonnull(fgets(line, sizeof line, pipe));
    pclose(pipe);
    line[strcspn(line, "\n")] = '\0';
    ck_assert_msg(strstr(line, " -- ") == NULL, "%s", line);
    snprintf(command, sizeof command, "%s | grep -q 'seed 7  trace hash %s'", line, hash);
    ck_assert_msg(system(command) == 0, "%s", command);
}
END_TEST

/* Several files, several repetitions: the line is of the one that missed. */
START_TEST(the_reproduce_line_is_of_one_file_and_repetition) {
    const char *const both[] = {SMOKE,           "scenarios/smoke/hotstuff.yaml",
                                "--set",         "expect=[felt.p99 < 1 ns]",
                                "--repetitions", "2",
                                "--quiet",       NULL};
    ck_assert_int_eq(end(begin(both, NULL)), 1);
    ck_assert(contains("out", "^reproduce: .*hotstuff.yaml .*--repetitions 1$"));
    ck_assert(!contains("out", "pbft.yaml .*hotstuff.yaml"));
}
END_TEST

/* From standard input there is no file to name but the resolved one. */
START_TEST(standard_input_is_a_scenario) {
    char command[2048], line[1024];
    snprintf(command, sizeof command,
             "%s run - -q -o %s --set 'expect=[felt.p99 < 1 ns]' < %s | tee %s/out | "
             "sed -n 's/^reproduce: //p'",
             program_path(), directory, SMOKE, directory);
    FILE *pipe = popen(command, "r");
    ck_assert_ptr_nonnull(pipe);
    ck_assert_ptr_nonnull(fgets(line, sizeof line, pipe));
    pclose(pipe);
    ck_assert_ptr_nonnull(strstr(line, "scenario.resolved.yaml"));
    line[strcspn(line, "\n")] = '\0';
    snprintf(command, sizeof command,
             "test \"$(%s | grep -o 'trace hash .*')\" = \"$(grep -o "
             "'trace hash .*' %s/out)\"",
             line, directory);
    ck_assert_msg(system(command) == 0, "%s", command);
}
END_TEST

START_TEST(the_manifest_knows_files_and_machine) {
    char table[128], command[512], hash[128] = "";
    snprintf(table, sizeof table, "%s/cpu.csv", directory);
    snprintf(command, sizeof command, "cp models/data/cpu/measured.csv %s", table);
    ck_assert_int_eq(system(command), 0);
    char set[160];
    snprintf(set, sizeof set, "cpu.table=%s", table);
    const char *const arguments[] = {SMOKE, "--quiet", "--set", set, NULL};
    ck_assert_int_eq(end(begin(arguments, NULL)), 0);
    json_t *root = manifest(), *files = json_object_get(root, "files_sha256");
    const char *const paths[] = {SMOKE, table};
    ck_assert_uint_eq(json_object_size(files), 2);
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        char *absolute = realpath(paths[i], NULL);
        snprintf(command, sizeof command, "sha256sum < %s", absolute);
        FILE *pipe = popen(command, "r");
        ck_assert_ptr_nonnull(pipe);
        ck_assert_ptr_nonnull(fgets(hash, sizeof hash, pipe));
        pclose(pipe);
        hash[64] = '\0';
        ck_assert_str_eq(string_at(files, absolute), hash);
        free(absolute);
    }
    ck_assert_double_gt(json_number_value(json_object_get(root, "wall_s")), 0.01);
    ck_assert_double_lt(json_number_value(json_object_get(root, "wall_s")), 600);
    string_at(root, "host");
    string_at(root, "cpu");
    string_at(root, "kernel");
    char here[4096];
    ck_assert_str_eq(string_at(root, "directory"), getcwd(here, sizeof here));
    json_decref(root);
}
END_TEST

Suite *run_end_suite(void) {
    Suite *suite = suite_create("run_end");
    TCase *tcase = tcase_create("run_end");
    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, make_directory, remove_directory);
    tcase_add_loop_test(tcase, a_signal_ends_the_run_and_keeps_what_there_is, 0,
                        (int)ARRAY_LEN(ends));
    tcase_add_test(tcase, a_signal_to_the_group_ends_all_repetitions);
    tcase_add_test(tcase, a_second_signal_ends_at_once);
    tcase_add_test(tcase, an_ignored_signal_stays_ignored);
    tcase_add_test(tcase, a_killed_worker_is_named_and_the_others_are_kept);
    tcase_add_test(tcase, a_worker_ended_alone_fails_the_run);
    tcase_add_test(tcase, a_killed_parent_leaves_no_orphans);
    tcase_add_test(tcase, runs_of_one_second_all_keep_their_results);
    tcase_add_test(tcase, results_that_cannot_fit_are_refused_before_the_run);
    tcase_add_test(tcase, results_beyond_the_free_space_are_refused_before_the_run);
    tcase_add_test(tcase, what_fits_is_kept_when_a_file_does_not);
    tcase_add_test(tcase, the_reproduce_line_reproduces);
    tcase_add_test(tcase, the_reproduce_line_is_of_one_file_and_repetition);
    tcase_add_test(tcase, standard_input_is_a_scenario);
    tcase_add_test(tcase, the_manifest_knows_files_and_machine);
    suite_add_tcase(suite, tcase);
    return suite;
}
