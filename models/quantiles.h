/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An empirical distribution known by some of its quantiles, drawn from by inversion: between two known
 * ones the value rises as t^bend, t going from 0 to 1. bend = 1, a straight line, unless the mean is
 * known too: then the bend is the one that gives it. Measurements in coarse steps need that: where
 * three of four pings show no excess at all and the next is a step of 1 ms, a straight line
 * makes up half a millisecond on average. */
#ifndef TIERCHAIN_MODELS_QUANTILES_H
#define TIERCHAIN_MODELS_QUANTILES_H

#include "models/csv.h"

#define QUANTILES 16

struct quantiles {
    size_t count;
    double probability[QUANTILES]; /* from 0 to 1, increasing */
    double value[QUANTILES];       /* not decreasing */
    double bend;                   /* > 0 */
};

/* Reads the columns p0 … p100 (percentiles, in order) of the current row. 0; ERR_INVALID for a
 * number that is none or out of order, ERR_LIMIT, or ERR_MISMATCH without p0 or p100. */
int quantiles_read(struct quantiles *quantiles, const struct csv *csv);

/* Chooses the bend so that the mean is @mean. ERR_INVALID when the known quantiles allow no such mean:
 * it must lie between those of all steps up at the left and at the right end. */
int quantiles_fit(struct quantiles *quantiles, double mean);

/* The value below which a share of @probability lies; in [0, 1]. */
double quantiles_at(const struct quantiles *quantiles, double probability);

/* The mean of what quantiles_at describes. */
double quantiles_mean(const struct quantiles *quantiles);

#endif
