/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/capacity.h"

#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "sim/cli/run.h"
#include "sim/cli/study_job.h"
#include "sim/cli/variants.h"
#include "sim/compare/capacity.h"
#include "sim/compare/output.h"
#include "sim/report/directory.h"
#include "sim/run/interrupt.h"
#include "sim/scenario/suggest.h"

#define METRIC_DEFAULT "felt.p99"

const char capacity_more[] =
    "workload.rate is doubled or halved until the bound breaks or holds, then bisected until both "
    "ends are\n"
    "within 2 %, each seed by itself and all with the same random numbers, so that the limits of "
    "variants\n"
    "are paired by seed. No load is tried of which fewer than 10 transactions come, none beyond "
    "1024 times\n"
    "the scenario's. Of several places where the bound breaks, any may be found.\n\n"
    "Exit status: 0 every variant keeps the bound at some load; 1 one never does; 2 usage or "
    "scenario\n"
    "error; 3 a run was lost; 4 results could not be written; 129, 130, 143 ended by a signal.\n";

static int read_measure(const char *name, size_t *measure) {
    char message[200];
    struct suggestion near;
    *measure = measure_find(name);
    if (*measure < measure_count())
        return EXIT_DONE;
    suggestion_init(&near, name);
    for (size_t m = 0; m < measure_count(); m++)
        suggestion_offer(&near, measure_at(m)->name);
    if (metric_find(name) != NULL)
        snprintf(message, sizeof message, "'%.48s' is a distribution; say which value: %.48s.p99 …",
                 name, name);
    else
        snprintf(message, sizeof message, "unknown measure '%.48s'%s%s%s", name,
                 near.found ? "; did you mean '" : "", near.found ? near.best : "",
                 near.found ? "'?" : "; `tierchain list measures` shows all");
    option_fault("--metric", name, 0, message);
    return EXIT_USAGE;
}

static int read_below(const char *text, struct capacity *capacity) {
    int64_t value;
    char message[160];
    if (quantity_parse(text, measure_at(capacity->measure)->kind, &value, message,
                       sizeof message) != OK) {
        option_fault("--below", text, 0, message);
        return EXIT_USAGE;
    }
    capacity->below = (double)value;
    return EXIT_DONE;
}

/* Only where arrivals do not wait for answers is there a load to search. */
static int check_workloads(const struct variants *variants) {
    for (size_t v = 0; v < variants->count; v++) {
        enum workload_model model = variants->scenarios[v].workload.model;
        if (model == WORKLOAD_POISSON || model == WORKLOAD_CONSTANT)
            continue;
        fputs("tierchain: capacity searches workload.rate, so workload.model must be poisson or "
              "constant\n",
              stderr);
        return EXIT_USAGE;
    }
    return EXIT_DONE;
}

/* "workload.rate" cannot be both varied and searched. */
static int check_axes(const struct variants *variants) {
    for (size_t a = 0; a < variants->vary.axis_count; a++)
        if (strcmp(variants->vary.axes[a].key, "workload.rate") == 0) {
            fputs("tierchain: capacity searches workload.rate; it cannot be varied\n", stderr);
            return EXIT_USAGE;
        }
    return EXIT_DONE;
}

static int put(const struct capacity *capacity, const char *dir, const char *name,
               void (*write)(const struct capacity *capacity, struct text *out)) {
    struct text content = {0};
    write(capacity, &content);
    int error = report_put(dir, name, &content);
    text_deinit(&content);
    return error;
}

static int write_all(const struct study_job *job, const struct capacity *capacity) {
    static const struct {
        const char *name;
        void (*write)(const struct capacity *capacity, struct text *out);
    } files[] = {{"capacity.txt", capacity_print},
                 {"capacity.csv", capacity_csv},
                 {"trials.csv", capacity_csv_trials},
                 {"capacity.json", capacity_json}};
    int error = OK;
    struct text plots = {0};
    for (size_t f = 0; f < ARRAY_LEN(files); f++)
        if (put(capacity, job->directory, files[f].name, files[f].write) != OK)
            error = ERR_INVALID;
    text_format(&plots, "%s/plots", job->directory);
    if (capacity_draw(capacity, plots.bytes) != OK) {
        fprintf(stderr, "tierchain: %s: cannot be written\n", plots.bytes);
        error = ERR_INVALID;
    }
    text_deinit(&plots);
    return error;
}

/* Scenarios and manifest; @status tells how far it is. */
static int announce(const struct study_job *job, const char *status) {
    struct study_facts facts;
    study_facts_init(&facts, job, NULL);
    facts.facts.status = status;
    const struct output output = {.study = &job->study, .facts = &facts.facts};
    int error = output_announce(&output, job->directory);
    study_facts_deinit(&facts);
    return error == OK ? EXIT_DONE : EXIT_IO;
}

/* Whether the bound holds at some load, for every variant. */
static bool all_keep(const struct capacity *capacity) {
    for (size_t i = 0; i < capacity->study->variant_count * capacity->seed_count; i++)
        if (capacity->searches[i].done && search_result(&capacity->searches[i]) == 0)
            return false;
    return true;
}

static int search(struct study_job *job, struct capacity *capacity) {
    struct text out = {0};
    capacity_search(capacity);
    bool partial = interrupt_pending() || capacity->lost > 0;
    int error = write_all(job, capacity);
    int code = announce(job, error != OK ? "incomplete" : partial ? "partial" : "complete");
    capacity_print(capacity, &out);
    text_format(&out, "results: %s\n", job->directory);
    fputs(out.bytes, stdout);
    text_deinit(&out);
    if (interrupt_pending())
        return interrupt_exit_code();
    if (error != OK || code != EXIT_DONE || !report_point_latest(job->directory))
        return EXIT_IO;
    return capacity->lost > 0 ? EXIT_ABORTED : all_keep(capacity) ? EXIT_DONE : EXIT_MISSED;
}

static int search_variants(struct study_job *job, const struct variants *variants,
                           struct capacity *capacity) {
    variants_study(variants, &job->study);
    capacity->scenarios = variants->scenarios;
    capacity->study = &job->study;
    capacity->seeds = variants->seeds;
    capacity->seed_count = variants->seed_count;
    capacity->jobs = (size_t)job->command->jobs;
    capacity->progress = progress_mode_of_stderr(job->command->quiet);
    int code = study_job_directory(job);
    capacity->directory = job->directory;
    if (code == EXIT_DONE)
        code = announce(job, "running");
    if (code == EXIT_DONE)
        code = search(job, capacity);
    capacity_deinit(capacity);
    study_deinit(&job->study);
    return code;
}

int capacity_verb(const struct command *command) {
    struct study_job job;
    struct capacity capacity = {0};
    struct variants variants;
    struct command without = *command; /* --metric names a measure here */
    without.metric = NULL;
    if (command->operand_count != 1 || command->below == NULL) {
        fputs(
            "tierchain: capacity: name one scenario and what the metric may be at most: --below\n",
            stderr);
        return EXIT_USAGE;
    }
    if (sodium_init() < 0)
        return EXIT_ABORTED;
    study_job_init(&job, command);
    interrupt_catch(true);
    signal(SIGXFSZ, SIG_IGN); /* a file that grows too large is an error to be told */
    int code =
        read_measure(command->metric != NULL ? command->metric : METRIC_DEFAULT, &capacity.measure);
    if (code == EXIT_DONE)
        code = read_below(command->below, &capacity);
    if (code != EXIT_DONE)
        return code;
    code = variants_load(&variants, &without);
    if (code == EXIT_DONE)
        code = check_axes(&variants);
    if (code == EXIT_DONE)
        code = check_workloads(&variants);
    if (code == EXIT_DONE)
        code = search_variants(&job, &variants, &capacity);
    variants_deinit(&variants);
    return code;
}
