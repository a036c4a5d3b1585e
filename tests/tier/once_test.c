/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Nothing is ordered twice, however late it comes back and however much came between; and no more
 * is remembered than that takes. */
#include "tier/once.h"

#include <check.h>
#include <string.h>

#include "base/error.h"
#include "base/rng.h"

#define LIFE (10 * NS_PER_S)

static struct once once;

static void setup(void) {
    once_init(&once, LIFE);
}

static void teardown(void) {
    once_deinit(&once);
}

static struct digest key_of(uint64_t number) {
    struct digest key = {{0}};
    memcpy(key.bytes, &number, sizeof number);
    return key;
}

static int order(uint64_t number, time_ns expiry) {
    const struct digest key = key_of(number);
    const struct once_term term = {.kind = ONCE_EXPIRES, .expiry = expiry};
    return once_order(&once, &key, &term, number + 1);
}

static int order_numbered(uint32_t source, uint64_t number) {
    const struct digest key = key_of((uint64_t)source << 32 | number);
    const struct once_term term = {.kind = ONCE_NUMBERED, .source = source, .number = number};
    int error = once_verdict(&once, &key, &term);
    ck_assert_int_eq(once_order(&once, &key, &term, 1), error);
    return error;
}

/* More than the 65,536 that were once remembered. */
START_TEST(a_record_is_remembered_however_many_follow) {
    uint64_t height;
    const struct digest key = key_of(0);
    for (uint64_t i = 0; i < 70000; i++)
        ck_assert_int_eq(order(i, LIFE), OK);
    ck_assert_int_eq(order(0, LIFE), ERR_DUPLICATE);
    ck_assert(once_height(&once, &key, &height));
    ck_assert_uint_eq(height, 1);
}
END_TEST

START_TEST(what_is_forgotten_has_expired) {
    const struct digest key = key_of(1);
    uint64_t height;
    ck_assert_int_eq(order(1, LIFE), OK);
    once_advance(&once, LIFE - 1);
    ck_assert_int_eq(order(1, LIFE), ERR_DUPLICATE);
    ck_assert_uint_eq(once_count(&once), 1);
    once_advance(&once, LIFE);
    ck_assert_uint_eq(once_count(&once), 0);
    ck_assert(!once_height(&once, &key, &height));
    ck_assert_int_eq(order(1, LIFE), ERR_EXPIRED);
    once_advance(&once, 0); /* a leader whose clock lags: the chain's time never falls */
    ck_assert_int_eq(order(1, LIFE), ERR_EXPIRED);
    ck_assert_int_eq(order(2, LIFE), ERR_EXPIRED);
}
END_TEST

/* An expiry beyond what the protocol gives would be remembered for longer than stated. */
START_TEST(no_expiry_is_too_far) {
    const struct once_term last = {.kind = ONCE_EXPIRES, .expiry = 5 + LIFE + 2 * ONCE_ERROR},
                           far = {.kind = ONCE_EXPIRES, .expiry = last.expiry + 1},
                           now = {.kind = ONCE_EXPIRES, .expiry = 5};
    once_advance(&once, 5);
    ck_assert_int_eq(order(1, far.expiry), ERR_LIMIT);
    ck_assert_int_eq(order(1, last.expiry), OK);
    ck_assert(!once_fits(&once, &far, 5));
    ck_assert(once_fits(&once, &last, 5));
    ck_assert(!once_fits(&once, &now, 5));
    ck_assert(once_fits(&once, &now, 4));
}
END_TEST

/* 1,000 records a second of expiries at random: never more than (life + 2 errors) x rate, and none
 * is ordered twice at whatever moment it returns. */
START_TEST(memory_is_expiry_times_rate) {
    enum { RECORDS = 40000, GAP = NS_PER_S / 1000 };
    static time_ns expiries[RECORDS];
    struct rng rng;
    size_t most = 0;
    rng_init(&rng, 1, 0, "once");
    for (uint64_t i = 0; i < RECORDS; i++) {
        const time_ns now = (time_ns)i * GAP;
        once_advance(&once, now);
        expiries[i] = now + 1 + (time_ns)rng_below(&rng, LIFE + 2 * ONCE_ERROR);
        ck_assert_int_eq(order(i, expiries[i]), OK);
        const uint64_t old = rng_below(&rng, i + 1);
        const int error = order(old, expiries[old]);
        ck_assert(error == ERR_DUPLICATE || (error == ERR_EXPIRED && expiries[old] <= now));
        most = once_count(&once) > most ? once_count(&once) : most;
    }
    ck_assert_uint_le(most, (size_t)((LIFE + 2 * ONCE_ERROR) / GAP) + 1);
    once_advance(&once, TIME_NEVER);
    ck_assert_uint_eq(once_count(&once), 0);
}
END_TEST

START_TEST(a_city_is_ordered_once_at_each_height) {
    ck_assert_int_eq(order_numbered(1, 5), OK);
    ck_assert_int_eq(order_numbered(1, 5), ERR_DUPLICATE);
    ck_assert_int_eq(order_numbered(2, 5), OK); /* another city */
    ck_assert_int_eq(order_numbered(1, 3), OK); /* out of order */
    ck_assert_int_eq(order_numbered(1, 3), ERR_DUPLICATE);
    for (uint64_t i = 6; i < 5 + 3 * ONCE_WINDOW; i++)
        ck_assert_int_eq(order_numbered(1, i), OK);
    const uint64_t highest = 4 + 3 * ONCE_WINDOW;
    ck_assert_int_eq(order_numbered(1, highest - ONCE_WINDOW + 1), ERR_DUPLICATE);
    ck_assert_int_eq(order_numbered(1, highest - ONCE_WINDOW), ERR_STALE);
    ck_assert_int_eq(order_numbered(1, 4), ERR_STALE); /* never ordered, but who can tell */
    ck_assert_int_eq(order_numbered(2, 5), ERR_DUPLICATE);
}
END_TEST

/* Heights without a batch leave holes; a hole is open until the window has passed it. */
START_TEST(holes_stay_open_within_the_window) {
    static const uint64_t jumps[] = {
        1, 2, 63, 64, 65, ONCE_WINDOW - 1, ONCE_WINDOW, ONCE_WINDOW + 1, UINT64_C(1) << 40};
    uint64_t last = 1;
    ck_assert_int_eq(order_numbered(1, last), OK);
    for (size_t i = 0; i < ARRAY_LEN(jumps); i++) {
        const uint64_t next = last + jumps[i];
        ck_assert_int_eq(order_numbered(1, next), OK);
        ck_assert_int_eq(order_numbered(1, last),
                         jumps[i] < ONCE_WINDOW ? ERR_DUPLICATE : ERR_STALE);
        if (jumps[i] > 1) {
            ck_assert_int_eq(order_numbered(1, next - 1), OK);
            ck_assert_int_eq(order_numbered(1, next - 1), ERR_DUPLICATE);
        }
        last = next;
    }
}
END_TEST

START_TEST(what_does_no_harm_is_kept_a_while) {
    const struct once_term term = {.kind = ONCE_HARMLESS};
    struct digest key;
    for (uint64_t i = 0; i < ONCE_RECENT; i++) {
        key = key_of(i);
        ck_assert_int_eq(once_order(&once, &key, &term, 1), OK);
    }
    key = key_of(0);
    ck_assert_int_eq(once_order(&once, &key, &term, 1), ERR_DUPLICATE);
    key = key_of(ONCE_RECENT);
    ck_assert_int_eq(once_order(&once, &key, &term, 1), OK);
    key = key_of(0);
    ck_assert_int_eq(once_verdict(&once, &key, &term), OK);
    key = key_of(1);
    ck_assert_int_eq(once_verdict(&once, &key, &term), ERR_DUPLICATE);
    ck_assert_int_eq(order(1, 1), OK); /* of another kind: they don't crowd each other out */
}
END_TEST

Suite *once_suite(void) {
    Suite *suite = suite_create("once");
    TCase *tests = tcase_create("once");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, a_record_is_remembered_however_many_follow);
    tcase_add_test(tests, what_is_forgotten_has_expired);
    tcase_add_test(tests, no_expiry_is_too_far);
    tcase_add_test(tests, memory_is_expiry_times_rate);
    tcase_add_test(tests, a_city_is_ordered_once_at_each_height);
    tcase_add_test(tests, holes_stay_open_within_the_window);
    tcase_add_test(tests, what_does_no_harm_is_kept_a_while);
    suite_add_tcase(suite, tests);
    return suite;
}
