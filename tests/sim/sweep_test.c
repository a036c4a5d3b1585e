/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The sweep itself: plans are the same each time and can be written and read; what goes wrong beyond f is
 * found, shrunk, and goes wrong likewise on both drivers; the number of jobs changes nothing. */
#include <check.h>
#include <glob.h>
#include <inttypes.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/lib/program.h"
#include "sim/sweep/crew.h"
#include "sim/sweep/generate.h"
#include "sim/sweep/shrink.h"
#include "sim/sweep/trial.h"

static const char *const variants[] = {"pbft", "hotstuff", "hotstuff-sticky", "honeybadger"};

static char *written(const struct plan *plan) {
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    ck_assert_ptr_nonnull(out);
    plan_write(plan, out);
    ck_assert_int_eq(fclose(out), 0);
    return text;
}

static struct plan_case case_of(int variant, int64_t n, int64_t faulty, uint64_t seed) {
    return (struct plan_case){variants[variant], "list", n, faulty, seed};
}

START_TEST(generated_alike_each_time) {
    for (uint64_t seed = 0; seed < 50; seed++) {
        const struct plan_case which = case_of(_i, 4 + (int64_t)seed % 7, PLAN_UNSET, seed);
        struct plan a, b;
        plan_generate(&a, &which);
        plan_generate(&b, &which);
        char *first = written(&a), *second = written(&b);
        ck_assert_str_eq(first, second);
        free(first);
        free(second);
        plan_deinit(&a);
        plan_deinit(&b);
    }
}
END_TEST

/* At most f are faulty, and of each kind of rows there is something in a few hundred seeds. */
START_TEST(generated_within_bounds) {
    uint32_t kinds = 0, one_way = 0, moving = 0, typed = 0, in_step = 0, amnesia = 0, many = 0;
    for (uint64_t seed = 0; seed < 400; seed++) {
        const struct plan_case which = case_of(_i, 4 + (int64_t)seed % 7, PLAN_UNSET, seed);
        struct plan plan;
        int64_t transactions = 0;
        plan_generate(&plan, &which);
        ck_assert_uint_le(plan_count(plan_faulty(&plan)), plan_tolerated(&plan));
        for (size_t i = 0; i < plan.faults.count; i++) {
            const struct plan_fault *fault = &plan.faults.items[i];
            kinds |= UINT32_C(1) << fault->kind;
            one_way += fault->kind == PLAN_CUT && fault->one_way;
            moving += fault->kind == PLAN_CUT && fault->every != PLAN_UNSET;
            typed += fault->type != NULL;
            in_step += fault->kind == PLAN_CRASH && fault->after != PLAN_UNSET;
            amnesia += fault->kind == PLAN_CRASH && fault->lose == PLAN_LOSE_ALL;
        }
        for (size_t i = 0; i < plan.loads.count; i++)
            transactions += plan.loads.items[i].count;
        many += plan.batch == 1 && transactions > 256;
        plan_deinit(&plan);
    }
    ck_assert_uint_eq(kinds, (UINT32_C(1) << PLAN_KINDS) - 1);
    ck_assert_uint_gt(one_way, 0);
    ck_assert_uint_gt(moving, 0);
    ck_assert_uint_gt(typed, 0);
    ck_assert_uint_gt(in_step, 0);
    ck_assert_uint_gt(amnesia, 0);
    ck_assert_uint_gt(many, 0);
}
END_TEST

static void read_back(struct plan *plan, const char *text) {
    struct diagnostics diagnostics;
    const int error = plan_read_text(plan, "written", text, strlen(text), &diagnostics);
    if (error != 0)
        diagnostics_print(&diagnostics, stderr, false);
    ck_assert_int_eq(error, 0);
}

START_TEST(written_and_read_again) {
    for (uint64_t seed = 0; seed < 100; seed++) {
        const struct plan_case which = case_of(_i, 4 + (int64_t)seed % 7, PLAN_UNSET, seed);
        struct plan plan, back;
        plan_generate(&plan, &which);
        char *text = written(&plan);
        read_back(&back, text);
        char *again = written(&back);
        ck_assert_str_eq(text, again);
        ck_assert_int_eq(back.n, plan.n);
        ck_assert_int_eq(back.heal, plan.heal);
        ck_assert_uint_eq(back.faults.count, plan.faults.count);
        for (size_t i = 0; i < plan.faults.count; i++) {
            ck_assert_uint_eq(back.faults.items[i].members, plan.faults.items[i].members);
            ck_assert_int_eq(back.faults.items[i].until, plan.faults.items[i].until);
        }
        free(text);
        free(again);
        plan_deinit(&plan);
        plan_deinit(&back);
    }
}
END_TEST

static const struct {
    const char *text, *message;
} mistakes[] = {
    {"", "the file is empty"},
    {"schema: 1\n", "schema"},
    {"schema: committee/1\nfaults:\n  - {kind: cut, from: 4, to: 0}\n", "not in the committee"},
    {"schema: committee/1\nfaults:\n  - {kind: cut, from: 1', to: 0}\n", "no `twins` makes"},
    {"schema: committee/1\nfaults:\n  - {kind: cut, from: 1}\n", "both ends"},
    {"schema: committee/1\nfaults:\n  - {kind: crash}\n", "needs members"},
    {"schema: committee/1\nfaults:\n  - {kind: loss, members: 1}\n", "use from and to"},
    {"schema: committee/1\nfaults:\n  - {kind: crash, members: 1, at: 2 s, until: 1 s}\n",
     "ends before it begins"},
    {"schema: committee/1\nfaults:\n  - {kind: loss, type: pbft.comit}\n", "no message's name"},
    {"schema: committee/1\nfaults:\n  - {kind: hostile, members: 1, behaviour: mitm-coin}\n",
     "that its variant has"},
    {"schema: committee/1\nfaults:\n  - {kind: crash, members: one}\n", "is no member"},
    {"schema: committee/1\nfaults:\n  - {kind: crash, members: ''}\n", "is no member"},
    {"schema: committee/1\nfaults:\n  - {kind: crash, members: []}\n", "the list is empty"},
    {"schema: committee/1\nfaults:\n  - {kind: crash, membres: 1}\n", "did you mean 'members'"},
    {"schema: committee/1\ncommittee: {variant: pbft, certificates: frost}\n",
     "cannot have such certificates"},
    {"schema: committee/1\ncommittee: {variant: honeybadger, leaders: random}\n",
     "rule of leaders"},
    {"schema: committee/1\nload:\n  - {count: 3}\n", "at"},
};

START_TEST(mistakes_are_told) {
    struct plan plan;
    struct diagnostics diagnostics;
    const char *text = mistakes[_i].text;
    ck_assert_int_ne(plan_read_text(&plan, "mistake", text, strlen(text), &diagnostics), 0);
    ck_assert_uint_ge(diagnostics.count, 1);
    ck_assert_msg(strstr(diagnostics.items[0].message, mistakes[_i].message) != NULL, "%s",
                  diagnostics.items[0].message);
    ck_assert_uint_gt(diagnostics.items[0].line, 0); /* printed as file:line */
}
END_TEST

/* The drivers give one history. */
START_TEST(drivers_agree) {
    for (uint64_t seed = 1; seed <= 4; seed++) {
        const struct plan_case which = case_of(_i, 4 + (int64_t)seed, PLAN_UNSET, seed);
        struct plan plan;
        struct trial loop, simgrid;
        plan_generate(&plan, &which);
        ck_assert(trial_run(&plan, &stage_loop, &loop));
        ck_assert(trial_run(&plan, &stage_simgrid, &simgrid));
        ck_assert_int_eq(loop.verdict.kind, simgrid.verdict.kind);
        ck_assert_uint_eq(loop.outcome.ordered, simgrid.outcome.ordered);
        ck_assert_uint_eq(loop.outcome.trace_hash, simgrid.outcome.trace_hash);
        plan_deinit(&plan);
    }
}
END_TEST

/* One member too many: found, made smaller, and found again in what was written of it, on both. */
static void find(int variant, struct plan *plan, struct trial *trial) {
    /* HotStuff with rotating leaders decides nothing in a half with three of four leaders. */
    const bool rotates = strcmp(variants[variant], "hotstuff") == 0;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        const struct plan_case which = case_of(variant, rotates ? 7 : 4, rotates ? 3 : 2, seed);
        plan_generate(plan, &which);
        ck_assert(trial_run(plan, &stage_loop, trial));
        if (trial->verdict.kind == FAILURE_VIOLATION &&
            (trial->outcome.violations & UINT32_C(1) << RULE_AGREEMENT) != 0)
            return;
        plan_deinit(plan);
    }
    ck_abort_msg("%s: f + 1 faulty members, and no disagreement", variants[variant]);
}

START_TEST(planted_fault_is_found_shrunk_and_replayed) {
    struct plan plan, back;
    struct trial trial, loop, simgrid;
    find(_i, &plan, &trial);
    const size_t before = plan.faults.count + plan.loads.count;
    ck_assert_uint_gt(shrink(&plan, &trial.verdict, 100), 0);
    ck_assert_uint_lt(plan.faults.count + plan.loads.count, before);
    char *text = written(&plan);
    read_back(&back, text);
    ck_assert(trial_run(&back, &stage_loop, &loop));
    ck_assert(trial_run(&back, &stage_simgrid, &simgrid));
    ck_assert_str_eq(loop.verdict.cause, trial.verdict.cause);
    ck_assert_str_eq(simgrid.verdict.cause, trial.verdict.cause);
    ck_assert_uint_eq(loop.outcome.trace_hash, simgrid.outcome.trace_hash);
    free(text);
    plan_deinit(&plan);
    plan_deinit(&back);
}
END_TEST

/* Deaths are verdicts. */

static void *abort_on_open(const struct stage_config *config) {
    (void)config;
    fprintf(stderr, "program: file.c:1: function: Assertion `planted' failed.\n");
    abort();
}

START_TEST(an_abort_is_a_failure) {
    struct plan plan;
    struct trial trial;
    struct stage_ops dying = stage_loop;
    dying.open = abort_on_open;
    plan_init(&plan);
    ck_assert(trial_run(&plan, &dying, &trial));
    ck_assert_int_eq(trial.verdict.kind, FAILURE_ABORT);
    ck_assert_ptr_nonnull(strstr(trial.verdict.cause, "Assertion `planted'"));
    plan_deinit(&plan);
}
END_TEST

/* Tasks that end in another order are handed over in theirs; the deaths of some change nothing. */

static void work_backwards(void *context, size_t task, void *result) {
    (void)context;
    const struct timespec wait = {.tv_nsec = (long)(20 - task) * 1000000};
    nanosleep(&wait, NULL);
    if (task % 5 == 3)
        abort();
    *(size_t *)result = task + 1;
}

static void take_in_order(void *context, size_t task, const struct crew_end *end,
                          const void *result) {
    size_t *next = context;
    ck_assert_uint_eq(task, (*next)++);
    ck_assert_int_eq(end->signal, task % 5 == 3 ? SIGABRT : 0);
    ck_assert_uint_eq(*(const size_t *)result, task % 5 == 3 ? 0 : task + 1);
}

START_TEST(crews_hand_over_in_order) {
    size_t next = 0;
    const struct crew crew = {.jobs = (size_t)_i,
                              .result_bytes = sizeof(size_t),
                              .context = &next,
                              .work = work_backwards,
                              .done = take_in_order};
    ck_assert_uint_eq(crew_run(&crew, 20), 20);
    ck_assert_uint_eq(next, 20);
}
END_TEST

/* The program. */

static int run(const char *arguments, char *output, size_t size) {
    char line[800];
    snprintf(line, sizeof line, "%s sweep %s 2>&1", program_path(), arguments);
    FILE *pipe = popen(line, "r");
    ck_assert_ptr_nonnull(pipe);
    const size_t got = fread(output, 1, size - 1, pipe);
    output[got] = '\0';
    const int status = pclose(pipe);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Two seeds of each variant, kind of certificates and n keep every promise. The whole is `make sweep`. */
START_TEST(seeds_hold) {
    char output[16384];
    const int code = run("-q --seeds 1..2", output, sizeof output);
    ck_assert_msg(code == 0, "%s", output);
    ck_assert_ptr_nonnull(strstr(output, "% of the seeds with"));
}
END_TEST

#define CONTROL "-q --variant pbft --certificates list --n 4 --faulty 2 --seeds 1..10"

START_TEST(jobs_change_nothing) {
    char one[8192], two[8192];
    char directory[] = "/tmp/tierchain-sweep-XXXXXX", arguments[400];
    ck_assert_ptr_nonnull(mkdtemp(directory));
    snprintf(arguments, sizeof arguments, CONTROL " -j 1 -o %s", directory);
    ck_assert_int_eq(run(arguments, one, sizeof one), 1);
    snprintf(arguments, sizeof arguments, CONTROL " -j 3 -o %s", directory);
    ck_assert_int_eq(run(arguments, two, sizeof two), 1);
    ck_assert_str_eq(one, two);
    ck_assert_ptr_nonnull(strstr(one, "agreement"));
    char file[4096];
    const char *kept = strstr(one, "--replay ");
    ck_assert_ptr_nonnull(kept);
    snprintf(file, sizeof file, "--replay %.*s --driver simgrid", (int)strcspn(kept + 9, "\n"),
             kept + 9);
    ck_assert_int_eq(run(file, two, sizeof two), 1);
    ck_assert_ptr_nonnull(strstr(two, "violation: agreement"));
    snprintf(arguments, sizeof arguments, "rm -r %s", directory);
    ck_assert_int_eq(system(arguments), 0);
}
END_TEST

/* scenarios/attacks: each file meets what it expects, on both drivers, with one history. */
START_TEST(attacks_end_as_expected) {
    glob_t files;
    ck_assert_int_eq(glob("scenarios/attacks/*.yaml", 0, NULL, &files), 0);
    ck_assert_uint_ge(files.gl_pathc, 17);
    for (size_t i = 0; i < files.gl_pathc; i++) {
        struct diagnostics diagnostics;
        struct plan plan;
        struct trial loop, simgrid;
        ck_assert_msg(plan_read(&plan, files.gl_pathv[i], &diagnostics) == 0, "%s: %s",
                      files.gl_pathv[i], diagnostics.items[0].message);
        ck_assert(trial_run(&plan, &stage_loop, &loop));
        ck_assert(trial_run(&plan, &stage_simgrid, &simgrid));
        ck_assert_msg(loop.verdict.kind == FAILURE_NONE, "%s: %s: %s", files.gl_pathv[i],
                      loop.verdict.cause, loop.verdict.words);
        ck_assert_int_eq(simgrid.verdict.kind, FAILURE_NONE);
        ck_assert_uint_eq(loop.outcome.trace_hash, simgrid.outcome.trace_hash);
        plan_deinit(&plan);
    }
    globfree(&files);
}
END_TEST

static const struct {
    const char *arguments, *message;
    int code;
} usages[] = {
    {"--seeds 5..4", "ends before it begins", 2},
    {"--seeds x", "--seeds", 2},
    {"--seeds 1 --n 3", "from 4 to 31", 2},
    {"--seeds 1 --variant pbfd", "did you mean 'pbft'", 2},
    {"--seeds 1 --certificates lost", "did you mean 'list'", 2},
    {"--seeds 1 --variant pbft --certificates frost", "has no frost certificates", 2},
    {"--seeds 1 --driver loop", "goes with --replay", 2},
    {"--seeds 1 file", "takes no argument", 2},
    {"--replay /nowhere.yaml", "/nowhere.yaml", 2},
    {"--replay /nowhere.yaml --n 4", "only --driver", 2},
    {"--replay /nowhere.yaml --driver lop", "did you mean 'loop'", 2},
    {"--seeds 1..3 --variant pbft --certificates list --n 4", "pbft", 0},
    {"--seeds 1 --variant pbft --certificates list --n 4 -n", "schema: committee/1", 0},
};

START_TEST(usage) {
    char output[16384];
    ck_assert_int_eq(run(usages[_i].arguments, output, sizeof output), usages[_i].code);
    ck_assert_msg(strstr(output, usages[_i].message) != NULL, "%s", output);
}
END_TEST

static void setup(void) {
    ck_assert_int_ge(sodium_init(), 0);
}

Suite *sweep_suite(void) {
    Suite *suite = suite_create("sweep");
    TCase *tcase = tcase_create("sweep");
    const int count = ARRAY_LEN(variants);
    tcase_add_unchecked_fixture(tcase, setup, NULL);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, generated_alike_each_time, 0, count);
    tcase_add_loop_test(tcase, generated_within_bounds, 0, count);
    tcase_add_loop_test(tcase, written_and_read_again, 0, count);
    tcase_add_loop_test(tcase, mistakes_are_told, 0, (int)ARRAY_LEN(mistakes));
    tcase_add_test(tcase, seeds_hold);
    tcase_add_loop_test(tcase, drivers_agree, 0, count);
    tcase_add_loop_test(tcase, planted_fault_is_found_shrunk_and_replayed, 0, count);
    tcase_add_test(tcase, an_abort_is_a_failure);
    tcase_add_loop_test(tcase, crews_hand_over_in_order, 1, 4);
    tcase_add_test(tcase, jobs_change_nothing);
    tcase_add_test(tcase, attacks_end_as_expected);
    tcase_add_loop_test(tcase, usage, 0, (int)ARRAY_LEN(usages));
    suite_add_tcase(suite, tcase);
    return suite;
}
