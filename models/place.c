/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/place.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "models/csv.h"
#include "models/data.h"

static const char PREFIX[] = "place/areas-";

enum { FILE_UNIT = DEGREE / 10000, RING_MIN = 3 };

static bool holds_outlines(const struct data_file *file) {
    return strncmp(file->name, PREFIX, sizeof PREFIX - 1) == 0;
}

static size_t count_byte(const struct data_file *file, char byte) {
    size_t count = 0;
    for (size_t i = 0; i < file->size; i++)
        count += file->text[i] == byte;
    return count;
}

/* Room for all the files, before reading them: a ring takes a line, a vertex its inner space. */
static int reserve(struct place_model *model) {
    size_t lines = 1, spaces = 1;
    for (size_t i = 0; i < data_file_count; i++)
        if (holds_outlines(&data_files[i])) {
            lines += count_byte(&data_files[i], '\n');
            spaces += count_byte(&data_files[i], ' ');
        }
    model->areas = calloc(lines, sizeof *model->areas);
    model->labels = calloc(lines, sizeof *model->labels);
    model->ring_ends = calloc(lines, sizeof *model->ring_ends);
    model->points = calloc(spaces, sizeof *model->points);
    bool complete = model->areas && model->labels && model->ring_ends && model->points;
    return complete ? OK : ERR_NO_MEMORY;
}

/* Takes one coordinate and the space behind it off the front of @rest. */
static int take_coordinate(struct csv_field *rest, int32_t *coordinate) {
    const char *space = memchr(rest->text, ' ', rest->size);
    struct csv_field number = {rest->text, space ? (size_t)(space - rest->text) : rest->size};
    size_t taken = number.size + (space != NULL);
    rest->text += taken;
    rest->size -= taken;
    int64_t value;
    int error = csv_integer(number, &value);
    if (error)
        return error;
    if (value < -LON_LIMIT / FILE_UNIT || value > LON_LIMIT / FILE_UNIT)
        return ERR_INVALID;
    *coordinate = (int32_t)value * FILE_UNIT;
    return OK;
}

/* Appends a ring to the last area. */
static int read_ring(struct place_model *model, struct csv_field rest) {
    struct polygon *shape = &model->areas[model->area_count - 1].shape;
    uint32_t first = model->point_count;
    while (rest.size > 0) {
        struct point point;
        int error = take_coordinate(&rest, &point.lon);
        if (!error)
            error = take_coordinate(&rest, &point.lat);
        if (error)
            return error;
        if (!point_valid(point))
            return ERR_INVALID;
        model->points[model->point_count++] = point;
    }
    if (model->point_count - first < RING_MIN)
        return ERR_INVALID;
    model->ring_ends[model->ring_count++] =
        (uint32_t)(model->points + model->point_count - shape->points);
    shape->ring_count++;
    return OK;
}

static int begin_area(struct place_model *model, struct csv_field code, struct csv_field name) {
    struct place_label *label = &model->labels[model->area_count];
    int error = csv_copy(code, label->code, sizeof label->code);
    if (!error)
        error = csv_copy(name, label->name, sizeof label->name);
    if (error)
        return error;
    model->areas[model->area_count++] = (struct place_area){
        label->code,
        label->name,
        {model->points + model->point_count, model->ring_ends + model->ring_count, 0}};
    return OK;
}

static int read_outlines(struct place_model *model, const struct data_file *file) {
    struct csv csv;
    int more = csv_init(&csv, file->text, file->size);
    if (more)
        return more;
    int code = csv_column(&csv, "code"), name = csv_column(&csv, "name"),
        ring = csv_column(&csv, "ring");
    if (code < 0 || name < 0 || ring < 0)
        return ERR_MISMATCH;
    const char *current = "";
    while ((more = csv_next(&csv)) > 0) {
        if (csv.fields[code].size == 0)
            return ERR_INVALID;
        int error = OK;
        if (!csv_equals(csv.fields[code], current))
            error = begin_area(model, csv.fields[code], csv.fields[name]);
        if (!error)
            error = read_ring(model, csv.fields[ring]);
        if (error)
            return error;
        current = model->labels[model->area_count - 1].code;
    }
    return more;
}

int place_model_init(struct place_model *model) {
    memset(model, 0, sizeof *model);
    int error = reserve(model);
    for (size_t i = 0; !error && i < data_file_count; i++)
        if (holds_outlines(&data_files[i]))
            error = read_outlines(model, &data_files[i]);
    if (!error)
        error = place_map_init(&model->map, model->areas, model->area_count);
    if (error)
        place_model_deinit(model);
    return error;
}

void place_model_deinit(struct place_model *model) {
    place_map_deinit(&model->map);
    free(model->areas);
    free(model->labels);
    free(model->points);
    free(model->ring_ends);
    memset(model, 0, sizeof *model);
}

struct point place_point(double lat, double lon) {
    assert(fabs(lat) <= 90 && fabs(lon) <= 180);
    return (struct point){(int32_t)lround(lon * DEGREE), (int32_t)lround(lat * DEGREE)};
}
