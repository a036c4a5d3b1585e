/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Points and polygons on the longitude/latitude plane, in exact integer arithmetic.
 *
 * Unit: 1e-6 degree (at most 11 cm). Differences stay below 2^29, so every product fits int64_t.
 * Edges are straight in the plane, not geodesics: metres off for a city, kilometres for a country.
 * A shape that crosses the antimeridian is split at ±180 beforehand (RFC 7946 3.1.9). */
#ifndef TIERCHAIN_PLACE_GEOMETRY_H
#define TIERCHAIN_PLACE_GEOMETRY_H

#include "base/types.h"

#define DEGREE    1000000
#define LON_LIMIT (180 * DEGREE)
#define LAT_LIMIT (90 * DEGREE)

struct point {
    int32_t lon; /* [-180, 180] degrees, east positive */
    int32_t lat; /* [-90, 90] degrees, north positive */
};

/* Closed on all sides. */
struct box {
    int32_t west, south, east, north;
};

/* Outer rings and holes alike: parity over all rings tells inside from outside. Ring r is
 * points[ring_end[r - 1]] … points[ring_end[r] - 1]; its last vertex joins its first, repeated or
 * not. Borrows both arrays. */
struct polygon {
    const struct point *points;
    const uint32_t *ring_end;
    uint32_t ring_count;
};

/* True if both coordinates are within their limits. */
bool point_valid(struct point point);

/* 180° east is 180° west: the half-open rule knows that meridian as the western one. */
struct point point_normalize(struct point point);

/* Whether the point lies in the box; west > east means a box across the antimeridian. */
bool box_contains(const struct box *box, struct point point);

/* Whether two boxes, neither across the antimeridian, share a point. */
bool box_overlaps(const struct box *a, const struct box *b);

/* The smallest box around both. */
struct box box_union(const struct box *a, const struct box *b);

/* The polygon's bounding box; an inverted box, which contains nothing, if it has no vertex. */
struct box polygon_box(const struct polygon *polygon);

/* Even-odd rule with half-open edges: a western or southern border belongs to the polygon, an
 * eastern or northern one does not. The arithmetic is exact, so the verdict on an edge is the same
 * for both vertex orders and polygons that share a border share no point of it, and leave no gap.
 */
bool polygon_contains(const struct polygon *polygon, struct point point);

/* Whether the point lies exactly on an edge or a vertex of some ring. */
bool polygon_on_border(const struct polygon *polygon, struct point point);

/* Squared distance in (1e-6 degree of latitude)^2 on the plane tangent at @from: longitudes are
 * shortened by cos(latitude of @from) and differ by at most 180°. For ordering neighbours. */
int64_t distance_squared(struct point from, struct point to);

/* cos(latitude) in units of 2^-30, by an integer series; error below 2^-20. */
int64_t latitude_cosine(int32_t lat);

#endif
