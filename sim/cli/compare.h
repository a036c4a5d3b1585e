/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `tierchain compare`: variants of a scenario, or two results, beside each other. */
#ifndef TIERCHAIN_SIM_CLI_COMPARE_H
#define TIERCHAIN_SIM_CLI_COMPARE_H

#include "sim/cli/options.h"

int compare_verb(const struct command *command);

/* What its help says behind the options. */
extern const char compare_more[];

#endif
