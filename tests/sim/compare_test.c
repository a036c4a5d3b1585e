/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `tierchain compare` as a person and as a CI job use it: variants of a scenario. */
#include <check.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/types.h"
#include "tests/lib/program.h"

#define SMOKE   "scenarios/smoke/pbft.yaml --set network.jitter=measured"
#define COMPARE SMOKE " --vary city.consensus=pbft,hotstuff"
#define LATEST  "compare-pbft/latest"

static char directory[64];

static void make_directory(void) {
    strcpy(directory, "/tmp/tierchain-compare-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(directory));
}

static void remove_directory(void) {
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", directory);
    ck_assert_int_eq(system(command), 0);
}

/* A shell command with $D, the directory, and $T, the program; returns its exit code. Without gnuplot: pictures take
 * longer than these runs. */
static int shell(const char *command) {
    char line[2048];
    snprintf(line, sizeof line, "D=%s; T=%s; export D T; %s", directory, program_path(), command);
    int status = system(line);
    ck_assert(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* Output goes to $D/out and $D/err. */
static int compare(const char *arguments) {
    char command[1024];
    snprintf(command, sizeof command,
             "PATH=/nonexistent:/bin:/usr/bin; $T compare %s -o $D >$D/out 2>$D/err", arguments);
    return shell(command);
}

static void expect(const char *command) {
    ck_assert_msg(shell(command) == 0, "%s", command);
}

/* What compare says of a run is what `run` says of it. */
START_TEST(its_runs_are_runs) {
    ck_assert_int_eq(compare(COMPARE " --seeds 4..6"), 0);
    expect("for f in compare.txt compare.csv runs.csv compare.json junit.xml manifest.json "
           "compare.sqlite report.html plots/cdf.gp plots/cdf.dat plots/differences.gp "
           "variants/A.yaml variants/B.yaml; do test -s $D/" LATEST "/$f || exit 1; done");
    expect("grep -q '\"status\": \"complete\"' $D/" LATEST "/manifest.json");
    expect("PATH=/nonexistent $T run " SMOKE
           " --set city.consensus=hotstuff --seed 5 -q -o $D/run >$D/run.out 2>&1;"
           "hash=$(grep -o 'trace hash [0-9a-f]*' $D/run.out | cut -d' ' -f3);"
           "p99=$(grep '^0,felt,p99,' $D/run/pbft/latest/metrics.csv | cut -d, -f4);"
           "sent=$(grep '^0,messages,value,' $D/run/pbft/latest/metrics.csv | cut -d, -f4);"
           "test -n \"$hash\" && grep -qx \"B,5,$hash,felt.p99,$p99,ns\" $D/" LATEST "/runs.csv &&"
           "grep -qx \"B,5,$hash,messages,$sent,messages\" $D/" LATEST "/runs.csv");
    expect("! cat $D/err | grep -q .");         /* quiet in a pipe */
    expect("grep -q 'felt.p99 .*[*]$' $D/out"); /* HotStuff takes four more hops */
    /* Why: four messages more on the way, of 770 us each, and what else the paths show. */
    expect(
        "grep -c '^B .* 12.00 messages in a row; +.* propagation +3.080 ms' $D/out | grep -qx 2");
    expect("grep -c '^what decided: A is quickest, B slowest, by .* propagation .* (12.00 messages "
           "in a row instead of 8.00)' $D/out | grep -qx 2");
    expect("grep -q 'warning: 3 seeds make wide intervals' $D/out");
}
END_TEST

/* The number in a query's first row and column. */
static double query(const char *sql) {
    char path[256];
    sqlite3 *handle;
    sqlite3_stmt *statement;
    snprintf(path, sizeof path, "%s/" LATEST "/compare.sqlite", directory);
    ck_assert_int_eq(sqlite3_open_v2(path, &handle, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_prepare_v2(handle, sql, -1, &statement, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(statement), SQLITE_ROW);
    double value = sqlite3_column_double(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(handle);
    return value;
}

/* A grid: the database holds every run and what follows, the figure against n the same means, in ms. */
START_TEST(a_grid) {
    ck_assert_int_eq(compare(COMPARE " --vary n=4,7 --seeds 1..2"), 0);
    ck_assert_double_eq(query("SELECT count(*) FROM runs WHERE complete"), 8);
    ck_assert_double_eq(
        query("SELECT count(*) FROM variants WHERE label = 'city.consensus=hotstuff n=7'"
              " AND variant = 'D' AND scenario LIKE '%committee: 7%'"),
        1);
    double mean =
        query("SELECT avg(value) FROM samples WHERE measure = 'felt.p99' AND variant = 'B'");
    ck_assert_double_eq_tol(
        query("SELECT mean FROM cells WHERE measure = 'felt.p99' AND variant = 'B'"), mean, 1e-6);
    ck_assert_double_eq_tol(
        query("SELECT difference FROM cells WHERE measure = 'felt.p99' AND variant = 'B'"),
        mean - query("SELECT mean FROM cells WHERE measure = 'felt.p99' AND variant = 'A'"), 1e-6);
    char command[200];
    snprintf(command, sizeof command,
             "awk '$1 == 7 { print $5 }' $D/" LATEST
             "/plots/against-n.dat | head -1 | grep -q '^%.6f'",
             mean / NS_PER_MS);
    expect(command);
    /* Messages between all members grow with the square of n. */
    ck_assert_double_gt(
        query(
            "SELECT relative FROM cells WHERE measure = 'messages_per_decision' AND variant = 'B'"),
        0.5);
    expect("grep -q 'city.consensus=hotstuff n=7' $D/" LATEST "/report.html");
}
END_TEST

/* Runs of one seed are pairs: what lies before the consensus differs from seed to seed, and not at all within a pair
 * where CPUs and interfaces keep nobody waiting. */
START_TEST(seeds_are_pairs) {
    ck_assert_int_eq(
        compare(COMPARE
                " --set cpu.table=zero --set 'network.nic=100 Gbps' --set crypto.provider=modelled"
                " --seeds 1..4"),
        0);
    expect("grep '^B,.*,s3.p50,ns,4,0,' $D/" LATEST
           "/compare.csv | cut -d, -f9-11 | grep -qx 0,0,0");
    expect("test $(grep '^A,[^,]*,[^,]*,s3.p50,' $D/" LATEST
           "/runs.csv | cut -d, -f5 | sort -u | wc -l) -eq 4");
}
END_TEST

/* The order in which workers end changes nothing. */
START_TEST(jobs_change_nothing) {
    ck_assert_int_eq(compare(COMPARE " --seeds 1..3 -j 1"), 0);
    expect("mv $D/compare-pbft $D/one");
    ck_assert_int_eq(compare(COMPARE " --seeds 1..3 -j 3"), 0);
    expect("for f in compare.txt compare.csv runs.csv compare.json junit.xml; do "
           "cmp $D/one/latest/$f $D/" LATEST "/$f || exit 1; done");
}
END_TEST

/* Exit codes, JSON and JUnit of a gate. */
START_TEST(a_gate) {
    ck_assert_int_eq(compare(COMPARE " --seeds 1..3 --fail-if 'felt.p99 > +60 %'"), 0);
    expect("grep -q '^  kept  *B  fail-if felt.p99 > +60 %' $D/out");
    expect("grep -q 'tests=\"1\" failures=\"0\" errors=\"0\" skipped=\"0\"' $D/" LATEST
           "/junit.xml");
    ck_assert_int_eq(compare(COMPARE " --seeds 1..3 --fail-if 'felt.p99 > +5 %'"
                                     " --fail-if 'throughput < -1 %'"),
                     1);
    expect("grep -q '^  BROKEN  *B  fail-if felt.p99 > +5 %' $D/out");
    expect("grep -q 'tests=\"2\" failures=\"1\"' $D/" LATEST "/junit.xml");
    expect("grep -q '<failure message=\"BROKEN: difference +' $D/" LATEST "/junit.xml");
    expect("grep -q '\"outcome\": \"BROKEN\"' $D/" LATEST "/compare.json");
    /* What is not measured cannot be within bounds; nor can one seed say. */
    ck_assert_int_eq(compare(COMPARE " --seeds 1..2 --fail-if 'settle.p99 > +5 %'"), 1);
    expect("grep -q 'nothing to judge' $D/out");
    ck_assert_int_eq(compare(COMPARE " --seeds 1 --fail-if 'felt.p99 > +90 %'"), 1);
}
END_TEST

/* Nothing is begun, nothing is left behind. */
START_TEST(refused) {
    static const struct {
        const char *arguments, *part;
    } rows[] = {
        {SMOKE, "name a scenario and what to --vary"},
        {SMOKE " --vary city.consensus=pbft", "two values at least"},
        {SMOKE " --vary city.consensus=pbft,hotstaff", "did you mean 'hotstuff'"},
        {SMOKE " --vary city.committee=4,400", "variant city.committee=400 cannot be"},
        {COMPARE " --seeds 5..4", "the last seed is below the first"},
        {COMPARE " --seeds x", "--seeds:1:1"},
        {COMPARE " --metric fellt", "did you mean 'felt'"},
        {COMPARE " --metric commits", "is no duration"},
        {COMPARE " --fail-if 'felt.p99 > 5 %'", "--fail-if:1:12"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char command[256];
        ck_assert_msg(compare(rows[i].arguments) == 2, "%s", rows[i].arguments);
        snprintf(command, sizeof command, "grep -qF -- \"%s\" $D/err", rows[i].part);
        ck_assert_msg(shell(command) == 0, "%s", rows[i].arguments);
        expect("test ! -e $D/compare-pbft");
    }
}
END_TEST

/* A signal ends it after the runs that are under way; what was whole is compared. */
START_TEST(interrupted) {
    char line[1024];
    snprintf(line, sizeof line, "%s compare " COMPARE " --seeds 1..900 -o %s > %s/out 2> %s/err",
             program_path(), directory, directory, directory);
    pid_t child = fork();
    if (child == 0) {
        char command[1100];
        snprintf(command, sizeof command, "exec %s", line);
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
    sleep(3);
    ck_assert_int_eq(kill(child, SIGTERM), 0);
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), 143);
    expect("grep -q 'runs are missing from these results' $D/out");
    expect("grep -q '\"status\": \"partial\"' $D/" LATEST "/manifest.json");
    expect("grep -q '^B,.*,felt.p99,ns,[0-9]' $D/" LATEST "/compare.csv");
}
END_TEST

Suite *compare_suite(void) {
    Suite *suite = suite_create("compare");
    TCase *tests = tcase_create("compare");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, make_directory, remove_directory);
    tcase_add_test(tests, its_runs_are_runs);
    tcase_add_test(tests, a_grid);
    tcase_add_test(tests, seeds_are_pairs);
    tcase_add_test(tests, jobs_change_nothing);
    tcase_add_test(tests, a_gate);
    tcase_add_test(tests, refused);
    tcase_add_test(tests, interrupted);
    suite_add_tcase(suite, tests);
    return suite;
}
