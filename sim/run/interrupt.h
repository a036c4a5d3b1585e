/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The signals that end a run: SIGINT, SIGTERM, SIGHUP. The first lets it end at its next event, so
 * that what there is can be kept; the second ends the program at once. A signal that the caller had
 * ignored, as nohup does and shells do for background jobs, stays ignored. */
#ifndef TIERCHAIN_SIM_RUN_INTERRUPT_H
#define TIERCHAIN_SIM_RUN_INTERRUPT_H

#include <signal.h>

#include "base/types.h"

/* Takes the signals. @second_ends: the second ends the process with its exit code; workers leave
 * that to their parent, for a terminal's signal and the one passed on would be two. */
void interrupt_catch(bool second_ends);

/* As if the signal had come: for those taken with sigtimedwait. */
void interrupt_note(int signal);

bool interrupt_pending(void);
unsigned interrupt_count(void);

/* The exit code that belongs to the first signal, 128 + its number as shells have it; 0 without. */
int interrupt_exit_code(void);

/* Adds the signals that end this process to @set: those that are not ignored. */
void interrupt_add(sigset_t *set);

#endif
