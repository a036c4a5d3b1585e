/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The packed tree against brute force, across the antimeridian too. */
#include "place/rtree.h"
#include "base/rng.h"

#include <check.h>
#include <string.h>

#define BOXES 1234

static bool count_hit(void *context, uint32_t item) {
    ((uint8_t *)context)[item]++;
    return true;
}

static int32_t between(struct rng *rng, int32_t low, int32_t high) {
    return low + (int32_t)rng_below(rng, (uint64_t)(high - low) + 1);
}

static bool expected(const struct box *box, const struct box *query) {
    if (query->west <= query->east)
        return box_overlaps(box, query);
    bool rows = box->south <= query->north && query->south <= box->north;
    return rows && (box->east >= query->west || box->west <= query->east);
}

static void check_size(size_t count) {
    static struct box boxes[BOXES];
    struct rng rng;
    rng_init(&rng, count, 0, "rtree-test");
    for (size_t i = 0; i < count; i++) {
        int32_t west = between(&rng, -180, 175), south = between(&rng, -90, 85);
        boxes[i] =
            (struct box){west * DEGREE, south * DEGREE, (west + between(&rng, 0, 5)) * DEGREE,
                         (south + between(&rng, 0, 5)) * DEGREE};
    }
    struct rtree *tree = rtree_new(boxes, count);
    ck_assert_ptr_nonnull(tree);
    for (int q = 0; q < 300; q++) {
        uint8_t hits[BOXES] = {0};
        int32_t south = between(&rng, -90, 90);
        struct box query = {between(&rng, -180, 180) * DEGREE, south * DEGREE,
                            between(&rng, -180, 180) * DEGREE, between(&rng, south, 90) * DEGREE};
        ck_assert(rtree_query_box(tree, &query, count_hit, hits));
        for (size_t i = 0; i < count; i++)
            ck_assert_uint_eq(hits[i], expected(&boxes[i], &query));
    }
    rtree_free(tree);
}

START_TEST(agrees_with_brute_force) {
    static const size_t sizes[] = {0, 1, 2, 9, 10, 11, 99, 100, 101, 1000, BOXES};
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
        check_size(sizes[i]);
}
END_TEST

Suite *rtree_suite(void) {
    Suite *suite = suite_create("rtree");
    TCase *tcase = tcase_create("rtree");
    tcase_add_test(tcase, agrees_with_brute_force);
    suite_add_tcase(suite, tcase);
    return suite;
}
