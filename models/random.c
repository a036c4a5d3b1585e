/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/random.h"

#include <math.h>

double unit_interval(uint64_t bits) {
    return (double)(bits >> 11) * 0x1p-53;
}

double draw_uniform(struct rng *rng) {
    return unit_interval(rng_next(rng));
}

double draw_exponential(struct rng *rng) {
    return -log1p(-draw_uniform(rng));
}

double draw_normal(struct rng *rng) {
    double radius = sqrt(2 * draw_exponential(rng));
    return radius * cos(2 * 3.14159265358979323846 * draw_uniform(rng));
}
