/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Draws from distributions, by inversion of one uniform number each (Box-Muller: two), so that a
 * stream's position depends on the number of draws only. */
#ifndef TIERCHAIN_MODELS_RANDOM_H
#define TIERCHAIN_MODELS_RANDOM_H

#include "base/rng.h"

/* The 53 upper bits of @bits as a number in [0, 1). */
double unit_interval(uint64_t bits);

/* Uniform in [0, 1). */
double draw_uniform(struct rng *rng);

/* Exponential with mean 1. */
double draw_exponential(struct rng *rng);

/* Standard normal. */
double draw_normal(struct rng *rng);

#endif
