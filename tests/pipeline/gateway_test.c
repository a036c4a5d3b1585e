/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which member checks a token: spread as by chance, and each in turn when one is silent. */
#include "pipeline/gateway.h"

#include <check.h>

#define MEMBERS 4
#define SENDERS 100
#define EACH    100

START_TEST(first_choices_are_spread_as_by_chance) {
    uint32_t counts[MEMBERS] = {0}, repeats = 0, last = 0;
    for (node_id origin = 0; origin < SENDERS; origin++)
        for (uint64_t i = 0; i < EACH; i++) {
            uint32_t member = gateway_choose(origin, i * SENDERS + origin, 0, MEMBERS);
            ck_assert_uint_lt(member, MEMBERS);
            repeats += member == last;
            counts[member]++;
            last = member;
        }
    /* Of 10,000 a quarter each, within five standard deviations of a binomial (43). */
    for (uint32_t i = 0; i < MEMBERS; i++) {
        ck_assert_uint_gt(counts[i], 2500 - 217);
        ck_assert_uint_lt(counts[i], 2500 + 217);
    }
    /* Turns would give none, or all. */
    ck_assert_uint_gt(repeats, 2500 - 217);
    ck_assert_uint_lt(repeats, 2500 + 217);
}
END_TEST

START_TEST(every_member_is_asked_before_one_is_asked_twice) {
    for (uint64_t number = 0; number < 100; number++) {
        bool asked[MEMBERS] = {false};
        uint32_t first = gateway_choose(5, number, 0, MEMBERS);
        for (uint32_t attempt = 0; attempt < MEMBERS; attempt++) {
            uint32_t member = gateway_choose(5, number, attempt, MEMBERS);
            ck_assert(!asked[member]);
            asked[member] = true;
        }
        ck_assert_uint_eq(gateway_choose(5, number, MEMBERS, MEMBERS), first);
    }
}
END_TEST

Suite *gateway_suite(void) {
    Suite *suite = suite_create("gateway");
    TCase *tests = tcase_create("gateway");
    tcase_add_test(tests, first_choices_are_spread_as_by_chance);
    tcase_add_test(tests, every_member_is_asked_before_one_is_asked_twice);
    suite_add_tcase(suite, tests);
    return suite;
}
