/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "place/geometry.h"

#define COSINE_BITS 30
/* pi / 180 * 2^30, the radians of one degree. */
#define RADIANS_PER_DEGREE INT64_C(18740330)

bool point_valid(struct point point) {
    return point.lon >= -LON_LIMIT && point.lon <= LON_LIMIT && point.lat >= -LAT_LIMIT &&
           point.lat <= LAT_LIMIT;
}

struct point point_normalize(struct point point) {
    if (point.lon == LON_LIMIT)
        point.lon = -LON_LIMIT;
    return point;
}

bool box_contains(const struct box *box, struct point point) {
    if (point.lat < box->south || point.lat > box->north)
        return false;
    if (box->west > box->east)
        return point.lon >= box->west || point.lon <= box->east;
    return point.lon >= box->west && point.lon <= box->east;
}

bool box_overlaps(const struct box *a, const struct box *b) {
    return a->west <= b->east && b->west <= a->east && a->south <= b->north && b->south <= a->north;
}

static int32_t lower(int32_t a, int32_t b) {
    return a < b ? a : b;
}

static int32_t upper(int32_t a, int32_t b) {
    return a > b ? a : b;
}

struct box box_union(const struct box *a, const struct box *b) {
    return (struct box){.west = lower(a->west, b->west),
                        .south = lower(a->south, b->south),
                        .east = upper(a->east, b->east),
                        .north = upper(a->north, b->north)};
}

static uint32_t point_count(const struct polygon *polygon) {
    return polygon->ring_count == 0 ? 0 : polygon->ring_end[polygon->ring_count - 1];
}

struct box polygon_box(const struct polygon *polygon) {
    struct box box = {INT32_MAX, INT32_MAX, INT32_MIN, INT32_MIN};
    uint32_t count = point_count(polygon);
    for (uint32_t i = 0; i < count; i++) {
        struct point at = polygon->points[i];
        struct box one = {at.lon, at.lat, at.lon, at.lat};
        box = box_union(&box, &one);
    }
    return box;
}

/* Twice the signed area of (a, b, p): positive if p lies to the left of a → b. */
static int64_t side(struct point a, struct point b, struct point p) {
    return ((int64_t)b.lon - a.lon) * ((int64_t)p.lat - a.lat) -
           ((int64_t)b.lat - a.lat) * ((int64_t)p.lon - a.lon);
}

/* Whether the ray from p to the east crosses the edge; upper ends do not count. */
static bool crosses(struct point a, struct point b, struct point p) {
    if ((a.lat > p.lat) == (b.lat > p.lat))
        return false;
    return b.lat > a.lat ? side(a, b, p) > 0 : side(b, a, p) > 0;
}

bool polygon_contains(const struct polygon *polygon, struct point point) {
    bool inside = false;
    uint32_t first = 0;
    for (uint32_t r = 0; r < polygon->ring_count; r++) {
        uint32_t end = polygon->ring_end[r];
        for (uint32_t i = first; i < end; i++) {
            struct point next = polygon->points[i + 1 < end ? i + 1 : first];
            inside ^= crosses(polygon->points[i], next, point);
        }
        first = end;
    }
    return inside;
}

static bool on_edge(struct point a, struct point b, struct point p) {
    struct box one = {a.lon, a.lat, a.lon, a.lat};
    struct box other = {b.lon, b.lat, b.lon, b.lat};
    struct box box = box_union(&one, &other);
    return box_contains(&box, p) && side(a, b, p) == 0;
}

bool polygon_on_border(const struct polygon *polygon, struct point point) {
    uint32_t first = 0;
    for (uint32_t r = 0; r < polygon->ring_count; r++) {
        uint32_t end = polygon->ring_end[r];
        for (uint32_t i = first; i < end; i++) {
            struct point next = polygon->points[i + 1 < end ? i + 1 : first];
            if (on_edge(polygon->points[i], next, point))
                return true;
        }
        first = end;
    }
    return false;
}

int64_t latitude_cosine(int32_t lat) {
    int64_t angle = (int64_t)lat * RADIANS_PER_DEGREE / DEGREE;
    int64_t square = angle * angle >> COSINE_BITS;
    int64_t one = INT64_C(1) << COSINE_BITS;
    int64_t sum = one;
    /* Horner's form of the series: 1 - x²/(1·2) (1 - x²/(3·4) (1 - …)). */
    for (int64_t k = 11; k >= 1; k -= 2)
        sum = one - (square * sum >> COSINE_BITS) / (k * (k + 1));
    return sum < 0 ? 0 : sum;
}

int64_t distance_squared(struct point from, struct point to) {
    int64_t lon = (int64_t)to.lon - from.lon;
    int64_t lat = (int64_t)to.lat - from.lat;
    if (lon > LON_LIMIT)
        lon -= 2 * LON_LIMIT;
    else if (lon < -LON_LIMIT)
        lon += 2 * LON_LIMIT;
    if (lon < 0)
        lon = -lon;
    lon = lon * latitude_cosine(from.lat) >> COSINE_BITS;
    return lon * lon + lat * lat;
}
