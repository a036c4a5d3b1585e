/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/compare.h"

#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"
#include "sim/cli/compare_stored.h"
#include "sim/cli/run.h"
#include "sim/cli/study_job.h"
#include "sim/cli/variants.h"
#include "sim/compare/output.h"
#include "sim/compare/simulate.h"
#include "sim/compare/table.h"
#include "sim/run/interrupt.h"
#include "sim/run/terminal.h"

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
    struct study_job base;
    const struct vary *vary; /* NULL: of two results */
    struct bound *bounds;
};

static int read_bounds(struct job *job) {
    const struct command *command = job->base.command;
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

/* The manifest's facts, then whatever writes them; @status NULL: as the runs say. */
static int write_with_facts(const struct job *job, const char *status,
                            int (*write)(const struct output *output, const char *dir)) {
    struct study_facts facts;
    study_facts_init(&facts, &job->base, status);
    const struct output output = {.study = &job->base.study,
                                  .vary = job->vary,
                                  .bounds = job->bounds,
                                  .bound_count = job->base.command->fail_if_count,
                                  .facts = &facts.facts};
    int error = write(&output, job->base.directory);
    study_facts_deinit(&facts);
    return error == 0 ? EXIT_DONE : EXIT_IO;
}

/* Evaluates, prints and writes what is there. */
static int report(struct job *job, const struct metric *metric) {
    struct text out = {0};
    size_t bound_count = job->base.command->fail_if_count;
    study_evaluate(&job->base.study, metric);
    int code = write_with_facts(job, NULL, output_write);
    table_print(&job->base.study, terminal_colours(STDOUT_FILENO), &out);
    bounds_print(job->bounds, bound_count, &job->base.study, &out);
    text_format(&out, "results: %s\n", job->base.directory);
    fputs(out.bytes, stdout);
    text_deinit(&out);
    if (code != EXIT_DONE)
        return code;
    return bounds_failed(job->bounds, bound_count, &job->base.study) > 0 ||
                   study_violations(&job->base.study) > 0
               ? EXIT_MISSED
               : EXIT_DONE;
}

static int simulate(struct job *job, const struct variants *variants) {
    job->base.end_count = variants->count * variants->seed_count;
    job->base.ends = memory_new(job->base.end_count, sizeof *job->base.ends);
    const struct simulate simulate = {
        .scenarios = variants->scenarios,
        .variant_count = variants->count,
        .seeds = variants->seeds,
        .seed_count = variants->seed_count,
        .jobs = (size_t)job->base.command->jobs,
        .progress = progress_mode_of_stderr(job->base.command->quiet),
        .directory = job->base.directory,
        .metric = variants->metric,
    };
    size_t failed = simulate_variants(&simulate, job->base.study.variants, job->base.ends), planned;
    int code = EXIT_ABORTED;
    if (interrupt_count() < 2 && study_runs(&job->base.study, &planned) > 0) {
        code = report(job, variants->metric);
    } else {
        write_with_facts(job, "aborted", output_announce);
        printf("results: none; %s says what was run\n", job->base.directory);
    }
    if (interrupt_pending())
        return interrupt_exit_code();
    return code != EXIT_IO && failed > 0 ? EXIT_ABORTED : code;
}

static int compare_variants(struct job *job) {
    struct variants variants;
    int code = variants_load(&variants, job->base.command);
    if (code == EXIT_DONE) {
        job->vary = &variants.vary;
        variants_study(&variants, &job->base.study);
        code = study_job_directory(&job->base);
        if (code == EXIT_DONE)
            code = write_with_facts(job, "running", output_announce);
        if (code == EXIT_DONE)
            code = simulate(job, &variants);
        study_deinit(&job->base.study);
    }
    free(job->base.ends);
    variants_deinit(&variants);
    return code;
}

/* Of results there is nothing to announce: they are there. */
static int compare_results(struct job *job) {
    const struct metric *metric;
    int code = read_metric(job->base.command->metric, &metric);
    if (code != EXIT_DONE)
        return code;
    code = compare_read(job->base.command, metric, &job->base.study);
    if (code == EXIT_DONE)
        code = study_job_directory(&job->base);
    if (code == EXIT_DONE)
        code = write_with_facts(job, "running", output_announce);
    if (code == EXIT_DONE)
        code = report(job, metric);
    free((char *)job->base.study.name);
    study_deinit(&job->base.study);
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
    struct job job = {0};
    study_job_init(&job.base, command);
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
