/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A measured matrix of round trips between named points, with the points' coordinates. */
#ifndef TIERCHAIN_MODELS_LATENCY_MATRIX_H
#define TIERCHAIN_MODELS_LATENCY_MATRIX_H

#include "base/types.h"

#define MATRIX_POINTS 127 /* CSV_COLUMNS less the row's name */

struct matrix_point {
    char name[32];
    double lat, lon;
};

struct matrix {
    size_t count;
    struct matrix_point *points;
    time_ns *round_trip; /* count², row = from; TIME_NEVER where nothing was measured */
};

/* Reads the points (columns name, lat, lon) and the matrix (columns from, then the points in their
 * order; microseconds or empty) from embedded tables. 0, or ERR_UNKNOWN, ERR_NON_CANONICAL,
 * ERR_INVALID, ERR_LIMIT, ERR_MISMATCH, ERR_NO_MEMORY; @matrix is then empty. */
int matrix_init(struct matrix *matrix, const char *points, const char *round_trips);
void matrix_deinit(struct matrix *matrix);

/* The point of that name, or @count. */
size_t matrix_find(const struct matrix *matrix, const char *name);

/* The point nearest to the coordinates; the first of equally near ones. */
size_t matrix_nearest(const struct matrix *matrix, double lat, double lon);

#endif
