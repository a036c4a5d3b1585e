/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Two result directories as the two variants of a study. */
#ifndef TIERCHAIN_SIM_CLI_COMPARE_STORED_H
#define TIERCHAIN_SIM_CLI_COMPARE_STORED_H

#include "sim/cli/options.h"
#include "sim/compare/study.h"

/* Reads both operands, refuses scenarios that differ in what no --differs names, and pairs the runs. 0, or
 * EXIT_USAGE after messages. The study's name is to be freed when it is done; free the study in both cases. */
int compare_read(const struct command *command, const struct metric *metric, struct study *study);

#endif
