/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "place/rtree.h"

#include <stdlib.h>

#define LEVEL_LIMIT 11 /* 10^10 entries are more than 2^31 */

/* Entry k of a level above the lowest stands for the entries 10 k' … 10 k' + 9 below, k' = index.
 */
struct entry {
    struct box box;
    uint32_t index;
};

struct rtree {
    uint32_t level_count;
    uint32_t first[LEVEL_LIMIT]; /* where each level starts in entries, the lowest level first */
    uint32_t count[LEVEL_LIMIT];
    struct entry entries[];
};

static int order(int64_t a, int64_t b) {
    return (a > b) - (a < b);
}

/* Twice the centre, to stay in integers; the index breaks ties, so that qsort has no choice. */
static int by_longitude(const void *left, const void *right) {
    const struct entry *a = left, *b = right;
    int result = order((int64_t)a->box.west + a->box.east, (int64_t)b->box.west + b->box.east);
    return result != 0 ? result : order(a->index, b->index);
}

static int by_latitude(const void *left, const void *right) {
    const struct entry *a = left, *b = right;
    int result = order((int64_t)a->box.south + a->box.north, (int64_t)b->box.south + b->box.north);
    return result != 0 ? result : order(a->index, b->index);
}

static size_t divide_up(size_t a, size_t b) {
    return (a + b - 1) / b;
}

/* Slices of ceil(sqrt(pages)) full pages by longitude, each sorted by latitude (section 2.2). */
static void tile(struct entry *entries, size_t count) {
    size_t pages = divide_up(count, RTREE_FANOUT), side = 1;
    while (side * side < pages)
        side++;
    size_t slice = side * RTREE_FANOUT;
    qsort(entries, count, sizeof *entries, by_longitude);
    for (size_t at = 0; at < count; at += slice)
        qsort(entries + at, size_min(slice, count - at), sizeof *entries, by_latitude);
}

static void pack(struct rtree *tree, uint32_t level) {
    struct entry *below = tree->entries + tree->first[level];
    struct entry *above = tree->entries + tree->first[level + 1];
    tile(below, tree->count[level]);
    for (uint32_t i = 0; i < tree->count[level]; i++) {
        struct entry *parent = &above[i / RTREE_FANOUT];
        if (i % RTREE_FANOUT == 0)
            *parent = (struct entry){below[i].box, i / RTREE_FANOUT};
        else
            parent->box = box_union(&parent->box, &below[i].box);
    }
}

struct rtree *rtree_new(const struct box *boxes, size_t count) {
    if (count > INT32_MAX)
        return NULL;
    size_t total = count;
    for (size_t n = count; n > 1; total += n)
        n = divide_up(n, RTREE_FANOUT);
    struct rtree *tree = calloc(1, sizeof *tree + total * sizeof tree->entries[0]);
    if (tree == NULL)
        return NULL;
    for (uint32_t i = 0; i < count; i++)
        tree->entries[i] = (struct entry){boxes[i], i};
    tree->level_count = 1;
    tree->count[0] = (uint32_t)count;
    for (uint32_t level = 0; tree->count[level] > 1; level++) {
        tree->first[level + 1] = tree->first[level] + tree->count[level];
        tree->count[level + 1] = (uint32_t)divide_up(tree->count[level], RTREE_FANOUT);
        tree->level_count++;
        pack(tree, level);
    }
    return tree;
}

void rtree_free(struct rtree *tree) {
    free(tree);
}

struct query {
    const struct rtree *tree;
    struct box box;
    const struct box *done; /* what overlaps this too was visited before; may be NULL */
    rtree_visit *visit;
    void *context;
};

static bool descend(const struct query *query, uint32_t level, uint32_t begin, uint32_t end) {
    const struct entry *entries = query->tree->entries + query->tree->first[level];
    for (uint32_t i = begin; i < end; i++) {
        const struct entry *entry = &entries[i];
        if (!box_overlaps(&entry->box, &query->box))
            continue;
        if (level == 0) {
            bool repeated = query->done != NULL && box_overlaps(&entry->box, query->done);
            if (!repeated && !query->visit(query->context, entry->index))
                return false;
            continue;
        }
        uint32_t from = entry->index * RTREE_FANOUT;
        size_t to = size_min((size_t)from + RTREE_FANOUT, query->tree->count[level - 1]);
        if (!descend(query, level - 1, from, (uint32_t)to))
            return false;
    }
    return true;
}

static bool run(const struct query *query) {
    uint32_t top = query->tree->level_count - 1;
    return descend(query, top, 0, query->tree->count[top]);
}

bool rtree_query_box(const struct rtree *tree, const struct box *query, rtree_visit *visit,
                     void *context) {
    struct query whole = {tree, *query, NULL, visit, context};
    if (query->west <= query->east)
        return run(&whole);
    struct query east = whole, west = whole;
    east.box.east = LON_LIMIT;
    west.box.west = -LON_LIMIT;
    west.done = &east.box;
    return run(&east) && run(&west);
}

bool rtree_query_point(const struct rtree *tree, struct point point, rtree_visit *visit,
                       void *context) {
    struct box box = {point.lon, point.lat, point.lon, point.lat};
    return rtree_query_box(tree, &box, visit, context);
}
