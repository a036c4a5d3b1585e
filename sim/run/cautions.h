/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What can be said against a scenario before it runs. */
#ifndef TIERCHAIN_SIM_RUN_CAUTIONS_H
#define TIERCHAIN_SIM_RUN_CAUTIONS_H

#include "sim/report/run_result.h"
#include "sim/scenario/scenario.h"

/* Bits of enum caution. */
unsigned cautions_of(const struct scenario *scenario);

#endif
