/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Critical paths as results. */
#ifndef TIERCHAIN_SIM_RUN_PATHS_H
#define TIERCHAIN_SIM_RUN_PATHS_H

#include "sim/report/run_result.h"

/* Copies the paths of the transactions that @result lists; after these. @paths may be NULL. Each path is as long as its
 * transaction took, which is asserted. */
void paths_collect(const struct path_recorder *paths, struct run_result *result);

#endif
