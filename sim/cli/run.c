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
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "sim/cli/facts.h"
#include "sim/cli/reproduce.h"
#include "sim/report/directory.h"
#include "sim/report/stuck.h"
#include "sim/report/summary.h"
#include "sim/run/expectations.h"
#include "sim/run/interrupt.h"
#include "sim/run/pool.h"
#include "sim/run/terminal.h"

#define RUNNING       "running"
#define FAILURE_BYTES 80

/* One scenario's repetitions under way. */
struct campaign {
    const struct run_options *options;
    const struct scenario *scenario;
    const char *file; /* as it was named */
    struct run_request *requests;
    struct run_result *results;
    struct pool_end *ends;
    size_t count, all; /* results, repetitions */
    char *resolved;    /* the scenario as text */
    time_t started;
    double clock_started;
    char directory[4224]; /* of this run */
    char platform[4352];
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

/* results/<name>/<UTC>-<8 hex of the resolved scenario's digest> */
static int make_directory(struct campaign *campaign) {
    uint8_t digest[crypto_generichash_BYTES_MIN];
    char stamp[32], stem[64], parent[4096];
    struct tm utc;
    const char *root = campaign->options->directory;
    int length = snprintf(parent, sizeof parent, "%s/%s", root != NULL ? root : "results",
                          campaign->scenario->name);
    if (length >= (int)sizeof parent) {
        fprintf(stderr, "tierchain: -o: %s\n", strerror(ENAMETOOLONG));
        return EXIT_IO;
    }
    crypto_generichash(digest, sizeof digest, (const uint8_t *)campaign->resolved,
                       strlen(campaign->resolved), NULL, 0);
    strftime(stamp, sizeof stamp, "%Y-%m-%dT%H-%M-%SZ", gmtime_r(&campaign->started, &utc));
    snprintf(stem, sizeof stem, "%s-%02x%02x%02x%02x", stamp, digest[0], digest[1], digest[2],
             digest[3]);
    return report_begin(parent, stem, campaign->directory, sizeof campaign->directory) == 0
               ? EXIT_DONE
               : EXIT_IO;
}

/* What results take, measured on scenarios/komatsu.yaml: 890 kB, and 489 bytes a transaction, 138 of
 * them in transactions.csv, the largest file that grows with them. Only an open workload says how
 * many there will be; a tenth fewer are asked for, so that nothing that fits is refused. */
#define ROOM_FIXED         UINT64_C(800000)
#define ROOM_TRANSACTION   UINT64_C(480)
#define ROOM_LARGEST_FIXED UINT64_C(130000) /* report.html */
#define ROOM_LARGEST       UINT64_C(138)

static int check_room(const struct campaign *campaign) {
    const struct scenario *s = campaign->scenario;
    bool open = s->workload.model == WORKLOAD_POISSON || s->workload.model == WORKLOAD_CONSTANT;
    double seconds = (double)(s->duration - s->warmup) / (double)NS_PER_S;
    double expected = open ? (double)s->workload.rate / (double)MILLION * seconds : 0;
    uint64_t transactions = (uint64_t)(0.9 * expected * (double)campaign->all);
    return report_room(campaign->directory, ROOM_FIXED + transactions * ROOM_TRANSACTION,
                       size_max(ROOM_LARGEST_FIXED, transactions * ROOM_LARGEST)) == 0
               ? EXIT_DONE
               : EXIT_IO;
}

static void plan(struct campaign *campaign) {
    snprintf(campaign->platform, sizeof campaign->platform, "%s/platform.xml", campaign->directory);
    for (size_t i = 0; i < campaign->all; i++)
        campaign->requests[i] = (struct run_request){
            .scenario = campaign->scenario,
            .seed = run_seed(campaign->scenario, (int64_t)i),
            .repetition = (uint32_t)i,
            /* What SimGrid read is what a person can read; it is the same for all. */
            .platform_path = i == 0 ? campaign->platform : NULL,
        };
}

static void print_expectations(const struct run_result *result) {
    for (size_t i = 0; i < result->expectation_count; i++) {
        const struct expectation_record *record = &result->expectations[i];
        printf("  %s  expect %s  (measured %.6g)\n", record->passed ? "met   " : "MISSED",
               record->text, record->value);
    }
    struct text stuck = {0};
    stuck_print(result, &stuck);
    if (stuck.bytes != NULL)
        fputs(stuck.bytes, stdout);
    text_deinit(&stuck);
    for (size_t i = 0; i < result->invariant_count; i++)
        if (!result->invariants[i].passed)
            printf("  BROKEN  invariant %s: %.0f violations\n", result->invariants[i].name,
                   result->invariants[i].value);
}

/* What came through standard input is only to be had from the results. */
static void add_reproduce(const struct campaign *campaign, const char *directory, uint64_t seed,
                          int64_t repetitions, struct text *out) {
    const struct run_options *options = campaign->options;
    char resolved[4352];
    bool piped = strcmp(campaign->file, "-") == 0;
    snprintf(resolved, sizeof resolved, "%s/scenario.resolved.yaml", campaign->directory);
    const struct reproduce run = {
        .directory = directory,
        .program = options->arguments[0],
        .file = piped ? resolved : campaign->file,
        .sets = options->sets,
        .set_count = piped ? 0 : options->set_count,
        .output = options->directory,
        .seed = seed,
        .repetitions = repetitions,
    };
    reproduce_line(&run, out);
}

static void print_reproduce(const struct campaign *campaign, uint64_t seed) {
    struct text line = {0};
    add_reproduce(campaign, NULL, seed, 1, &line);
    printf("reproduce: %s\n", line.bytes);
    text_deinit(&line);
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

/* "killed by signal 9 (Killed)"; false when it did not fail. */
static bool failure_reason(const struct pool_end *end, char reason[FAILURE_BYTES]) {
    if (end->kind == POOL_KILLED)
        snprintf(reason, FAILURE_BYTES, "killed by signal %d (%s)", end->signal,
                 strsignal(end->signal));
    else if (end->kind == POOL_FAILED)
        snprintf(reason, FAILURE_BYTES, "ended with an error");
    else if (end->kind == POOL_NOT_STARTED)
        snprintf(reason, FAILURE_BYTES, "not started");
    return end->kind != POOL_DONE;
}

static void print_failures(const struct campaign *campaign) {
    size_t count = 0;
    for (size_t i = 0; i < campaign->all; i++) {
        char reason[FAILURE_BYTES];
        if (!failure_reason(&campaign->ends[i], reason))
            continue;
        count++;
        if (campaign->ends[i].kind == POOL_NOT_STARTED)
            continue;
        printf("repetition %zu  seed %" PRIu64 "  FAILED: %s\n", i, campaign->requests[i].seed,
               reason);
        print_reproduce(campaign, campaign->requests[i].seed);
    }
    if (count > 0)
        printf("%zu of %zu repetitions are missing from these results\n", count, campaign->all);
}

static void print_runs(const struct campaign *campaign) {
    struct text table = {0};
    summary_print(campaign->results, campaign->count, terminal_colours(STDOUT_FILENO), &table);
    fputs(table.bytes, stdout);
    text_deinit(&table);
    for (size_t i = 0; i < campaign->count; i++) {
        const struct run_result *result = &campaign->results[i];
        bool missed = false;
        printf("repetition %" PRIu32 "  seed %" PRIu64 "  trace hash %016" PRIx64 "%s\n",
               result->repetition, result->seed, result->trace_hash,
               result->complete ? "" : "  PARTIAL: ended by a signal");
        print_expectations(result);
        for (size_t k = 0; k < result->expectation_count; k++)
            missed |= !result->expectations[k].passed;
        for (size_t k = 0; k < result->invariant_count; k++)
            missed |= !result->invariants[k].passed;
        if (missed)
            print_reproduce(campaign, result->seed);
    }
    print_failures(campaign);
    printf("results: %s\n", campaign->directory);
}

/* All that the manifest tells, in memory of its own. */
struct dossier {
    struct manifest_facts facts;
    struct manifest_file *files;
    char (*digests)[MANIFEST_SHA256_BYTES];
    struct manifest_failure *failures;
    char (*reasons)[FAILURE_BYTES];
    struct text reproduce;
    char started[FACTS_TIME_BYTES], ended[FACTS_TIME_BYTES];
};

static void add_failures(const struct campaign *campaign, struct dossier *dossier) {
    struct manifest_facts *facts = &dossier->facts;
    dossier->failures = memory_new(campaign->all, sizeof *dossier->failures);
    dossier->reasons = memory_new(campaign->all, sizeof *dossier->reasons);
    for (size_t i = 0; i < campaign->all; i++) {
        if (!failure_reason(&campaign->ends[i], dossier->reasons[i]))
            continue;
        dossier->failures[facts->failure_count++] =
            (struct manifest_failure){(uint32_t)i, campaign->requests[i].seed, dossier->reasons[i]};
    }
    facts->failures = dossier->failures;
}

static void dossier_init(struct dossier *dossier, const struct campaign *campaign,
                         const char *status) {
    const struct run_options *options = campaign->options;
    *dossier =
        (struct dossier){.facts = facts_of_program(options->argument_count, options->arguments)};
    dossier->facts.status = status;
    dossier->facts.file_count =
        facts_of_files(campaign->scenario, &dossier->files, &dossier->digests);
    dossier->facts.files = dossier->files;
    add_reproduce(campaign, dossier->facts.directory, campaign->requests[0].seed,
                  (int64_t)campaign->all, &dossier->reproduce);
    dossier->facts.reproduce = dossier->reproduce.bytes;
    facts_time(campaign->started, dossier->started);
    dossier->facts.started = dossier->started;
    if (status != NULL && strcmp(status, RUNNING) == 0)
        return;
    add_failures(campaign, dossier);
    facts_time(time(NULL), dossier->ended);
    dossier->facts.ended = dossier->ended;
    dossier->facts.wall_s = progress_clock() - campaign->clock_started;
}

static void dossier_deinit(struct dossier *dossier) {
    free(dossier->files);
    free(dossier->digests);
    free(dossier->failures);
    free(dossier->reasons);
    text_deinit(&dossier->reproduce);
}

static int report(struct campaign *campaign) {
    size_t missed = judge(campaign);
    if (campaign->scenario->targets == TARGETS_FAIL)
        missed += summary_over_target(campaign->results, campaign->count);
    struct dossier dossier;
    dossier_init(&dossier, campaign, NULL);
    const struct report report = {
        .runs = campaign->results,
        .run_count = campaign->count,
        .scenario_text = campaign->resolved,
        .facts = &dossier.facts,
    };
    int written = report_write(&report, campaign->directory);
    dossier_deinit(&dossier);
    print_runs(campaign);
    return written != 0 ? EXIT_IO : missed > 0 ? EXIT_MISSED : EXIT_DONE;
}

/* Manifest and scenario, before there are results or instead of them. */
static int announce(const struct campaign *campaign, const char *status) {
    struct dossier dossier;
    dossier_init(&dossier, campaign, status);
    const struct report report = {.scenario_text = campaign->resolved, .facts = &dossier.facts};
    int code = report_announce(&report, campaign->directory) == 0 ? EXIT_DONE : EXIT_IO;
    dossier_deinit(&dossier);
    return code;
}

/* A run that ended without any result still says so where a machine looks. */
static void report_abort(struct campaign *campaign) {
    struct text summary = {0};
    char path[4352];
    summary_json(campaign->results, 0, &summary);
    snprintf(path, sizeof path, "%s/summary.json", campaign->directory);
    if (text_write(&summary, path) != 0)
        fprintf(stderr, "tierchain: %s: %s\n", path, strerror(errno));
    text_deinit(&summary);
    announce(campaign, "aborted");
    print_failures(campaign);
    printf("results: none; %s says what was run\n", campaign->directory);
}

/* Nothing was simulated, so nothing stays. */
static void take_back(const struct campaign *campaign) {
    static const char *const names[] = {"manifest.json", "scenario.resolved.yaml"};
    char path[4352];
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        snprintf(path, sizeof path, "%s/%s", campaign->directory, names[i]);
        unlink(path);
    }
    rmdir(campaign->directory);
}

/* Repetitions without a result are left out of the report. */
static void drop_missing(struct campaign *campaign) {
    campaign->count = 0;
    for (size_t i = 0; i < campaign->all; i++)
        if (campaign->ends[i].kind == POOL_DONE)
            campaign->results[campaign->count++] = campaign->results[i];
}

/* Whether a worker was ended alone, by a signal of its own. */
static bool any_partial(const struct campaign *campaign) {
    for (size_t i = 0; i < campaign->count; i++)
        if (!campaign->results[i].complete)
            return true;
    return false;
}

static int run_campaign(struct campaign *campaign) {
    int code = make_directory(campaign);
    if (code != EXIT_DONE)
        return code;
    plan(campaign);
    code = check_room(campaign);
    if (code == EXIT_DONE)
        code = announce(campaign, RUNNING);
    if (code != EXIT_DONE) {
        take_back(campaign);
        return code;
    }
    const struct pool pool = {
        .requests = campaign->requests,
        .count = campaign->all,
        .jobs = (size_t)campaign->options->jobs,
        .progress = progress_mode_of_stderr(campaign->options->quiet),
        .directory = campaign->directory,
    };
    size_t failed = pool_run(&pool, campaign->results, campaign->ends);
    drop_missing(campaign);
    failed += any_partial(campaign);
    if (campaign->count > 0 && interrupt_count() < 2)
        code = report(campaign);
    else
        report_abort(campaign);
    if (interrupt_pending())
        return interrupt_exit_code();
    return code != EXIT_IO && failed > 0 ? EXIT_ABORTED : code;
}

static int run_file(const struct run_options *options, size_t index) {
    const struct scenario *scenario = &options->scenarios[index];
    size_t count = (size_t)scenario->repetitions;
    struct campaign campaign = {
        .options = options,
        .scenario = scenario,
        .file = options->files[index],
        .count = count,
        .all = count,
        .requests = memory_new(count, sizeof *campaign.requests),
        .results = memory_new(count, sizeof *campaign.results),
        .ends = memory_new(count, sizeof *campaign.ends),
        .resolved = resolve(scenario),
        .started = time(NULL),
        .clock_started = progress_clock(),
    };
    int code = run_campaign(&campaign);
    for (size_t i = 0; i < campaign.count; i++)
        run_result_free(&campaign.results[i]);
    free(campaign.requests);
    free(campaign.results);
    free(campaign.ends);
    free(campaign.resolved);
    return code;
}

int run_scenario(const struct run_options *options) {
    int code = EXIT_DONE;
    if (sodium_init() < 0)
        return EXIT_ABORTED;
    interrupt_catch(true);
    signal(SIGXFSZ, SIG_IGN); /* a file that grows too large is an error to be told */
    for (size_t i = 0; i < options->scenario_count && !interrupt_pending(); i++) {
        int one = run_file(options, i);
        code = one > code ? one : code;
    }
    return code;
}
