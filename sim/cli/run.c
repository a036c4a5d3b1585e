/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `tierchain run`: from resolved scenarios to result directories, a table and an exit code. */
#include "sim/cli/run.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "sim/cli/facts.h"
#include "sim/report/directory.h"
#include "sim/report/summary.h"
#include "sim/run/expectations.h"
#include "sim/run/pool.h"

/* One scenario's repetitions under way. */
struct campaign {
    const struct run_options *options;
    const struct scenario *scenario;
    struct run_request *requests;
    struct run_result *results;
    size_t count;
    char *resolved; /* the scenario as text */
    time_t started;
    char parent[4096];    /* results/<name> */
    char directory[4224]; /* of this run */
    char (*platforms)[4224];
};

static char *resolve(const struct scenario *scenario) {
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    if (stream == NULL)
        abort();
    scenario_write_resolved(scenario, stream, false);
    fclose(stream);
    return text;
}

static int make_directories(const char *path) {
    char partial[4096];
    for (size_t i = 1; path[i - 1] != '\0' && i < sizeof partial; i++) {
        if (path[i] != '/' && path[i] != '\0')
            continue;
        memcpy(partial, path, i);
        partial[i] = '\0';
        if (mkdir(partial, 0777) != 0 && errno != EEXIST)
            return EXIT_IO;
    }
    return EXIT_DONE;
}

/* <UTC>-<8 hex of the resolved scenario's digest>; a second run within a second gets a number. */
static int name_directory(struct campaign *campaign) {
    uint8_t digest[crypto_generichash_BYTES_MIN];
    char stamp[32];
    struct tm utc;
    const char *root = campaign->options->directory;
    snprintf(campaign->parent, sizeof campaign->parent, "%s/%s", root != NULL ? root : "results",
             campaign->scenario->name);
    if (make_directories(campaign->parent) != EXIT_DONE) {
        fprintf(stderr, "tierchain: %s: %s\n", campaign->parent, strerror(errno));
        return EXIT_IO;
    }
    crypto_generichash(digest, sizeof digest, (const uint8_t *)campaign->resolved,
                       strlen(campaign->resolved), NULL, 0);
    strftime(stamp, sizeof stamp, "%Y-%m-%dT%H-%M-%SZ", gmtime_r(&campaign->started, &utc));
    struct stat present;
    int attempt = 1;
    do {
        char suffix[16] = "";
        if (attempt > 1)
            snprintf(suffix, sizeof suffix, "-%d", attempt);
        snprintf(campaign->directory, sizeof campaign->directory, "%s/%s-%02x%02x%02x%02x%s",
                 campaign->parent, stamp, digest[0], digest[1], digest[2], digest[3], suffix);
    } while (lstat(campaign->directory, &present) == 0 && ++attempt < 1000);
    return EXIT_DONE;
}

static void plan(struct campaign *campaign) {
    bool alone = campaign->options->jobs == 1 || campaign->count == 1;
    for (size_t i = 0; i < campaign->count; i++) {
        snprintf(campaign->platforms[i], sizeof *campaign->platforms, "%s/.platform-%ld-%zu.xml",
                 campaign->parent, (long)getpid(), i);
        campaign->requests[i] = (struct run_request){
            .scenario = campaign->scenario,
            .seed = run_seed(campaign->scenario, (int64_t)i),
            .repetition = (uint32_t)i,
            .progress = !campaign->options->quiet && alone && isatty(STDERR_FILENO),
            .platform_path = campaign->platforms[i],
        };
    }
}

/* The platform belongs to the results: what SimGrid read is what a person can read. */
static void keep_platform(const struct campaign *campaign) {
    char path[4352];
    snprintf(path, sizeof path, "%s/platform.xml", campaign->directory);
    if (rename(campaign->platforms[0], path) != 0)
        fprintf(stderr, "tierchain: %s: %s\n", path, strerror(errno));
    for (size_t i = 1; i < campaign->count; i++)
        unlink(campaign->platforms[i]);
}

static void print_expectations(const struct run_result *result) {
    for (size_t i = 0; i < result->expectation_count; i++) {
        const struct expectation_record *record = &result->expectations[i];
        printf("  %s  expect %s  (measured %.6g)\n", record->passed ? "met   " : "MISSED",
               record->text, record->value);
    }
    for (size_t i = 0; i < result->invariant_count; i++)
        if (!result->invariants[i].passed)
            printf("  BROKEN  invariant %s: %.0f violations\n", result->invariants[i].name,
                   result->invariants[i].value);
}

/* As a shell wants it. */
static void print_argument(const char *argument) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "-_./=,:@%+";
    if (argument[0] != '\0' && argument[strspn(argument, plain)] == '\0') {
        printf("%s ", argument);
        return;
    }
    putchar('\'');
    for (const char *c = argument; *c != '\0'; c++) {
        if (*c == '\'')
            fputs("'\\''", stdout);
        else
            putchar(*c);
    }
    fputs("' ", stdout);
}

static void print_reproduce(const struct campaign *campaign, const struct run_result *result) {
    printf("reproduce: ");
    for (int i = 0; i < campaign->options->argument_count; i++)
        print_argument(campaign->options->arguments[i]);
    printf("--seed %" PRIu64 " --repetitions 1\n", result->seed);
}

/* Judges every run; returns how many missed something. */
static size_t judge(const struct campaign *campaign) {
    size_t missed_runs = 0;
    for (size_t i = 0; i < campaign->count; i++) {
        struct run_result *result = &campaign->results[i];
        size_t missed = expectations_judge(campaign->scenario, result);
        for (size_t k = 0; k < result->invariant_count; k++)
            missed += !result->invariants[k].passed;
        missed_runs += missed > 0;
    }
    return missed_runs;
}

static void print_runs(const struct campaign *campaign) {
    const char *no_colour = getenv("NO_COLOR");
    bool colour = isatty(STDOUT_FILENO) && (no_colour == NULL || no_colour[0] == '\0');
    struct text table = {0};
    summary_print(campaign->results, campaign->count, colour, &table);
    fputs(table.bytes, stdout);
    text_deinit(&table);
    for (size_t i = 0; i < campaign->count; i++) {
        const struct run_result *result = &campaign->results[i];
        bool missed = false;
        printf("repetition %" PRIu32 "  seed %" PRIu64 "  trace hash %016" PRIx64 "%s\n",
               result->repetition, result->seed, result->trace_hash,
               result->complete ? "" : "  PARTIAL: interrupted");
        print_expectations(result);
        for (size_t k = 0; k < result->expectation_count; k++)
            missed |= !result->expectations[k].passed;
        for (size_t k = 0; k < result->invariant_count; k++)
            missed |= !result->invariants[k].passed;
        if (missed)
            print_reproduce(campaign, result);
    }
    printf("results: %s\n", campaign->directory);
}

static int report(struct campaign *campaign) {
    size_t missed = judge(campaign);
    char started[FACTS_TIME_BYTES], ended[FACTS_TIME_BYTES];
    struct manifest_facts facts =
        facts_of_program(campaign->options->argument_count, campaign->options->arguments);
    facts_time(campaign->started, started);
    facts_time(time(NULL), ended);
    facts.started = started;
    facts.ended = ended;
    const struct report report = {
        .runs = campaign->results,
        .run_count = campaign->count,
        .scenario_text = campaign->resolved,
        .facts = &facts,
    };
    if (report_write(&report, campaign->directory) != 0) {
        fprintf(stderr, "tierchain: %s: the results could not be written\n", campaign->directory);
        return EXIT_IO;
    }
    keep_platform(campaign);
    print_runs(campaign);
    return missed > 0 ? EXIT_MISSED : EXIT_DONE;
}

/* A run that ended without any result still says so where a machine looks. */
static void report_abort(struct campaign *campaign) {
    struct text summary = {0};
    char path[4352];
    summary_json(campaign->results, 0, &summary);
    snprintf(path, sizeof path, "%s/summary.json", campaign->directory);
    if (mkdir(campaign->directory, 0777) != 0 || text_write(&summary, path) != 0)
        fprintf(stderr, "tierchain: %s: %s\n", path, strerror(errno));
    text_deinit(&summary);
}

/* Only whole repetitions count; those that never began are left out of the report. */
static void drop_missing(struct campaign *campaign) {
    size_t kept = 0;
    for (size_t i = 0; i < campaign->count; i++)
        if (campaign->results[i].scenario != NULL)
            campaign->results[kept++] = campaign->results[i];
    campaign->count = kept;
}

static int run_campaign(struct campaign *campaign) {
    int code = name_directory(campaign);
    if (code != EXIT_DONE)
        return code;
    plan(campaign);
    size_t all = campaign->count;
    size_t failed = pool_run(campaign->requests, campaign->count, (size_t)campaign->options->jobs,
                             campaign->results);
    drop_missing(campaign);
    if (campaign->count > 0)
        code = report(campaign);
    else
        report_abort(campaign);
    for (size_t i = 0; i < all; i++)
        unlink(campaign->platforms[i]);
    if (run_interrupted())
        return EXIT_INTERRUPTED;
    return failed > 0 ? EXIT_ABORTED : code;
}

static int run_file(const struct run_options *options, const struct scenario *scenario) {
    size_t count = (size_t)scenario->repetitions;
    struct campaign campaign = {
        .options = options,
        .scenario = scenario,
        .count = count,
        .requests = memory_new(count, sizeof *campaign.requests),
        .results = memory_new(count, sizeof *campaign.results),
        .platforms = memory_new(count, sizeof *campaign.platforms),
        .resolved = resolve(scenario),
        .started = time(NULL),
    };
    int code = run_campaign(&campaign);
    for (size_t i = 0; i < campaign.count; i++)
        run_result_free(&campaign.results[i]);
    free(campaign.requests);
    free(campaign.results);
    free(campaign.platforms);
    free(campaign.resolved);
    return code;
}

int run_scenario(const struct run_options *options) {
    struct sigaction interrupt = {.sa_handler = run_interrupt};
    int code = EXIT_DONE;
    if (sodium_init() < 0)
        return EXIT_ABORTED;
    sigaction(SIGINT, &interrupt, NULL);
    for (size_t i = 0; i < options->scenario_count && !run_interrupted(); i++) {
        int one = run_file(options, &options->scenarios[i]);
        code = one > code ? one : code;
    }
    return code;
}
