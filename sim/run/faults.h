/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A scenario's faults as controls on the driver's agenda. */
#ifndef TIERCHAIN_SIM_RUN_FAULTS_H
#define TIERCHAIN_SIM_RUN_FAULTS_H

#include "sim/run/simulation.h"

/* Puts every fault's beginning and end on the agenda. */
void faults_schedule(struct simulation *simulation);

#endif
