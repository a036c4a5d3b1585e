/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <check.h>

#include "base/rng.h"
#include "env/disk.h"

#define SLOTS 64

static struct frame *content(uint64_t value) {
    return frame_copy(&value, sizeof value);
}

/* Many writes against an array: what was written last is there, in order of slots. */
START_TEST(keeps_the_last_record_of_each_slot) {
    struct disk disk = {0};
    struct frame *expected[SLOTS] = {NULL};
    struct rng rng;
    rng_init(&rng, 1, 0, "disk");
    for (uint64_t i = 0; i < 2000; i++) {
        uint32_t slot = (uint32_t)rng_below(&rng, SLOTS);
        struct frame *frame = rng_chance(&rng, 1, 3) ? NULL : content(i);
        expected[slot] = frame; /* the disk holds the reference */
        disk_write(&disk, slot, frame);
        size_t at = 0;
        for (uint32_t s = 0; s < SLOTS; s++) {
            if (expected[s] == NULL)
                continue;
            ck_assert_uint_lt(at, disk.count);
            ck_assert_uint_eq(disk.records[at].slot, s);
            ck_assert_ptr_eq(disk.records[at++].frame, expected[s]);
        }
        ck_assert_uint_eq(at, disk.count);
    }
    disk_clear(&disk);
    ck_assert_uint_eq(disk.count, 0);
    ck_assert_ptr_null(disk.records);
}
END_TEST

START_TEST(writing_takes_over_the_reference) {
    struct disk disk = {0};
    struct frame *first = content(1);
    disk_write(&disk, 7, frame_ref(first));
    ck_assert_uint_eq(first->references, 2);
    disk_write(&disk, 7, content(2));
    ck_assert_uint_eq(first->references, 1);
    disk_write(&disk, 7, first);
    disk_write(&disk, 7, NULL);
    disk_write(&disk, 7, NULL); /* an empty slot stays one */
    ck_assert_uint_eq(disk.count, 0);
    disk_clear(&disk);
}
END_TEST

START_TEST(a_copy_stays_as_it_was) {
    struct disk disk = {0}, copy = {0};
    for (uint32_t slot = 0; slot < SLOTS; slot++)
        disk_write(&disk, slot, content(slot));
    disk_copy(&copy, &disk);
    disk_write(&disk, 3, content(99));
    disk_write(&disk, 5, NULL);
    ck_assert_uint_eq(copy.count, SLOTS);
    for (uint64_t slot = 0; slot < SLOTS; slot++)
        ck_assert_mem_eq(copy.records[slot].frame->bytes, &slot, sizeof slot);
    disk_clear(&disk);
    disk_clear(&copy);
}
END_TEST

Suite *disk_suite(void) {
    Suite *suite = suite_create("disk");
    TCase *tcase = tcase_create("disk");
    tcase_add_test(tcase, keeps_the_last_record_of_each_slot);
    tcase_add_test(tcase, writing_takes_over_the_reference);
    tcase_add_test(tcase, a_copy_stays_as_it_was);
    suite_add_tcase(suite, tcase);
    return suite;
}
