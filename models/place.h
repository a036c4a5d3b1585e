/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The municipal outlines of models/data/place/areas-*.csv as one map: Ishikawa, mainland Tokyo,
 * Paris with its inner suburbs. Outlines are simplified: off by up to some hundred metres. */
#ifndef TIERCHAIN_MODELS_PLACE_H
#define TIERCHAIN_MODELS_PLACE_H

#include "place/place.h"

struct place_label {
    char code[8]; /* JIS X 0402 or INSEE */
    char name[40];
};

struct place_model {
    struct place_map map; /* over `areas`; AREA_NONE outside all of them */
    struct place_area *areas;
    struct place_label *labels;
    struct point *points;
    uint32_t *ring_ends;
    uint32_t area_count;
    uint32_t ring_count;
    uint32_t point_count;
};

/* Reads every outline file. 0, ERR_NO_MEMORY, or the error of a malformed file; then nothing is
 * held. The model must not be moved by copying while in use. */
int place_model_init(struct place_model *model);
void place_model_deinit(struct place_model *model);

/* Degrees to the map's unit, rounded to the nearest; |lat| <= 90, |lon| <= 180. */
struct point place_point(double lat, double lon);

#endif
