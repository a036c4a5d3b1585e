/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How wrong the nodes' clocks are, corrections included, seen from outside at even intervals after
 * the warm-up. Only in worlds whose clocks can be wrong. */
#ifndef TIERCHAIN_SIM_RUN_CLOCK_WATCH_H
#define TIERCHAIN_SIM_RUN_CLOCK_WATCH_H

#include "sim/run/simulation.h"

void clock_watch_start(struct simulation *simulation);

#endif
