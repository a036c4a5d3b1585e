/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/matrix.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "models/csv.h"
#include "models/data.h"
#include "models/geo.h"

#define CELL_LIMIT 1000000000

static int open_table(struct csv *csv, const char *name) {
    const struct data_file *file = data_find(name);
    return file != NULL ? csv_init(csv, file->text, file->size) : ERR_UNKNOWN;
}

static int read_points(struct matrix *matrix, const char *table) {
    struct csv csv;
    int more = open_table(&csv, table);
    if (more != 0)
        return more;
    int name = csv_column(&csv, "name"), lat = csv_column(&csv, "lat"),
        lon = csv_column(&csv, "lon");
    if (name < 0 || lat < 0 || lon < 0)
        return ERR_MISMATCH;
    while ((more = csv_next(&csv)) > 0) {
        if (matrix->count == MATRIX_POINTS)
            return ERR_LIMIT;
        struct matrix_point *point = &matrix->points[matrix->count++];
        if (csv_copy(csv.fields[name], point->name, sizeof point->name) != 0)
            return ERR_LIMIT;
        if (csv_number(csv.fields[lat], &point->lat) != 0 ||
            csv_number(csv.fields[lon], &point->lon) != 0)
            return ERR_INVALID;
    }
    return more;
}

static int read_cells(struct matrix *matrix, const char *table, int64_t unit) {
    struct csv csv;
    int more = open_table(&csv, table);
    if (more != 0)
        return more;
    if (csv.column_count != matrix->count + 1)
        return ERR_MISMATCH;
    for (size_t i = 0; i < matrix->count; i++)
        if (!csv_equals(csv.columns[i + 1], matrix->points[i].name))
            return ERR_MISMATCH;
    for (size_t row = 0; row < matrix->count; row++) {
        if (csv_next(&csv) != 1 || !csv_equals(csv.fields[0], matrix->points[row].name))
            return ERR_MISMATCH;
        for (size_t i = 0; i < matrix->count; i++) {
            int64_t value;
            int64_t *cell = &matrix->cells[row * matrix->count + i];
            *cell = MATRIX_EMPTY;
            if (csv.fields[i + 1].size == 0)
                continue;
            if (csv_integer(csv.fields[i + 1], &value) != 0 || value < 0 || value > CELL_LIMIT)
                return ERR_INVALID;
            *cell = value * unit;
        }
    }
    return csv_next(&csv) == 0 ? 0 : ERR_TRAILING;
}

int matrix_init(struct matrix *matrix, const char *points, const char *cells, int64_t unit) {
    *matrix = (struct matrix){.points = calloc(MATRIX_POINTS, sizeof *matrix->points)};
    int error = matrix->points != NULL ? read_points(matrix, points) : ERR_NO_MEMORY;
    if (error == 0 && matrix->count == 0)
        error = ERR_NOT_ENOUGH;
    if (error == 0) {
        matrix->cells = calloc(matrix->count * matrix->count, sizeof *matrix->cells);
        error = matrix->cells != NULL ? read_cells(matrix, cells, unit) : ERR_NO_MEMORY;
    }
    if (error != 0)
        matrix_deinit(matrix);
    return error;
}

void matrix_deinit(struct matrix *matrix) {
    free(matrix->points);
    free(matrix->cells);
    *matrix = (struct matrix){0};
}

size_t matrix_find(const struct matrix *matrix, const char *name) {
    size_t i = 0;
    while (i < matrix->count && strcmp(matrix->points[i].name, name) != 0)
        i++;
    return i;
}

size_t matrix_nearest(const struct matrix *matrix, double lat, double lon) {
    size_t nearest = 0;
    double least = 0;
    for (size_t i = 0; i < matrix->count; i++) {
        double km = great_circle_km(lat, lon, matrix->points[i].lat, matrix->points[i].lon);
        if (i == 0 || km < least) {
            nearest = i;
            least = km;
        }
    }
    return nearest;
}
