/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <check.h>
#include <string.h>

#include "base/error.h"
#include "base/rng.h"
#include "tier/mempool.h"

static struct digest key_of(uint32_t number) {
    struct digest key = {{0}};
    memcpy(key.bytes, &number, sizeof number);
    return key;
}

static struct batch view(const struct frame *frame) {
    return (struct batch){frame->bytes, frame->size};
}

static size_t count_of(const struct frame *frame) {
    struct reader reader;
    size_t count;
    ck_assert_int_eq(mempool_batch_open(&reader, view(frame), LIMIT_MEMPOOL, &count), OK);
    return count;
}

START_TEST(batches_leave_out_what_ancestors_hold) {
    struct mempool pool;
    mempool_init(&pool);
    for (uint32_t i = 0; i < 10; i++) {
        struct digest key = key_of(i);
        ck_assert_int_eq(mempool_add(&pool, &key, &i, sizeof i, i), OK);
        ck_assert_int_eq(mempool_add(&pool, &key, &i, sizeof i, i), ERR_DUPLICATE);
        ck_assert(mempool_holds(&pool, &key, &i, sizeof i));
    }
    struct frame *first = mempool_batch(&pool, 4, NULL, 0, PART_ALL);
    struct batch ancestors[2] = {view(first)};
    struct frame *second = mempool_batch(&pool, 100, ancestors, 1, PART_ALL);
    ck_assert_uint_eq(count_of(first), 4);
    ck_assert_uint_eq(count_of(second), 6);
    ancestors[1] = view(second);
    ck_assert_ptr_null(mempool_batch(&pool, 100, ancestors, 2, PART_ALL));
    frame_unref(first);
    frame_unref(second);
    mempool_deinit(&pool);
}
END_TEST

START_TEST(parts_are_disjoint_and_miss_nothing) {
    struct mempool pool;
    size_t total = 0;
    mempool_init(&pool);
    for (uint32_t i = 0; i < 20; i++) {
        struct digest key = key_of(i);
        ck_assert_int_eq(mempool_add(&pool, &key, &i, sizeof i, i), OK);
    }
    for (uint32_t index = 0; index < 3; index++) {
        const struct part part = {index, 3, LIMIT_BATCH_BYTES};
        struct frame *batch = mempool_batch(&pool, 100, NULL, 0, part);
        struct reader reader;
        size_t count, size;
        ck_assert_int_eq(mempool_batch_open(&reader, view(batch), 100, &count), OK);
        total += count;
        while (count-- > 0) {
            struct digest key;
            (void)mempool_batch_next(&reader, &key, &size);
            ck_assert_uint_eq(key.bytes[0] % 3, index);
        }
        frame_unref(batch);
    }
    ck_assert_uint_eq(total, 20);
    const struct part small = {0, 1, 4 + 2 * (DIGEST_BYTES + 4 + sizeof(uint32_t))};
    struct frame *batch = mempool_batch(&pool, 100, NULL, 0, small);
    ck_assert_uint_eq(count_of(batch), 2);
    frame_unref(batch);
    mempool_deinit(&pool);
}
END_TEST

START_TEST(what_is_ordered_never_waits_again) {
    struct mempool pool;
    struct digest key = key_of(1);
    mempool_init(&pool);
    ck_assert_int_eq(mempool_add(&pool, &key, "x", 1, 0), OK);
    uint64_t height = 0;
    ck_assert(!mempool_ordered_height(&pool, &key, &height));
    ck_assert(mempool_order(&pool, &key, 7));
    ck_assert(!mempool_order(&pool, &key, 8));
    ck_assert(mempool_ordered_height(&pool, &key, &height));
    ck_assert_uint_eq(height, 7);
    ck_assert_uint_eq(pool.waiting, 0);
    ck_assert_int_eq(mempool_add(&pool, &key, "x", 1, 0), ERR_DUPLICATE);
    mempool_deinit(&pool);
}
END_TEST

START_TEST(hostile_batches_are_refused) {
    struct rng rng;
    uint8_t bytes[96];
    rng_init(&rng, 5, 0, "batch");
    for (int i = 0; i < 100000; i++) {
        struct reader reader;
        struct digest key;
        size_t count, left;
        size_t size = rng_below(&rng, sizeof bytes + 1);
        rng_fill(&rng, bytes, size);
        if (size > 3 && rng_chance(&rng, 1, 2))
            memset(bytes + 1, 0, 3); /* a plausible count */
        if (mempool_batch_open(&reader, (struct batch){bytes, size}, 8, &count) != OK)
            continue;
        while (count-- > 0)
            ck_assert_ptr_nonnull(mempool_batch_next(&reader, &key, &left));
        ck_assert_int_eq(reader_finish(&reader), OK);
    }
}
END_TEST

Suite *mempool_suite(void) {
    Suite *suite = suite_create("mempool");
    TCase *tcase = tcase_create("mempool");
    tcase_add_test(tcase, batches_leave_out_what_ancestors_hold);
    tcase_add_test(tcase, parts_are_disjoint_and_miss_nothing);
    tcase_add_test(tcase, what_is_ordered_never_waits_again);
    tcase_add_test(tcase, hostile_batches_are_refused);
    suite_add_tcase(suite, tcase);
    return suite;
}
