/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "select/slots.h"

#include <check.h>

#include "base/error.h"

#define LENGTH (500 * NS_PER_MS) /* EOSIO's slot */

static const uint32_t producers[] = {30, 10, 20};

static struct slot_schedule schedule_of(uint32_t repetitions) {
    return (struct slot_schedule){.genesis = 7 * NS_PER_S,
                                  .length = LENGTH,
                                  .repetitions = repetitions,
                                  .producers = producers,
                                  .count = 3};
}

START_TEST(time_gives_the_slot_and_the_slot_its_producer) {
    struct slot_schedule schedule = schedule_of(12);
    uint64_t slot;
    ck_assert_int_eq(slot_at(&schedule, 7 * NS_PER_S - 1, &slot), ERR_STALE);
    ck_assert_int_eq(slot_at(&schedule, 7 * NS_PER_S, &slot), OK);
    ck_assert_uint_eq(slot, 0);
    ck_assert_int_eq(slot_at(&schedule, 7 * NS_PER_S + LENGTH - 1, &slot), OK);
    ck_assert_uint_eq(slot, 0);
    ck_assert_int_eq(slot_at(&schedule, 7 * NS_PER_S + LENGTH, &slot), OK);
    ck_assert_uint_eq(slot, 1);
    for (slot = 0; slot < 200; slot++)
        ck_assert_uint_eq(slot_producer(&schedule, slot), producers[slot / 12 % 3]);
    /* 12 slots of 0.5 s are 6 s a producer; each has the same share of a round. */
    ck_assert_uint_eq(slot_producer(&schedule, 11), 30);
    ck_assert_uint_eq(slot_producer(&schedule, 12), 10);
    ck_assert_uint_eq(slot_producer(&schedule, 36), 30);
}
END_TEST

START_TEST(blocks_are_checked_against_the_clock) {
    struct slot_schedule schedule = schedule_of(1);
    struct slot_header header = {.slot = 4, .parent = 3, .producer = 10};
    time_ns begin = schedule.genesis + 4 * LENGTH;
    ck_assert_int_eq(slot_admit(&schedule, &header, begin, 0), OK);
    ck_assert_int_eq(slot_admit(&schedule, &header, begin + 100 * LENGTH, 0), OK);
    ck_assert_int_eq(slot_admit(&schedule, &header, begin - 1, 0), ERR_FUTURE);
    ck_assert_int_eq(slot_admit(&schedule, &header, begin - LENGTH / 2, LENGTH / 2), OK);
    ck_assert_int_eq(slot_admit(&schedule, &header, begin - LENGTH / 2 - 1, LENGTH / 2),
                     ERR_FUTURE);
    ck_assert_int_eq(slot_admit(&schedule, &header, 0, 0), ERR_FUTURE);
    header.producer = 20;
    ck_assert_int_eq(slot_admit(&schedule, &header, begin, 0), ERR_NOT_LEADER);
    header = (struct slot_header){.slot = 4, .parent = 4, .producer = 10};
    ck_assert_int_eq(slot_admit(&schedule, &header, begin, 0), ERR_STALE);
    header = (struct slot_header){.slot = 0, .parent = SLOT_GENESIS, .producer = 30};
    ck_assert_int_eq(slot_admit(&schedule, &header, begin, 0), OK);
}
END_TEST

START_TEST(double_production_is_evident) {
    struct slot_header a = {.slot = 4, .parent = 3, .producer = 10, .block.bytes = {1}}, b = a;
    ck_assert(!slot_double_production(&a, &b)); /* the same block twice is no offence */
    b.block.bytes[31] = 1;
    ck_assert(slot_double_production(&a, &b));
    ck_assert(slot_double_production(&b, &a));
    b.parent = 2;
    ck_assert(slot_double_production(&a, &b));
    b.slot = 5;
    ck_assert(!slot_double_production(&a, &b));
    b.slot = 4;
    b.producer = 20;
    ck_assert(!slot_double_production(&a, &b));
}
END_TEST

/* Producers build on the latest block that reached them. The even ones' clocks are late by @skew,
 * so from an even to an odd producer the last block of one turn may miss the next one's start.
 * Returns how many blocks nobody built on. */
static uint32_t orphans(time_ns skew, time_ns delay, uint32_t turns) {
    static const uint32_t two[] = {0, 1};
    const struct slot_schedule schedule = {0, LENGTH, 3, two, 2};
    uint32_t orphaned = 0;
    for (uint64_t slot = 1; slot < turns * 3; slot++) {
        uint32_t before = slot_producer(&schedule, slot - 1);
        uint32_t producer = slot_producer(&schedule, slot);
        time_ns made = (time_ns)(slot - 1) * LENGTH + (before == 0 ? skew : 0);
        time_ns begins = (time_ns)slot * LENGTH + (producer == 0 ? skew : 0);
        bool here = producer == before || made + delay <= begins;
        orphaned += !here;
    }
    return orphaned;
}

/* checks.md 2.4: with slots of length L and delay d, orphaned hand-overs are 0 while the skew is
 * below L - d and one per hand-over beyond. */
START_TEST(hand_overs_orphan_beyond_length_less_delay) {
    for (time_ns delay = 0; delay <= LENGTH; delay += LENGTH / 10)
        for (time_ns skew = 0; skew <= LENGTH; skew += LENGTH / 20) {
            /* 40 turns: 20 from a late producer to a punctual one. */
            uint32_t expected = skew > LENGTH - delay ? 20 : 0;
            ck_assert_uint_eq(orphans(skew, delay, 40), expected);
        }
    ck_assert_uint_eq(orphans(LENGTH - 100 * NS_PER_MS, 100 * NS_PER_MS, 40), 0);
    ck_assert_uint_eq(orphans(LENGTH - 100 * NS_PER_MS + 1, 100 * NS_PER_MS, 40), 20);
}
END_TEST

Suite *slots_suite(void) {
    Suite *suite = suite_create("slots");
    TCase *tcase = tcase_create("slots");
    tcase_add_test(tcase, time_gives_the_slot_and_the_slot_its_producer);
    tcase_add_test(tcase, blocks_are_checked_against_the_clock);
    tcase_add_test(tcase, double_production_is_evident);
    tcase_add_test(tcase, hand_overs_orphan_beyond_length_less_delay);
    suite_add_tcase(suite, tcase);
    return suite;
}
