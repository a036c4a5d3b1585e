/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `tierchain explain RUN`: the critical paths of single transactions, read from the results' paths.csv. */
#ifndef TIERCHAIN_SIM_CLI_EXPLAIN_H
#define TIERCHAIN_SIM_CLI_EXPLAIN_H

#include "sim/cli/options.h"

int explain_verb(const struct command *command);

#endif
