/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A machine's discipline (sim/machine/machine.h), rule by rule, against times worked out by hand. */
#include <check.h>
#include <stdlib.h>

#include "sim/machine/machine.h"

static struct machine machine;
static struct machine_pool pool;
static struct effects effects;

#define WRITE 10

/* A unit of anything takes 1, a record WRITE. */
static time_ns cost(void *context, uint32_t index, enum work work, uint64_t count) {
    return work == WORK_PERSIST ? WRITE : (time_ns)count;
}

static struct effect *add(enum effect_type type, uint32_t number, uint64_t a) {
    if (effects.count == effects.capacity) {
        effects.capacity += 16;
        effects.list = realloc(effects.list, effects.capacity * sizeof *effects.list);
    }
    effects.list[effects.count] = (struct effect){.type = type, .number = number, .a = a};
    return &effects.list[effects.count++];
}

static void charge(uint64_t count) {
    add(EFFECT_CHARGE, WORK_SIGN, count);
}

static void say(uint64_t a) {
    add(EFFECT_TRACE, TRACE_VIEW, a);
}

/* As env_persist does. */
static void persist(uint32_t slot) {
    add(EFFECT_PERSIST, slot, 0);
    add(EFFECT_CHARGE, WORK_PERSIST, 1);
}

static void step(time_ns start) {
    machine_step(&machine, &pool, start, 0, &effects, cost, NULL);
    ck_assert_uint_eq(effects.count, 0);
}

/* The next effect that is no charge. */
static bool next(time_ns limit, struct happening *happening) {
    while (machine_take(&machine, &pool, limit, happening))
        if (happening->effect.type != EFFECT_CHARGE)
            return true;
    return false;
}

static void expect_said(uint64_t a, time_ns time) {
    struct happening happening;
    ck_assert(next(TIME_NEVER - 1, &happening));
    ck_assert_int_eq(happening.effect.type, EFFECT_TRACE);
    ck_assert_uint_eq(happening.effect.a, a);
    ck_assert_int_eq(happening.time, time);
}

static void expect_written(uint32_t slot, time_ns time) {
    struct happening happening;
    ck_assert(next(TIME_NEVER - 1, &happening));
    ck_assert_int_eq(happening.effect.type, EFFECT_PERSIST);
    ck_assert_uint_eq(happening.effect.number, slot);
    ck_assert_int_eq(happening.time, time);
}

static void open_machine(uint32_t cores) {
    machine_init(&machine, cores);
}

static void close_machine(void) {
    machine_deinit(&machine, &pool);
    machine_pool_deinit(&pool);
    free(effects.list);
    effects = (struct effects){0};
}

START_TEST(a_step_takes_the_core_that_is_free_first) {
    open_machine(2);
    charge(30);
    step(0);
    ck_assert_int_eq(machine_free(&machine), 0);
    charge(10);
    step(0);
    ck_assert_int_eq(machine_free(&machine), 10);
    charge(5);
    step(10);
    ck_assert_int_eq(machine_free(&machine), 15);
    charge(100);
    step(15);
    ck_assert_int_eq(machine_free(&machine), 30);
    ck_assert_int_eq(machine.core_busy, 145);
    close_machine();
}
END_TEST

START_TEST(no_step_starts_before_an_earlier_one) {
    open_machine(2);
    step(50); /* the other core is free since 0 */
    ck_assert_int_eq(machine_free(&machine), 50);
    close_machine();
}
END_TEST

START_TEST(shorter_steps_overtake) {
    open_machine(2);
    say(1);
    charge(30);
    say(2);
    step(0);
    charge(10);
    say(3);
    charge(20);
    say(4);
    step(5);
    expect_said(1, 0);
    expect_said(3, 15);
    expect_said(2, 30);
    expect_said(4, 35);
    ck_assert_int_eq(machine_next(&machine), TIME_NEVER);
    close_machine();
}
END_TEST

START_TEST(at_one_time_the_earlier_step_is_first) {
    open_machine(3);
    for (uint64_t i = 0; i < 3; i++) {
        charge(9 - 3 * i);
        say(2 * i);
        say(2 * i + 1);
        step((time_ns)(3 * i));
    }
    for (uint64_t i = 0; i < 6; i++)
        expect_said(i, 9);
    close_machine();
}
END_TEST

START_TEST(nothing_is_taken_before_its_time) {
    struct happening happening;
    open_machine(1);
    charge(7);
    say(1);
    step(3);
    ck_assert(!next(9, &happening));
    ck_assert_int_eq(machine_next(&machine), 10);
    ck_assert(next(10, &happening));
    ck_assert_int_eq(happening.handled, 3);
    ck_assert_uint_eq(happening.step, 1);
    close_machine();
}
END_TEST

/* The core goes on, and is free before the record is durable; what comes after it is not seen before. */
START_TEST(a_record_waits_for_the_disk_and_not_the_core) {
    open_machine(1);
    say(1);
    persist(7);
    say(2);
    charge(4);
    say(3);
    charge(20);
    say(4);
    step(0);
    ck_assert_int_eq(machine_free(&machine), 24);
    expect_said(1, 0);
    expect_written(7, WRITE);
    expect_said(2, WRITE);
    expect_said(3, WRITE);
    expect_said(4, 24);
    ck_assert_int_eq(machine.core_busy, 24);
    ck_assert_int_eq(machine.disk_busy, WRITE);
    close_machine();
}
END_TEST

START_TEST(the_disk_writes_one_record_after_another) {
    open_machine(1);
    persist(1);
    persist(2);
    charge(2);
    persist(3);
    say(1);
    step(0);
    expect_written(1, WRITE);
    expect_written(2, 2 * WRITE);
    expect_written(3, 3 * WRITE);
    expect_said(1, 3 * WRITE);
    ck_assert_int_eq(machine.disk_wait_max, 2 * WRITE - 2);
    close_machine();
}
END_TEST

/* A longer step's record is older state: it must not replace the newer one in its slot. */
START_TEST(records_go_to_the_disk_in_the_order_of_the_steps) {
    open_machine(2);
    charge(50);
    persist(1);
    step(0);
    charge(5);
    persist(2);
    say(2);
    step(0);
    expect_written(1, 50 + WRITE);
    expect_written(2, 50 + 2 * WRITE);
    expect_said(2, 50 + 2 * WRITE);
    close_machine();
}
END_TEST

/* A later step has seen the state and says it again: not before it is durable. */
START_TEST(a_later_step_says_nothing_before_the_record_is_durable) {
    open_machine(2);
    charge(3);
    persist(1);
    say(1);
    step(0);
    say(2);
    step(0);
    expect_written(1, 3 + WRITE);
    expect_said(1, 3 + WRITE);
    expect_said(2, 3 + WRITE);
    say(3);
    step(3 + WRITE);
    expect_said(3, 3 + WRITE); /* and no longer */
    close_machine();
}
END_TEST

START_TEST(a_crash_ends_what_has_not_happened) {
    struct happening happening;
    open_machine(2);
    charge(5);
    persist(1);
    say(1);
    step(0);
    charge(100);
    say(2);
    step(0);
    ck_assert(!next(4, &happening));
    machine_crash(&machine, &pool);
    ck_assert_int_eq(machine_next(&machine), TIME_NEVER);
    machine_restart(&machine, 8); /* while all three would still be at work */
    ck_assert_int_eq(machine_free(&machine), 8);
    persist(2);
    charge(1);
    step(8);
    ck_assert_int_eq(machine_free(&machine), 8);
    charge(1);
    step(8);
    ck_assert_int_eq(machine_free(&machine), 9);
    expect_written(2, 8 + WRITE); /* the write under way is lost */
    close_machine();
}
END_TEST

Suite *machine_suite(void) {
    Suite *suite = suite_create("machine");
    TCase *tcase = tcase_create("machine");
    tcase_add_test(tcase, a_step_takes_the_core_that_is_free_first);
    tcase_add_test(tcase, no_step_starts_before_an_earlier_one);
    tcase_add_test(tcase, shorter_steps_overtake);
    tcase_add_test(tcase, at_one_time_the_earlier_step_is_first);
    tcase_add_test(tcase, nothing_is_taken_before_its_time);
    tcase_add_test(tcase, a_record_waits_for_the_disk_and_not_the_core);
    tcase_add_test(tcase, the_disk_writes_one_record_after_another);
    tcase_add_test(tcase, records_go_to_the_disk_in_the_order_of_the_steps);
    tcase_add_test(tcase, a_later_step_says_nothing_before_the_record_is_durable);
    tcase_add_test(tcase, a_crash_ends_what_has_not_happened);
    suite_add_tcase(suite, tcase);
    return suite;
}
