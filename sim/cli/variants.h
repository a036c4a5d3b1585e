/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From a command line to variants that can be simulated. */
#ifndef TIERCHAIN_SIM_CLI_VARIANTS_H
#define TIERCHAIN_SIM_CLI_VARIANTS_H

#include "sim/cli/options.h"
#include "sim/compare/study.h"
#include "sim/compare/vary.h"
#include "sim/scenario/scenario.h"

#define SEEDS_DEFAULT "1..10"
#define SEEDS_MAX     1000

struct variants {
    struct vary vary;
    struct scenario *scenarios; /* one each */
    size_t count;
    uint64_t *seeds;
    size_t seed_count;
    const struct metric *metric; /* --metric, or NULL */
};

/* Reads --vary, --seeds and --metric and loads the first operand once for each variant. 0, or EXIT_USAGE after
 * messages on stderr. Free with variants_deinit in both cases. */
int variants_load(struct variants *variants, const struct command *command);
void variants_deinit(struct variants *variants);

/* A study of them without runs: letters, labels, resolved scenarios. */
void variants_study(const struct variants *variants, struct study *study);

/* --metric's duration goes to @metric, NULL without. 0, or EXIT_USAGE after a message. */
int read_metric(const char *name, const struct metric **metric);

/* An error in an option's value: the value with a caret below the offset @at, on stderr. */
void option_fault(const char *option, const char *value, size_t at, const char *message);

#endif
