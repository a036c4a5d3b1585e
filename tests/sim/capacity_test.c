/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `tierchain capacity`: the search against known limits, and the program's answer against single runs. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/types.h"
#include "sim/compare/search.h"
#include "tests/lib/program.h"

/* A bound that breaks above @limit; returns the number of trials. */
static unsigned find(double start, double limit, double *result) {
    struct search search;
    unsigned trials = 0;
    search_init(&search, start, 0.5, 20480);
    while (!search.done) {
        ck_assert(search.next >= 0.5 && search.next <= 20480);
        ck_assert_uint_lt(trials++, 60);
        search_tell(&search, search.next <= limit);
    }
    *result = search_result(&search);
    return trials;
}

/* Within 2 % below the limit, wherever it lies; a factor of two takes six halvings of the ratio. */
START_TEST(finds_the_limit) {
    for (double limit = 0.6; limit < 20000; limit *= 1.37) {
        double result;
        unsigned trials = find(20, limit, &result);
        ck_assert_double_le(result, limit);
        ck_assert_double_gt(result * (1 + SEARCH_PRECISION), limit);
        ck_assert_uint_le(trials, 1 + (unsigned)ceil(fabs(log2(limit / 20))) + 6);
    }
}
END_TEST

START_TEST(never_and_always) {
    double result;
    find(20, 0.1, &result);
    ck_assert_double_eq(result, 0);
    find(20, 1e9, &result);
    ck_assert(isinf(result));
    find(1e6, 100, &result); /* begins at what is allowed */
    ck_assert_double_eq_tol(result, 99, 1.01);
}
END_TEST

static char directory[64];

static void make_directory(void) {
    strcpy(directory, "/tmp/tierchain-capacity-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(directory));
}

static void remove_directory(void) {
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", directory);
    ck_assert_int_eq(system(command), 0);
}

static int shell(const char *command) {
    char line[2048];
    snprintf(line, sizeof line, "D=%s; T=%s; export D T; %s", directory, program_path(), command);
    int status = system(line);
    ck_assert(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* A token takes each member 20 ms: some tens of transactions a second, so that runs are short. */
#define SLOW                                                                                       \
    "scenarios/smoke/pbft.yaml --set network.jitter=measured --set workload.model=poisson"         \
    " --set 'duration=3 s' --set 'drain=1 s' --set crypto.provider=modelled --set cpu.table=zero"  \
    " --set 'cpu.costs={token_verify: 20 ms}' --set expect=[]"
#define CAPACITY "PATH=/nonexistent:/bin:/usr/bin $T capacity "

/* Its two ends are what single runs say they are; the same with more jobs. */
START_TEST(the_answer_is_what_runs_say) {
    ck_assert_int_eq(
        shell(CAPACITY SLOW
              " --metric token.p95 --below 60ms --seeds 3..4 -q -o $D/one >$D/out 2>&1"),
        0);
    ck_assert_int_eq(
        shell(CAPACITY SLOW
              " --metric token.p95 --below 60ms --seeds 3..4 -q -j 3 -o $D/three >$D/out 2>&1"),
        0);
    ck_assert_int_eq(
        shell(
            "for f in capacity.csv trials.csv capacity.json capacity.txt; do"
            " cmp $D/one/capacity-pbft/latest/$f $D/three/capacity-pbft/latest/$f || exit 1; done"),
        0);
    ck_assert_int_eq(
        shell("sed -n 's/^A,.*,4,\\([0-9.]*\\),\\([0-9.]*\\),1$/\\1 \\2/p' "
              "$D/one/capacity-pbft/latest/capacity.csv > $D/ends;"
              " test -s $D/ends && read kept broken < $D/ends;"
              " for r in $kept $broken; do r=$(printf %.6f $r); PATH=/nonexistent $T run " SLOW
              " --set workload.rate=$r/s --seed 4 -q -o $D/$r >$D/out 2>&1;"
              " grep '^0,token,p95,' $D/$r/pbft/latest/metrics.csv | cut -d, -f4; done > $D/values;"
              " test $(wc -l < $D/values) -eq 2 && test $(head -1 $D/values) -le 60000000 &&"
              " test $(tail -1 $D/values) -gt 60000000"),
        0);
    ck_assert_int_eq(
        shell("grep -q '\"status\": \"complete\"' $D/one/capacity-pbft/latest/manifest.json"), 0);
}
END_TEST

/* No load is small enough: exit code 1. */
START_TEST(a_bound_that_nothing_keeps) {
    ck_assert_int_eq(
        shell(CAPACITY SLOW " --metric token.p95 --below 10ms --seeds 3 -q -o $D >$D/out 2>&1"), 1);
    ck_assert_int_eq(shell("grep -q 'never kept, in 1 of 1 seeds' $D/out"), 0);
}
END_TEST

START_TEST(refused) {
    static const struct {
        const char *arguments, *part;
    } rows[] = {
        {SLOW, "what the metric may be at most: --below"},
        {SLOW " --below 60", "needs a unit"},
        {SLOW " --below 60ms --metric token", "is a distribution"},
        {SLOW " --below 60ms --metric tokn.p95", "did you mean 'token.p95'"},
        {SLOW " --below 60ms --vary 'workload.rate=10/s,20/s'", "it cannot be varied"},
        {SLOW " --below 60ms --set workload.model=closed-loop", "must be poisson or constant"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char command[1024];
        snprintf(command, sizeof command, CAPACITY "%s -o $D 2>$D/err", rows[i].arguments);
        ck_assert_msg(shell(command) == 2, "%s", rows[i].arguments);
        snprintf(command, sizeof command, "grep -qF -- \"%s\" $D/err && test ! -e $D/capacity-pbft",
                 rows[i].part);
        ck_assert_msg(shell(command) == 0, "%s", rows[i].arguments);
    }
}
END_TEST

Suite *capacity_suite(void) {
    Suite *suite = suite_create("capacity");
    TCase *tests = tcase_create("capacity");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, make_directory, remove_directory);
    tcase_add_test(tests, finds_the_limit);
    tcase_add_test(tests, never_and_always);
    tcase_add_test(tests, the_answer_is_what_runs_say);
    tcase_add_test(tests, a_bound_that_nothing_keeps);
    tcase_add_test(tests, refused);
    suite_add_tcase(suite, tests);
    return suite;
}
