/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What compare and capacity have in common: a study's directory and what its manifest tells. */
#ifndef TIERCHAIN_SIM_CLI_STUDY_JOB_H
#define TIERCHAIN_SIM_CLI_STUDY_JOB_H

#include <time.h>

#include "sim/cli/facts.h"
#include "sim/cli/options.h"
#include "sim/compare/study.h"
#include "sim/report/text.h"
#include "sim/run/pool.h"

#define JOB_REASON_BYTES 80

/* A study under way. */
struct study_job {
    const struct command *command;
    struct study study;
    struct pool_end *ends; /* variant by variant; NULL: nothing was run, or none is told of */
    size_t end_count;
    time_t started;
    double clock_started;
    char directory[4224];
};

void study_job_init(struct study_job *job, const struct command *command);

/* results/<verb>-<name>/<UTC>-<8 hex of the variants' digest>. 0, or EXIT_IO after a message. */
int study_job_directory(struct study_job *job);

/* The manifest's facts, in memory of its own. */
struct study_facts {
    struct manifest_facts facts;
    struct manifest_failure *failures;
    char (*reasons)[JOB_REASON_BYTES];
    char started[FACTS_TIME_BYTES], ended[FACTS_TIME_BYTES];
    struct text reproduce;
};

/* @status NULL: it is over, and the runs say how. */
void study_facts_init(struct study_facts *facts, const struct study_job *job, const char *status);
void study_facts_deinit(struct study_facts *facts);

#endif
