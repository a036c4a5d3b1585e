/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Something measured between named points: a square matrix, with the points' coordinates. */
#ifndef TIERCHAIN_MODELS_MATRIX_H
#define TIERCHAIN_MODELS_MATRIX_H

#include "base/types.h"

#define MATRIX_POINTS 127 /* CSV_COLUMNS less the row's name */
#define MATRIX_EMPTY  INT64_MAX

struct matrix_point {
    char name[32];
    double lat, lon;
};

struct matrix {
    size_t count;
    struct matrix_point *points;
    int64_t *cells; /* count², row = from; MATRIX_EMPTY where nothing was measured */
};

/* Reads the points (columns name, lat, lon) and the matrix (columns from, then the points in their
 * order; integers of 0 to 10^9, or empty) from embedded tables; cells are multiplied by @unit,
 * 1 to 10^9. 0, or ERR_UNKNOWN, ERR_NON_CANONICAL,
 * ERR_INVALID, ERR_LIMIT, ERR_MISMATCH, ERR_NO_MEMORY; @matrix is then empty. */
int matrix_init(struct matrix *matrix, const char *points, const char *cells, int64_t unit);
void matrix_deinit(struct matrix *matrix);

/* The point of that name, or @count. */
size_t matrix_find(const struct matrix *matrix, const char *name);

/* The point nearest to the coordinates; the first of equally near ones. */
size_t matrix_nearest(const struct matrix *matrix, double lat, double lon);

#endif
