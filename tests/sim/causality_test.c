/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The causality invariant: what it takes and what it reports. */
#include "sim/observe/causality.h"

#include <check.h>

#include "clock/hlc.h"
#include "sim/observe/checker.h"

static const time_ns at = 40 * NS_PER_MS;

static bool sent(struct causality *causality, node_id node, time_ns clock, uint64_t stamp) {
    return causality_holds(causality, &(struct stamp_record){node, NODE_NONE, clock, stamp, 0});
}

static bool received(struct causality *causality, node_id node, time_ns clock, uint64_t stamp,
                     uint64_t message) {
    return causality_holds(causality, &(struct stamp_record){node, 0, clock, stamp, message});
}

START_TEST(a_clean_exchange_passes) {
    struct causality causality;
    causality_init(&causality);
    ck_assert(sent(&causality, 0, at, hlc_stamp(40, 0)));
    ck_assert(sent(&causality, 0, at, hlc_stamp(40, 1)));
    /* A node that lags by 30 ms takes over the sender's time. */
    ck_assert(received(&causality, 70, at - 30 * NS_PER_MS, hlc_stamp(40, 2), hlc_stamp(40, 1)));
    ck_assert(sent(&causality, 70, at - 30 * NS_PER_MS, hlc_stamp(40, 3)));
    causality_deinit(&causality);
}
END_TEST

START_TEST(each_broken_promise_is_seen) {
    struct causality causality;
    causality_init(&causality);
    ck_assert(sent(&causality, 0, at, hlc_stamp(40, 5)));
    ck_assert(!sent(&causality, 0, at, hlc_stamp(40, 5))); /* does not rise */
    ck_assert(sent(&causality, 0, at, hlc_stamp(40, 6)));
    ck_assert(!received(&causality, 1, at, hlc_stamp(40, 6), hlc_stamp(40, 6))); /* not merged */
    ck_assert(!sent(&causality, 2, at + NS_PER_MS, hlc_stamp(40, 9)));           /* l < pt */
    ck_assert(sent(&causality, 3, at, hlc_stamp(41, 0)));  /* the greatest reading so far */
    ck_assert(!sent(&causality, 3, at, hlc_stamp(42, 0))); /* nobody's clock has shown that */
    causality_deinit(&causality);
}
END_TEST

START_TEST(a_full_counter_carries_and_no_more) {
    struct causality causality;
    causality_init(&causality);
    for (uint64_t i = 0; i < 1 << 16; i++)
        ck_assert(sent(&causality, 0, at, hlc_stamp(40, (uint16_t)i)));
    ck_assert(sent(&causality, 0, at, hlc_stamp(41, 0)));
    ck_assert(!sent(&causality, 0, at, hlc_stamp(44, 0)));
    causality_deinit(&causality);
}
END_TEST

START_TEST(a_new_life_starts_at_its_clock) {
    struct checker checker;
    checker_init(&checker);
    const struct stamp_record late = {5, NODE_NONE, at, hlc_stamp(40, 7), 0};
    const struct stamp_record early = {5, NODE_NONE, 0, hlc_stamp(1, 0), 0};
    checker_stamp(&checker, &late);
    checker_restarted(&checker, 5);
    checker_stamp(&checker, &early);
    ck_assert_uint_eq(checker.violations[INVARIANT_CAUSALITY], 0);
    checker_stamp(&checker, &early);
    ck_assert_uint_eq(checker.violations[INVARIANT_CAUSALITY], 1);
    ck_assert_str_eq(invariant_name(INVARIANT_CAUSALITY), "causality");
    checker_deinit(&checker);
}
END_TEST

Suite *causality_suite(void) {
    Suite *suite = suite_create("causality");
    TCase *tcase = tcase_create("causality");
    tcase_add_test(tcase, a_clean_exchange_passes);
    tcase_add_test(tcase, each_broken_promise_is_seen);
    tcase_add_test(tcase, a_full_counter_carries_and_no_more);
    tcase_add_test(tcase, a_new_life_starts_at_its_clock);
    suite_add_tcase(suite, tcase);
    return suite;
}
