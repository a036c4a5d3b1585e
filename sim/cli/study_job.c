/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/study_job.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "sim/cli/reproduce.h"
#include "sim/cli/run.h"
#include "sim/report/directory.h"

void study_job_init(struct study_job *job, const struct command *command) {
    *job = (struct study_job){
        .command = command, .started = time(NULL), .clock_started = progress_clock()};
}

int study_job_directory(struct study_job *job) {
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
    if (snprintf(parent, sizeof parent, "%s/%s-%s", root, job->command->verb->name,
                 job->study.name) >= (int)sizeof parent) {
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
static bool failure_reason(const struct study_job *job, size_t at, char reason[JOB_REASON_BYTES]) {
    const struct pool_end *end = &job->ends[at];
    const struct variant *variant = &job->study.variants[at / job->study.variants[0].run_count];
    if (end->kind == POOL_KILLED)
        snprintf(reason, JOB_REASON_BYTES, "variant %s killed by signal %d (%s)", variant->letter,
                 end->signal, strsignal(end->signal));
    else
        snprintf(reason, JOB_REASON_BYTES, "variant %s %s", variant->letter,
                 end->kind == POOL_FAILED ? "ended with an error" : "not started");
    return end->kind != POOL_DONE;
}

static void add_failures(struct study_facts *facts, const struct study_job *job) {
    for (size_t i = 0; i < job->end_count; i++) {
        size_t seed = i % job->study.variants[0].run_count;
        if (failure_reason(job, i, facts->reasons[i]))
            facts->failures[facts->facts.failure_count++] = (struct manifest_failure){
                (uint32_t)seed, job->study.variants[0].runs[seed].seed, facts->reasons[i]};
    }
    facts->facts.failures = facts->failures;
}

void study_facts_init(struct study_facts *facts, const struct study_job *job, const char *status) {
    const struct command *command = job->command;
    *facts = (struct study_facts){
        .facts = facts_of_program(command->argument_count, command->arguments),
        .failures = memory_new(job->end_count, sizeof *facts->failures),
        .reasons = memory_new(job->end_count, sizeof *facts->reasons),
    };
    reproduce_command(facts->facts.directory, command->argument_count, command->arguments,
                      &facts->reproduce);
    facts_time(job->started, facts->started);
    facts->facts.status = status;
    facts->facts.started = facts->started;
    facts->facts.reproduce = facts->reproduce.bytes;
    if (status != NULL)
        return;
    add_failures(facts, job);
    facts_time(time(NULL), facts->ended);
    facts->facts.ended = facts->ended;
    facts->facts.wall_s = progress_clock() - job->clock_started;
}

void study_facts_deinit(struct study_facts *facts) {
    free(facts->failures);
    free(facts->reasons);
    text_deinit(&facts->reproduce);
}
