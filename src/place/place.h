/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Proof of place: which municipality a point lies in, and the ranking of candidate holders by it
 * (stage S1). Geometry does not prove where a node is; it judges the coordinates it is given. */
#ifndef TIERCHAIN_PLACE_PLACE_H
#define TIERCHAIN_PLACE_PLACE_H

#include "place/geometry.h"

#define AREA_NONE UINT32_MAX

struct place_area {
    const char *code; /* such as "17203"; borrowed */
    const char *name;
    struct polygon shape;
};

struct rtree;

struct place_map {
    const struct place_area *areas; /* borrowed */
    uint32_t area_count;
    struct rtree *index; /* over the areas' boxes */
};

/* Indexes the areas. ERR_INVALID for AREA_NONE areas or more, ERR_NO_MEMORY. */
int place_map_init(struct place_map *map, const struct place_area *areas, size_t count);
void place_map_deinit(struct place_map *map);

/* The area that contains the point, the one of least index where areas overlap; or AREA_NONE. */
uint32_t place_find(const struct place_map *map, struct point point);

/* The area of that code, or AREA_NONE. Linear search. */
uint32_t place_by_code(const struct place_map *map, const char *code);

/* An event or a property of a place that favours its nodes; 1000 changes nothing, 0 bars the area.
 */
struct place_multiplier {
    uint32_t area;
    uint32_t permille;
};

struct place_candidate {
    node_id node;
    uint32_t area;
    struct point at;
};

/* What S1 ranks for: the sender's place and the multipliers in force. */
struct place_query {
    uint32_t area;
    struct point at;
    const struct place_multiplier *multipliers;
    size_t multiplier_count;
};

struct place_rank {
    uint64_t score;
    int64_t distance; /* squared, see distance_squared */
    node_id node;
};

/* The weight of the sender's own city against 1 for any other: it comes first unless the events of
 * another one outweigh it a thousandfold. Two unknown areas are not the same city. */
#define PLACE_SAME_CITY 1000

/* (PLACE_SAME_CITY or 1) × the first multiplier of the candidate's area, 1000 if it has none. */
uint64_t place_score(const struct place_query *query, uint32_t area);

/* Writes the best @limit candidates to @best (room for @limit): score descending, then distance,
 * then node id. Candidates of score 0 are left out. Returns how many were written. */
size_t place_rank(const struct place_query *query, const struct place_candidate *candidates,
                  size_t count, struct place_rank *best, size_t limit);

#endif
