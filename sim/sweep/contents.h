/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What plans contain: how many of them have something of each kind, so that what was tried can be told
 * beside what was found. */
#ifndef TIERCHAIN_SIM_SWEEP_CONTENTS_H
#define TIERCHAIN_SIM_SWEEP_CONTENTS_H

#include "sim/sweep/plan.h"

/* The name of that kind, NULL behind the last; at most 32. */
const char *contents_name(size_t kind);

/* What a plan has: bit i stands for kind i. */
uint32_t contents_of(const struct plan *plan);

#endif
