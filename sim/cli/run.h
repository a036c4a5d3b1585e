/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What `tierchain run` was asked to do, and how it ends. */
#ifndef TIERCHAIN_SIM_CLI_RUN_H
#define TIERCHAIN_SIM_CLI_RUN_H

#include "base/types.h"
#include "sim/scenario/scenario.h"

enum exit_code {
    EXIT_DONE = 0,          /* and every threshold met */
    EXIT_MISSED = 1,        /* finished, but a threshold or an invariant failed */
    EXIT_USAGE = 2,         /* usage or scenario error: nothing was started or left behind */
    EXIT_ABORTED = 3,       /* the simulation could not finish */
    EXIT_IO = 4,            /* a result could not be written, or would not fit */
    EXIT_INTERRUPTED = 128, /* + the signal: 130 SIGINT, 143 SIGTERM, 129 SIGHUP */
};

struct run_options {
    const struct scenario *scenarios; /* resolved, with --set, --seed and --repetitions applied */
    size_t scenario_count;
    int64_t jobs;          /* processes at a time, >= 1 */
    const char *directory; /* where results go; NULL: results/<name>/… */
    bool quiet;            /* no progress */
    int argument_count;    /* the whole command line, for the manifest */
    char **arguments;
    char **files; /* the scenarios as they were named, and --set: for lines that run it again */
    const char *const *sets;
    size_t set_count;
};

/* Runs the scenarios in order. Results go to stdout, progress to stderr. Returns an exit code. */
int run_scenario(const struct run_options *options);

/* `run --dry-run`: the runs with their derived seeds, on stdout; touches no file. */
int run_preview(const struct run_options *options);

/* The seed of a repetition (from 0): the scenario's own for the first, so that a single run and the
 * first of many are the same run. */
uint64_t run_seed(const struct scenario *scenario, int64_t repetition);

#endif
