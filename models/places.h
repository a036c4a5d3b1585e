/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The named places of models/data/place/cities.csv (GeoNames), which a scenario's `places` refer
 * to. Sorted by id; parsed once, at first use, and never changed after that. */
#ifndef TIERCHAIN_MODELS_PLACES_H
#define TIERCHAIN_MODELS_PLACES_H

#include "base/types.h"

struct place_info {
    char id[24]; /* lower case and dashes: "hong-kong" */
    char name[32];
    char country[4];     /* ISO 3166-1 alpha-2 */
    char continent[4];   /* AF, AS, EU, NA, OC, SA */
    double lat, lon;     /* degrees, WGS 84 */
    int64_t population;  /* inhabitants; 0: not in the source */
    char aws_region[20]; /* the nearest */
    double aws_km;       /* great circle to that region's city */
};

/* The place of that id, or NULL. */
const struct place_info *places_find(const char *id);

/* The place at @index, or its id; NULL behind the last. */
const struct place_info *places_at(size_t index);
const char *places_name_at(size_t index);

#endif
