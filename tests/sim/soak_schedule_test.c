/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What `make soak` runs is what schedule.h says: valid scenarios, at most f members of a committee in
 * trouble at a time, all healed by half-time, every kind of fault. */
#include <check.h>
#include <string.h>

#include "base/error.h"
#include "models/places.h"
#include "sim/scenario/scenario.h"
#include "tests/soak/schedule.h"

#define SCHEDULES 500
#define HEALED    (2 * NS_PER_S)
#define KINDS     (FAULT_CLOCK + 1)

/* The member that a fault hits; NULL when it hits no committee's in particular. */
static const struct node_selector *member_of(const struct scenario_fault *fault) {
    const struct node_selection *choices[] = {&fault->nodes, &fault->from, &fault->to,
                                              &fault->isolate, fault->groups};
    for (size_t i = 0; i < ARRAY_LEN(choices); i++)
        if (choices[i] != NULL && choices[i]->count > 0 && choices[i]->terms[0].tier != TIER_ANY)
            return &choices[i]->terms[0];
    return NULL;
}

static bool same_committee(const struct node_selector *a, const struct node_selector *b) {
    return a->tier == b->tier && (a->tier == TIER_CONTINENT || strcmp(a->place, b->place) == 0);
}

static bool is_active(const struct scenario_fault *fault, time_ns now) {
    return fault->at <= now && (fault->until == UNSET || now < fault->until);
}

/* Members of the fault's committee in trouble when it begins. */
static unsigned in_trouble(const struct scenario *scenario, const struct scenario_fault *fault) {
    uint32_t members = 0;
    const struct node_selector *of = member_of(fault);
    for (size_t i = 0; i < scenario->fault_count; i++) {
        const struct node_selector *member = member_of(&scenario->faults[i]);
        if (member != NULL && same_committee(member, of) &&
            is_active(&scenario->faults[i], fault->at))
            members |= 1U << member->index_first;
    }
    return (unsigned)__builtin_popcount(members);
}

static void check_fault(const struct scenario *scenario, const struct scenario_fault *fault) {
    const struct node_selector *member = member_of(fault);
    ck_assert_int_eq(fault->until == UNSET, fault->kind == FAULT_CRASH);
    ck_assert_int_le(fault->kind == FAULT_CRASH ? fault->at : fault->until, HEALED);
    ck_assert(fault->ahead <= 200 * NS_PER_MS && fault->behind <= 200 * NS_PER_MS);
    if (member == NULL) {
        ck_assert(fault->kind == FAULT_LOSS || fault->kind == FAULT_PARTITION);
        return;
    }
    const struct scenario_tier *tier =
        member->tier == TIER_CITY ? &scenario->city : &scenario->continent;
    ck_assert_int_eq(member->index_first, member->index_last);
    ck_assert_uint_le(in_trouble(scenario, fault), (unsigned)(tier->committee - 1) / 3);
    if (fault->kind == FAULT_CRASH)
        ck_assert(tier->committee > 4 || strcmp(tier->consensus, "hotstuff") != 0);
}

START_TEST(schedules_keep_what_they_promise) {
    static char yaml[SCHEDULE_BYTES], again[SCHEDULE_BYTES];
    const struct scenario_options options = {.place_at = places_name_at};
    size_t kinds[KINDS] = {0}, overlaps = 0;
    for (uint64_t number = 0; number < SCHEDULES; number++) {
        struct scenario scenario;
        struct diagnostics diagnostics;
        size_t size = schedule_write(7, number, yaml);
        ck_assert_uint_eq(schedule_write(7, number, again), size);
        ck_assert_mem_eq(yaml, again, size);
        int error = scenario_load_text(&scenario, "soak", yaml, size, &options, &diagnostics);
        if (error != OK)
            diagnostics_print(&diagnostics, stderr, false);
        ck_assert_int_eq(error, OK);
        for (size_t i = 0; i < scenario.fault_count; i++) {
            check_fault(&scenario, &scenario.faults[i]);
            kinds[scenario.faults[i].kind]++;
            for (size_t k = 0; k < i; k++)
                overlaps += is_active(&scenario.faults[k], scenario.faults[i].at);
        }
        scenario_deinit(&scenario);
    }
    for (size_t kind = 0; kind < KINDS; kind++)
        ck_assert(kind == FAULT_FORGET || kinds[kind] >= 100);
    ck_assert_uint_gt(overlaps, SCHEDULES);
}
END_TEST

Suite *soak_schedule_suite(void) {
    Suite *suite = suite_create("soak_schedule");
    TCase *tcase = tcase_create("soak_schedule");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, schedules_keep_what_they_promise);
    suite_add_tcase(suite, tcase);
    return suite;
}
