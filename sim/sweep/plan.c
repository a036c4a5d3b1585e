/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/sweep/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "sim/scenario/arena.h"

void plan_init(struct plan *plan) {
    *plan = (struct plan){
        .variant = "pbft",
        .certificates = "list",
        .n = 4,
        .batch = 1,
        .delay = 10 * NS_PER_MS,
        .jitter = 0,
        .view_timeout = 200 * NS_PER_MS,
        .seed = 1,
        .heal = 5 * NS_PER_S,
        .resend = PLAN_UNSET,
        .bound = 60 * NS_PER_S,
        .expect = {PLAN_HOLDS, PLAN_HOLDS, PLAN_HOLDS, PLAN_HOLDS, PLAN_UNSET, PLAN_UNSET,
                   PLAN_UNSET},
    };
}

void plan_copy(struct plan *plan, const struct plan *from) {
    *plan = *from;
    plan->arena = NULL;
    plan->loads.items = memory_new(PLAN_LOADS, sizeof *plan->loads.items);
    plan->faults.items = memory_new(PLAN_FAULTS, sizeof *plan->faults.items);
    if (from->loads.count > 0)
        memcpy(plan->loads.items, from->loads.items, from->loads.count * sizeof *from->loads.items);
    if (from->faults.count > 0)
        memcpy(plan->faults.items, from->faults.items,
               from->faults.count * sizeof *from->faults.items);
}

void plan_deinit(struct plan *plan) {
    if (plan->arena != NULL) {
        arena_free(plan->arena);
    } else {
        free(plan->loads.items);
        free(plan->faults.items);
    }
    *plan = (struct plan){0};
}

struct plan_load *plan_add_load(struct plan *plan) {
    if (plan->loads.items == NULL)
        plan->loads.items = memory_new(PLAN_LOADS, sizeof *plan->loads.items);
    if (plan->loads.count == PLAN_LOADS)
        return NULL;
    struct plan_load *load = &plan->loads.items[plan->loads.count++];
    *load = (struct plan_load){.count = 1};
    return load;
}

struct plan_fault *plan_add_fault(struct plan *plan, enum plan_kind kind) {
    if (plan->faults.items == NULL)
        plan->faults.items = memory_new(PLAN_FAULTS, sizeof *plan->faults.items);
    if (plan->faults.count == PLAN_FAULTS)
        return NULL;
    struct plan_fault *fault = &plan->faults.items[plan->faults.count++];
    *fault = (struct plan_fault){.kind = kind,
                                 .until = PLAN_UNSET,
                                 .every = PLAN_UNSET,
                                 .rate = PLAN_MILLION,
                                 .view = PLAN_UNSET,
                                 .after = PLAN_UNSET};
    return fault;
}

/* The members of all rows that @counts. */
static uint64_t members_of(const struct plan *plan, bool (*counts)(const struct plan_fault *)) {
    uint64_t members = 0;
    for (size_t i = 0; i < plan->faults.count; i++)
        if (counts(&plan->faults.items[i]))
            members |= plan->faults.items[i].members;
    return (members | members >> PLAN_TWIN) & ((UINT64_C(1) << plan->n) - 1);
}

static bool is_twins(const struct plan_fault *fault) {
    return fault->kind == PLAN_TWINS;
}

static bool is_hostile(const struct plan_fault *fault) {
    return fault->kind == PLAN_HOSTILE;
}

static bool is_amnesia(const struct plan_fault *fault) {
    return fault->kind == PLAN_CRASH && fault->lose == PLAN_LOSE_ALL;
}

static bool is_gone(const struct plan_fault *fault) {
    return fault->kind == PLAN_CRASH && fault->until == PLAN_UNSET;
}

uint64_t plan_twins(const struct plan *plan) {
    return members_of(plan, is_twins);
}

uint64_t plan_hostile(const struct plan *plan) {
    return members_of(plan, is_hostile);
}

uint64_t plan_amnesiac(const struct plan *plan) {
    return members_of(plan, is_amnesia);
}

uint64_t plan_gone(const struct plan *plan) {
    return members_of(plan, is_gone);
}

uint64_t plan_faulty(const struct plan *plan) {
    return plan_twins(plan) | plan_hostile(plan) | plan_amnesiac(plan) | plan_gone(plan);
}

const struct plan_fault *plan_behaviour(const struct plan *plan) {
    for (size_t i = 0; i < plan->faults.count; i++)
        if (plan->faults.items[i].kind == PLAN_HOSTILE)
            return &plan->faults.items[i];
    return NULL;
}

/* The longest run of correct members, around the end. */
static uint32_t longest_run(const struct plan *plan) {
    const uint64_t faulty = plan_faulty(plan);
    uint32_t run = 0, longest = 0;
    for (int64_t i = 0; i < 2 * plan->n; i++) {
        run = (faulty >> i % plan->n & 1) != 0 ? 0 : run + 1;
        longest = run > longest ? run : longest;
    }
    return longest;
}

bool plan_is_live(const struct plan *plan) {
    if (plan_count(plan_faulty(plan)) > plan_tolerated(plan))
        return false;
    const bool rotates = strcmp(plan->variant, "hotstuff") == 0 &&
                         (plan->leaders == NULL || strcmp(plan->leaders, "sticky") != 0);
    return !rotates || longest_run(plan) >= LEADERS_STICKY_VIEWS;
}
