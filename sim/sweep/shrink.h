/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Makes a plan that fails smaller, as long as it fails for the same cause (delta debugging: Zeller, Hildebrandt,
 * TSE 2002): rows left out, members left out, shorter times, rounder numbers. */
#ifndef TIERCHAIN_SIM_SWEEP_SHRINK_H
#define TIERCHAIN_SIM_SWEEP_SHRINK_H

#include "sim/sweep/trial.h"

#define SHRINK_TRIALS 400

/* @plan is replaced by the smallest that was found; it was not read from a file. At most @trials plays.
 * Returns how many there were. A plan with no more faulty members than are tolerated stays one. */
size_t shrink(struct plan *plan, const struct verdict *verdict, size_t trials);

#endif
