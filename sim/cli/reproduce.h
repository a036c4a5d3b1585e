/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The line that runs the same again, as a shell takes it: pasted where the program was called, or
 * anywhere when it says where that was, it gives the same trace hash. */
#ifndef TIERCHAIN_SIM_CLI_REPRODUCE_H
#define TIERCHAIN_SIM_CLI_REPRODUCE_H

#include "sim/report/text.h"

struct reproduce {
    const char *directory;   /* where the program was called; NULL: the line does not go there */
    const char *program;     /* as it was called */
    const char *file;        /* the scenario, as it was named */
    const char *const *sets; /* key=value; those of seed and repetitions are left out */
    size_t set_count;
    const char *output; /* -o, or NULL */
    uint64_t seed;
    int64_t repetitions;
};

/* Appends the line, without its end. */
void reproduce_line(const struct reproduce *run, struct text *out);

/* The command line as it was typed, for a shell, with a `cd` to @directory in front unless that is NULL. */
void reproduce_command(const char *directory, int count, char *const *arguments, struct text *out);

#endif
