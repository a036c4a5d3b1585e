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

static const struct once_term harmless = {.kind = ONCE_HARMLESS};

static struct batch_head head_of(const struct frame *frame) {
    struct reader reader;
    struct batch_head head;
    ck_assert_int_eq(mempool_batch_open(&reader, view(frame), LIMIT_MEMPOOL, &head), OK);
    return head;
}

static size_t count_of(const struct frame *frame) {
    return head_of(frame).count;
}

START_TEST(batches_leave_out_what_ancestors_hold) {
    struct mempool pool;
    mempool_init(&pool, 10 * NS_PER_S);
    for (uint32_t i = 0; i < 10; i++) {
        struct digest key = key_of(i);
        ck_assert_int_eq(mempool_add(&pool, &key, &i, sizeof i, i, &harmless), OK);
        ck_assert_int_eq(mempool_add(&pool, &key, &i, sizeof i, i, &harmless), ERR_DUPLICATE);
        ck_assert(mempool_holds(&pool, &key, &i, sizeof i));
    }
    struct frame *first = mempool_batch(&pool, 4, NULL, 0, PART_ALL, 0);
    struct batch ancestors[2] = {view(first)};
    struct frame *second = mempool_batch(&pool, 100, ancestors, 1, PART_ALL, 0);
    ck_assert_uint_eq(count_of(first), 4);
    ck_assert_uint_eq(count_of(second), 6);
    ancestors[1] = view(second);
    ck_assert_ptr_null(mempool_batch(&pool, 100, ancestors, 2, PART_ALL, 0));
    frame_unref(first);
    frame_unref(second);
    mempool_deinit(&pool);
}
END_TEST

START_TEST(parts_are_disjoint_and_miss_nothing) {
    struct mempool pool;
    size_t total = 0;
    mempool_init(&pool, 10 * NS_PER_S);
    for (uint32_t i = 0; i < 20; i++) {
        struct digest key = key_of(i);
        ck_assert_int_eq(mempool_add(&pool, &key, &i, sizeof i, i, &harmless), OK);
    }
    for (uint32_t index = 0; index < 3; index++) {
        const struct part part = {index, 3, LIMIT_BATCH_BYTES};
        struct frame *batch = mempool_batch(&pool, 100, NULL, 0, part, 0);
        struct reader reader;
        struct batch_head head;
        size_t size;
        ck_assert_int_eq(mempool_batch_open(&reader, view(batch), 100, &head), OK);
        total += head.count;
        while (head.count-- > 0) {
            struct digest key;
            (void)mempool_batch_next(&reader, &key, &size);
            ck_assert_uint_eq(key.bytes[0] % 3, index);
        }
        frame_unref(batch);
    }
    ck_assert_uint_eq(total, 20);
    const struct part small = {0, 1, 8 + 4 + 2 * (DIGEST_BYTES + 4 + sizeof(uint32_t))};
    struct frame *batch = mempool_batch(&pool, 100, NULL, 0, small, 0);
    ck_assert_uint_eq(count_of(batch), 2);
    frame_unref(batch);
    mempool_deinit(&pool);
}
END_TEST

START_TEST(what_is_ordered_never_waits_again) {
    struct mempool pool;
    struct digest key = key_of(1);
    mempool_init(&pool, 10 * NS_PER_S);
    ck_assert_int_eq(mempool_add(&pool, &key, "x", 1, 0, &harmless), OK);
    uint64_t height = 0;
    ck_assert(!mempool_ordered_height(&pool, &key, &height));
    ck_assert_int_eq(mempool_order(&pool, &key, &harmless, 7), OK);
    ck_assert_int_eq(mempool_order(&pool, &key, &harmless, 8), ERR_DUPLICATE);
    ck_assert(mempool_ordered_height(&pool, &key, &height));
    ck_assert_uint_eq(height, 7);
    ck_assert_uint_eq(pool.waiting, 0);
    ck_assert_int_eq(mempool_add(&pool, &key, "x", 1, 0, &harmless), ERR_DUPLICATE);
    mempool_deinit(&pool);
}
END_TEST

/* A batch carries its proposer's clock, never less than the chain's time, and nothing that has
 * expired by then; what has expired is dropped, so that a chain without work falls quiet. */
START_TEST(what_has_expired_is_not_proposed) {
    struct mempool pool;
    mempool_init(&pool, 10 * NS_PER_S);
    for (uint32_t i = 0; i < 4; i++) {
        const struct once_term term = {.kind = ONCE_EXPIRES, .expiry = (i + 1) * NS_PER_S};
        struct digest key = key_of(i);
        ck_assert_int_eq(mempool_add(&pool, &key, &i, sizeof i, i, &term), OK);
    }
    struct frame *batch = mempool_batch(&pool, 10, NULL, 0, PART_ALL, NS_PER_S);
    ck_assert_int_eq(head_of(batch).time, NS_PER_S);
    ck_assert_uint_eq(count_of(batch), 3);
    frame_unref(batch);
    once_advance(&pool.once, 2 * NS_PER_S);
    batch = mempool_batch(&pool, 10, NULL, 0, PART_ALL, NS_PER_S);
    ck_assert_int_eq(head_of(batch).time, 2 * NS_PER_S);
    ck_assert_uint_eq(count_of(batch), 2);
    frame_unref(batch);
    ck_assert_uint_eq(pool.waiting, 4);
    mempool_expire(&pool, NS_PER_S - 1);
    ck_assert_uint_eq(pool.waiting, 4);
    mempool_expire(&pool, NS_PER_S);
    ck_assert_uint_eq(pool.waiting, 3);
    mempool_expire(&pool, 3 * NS_PER_S);
    ck_assert_uint_eq(pool.waiting, 1);
    const struct once_term late = {.kind = ONCE_EXPIRES, .expiry = 2 * NS_PER_S};
    struct digest key = key_of(9);
    ck_assert_int_eq(mempool_add(&pool, &key, "x", 1, 0, &late), ERR_EXPIRED);
    mempool_deinit(&pool);
}
END_TEST

/* Beyond the limit of what is remembered an item stays, until others have expired. */
START_TEST(what_can_not_be_remembered_waits) {
    struct mempool pool;
    mempool_init(&pool, 10 * NS_PER_S);
    pool.once.limit = 2;
    for (uint32_t i = 0; i < 3; i++) {
        const struct once_term term = {.kind = ONCE_EXPIRES, .expiry = (i + 1) * NS_PER_S};
        struct digest key = key_of(i);
        ck_assert_int_eq(mempool_add(&pool, &key, &i, sizeof i, i, &term), OK);
        ck_assert_int_eq(mempool_order(&pool, &key, &term, 1), i < 2 ? OK : ERR_LIMIT);
    }
    ck_assert_uint_eq(pool.waiting, 1);
    const struct once_term term = {.kind = ONCE_EXPIRES, .expiry = 3 * NS_PER_S};
    struct digest key = key_of(2);
    once_advance(&pool.once, NS_PER_S);
    ck_assert_int_eq(mempool_order(&pool, &key, &term, 2), OK);
    ck_assert_uint_eq(pool.waiting, 0);
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
        struct batch_head head;
        size_t left;
        size_t size = rng_below(&rng, sizeof bytes + 1);
        rng_fill(&rng, bytes, size);
        if (size > 11 && rng_chance(&rng, 1, 2))
            memset(bytes + 9, 0, 3); /* a plausible count */
        if (mempool_batch_open(&reader, (struct batch){bytes, size}, 8, &head) != OK)
            continue;
        while (head.count-- > 0)
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
    tcase_add_test(tcase, what_has_expired_is_not_proposed);
    tcase_add_test(tcase, what_can_not_be_remembered_waits);
    tcase_add_test(tcase, hostile_batches_are_refused);
    suite_add_tcase(suite, tcase);
    return suite;
}
