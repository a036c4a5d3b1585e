/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tasks in processes of their own, several at a time: one that aborts, or never ends, takes nothing else
 * along. Which ends first changes nothing that is handed over: results come in the order of the tasks. */
#ifndef TIERCHAIN_SIM_SWEEP_CREW_H
#define TIERCHAIN_SIM_SWEEP_CREW_H

#include "base/types.h"

#define CREW_WORDS   400 /* of the last thing that a task wrote to stderr */
#define CREW_SECONDS 120 /* of CPU time that a task may take */

struct crew_end {
    int signal;             /* that ended it; 0: it returned */
    char words[CREW_WORDS]; /* on stderr, "" when it returned */
};

struct crew {
    size_t jobs; /* at once, at least one */
    size_t result_bytes;
    void *context;
    /* In the task's own process: fills @result, zeroed before. */
    void (*work)(void *context, size_t task, void *result);
    /* In this one, in the order of tasks. */
    void (*done)(void *context, size_t task, const struct crew_end *end, const void *result);
    /* Now and then, with the number of tasks done; may be NULL. */
    void (*look)(void *context, size_t done);
};

/* Returns how many tasks were done: fewer than @count when a signal that ends runs came (interrupt.h). */
size_t crew_run(const struct crew *crew, size_t count);

#endif
