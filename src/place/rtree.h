/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A static R-tree over boxes, packed by Sort-Tile-Recursive (Leutenegger, Lopez, Edgington, ICDE
 * 97). The same boxes in the same order give the same tree and the same order of visits. */
#ifndef TIERCHAIN_PLACE_RTREE_H
#define TIERCHAIN_PLACE_RTREE_H

#include "place/geometry.h"

#define RTREE_FANOUT 10

struct rtree;

/* Packs @count boxes, which are copied; NULL without memory or if count >= 2^31. */
struct rtree *rtree_new(const struct box *boxes, size_t count);
void rtree_free(struct rtree *tree);

/* Called for each hit with the box's index in the array given to rtree_new; false ends the query.
 */
typedef bool rtree_visit(void *context, uint32_t item);

/* Visits every box that overlaps @query once; @query.west > @query.east crosses the antimeridian.
 * False if the visitor ended the query. */
bool rtree_query_box(const struct rtree *tree, const struct box *query, rtree_visit *visit,
                     void *context);

/* Visits every box that contains @point. */
bool rtree_query_point(const struct rtree *tree, struct point point, rtree_visit *visit,
                       void *context);

#endif
