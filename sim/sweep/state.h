/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the members of a committee looked like when it did not do what it should: in words, and by kind, so
 * that what is known can be told from what is new. */
#ifndef TIERCHAIN_SIM_SWEEP_STATE_H
#define TIERCHAIN_SIM_SWEEP_STATE_H

#include "sim/sweep/play.h"

/* Fills the outcome's state and cause. @down counts the crashes that are on, by station. */
void state_describe(const struct assembly *assembly, const uint32_t *down, struct outcome *outcome);

#endif
