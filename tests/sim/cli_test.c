/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The built program from outside. TIERCHAIN_PROGRAM names it (default build/tierchain); tests run
 * in the root of the repository, the program in an empty directory. */
#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <glob.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/types.h"

#define OUTPUT_BYTES 65536
#define ARGUMENTS    8

extern char **environ;

struct outcome {
    int code;
    char out[OUTPUT_BYTES], err[OUTPUT_BYTES];
    size_t files; /* left behind in the working directory */
};

static void read_all(const char *path, char text[OUTPUT_BYTES]) {
    FILE *file = fopen(path, "rb");
    ck_assert_ptr_nonnull(file);
    text[fread(text, 1, OUTPUT_BYTES - 1, file)] = '\0';
    fclose(file);
    ck_assert_int_eq(unlink(path), 0);
}

static size_t count_files(const char *directory) {
    size_t count = 0;
    DIR *handle = opendir(directory);
    ck_assert_ptr_nonnull(handle);
    for (struct dirent *entry; (entry = readdir(handle)) != NULL;)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(handle);
    return count;
}

/* Runs the program with the arguments (NULL behind the last) in a new, empty directory. */
static void run(struct outcome *outcome, const char *const *arguments) {
    const char *named = getenv("TIERCHAIN_PROGRAM");
    char *program = realpath(named != NULL ? named : "build/tierchain", NULL);
    ck_assert_msg(program != NULL, "build the program first, or set TIERCHAIN_PROGRAM");
    char directory[] = "/tmp/tierchain-cli-XXXXXX", out[64], err[64];
    ck_assert_ptr_nonnull(mkdtemp(directory));
    snprintf(out, sizeof out, "%s.out", directory);
    snprintf(err, sizeof err, "%s.err", directory);
    char *argv[ARGUMENTS + 2] = {program};
    for (size_t i = 0; arguments[i] != NULL; i++)
        argv[i + 1] = (char *)arguments[i]; /* posix_spawn does not write there */
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, out, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_addopen(&actions, 2, err, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_addchdir_np(&actions, directory);
    pid_t child;
    int status;
    ck_assert_int_eq(posix_spawn(&child, program, &actions, NULL, argv, environ), 0);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    posix_spawn_file_actions_destroy(&actions);
    ck_assert_msg(WIFEXITED(status), "the program was killed by signal %d", WTERMSIG(status));
    outcome->code = WEXITSTATUS(status);
    outcome->files = count_files(directory);
    read_all(out, outcome->out);
    read_all(err, outcome->err);
    rmdir(directory);
    free(program);
}

/* The wanted message of a bad file: "# expect: [FILE:]LINE:COL: part"; false without one. */
static bool read_expectation(const char *path, char *where, char *part, size_t size) {
    char line[512] = "", *colon;
    FILE *file = fopen(path, "rb");
    ck_assert_ptr_nonnull(file);
    bool found = fgets(line, sizeof line, file) != NULL && strncmp(line, "# expect: ", 10) == 0;
    fclose(file);
    if (!found)
        return false;
    line[strcspn(line, "\n")] = '\0';
    colon = strstr(line + 10, ": ");
    ck_assert_msg(colon != NULL, "%s: the expectation has no text", path);
    bool elsewhere = strchr("0123456789", line[10]) == NULL;
    const char *slash = strrchr(path, '/');
    snprintf(where, size, "%.*s/%s%s%.*s: error: ", (int)(slash - path), path,
             elsewhere ? "" : slash + 1, elsewhere ? "" : ":", (int)(colon - line - 10), line + 10);
    snprintf(part, size, "%s", colon + 2);
    return true;
}

/* Whether a line of @text starts with @where and has @part. */
static bool has_error(const char *text, const char *where, const char *part) {
    for (const char *line = text; line != NULL;) {
        const char *end = strchrnul(line, '\n');
        char copy[1024];
        snprintf(copy, sizeof copy, "%.*s", (int)(end - line), line);
        if (strncmp(copy, where, strlen(where)) == 0 && strstr(copy, part) != NULL)
            return true;
        line = *end != '\0' ? end + 1 : NULL;
    }
    return false;
}

START_TEST(every_bad_file_is_refused_where_it_is_wrong) {
    static struct outcome outcome;
    size_t checked = 0;
    glob_t files;
    ck_assert_int_eq(glob("tests/bad/*.yaml", 0, NULL, &files), 0);
    ck_assert_uint_ge(files.gl_pathc, 60);
    for (size_t i = 0; i < files.gl_pathc; i++) {
        char where[1024], part[1024], *path = realpath(files.gl_pathv[i], NULL);
        const char *const check[] = {"run", path, NULL};
        run(&outcome, check);
        ck_assert_msg(outcome.code == 2, "%s: exit %d", path, outcome.code);
        ck_assert_msg(outcome.out[0] == '\0', "%s: %s", path, outcome.out);
        ck_assert_msg(outcome.files == 0, "%s left a file behind", path);
        ck_assert_ptr_nonnull(strstr(outcome.err, ": error: "));
        ck_assert_ptr_null(strchr(outcome.err, '\033')); /* no terminal, no colours */
        if (read_expectation(path, where, part, sizeof where)) {
            ck_assert_msg(has_error(outcome.err, where, part), "%s: wanted %s%s, got\n%s", path,
                          where, part, outcome.err);
            checked++;
        }
        free(path);
    }
    /* Three cannot start with a comment: an empty file and two whose first bytes are the mistake.
     */
    ck_assert_uint_eq(checked + 3, files.gl_pathc);
    globfree(&files);
}
END_TEST

START_TEST(every_scenario_checks_and_previews) {
    static struct outcome outcome;
    glob_t files;
    ck_assert_int_eq(glob("scenarios/*.yaml", 0, NULL, &files), 0);
    ck_assert_int_eq(glob("scenarios/smoke/*.yaml", GLOB_APPEND, NULL, &files), 0);
    ck_assert_uint_ge(files.gl_pathc, 7);
    for (size_t i = 0; i < files.gl_pathc; i++) {
        char *path = realpath(files.gl_pathv[i], NULL);
        const char *const check[] = {"check", path, NULL};
        const char *const preview[] = {"run", "--dry-run", path, "--repetitions", "3", NULL};
        run(&outcome, check);
        ck_assert_msg(outcome.code == 0, "%s", outcome.err);
        ck_assert_ptr_nonnull(strstr(outcome.out, "# default"));
        run(&outcome, preview);
        ck_assert_msg(outcome.code == 0, "%s", outcome.err);
        ck_assert_uint_eq(outcome.files, 0);
        free(path);
    }
    globfree(&files);
}
END_TEST

struct command_case {
    const char *arguments[ARGUMENTS];
    int code;
    const char *out, *err; /* parts; NULL: nothing may be written there */
};

static const struct command_case commands[] = {
    {{"--help"}, 0, "tierchain run scenarios/komatsu.yaml", NULL},
    {{"run", "--help"}, 0, "--dry-run", NULL},
    {{"check", "-h"}, 0, "--set KEY=VALUE", NULL},
    {{"--version"}, 0, "tierchain ", NULL},
    {{"help"}, 0, "tierchain run scenarios/komatsu.yaml", NULL},
    {{"help", "run"}, 0, "Usage: tierchain run [options]", NULL},
    {{"help", "help"}, 0, "tierchain help run", NULL},
    {{"help", "rnu"}, 2, NULL, "did you mean 'run'"},
    {{"version"}, 0, "tierchain ", NULL},
    {{"version", "now"}, 2, NULL, "takes no argument"},
    {{"run", "-", "--dry-run"}, 2, NULL, "<stdin>:1:1: error: the file is empty"},
    {{"r\033[2Jn\xe5\xb0"}, 2, NULL, "unknown verb 'r [2Jn'"},
    {{"list", "keys"}, 0, "1..4096 ", NULL},
    {{"list", "schema"}, 0, "\"minimum\": 4, \"maximum\": 256", NULL},
    {{"list"}, 0, "keys", NULL},
    {{"list", "keys"}, 0, "pipeline.hold_ttl", NULL},
    {{"list", "metrics"}, 0, "committed_share", NULL},
    {{"list", "models"}, 0, "cloudping", NULL},
    {{"list", "consensus"}, 0, "hotstuff", NULL},
    {{"list", "certificates"}, 0, "the sum of the signatures", NULL},
    {{"list", "suites"}, 0, "ml-dsa-65  modelled      1952 B     3309 B", NULL},
    {{"list", "work"}, 0, "layer_s5", NULL},
    {{"list", "schema"}, 0, "json-schema.org", NULL},
    {{"completion"}, 0, "complete -o default -F _tierchain tierchain", NULL},
    {{NULL}, 2, NULL, "say what to do"},
    {{"rnu"}, 2, NULL, "did you mean 'run'"},
    {{"run"}, 2, NULL, "needs a scenario file"},
    {{"run", "--sett", "a=b", "x.yaml"}, 2, NULL, "did you mean '--set'"},
    {{"run", "-x", "x.yaml"}, 2, NULL, "unknown option"},
    {{"run", "x.yaml", "--seed"}, 2, NULL, "needs a value"},
    {{"run", "x.yaml", "-j", "0"}, 2, NULL, "from 1 to 1024"},
    {{"run", "x.yaml", "-j", "two"}, 2, NULL, "expected a whole number"},
    {{"check", "x.yaml", "-j", "2"}, 2, NULL, "unknown option"},
    {{"run", "nowhere.yaml"}, 2, NULL, "nowhere.yaml: error: No such file"},
    {{"list", "kyes"}, 2, NULL, "did you mean 'keys'"},
    {{"list", "keys", "models"}, 2, NULL, "takes one argument"},
    {{"calibrate", "cpu.csv"}, 2, NULL, "takes no argument"},
    {{"calibrate", "-o", "/nowhere/cpu.csv", "-q"}, 2, NULL, "unknown option"},
};

START_TEST(commands_answer) {
    static struct outcome outcome;
    const struct command_case *row = &commands[_i];
    run(&outcome, row->arguments);
    ck_assert_msg(outcome.code == row->code, "exit %d: %s", outcome.code, outcome.err);
    ck_assert_uint_eq(outcome.files, 0);
    if (row->out != NULL)
        ck_assert_ptr_nonnull(strstr(outcome.out, row->out));
    else
        ck_assert_str_eq(outcome.out, "");
    if (row->err != NULL)
        ck_assert_msg(strstr(outcome.err, row->err) != NULL, "%s", outcome.err);
    else
        ck_assert_str_eq(outcome.err, "");
}
END_TEST

START_TEST(sets_reach_the_scenario) {
    static struct outcome outcome;
    char *path = realpath("scenarios/komatsu.yaml", NULL);
    const char *const check[] = {"check", path, "--set", "city.committee=16", "--seed", "99", NULL};
    run(&outcome, check);
    ck_assert_int_eq(outcome.code, 0);
    ck_assert_ptr_nonnull(strstr(outcome.out, "  committee: 16  # --set"));
    ck_assert_ptr_nonnull(strstr(outcome.out, "seed: 99  # --set"));
    const char *const wrong[] = {"check", path, "--set", "city.committee=16", "--seed", "x", NULL};
    run(&outcome, wrong);
    ck_assert_int_eq(outcome.code, 2);
    ck_assert_str_eq(outcome.out, "");
    ck_assert_ptr_nonnull(
        strstr(outcome.err, "<command line>:2:6: error: expected a whole number"));
    free(path);
}
END_TEST

START_TEST(one_bad_file_stops_all) {
    static struct outcome outcome;
    char *good = realpath("scenarios/komatsu.yaml", NULL);
    char *bad = realpath("tests/bad/unit-missing.yaml", NULL);
    const char *const check[] = {"check", good, bad, NULL};
    run(&outcome, check);
    ck_assert_int_eq(outcome.code, 2);
    ck_assert_str_eq(outcome.out, "");
    free(good);
    free(bad);
}
END_TEST

Suite *cli_suite(void) {
    Suite *suite = suite_create("cli");
    TCase *tcase = tcase_create("cli");
    tcase_set_timeout(tcase, 30);
    tcase_add_test(tcase, every_bad_file_is_refused_where_it_is_wrong);
    tcase_add_test(tcase, every_scenario_checks_and_previews);
    tcase_add_loop_test(tcase, commands_answer, 0, (int)ARRAY_LEN(commands));
    tcase_add_test(tcase, sets_reach_the_scenario);
    tcase_add_test(tcase, one_bad_file_stops_all);
    suite_add_tcase(suite, tcase);
    return suite;
}
