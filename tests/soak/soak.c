/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * make soak: SOAK_RUNS (500) random fault schedules of SOAK_SEED (1) from number SOAK_FIRST (0) on,
 * each in a process of its own. After the drain nothing may be stuck: every transaction whose sender did
 * not stop while it was open is done and stands in the continent's order, every invariant was kept, and no
 * run aborted. A schedule that fails is printed, and kept as a scenario in SOAK_DIRECTORY (build/soak),
 * for `tierchain run`. */
#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"
#include "models/places.h"
#include "sim/report/stuck.h"
#include "sim/run/run_one.h"
#include "tests/soak/schedule.h"

/* What a run's process hands back, through a pipe. */
struct outcome {
    uint64_t transactions, done, sender_down;
    uint64_t lost, cut;
    uint32_t faults;
    char reason[200]; /* "" when all is well */
};

struct totals {
    uint64_t runs, failed, transactions, done, sender_down, lost, cut, faults;
};

static uint64_t setting(const char *name, uint64_t fallback) {
    const char *text = getenv(name);
    return text != NULL && text[0] != '\0' ? strtoull(text, NULL, 10) : fallback;
}

static uint64_t counter(const struct run_result *result, const char *name) {
    for (size_t i = 0; i < result->counter_count; i++)
        if (strcmp(result->counters[i].name, name) == 0)
            return result->counters[i].value;
    return 0;
}

/* By what the run itself says is stuck (stuck.h): so what is acknowledged must stand in the continent's
 * order, too. */
static void judge(const struct scenario *scenario, const struct run_result *result,
                  struct outcome *outcome) {
    struct text places = {0};
    for (size_t i = 0; i < result->transaction_count; i++)
        outcome->done += result->transactions[i].done != TIME_NEVER;
    outcome->transactions = result->transaction_count;
    outcome->sender_down = result->stuck_at[STUCK_SENDER_GONE];
    if (result->stuck > 0) {
        stuck_print(result, &places);
        snprintf(outcome->reason, sizeof outcome->reason, "%.*s", (int)strcspn(places.bytes, "\n"),
                 places.bytes);
    }
    for (size_t i = 0; i < result->invariant_count; i++)
        if (!result->invariants[i].passed)
            snprintf(outcome->reason, sizeof outcome->reason, "invariant broken: %s",
                     result->invariants[i].name);
    outcome->lost = counter(result, "frames_lost");
    outcome->cut = counter(result, "frames_cut");
    outcome->faults = (uint32_t)scenario->fault_count;
    text_deinit(&places);
}

static void run_in_child(const char *yaml, size_t size, const char *directory,
                         struct outcome *outcome) {
    char path[4200];
    struct scenario scenario;
    struct diagnostics diagnostics;
    struct run_result result = {0};
    const struct scenario_options options = {.place_at = places_name_at};
    snprintf(path, sizeof path, "%s/platform-%ld.xml", directory, (long)getpid());
    if (scenario_load_text(&scenario, "soak", yaml, size, &options, &diagnostics) != OK) {
        diagnostics_print(&diagnostics, stderr, false);
        snprintf(outcome->reason, sizeof outcome->reason, "not a scenario");
        return;
    }
    const struct run_request request = {
        .scenario = &scenario, .seed = (uint64_t)scenario.seed, .platform_path = path};
    int error = run_one(&request, &result);
    unlink(path);
    if (error == OK)
        judge(&scenario, &result, outcome);
    else
        snprintf(outcome->reason, sizeof outcome->reason, "run failed: %s", error_text(error));
    run_result_free(&result);
    scenario_deinit(&scenario);
}

static struct outcome run(const char *yaml, size_t size, const char *directory) {
    struct outcome outcome = {0};
    int ends[2], status = 0;
    if (pipe(ends) != 0)
        abort();
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        run_in_child(yaml, size, directory, &outcome);
        _exit(write(ends[1], &outcome, sizeof outcome) == (ssize_t)sizeof outcome ? 0 : 1);
    }
    close(ends[1]);
    bool whole = read(ends[0], &outcome, sizeof outcome) == (ssize_t)sizeof outcome;
    close(ends[0]);
    if (child < 0 || waitpid(child, &status, 0) != child)
        abort();
    if (!whole || !WIFEXITED(status))
        snprintf(outcome.reason, sizeof outcome.reason, "aborted: %s",
                 WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "no result");
    return outcome;
}

static void keep(const char *yaml, const char *reason, uint64_t number, const char *directory) {
    char path[4200];
    snprintf(path, sizeof path, "%s/%" PRIu64 ".yaml", directory, number);
    FILE *file = fopen(path, "w");
    if (file != NULL) {
        fprintf(file, "# %s\n%s", reason, yaml);
        fclose(file);
    }
    printf("FAILED %" PRIu64 "  %s\n  build/tierchain run %s\n", number, reason, path);
    if (setting("SOAK_PRINT", 1) != 0)
        fputs(yaml, stdout);
    fflush(stdout);
}

static void add(struct totals *totals, const struct outcome *outcome) {
    totals->runs++;
    totals->failed += outcome->reason[0] != '\0';
    totals->transactions += outcome->transactions;
    totals->done += outcome->done;
    totals->sender_down += outcome->sender_down;
    totals->lost += outcome->lost;
    totals->cut += outcome->cut;
    totals->faults += outcome->faults;
}

int main(void) {
    uint64_t runs = setting("SOAK_RUNS", 500), seed = setting("SOAK_SEED", 1);
    uint64_t first = setting("SOAK_FIRST", 0);
    const char *directory = getenv("SOAK_DIRECTORY");
    struct totals totals = {0};
    time_t start = time(NULL);
    directory = directory != NULL ? directory : "build/soak";
    if (sodium_init() < 0 || (mkdir(directory, 0777) != 0 && errno != EEXIST)) {
        fprintf(stderr, "soak: %s: %s\n", directory, strerror(errno));
        return EXIT_FAILURE;
    }
    for (uint64_t number = first; number < first + runs; number++) {
        char yaml[SCHEDULE_BYTES];
        size_t size = schedule_write(seed, number, yaml);
        struct outcome outcome = run(yaml, size, directory);
        add(&totals, &outcome);
        if (outcome.reason[0] != '\0')
            keep(yaml, outcome.reason, number, directory);
        if (totals.runs % 50 == 0)
            printf("%" PRIu64 " of %" PRIu64 " schedules, %" PRIu64 " failed, %.0f s\n",
                   totals.runs, runs, totals.failed, difftime(time(NULL), start));
        fflush(stdout);
    }
    printf("soak: seed %" PRIu64 ", %" PRIu64 " schedules with %" PRIu64 " faults, %" PRIu64
           " failed; %" PRIu64 " transactions, %" PRIu64 " done, %" PRIu64
           " left by a sender that stopped; frames: %" PRIu64 " lost, %" PRIu64 " cut\n",
           seed, totals.runs, totals.faults, totals.failed, totals.transactions, totals.done,
           totals.sender_down, totals.lost, totals.cut);
    return totals.failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
