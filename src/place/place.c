/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "place/place.h"

#include "base/error.h"
#include "place/rtree.h"

#include <stdlib.h>
#include <string.h>

int place_map_init(struct place_map *map, const struct place_area *areas, size_t count) {
    if (count >= AREA_NONE)
        return ERR_INVALID;
    struct box *boxes = calloc(count + 1, sizeof *boxes);
    if (boxes == NULL)
        return ERR_NO_MEMORY;
    for (size_t i = 0; i < count; i++)
        boxes[i] = polygon_box(&areas[i].shape);
    *map = (struct place_map){areas, (uint32_t)count, rtree_new(boxes, count)};
    free(boxes);
    return map->index == NULL ? ERR_NO_MEMORY : OK;
}

void place_map_deinit(struct place_map *map) {
    rtree_free(map->index);
    map->index = NULL;
}

struct search {
    const struct place_map *map;
    struct point point;
    uint32_t found;
};

static bool examine(void *context, uint32_t area) {
    struct search *search = context;
    if (area < search->found && polygon_contains(&search->map->areas[area].shape, search->point))
        search->found = area;
    return true;
}

uint32_t place_find(const struct place_map *map, struct point point) {
    struct search search = {map, point_normalize(point), AREA_NONE};
    rtree_query_point(map->index, search.point, examine, &search);
    return search.found;
}

uint32_t place_by_code(const struct place_map *map, const char *code) {
    for (uint32_t i = 0; i < map->area_count; i++)
        if (strcmp(map->areas[i].code, code) == 0)
            return i;
    return AREA_NONE;
}

uint64_t place_score(const struct place_query *query, uint32_t area) {
    uint64_t weight = area != AREA_NONE && area == query->area ? PLACE_SAME_CITY : 1;
    for (size_t i = 0; i < query->multiplier_count; i++)
        if (query->multipliers[i].area == area)
            return weight * query->multipliers[i].permille;
    return weight * 1000;
}

static bool precedes(const struct place_rank *a, const struct place_rank *b) {
    if (a->score != b->score)
        return a->score > b->score;
    if (a->distance != b->distance)
        return a->distance < b->distance;
    return a->node < b->node;
}

size_t place_rank(const struct place_query *query, const struct place_candidate *candidates,
                  size_t count, struct place_rank *best, size_t limit) {
    size_t kept = 0;
    for (size_t i = 0; i < count && limit > 0; i++) {
        const struct place_candidate *candidate = &candidates[i];
        struct place_rank rank = {place_score(query, candidate->area),
                                  distance_squared(query->at, candidate->at), candidate->node};
        if (rank.score == 0 || (kept == limit && !precedes(&rank, &best[kept - 1])))
            continue;
        size_t at = kept < limit ? kept++ : kept - 1;
        for (; at > 0 && precedes(&rank, &best[at - 1]); at--)
            best[at] = best[at - 1];
        best[at] = rank;
    }
    return kept;
}
