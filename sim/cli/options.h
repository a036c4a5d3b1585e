/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The command line. One table of verbs and one of options drive parsing, help and completion. */
#ifndef TIERCHAIN_SIM_CLI_OPTIONS_H
#define TIERCHAIN_SIM_CLI_OPTIONS_H

#include <stdio.h>

#include "base/types.h"

struct command;

struct verb {
    const char *name;
    const char *arguments; /* "FILE…", as in the help */
    const char *summary;
    const char *example;
    const char *more; /* lines behind the options, or NULL */
    unsigned bit;     /* of struct option_row's verbs */
    bool takes_files; /* at least one operand; otherwise at most one */
    int (*run)(const struct command *command);
};

/* A parsed command line. */
struct command {
    const struct verb *verb;
    char **operands;
    size_t operand_count;
    const char **sets; /* --set, then what --seed and --repetitions stand for */
    size_t set_count;
    const char **varies, **differs, **fail_ifs; /* as they were given, in their order */
    size_t vary_count, differ_count, fail_if_count;
    const char *seeds, *metric, *below; /* or NULL */
    int64_t jobs;
    const char *output; /* a folder for run, compare and sweep, a file for calibrate; or NULL */
    /* sweep, as they were given; or NULL */
    const char *variant, *certificates, *members, *faulty, *replay, *driver;
    const char *transaction, *slowest; /* explain, likewise */
    bool dry_run, quiet, help, version;
    int argument_count;
    char **arguments;
};

enum verb_bit {
    VERB_RUN = 1,
    VERB_CHECK = 2,
    VERB_LIST = 4,
    VERB_COMPLETION = 8,
    VERB_CALIBRATE = 16,
    VERB_HELP = 32,
    VERB_VERSION = 64,
    VERB_COMPARE = 128,
    VERB_CAPACITY = 256,
    VERB_SWEEP = 512,
    VERB_EXPLAIN = 1024,
};

/* The verbs, name NULL behind the last (verbs.c). */
extern const struct verb verbs[];

/* Parses; 0 or EXIT_USAGE with a message on stderr. Free with command_deinit in both cases. */
int command_parse(struct command *command, int argument_count, char **arguments);
void command_deinit(struct command *command);

/* The verb of that name, or NULL after a message on stderr. */
const struct verb *verb_find(const char *name);

/* The help of one verb, or of the program when @verb is NULL. */
void write_help(FILE *out, const struct verb *verb);

/* A completion script for bash. */
void write_completion(FILE *out);

#endif
