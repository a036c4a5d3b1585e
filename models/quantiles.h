/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An empirical distribution known by some of its quantiles, drawn from by inversion: linear between
 * the known ones. */
#ifndef TIERCHAIN_MODELS_QUANTILES_H
#define TIERCHAIN_MODELS_QUANTILES_H

#include "models/csv.h"

#define QUANTILES 16

struct quantiles {
    size_t count;
    double probability[QUANTILES]; /* from 0 to 1, increasing */
    double value[QUANTILES];       /* not decreasing */
};

/* Reads the columns p0 … p100 (percentiles, in order) of the current row. 0; ERR_INVALID for a
 * number that is none or out of order, ERR_LIMIT, or ERR_MISMATCH without p0 or p100. */
int quantiles_read(struct quantiles *quantiles, const struct csv *csv);

/* The value below which a share of @probability lies; in [0, 1]. */
double quantiles_at(const struct quantiles *quantiles, double probability);

/* The mean of what quantiles_at describes. */
double quantiles_mean(const struct quantiles *quantiles);

#endif
