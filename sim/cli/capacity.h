/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `tierchain capacity`: the highest load that keeps a bound. */
#ifndef TIERCHAIN_SIM_CLI_CAPACITY_H
#define TIERCHAIN_SIM_CLI_CAPACITY_H

#include "sim/cli/options.h"

int capacity_verb(const struct command *command);

/* What its help says behind the options. */
extern const char capacity_more[];

#endif
