/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/compare.h"

#include <inttypes.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"
#include "sim/cli/compare_stored.h"
#include "sim/cli/facts.h"
#include "sim/cli/reproduce.h"
#include "sim/cli/run.h"
#include "sim/cli/variants.h"
#include "sim/compare/output.h"
#include "sim/compare/simulate.h"
#include "sim/compare/table.h"
#include "sim/run/interrupt.h"
#include "sim/run/terminal.h"

#define REASON_BYTES 80

const char compare_more[] =
    "Two forms: variants of a scenario (--vary), run with the same seeds, so that arrivals, "
    "latencies\n"
    "and faults are the same in all; or two directories of results, paired by seed.\n"
    "A bound is MEASURE > LIMIT or MEASURE < LIMIT, with a signed LIMIT of the difference from the "
    "first\n"
    "variant: a percentage, or what the measure counts: 'felt.p99 > +2 ms', 'throughput < -5 %'.\n"
    "`tierchain list measures` shows what there is.\n\n"
    "Exit status: 0 every bound kept or undecided; 1 a bound is broken or cannot be judged, or an\n"
    "invariant is broken; 2 usage or scenario error; 3 a run was lost; 4 results could not be "
    "written;\n"
    "129, 130, 143 ended by a signal.\n";

/* A comparison under way. */
struct job {
    const struct command *command;
    const struct vary *vary; /* NULL: of two results */
    struct study study;
    struct bound *bounds;
    struct pool_end *ends; /* variant by variant; NULL: nothing was run */
    size_t end_count;
    time_t started;
    double clock_started;
    char directory[4224];
};

static int read_bounds(struct job *job) {
    const struct command *command = job->command;
    job->bounds = memory_new(command->fail_if_count, sizeof *job->bounds);
    for (size_t b = 0; b < command->fail_if_count; b++) {
        char message[240];
        size_t at;
        if (bound_parse(command->fail_ifs[b], &job->bounds[b], message, sizeof message, &at) == OK)
            continue;
        option_fault("--fail-if", command->fail_ifs[b], at, message);
        return EXIT_USAGE;
    }
    return EXIT_DONE;
}

/* results/compare-<name>/<UTC>-<8 hex of the variants' digest> */
static int make_directory(struct job *job) {
    crypto_generichash_state state;
    uint8_t digest[crypto_generichash_BYTES_MIN];
    char stamp[32], stem[64], parent[4096];
    struct tm utc;
    const char *root = job->command->output != NULL ? job->command->output : "results";
    crypto_generichash_init(&state, NULL, 0, sizeof digest);
    for (size_t v = 0; v < job->study.variant_count; v++) {
        const char *text = job->study.variants[v].scenario_text;
        crypto_generichash_update(&state, (const uint8_t *)text, strlen(text));
    }
    crypto_generichash_final(&state, digest, sizeof digest);
    if (snprintf(parent, sizeof parent, "%s/compare-%s", root, job->study.name) >=
        (int)sizeof parent) {
        fputs("tierchain: -o: the path is too long\n", stderr);
        return EXIT_IO;
    }
    strftime(stamp, sizeof stamp, "%Y-%m-%dT%H-%M-%SZ", gmtime_r(&job->started, &utc));
    snprintf(stem, sizeof stem, "%s-%02x%02x%02x%02x", stamp, digest[0], digest[1], digest[2],
             digest[3]);
    return report_begin(parent, stem, job->directory, sizeof job->directory) == 0 ? EXIT_DONE
                                                                                  : EXIT_IO;
}

/* "B, seed 3: killed by signal 9"; false when it did not fail. */
static bool failure_reason(const struct job *job, size_t at, char reason[REASON_BYTES]) {
    const struct pool_end *end = &job->ends[at];
    const struct variant *variant = &job->study.variants[at / job->study.variants[0].run_count];
    if (end->kind == POOL_KILLED)
        snprintf(reason, REASON_BYTES, "variant %s killed by signal %d (%s)", variant->letter,
                 end->signal, strsignal(end->signal));
    else
        snprintf(reason, REASON_BYTES, "variant %s %s", variant->letter,
                 end->kind == POOL_FAILED ? "ended with an error" : "not started");
    return end->kind != POOL_DONE;
}

/* The manifest's facts, then whatever writes them; @status NULL: as the runs say. */
static int write_with_facts(const struct job *job, const char *status,
                            int (*write)(const struct output *output, const char *dir)) {
    const struct command *command = job->command;
    struct manifest_facts facts = facts_of_program(command->argument_count, command->arguments);
    struct manifest_failure *failures = memory_new(job->end_count, sizeof *failures);
    char(*reasons)[REASON_BYTES] = memory_new(job->end_count, sizeof *reasons);
    char started[FACTS_TIME_BYTES], ended[FACTS_TIME_BYTES];
    struct text reproduce = {0};
    for (size_t i = 0; i < job->end_count && status == NULL; i++) {
        size_t seed = i % job->study.variants[0].run_count;
        if (failure_reason(job, i, reasons[i]))
            failures[facts.failure_count++] = (struct manifest_failure){
                (uint32_t)seed, job->study.variants[0].runs[seed].seed, reasons[i]};
    }
    reproduce_command(facts.directory, command->argument_count, command->arguments, &reproduce);
    facts_time(job->started, started);
    facts_time(time(NULL), ended);
    facts.failures = failures;
    facts.status = status;
    facts.started = started;
    facts.ended = status == NULL ? ended : NULL;
    facts.wall_s = status == NULL ? progress_clock() - job->clock_started : 0;
    facts.reproduce = reproduce.bytes;
    const struct output output = {.study = &job->study,
                                  .vary = job->vary,
                                  .bounds = job->bounds,
                                  .bound_count = command->fail_if_count,
                                  .facts = &facts};
    int error = write(&output, job->directory);
    text_deinit(&reproduce);
    free(failures);
    free(reasons);
    return error == 0 ? EXIT_DONE : EXIT_IO;
}

/* Evaluates, prints and writes what is there. */
static int report(struct job *job, const struct metric *metric) {
    struct text out = {0};
    size_t bound_count = job->command->fail_if_count;
    study_evaluate(&job->study, metric);
    int code = write_with_facts(job, NULL, output_write);
    table_print(&job->study, terminal_colours(STDOUT_FILENO), &out);
    bounds_print(job->bounds, bound_count, &job->study, &out);
    text_format(&out, "results: %s\n", job->directory);
    fputs(out.bytes, stdout);
    text_deinit(&out);
    if (code != EXIT_DONE)
        return code;
    return bounds_failed(job->bounds, bound_count, &job->study) > 0 ||
                   study_violations(&job->study) > 0
               ? EXIT_MISSED
               : EXIT_DONE;
}

static int simulate(struct job *job, const struct variants *variants) {
    job->end_count = variants->count * variants->seed_count;
    job->ends = memory_new(job->end_count, sizeof *job->ends);
    const struct simulate simulate = {
        .scenarios = variants->scenarios,
        .variant_count = variants->count,
        .seeds = variants->seeds,
        .seed_count = variants->seed_count,
        .jobs = (size_t)job->command->jobs,
        .progress = progress_mode_of_stderr(job->command->quiet),
        .directory = job->directory,
        .metric = variants->metric,
    };
    size_t failed = simulate_variants(&simulate, job->study.variants, job->ends), planned;
    int code = EXIT_ABORTED;
    if (interrupt_count() < 2 && study_runs(&job->study, &planned) > 0) {
        code = report(job, variants->metric);
    } else {
        write_with_facts(job, "aborted", output_announce);
        printf("results: none; %s says what was run\n", job->directory);
    }
    if (interrupt_pending())
        return interrupt_exit_code();
    return code != EXIT_IO && failed > 0 ? EXIT_ABORTED : code;
}

static int compare_variants(struct job *job) {
    struct variants variants;
    int code = variants_load(&variants, job->command);
    if (code == EXIT_DONE) {
        job->vary = &variants.vary;
        variants_study(&variants, &job->study);
        code = make_directory(job);
        if (code == EXIT_DONE)
            code = write_with_facts(job, "running", output_announce);
        if (code == EXIT_DONE)
            code = simulate(job, &variants);
        study_deinit(&job->study);
    }
    free(job->ends);
    variants_deinit(&variants);
    return code;
}

/* Of results there is nothing to announce: they are there. */
static int compare_results(struct job *job) {
    const struct metric *metric;
    int code = read_metric(job->command->metric, &metric);
    if (code != EXIT_DONE)
        return code;
    code = compare_read(job->command, metric, &job->study);
    if (code == EXIT_DONE)
        code = make_directory(job);
    if (code == EXIT_DONE)
        code = write_with_facts(job, "running", output_announce);
    if (code == EXIT_DONE)
        code = report(job, metric);
    free((char *)job->study.name);
    study_deinit(&job->study);
    return code;
}

/* What belongs to the other form only. */
static const char *usage_fault(const struct command *command) {
    bool results = command->operand_count == 2;
    if (command->operand_count > 2 || (!results && command->vary_count == 0))
        return "name a scenario and what to --vary, or two directories of results";
    if (results && (command->vary_count > 0 || command->seeds != NULL || command->set_count > 0))
        return "results are what they are: --vary, --seeds and --set are for a scenario";
    if (!results && command->differ_count > 0)
        return "--differs is for two directories of results; of a scenario, --vary says what "
               "differs";
    return NULL;
}

static int usage(const char *message) {
    fprintf(stderr, "tierchain: compare: %s\n", message);
    return EXIT_USAGE;
}

int compare_verb(const struct command *command) {
    struct job job = {.command = command, .started = time(NULL), .clock_started = progress_clock()};
    if (usage_fault(command) != NULL)
        return usage(usage_fault(command));
    if (sodium_init() < 0)
        return EXIT_ABORTED;
    interrupt_catch(true);
    signal(SIGXFSZ, SIG_IGN); /* a file that grows too large is an error to be told */
    int code = read_bounds(&job);
    if (code == EXIT_DONE)
        code = command->operand_count == 2 ? compare_results(&job) : compare_variants(&job);
    free(job.bounds);
    return code;
}
