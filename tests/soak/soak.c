/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * make soak: SOAK_RUNS (500) random fault schedules of SOAK_SEED (1) from number SOAK_FIRST (0) on,
 * each in a process of its own. After the drain nothing may be stuck: every transaction whose sender
 * was never down is done, every invariant was kept, and no run aborted. A schedule that fails is
 * printed, and kept as a scenario in SOAK_DIRECTORY (build/soak), for `tierchain run`. */
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
#include "sim/run/faults.h"
#include "sim/run/run_one.h"
#include "tests/soak/schedule.h"

/* What a run's process hands back, through a pipe. */
struct outcome {
    uint64_t transactions, done, stuck, sender_down; /* the last three add up to the first */
    uint64_t lost, cut, events;
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

/* Which nodes a crash or restart ever hit. */
static bool *ever_down(const struct scenario *scenario, uint32_t *count) {
    struct world world;
    struct faults faults;
    if (world_init(&world, scenario, (uint64_t)scenario->seed) != OK ||
        faults_init(&faults, &world) != OK)
        abort();
    bool *down = memory_new(world.node_count, sizeof *down);
    for (size_t i = 0; i < scenario->fault_count; i++)
        for (node_id node = 0; node < world.node_count; node++)
            if (faults.list[i].kind == FAULT_CRASH || faults.list[i].kind == FAULT_RESTART)
                down[node] |= faults.list[i].marks[node] != 0;
    *count = world.node_count;
    faults_deinit(&faults);
    world_deinit(&world);
    return down;
}

static uint64_t counter(const struct run_result *result, const char *name) {
    for (size_t i = 0; i < result->counter_count; i++)
        if (strcmp(result->counters[i].name, name) == 0)
            return result->counters[i].value;
    return 0;
}

/* How far a transaction came. */
static const char *stage(const struct transaction_record *record) {
    return record->continent_ack != TIME_NEVER ? "acknowledged"
           : record->city_commit != TIME_NEVER ? "committed in its city"
           : record->s5 != TIME_NEVER          ? "S5"
           : record->promised != TIME_NEVER    ? "promised"
           : record->requested != TIME_NEVER   ? "requested"
           : record->token != TIME_NEVER       ? "token"
                                               : "submitted";
}

static void judge(const struct scenario *scenario, const struct run_result *result,
                  struct outcome *outcome) {
    uint32_t nodes;
    bool *down = ever_down(scenario, &nodes);
    size_t used = 0;
    for (size_t i = 0; i < result->transaction_count; i++) {
        const struct transaction_record *record = &result->transactions[i];
        outcome->transactions++;
        if (record->done != TIME_NEVER) {
            outcome->done++;
        } else if (down[record->origin]) {
            outcome->sender_down++;
        } else if (outcome->stuck++ < 3) {
            used += (size_t)snprintf(outcome->reason + used, sizeof outcome->reason - used,
                                     "%s%" PRIu64 " of node %" PRIu32 " (%s)",
                                     used > 0 ? ", " : "stuck: ", record->id, record->origin,
                                     stage(record));
        }
    }
    for (size_t i = 0; i < result->invariant_count; i++)
        if (!result->invariants[i].passed)
            snprintf(outcome->reason, sizeof outcome->reason, "invariant broken: %s",
                     result->invariants[i].name);
    outcome->lost = counter(result, "frames_lost");
    outcome->cut = counter(result, "frames_cut");
    outcome->events = counter(result, "events");
    outcome->faults = (uint32_t)scenario->fault_count;
    free(down);
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
           " open for a sender that was down; frames: %" PRIu64 " lost, %" PRIu64 " cut\n",
           seed, totals.runs, totals.faults, totals.failed, totals.transactions, totals.done,
           totals.sender_down, totals.lost, totals.cut);
    return totals.failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
