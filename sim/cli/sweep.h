/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `tierchain sweep`: its options, and what they stand for. */
#ifndef TIERCHAIN_SIM_CLI_SWEEP_H
#define TIERCHAIN_SIM_CLI_SWEEP_H

#include "sim/cli/options.h"

int sweep_verb(const struct command *command);

/* What its help says behind the options. */
extern const char sweep_more[];

#endif
