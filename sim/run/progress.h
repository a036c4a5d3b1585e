/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One status line on the terminal, once a second: how far, how fast, how long still. */
#ifndef TIERCHAIN_SIM_RUN_PROGRESS_H
#define TIERCHAIN_SIM_RUN_PROGRESS_H

#include "base/types.h"

struct simulation;

/* Wall time in seconds, from an arbitrary start. Never enters a result. */
double progress_clock(void);

void progress_show(struct simulation *simulation, time_ns now, uint64_t events);

/* Clears the line. */
void progress_done(void);

#endif
