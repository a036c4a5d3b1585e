/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/sweep/contents.h"

#include <string.h>

/* A checkpoint's period, and a watermark's (PBFT). */
#define MANY 256

/* Kinds of rows. */

static bool loses(const struct plan_fault *fault) {
    return fault->kind == PLAN_LOSS && fault->type == NULL;
}

static bool loses_type(const struct plan_fault *fault) {
    return fault->kind == PLAN_LOSS && fault->type != NULL;
}

static bool spikes(const struct plan_fault *fault) {
    return fault->kind == PLAN_SPIKE;
}

static bool slows(const struct plan_fault *fault) {
    return fault->kind == PLAN_SLOW;
}

static bool repeats(const struct plan_fault *fault) {
    return fault->kind == PLAN_DUPLICATE;
}

static bool cuts(const struct plan_fault *fault) {
    return fault->kind == PLAN_CUT;
}

static bool restarts(const struct plan_fault *fault) {
    return fault->kind == PLAN_CRASH && fault->until != PLAN_UNSET &&
           fault->lose == PLAN_LOSE_NOTHING;
}

static bool fails_in_step(const struct plan_fault *fault) {
    return fault->kind == PLAN_CRASH && fault->after != PLAN_UNSET;
}

static bool forgets(const struct plan_fault *fault) {
    return fault->kind == PLAN_CRASH && fault->lose == PLAN_LOSE_ALL;
}

static bool goes(const struct plan_fault *fault) {
    return fault->kind == PLAN_CRASH && fault->until == PLAN_UNSET;
}

static bool has_twins(const struct plan_fault *fault) {
    return fault->kind == PLAN_TWINS;
}

static bool is_silent(const struct plan_fault *fault) {
    return fault->kind == PLAN_HOSTILE && strcmp(fault->behaviour, "silent") == 0;
}

static bool attacks(const struct plan_fault *fault) {
    return fault->kind == PLAN_HOSTILE && !is_silent(fault);
}

/* Of the plan as a whole. */

static bool restarts_all(const struct plan *plan) {
    uint64_t members = 0;
    for (size_t i = 0; i < plan->faults.count; i++)
        if (restarts(&plan->faults.items[i]))
            members |= plan->faults.items[i].members;
    return plan_count(members & ((UINT64_C(1) << plan->n) - 1)) == plan->n;
}

static bool tells_some(const struct plan *plan) {
    for (size_t i = 0; i < plan->loads.count; i++)
        if (plan->loads.items[i].members != 0)
            return true;
    return false;
}

static bool is_long(const struct plan *plan) {
    int64_t transactions = 0;
    for (size_t i = 0; i < plan->loads.count; i++)
        transactions += plan->loads.items[i].count;
    return plan->batch == 1 && transactions > MANY;
}

static const struct {
    const char *name;
    bool (*row)(const struct plan_fault *fault); /* any row, or … */
    bool (*whole)(const struct plan *plan);
} kinds[] = {
    {"loss", loses, NULL},
    {"type lost", loses_type, NULL},
    {"spikes", spikes, NULL},
    {"slow links", slows, NULL},
    {"duplicates", repeats, NULL},
    {"cuts", cuts, NULL},
    {"restarts", restarts, NULL},
    {"in mid-step", fails_in_step, NULL},
    {"all restart", NULL, restarts_all},
    {"twins", has_twins, NULL},
    {"hostile", attacks, NULL},
    {"silent", is_silent, NULL},
    {"amnesiac", forgets, NULL},
    {"gone", goes, NULL},
    {"told to some", NULL, tells_some},
    {"long", NULL, is_long},
};

const char *contents_name(size_t kind) {
    return kind < sizeof kinds / sizeof kinds[0] ? kinds[kind].name : NULL;
}

uint32_t contents_of(const struct plan *plan) {
    uint32_t contents = 0;
    for (size_t k = 0; contents_name(k) != NULL; k++) {
        bool any = kinds[k].whole != NULL && kinds[k].whole(plan);
        for (size_t i = 0; kinds[k].row != NULL && i < plan->faults.count; i++)
            any = any || kinds[k].row(&plan->faults.items[i]);
        contents |= (uint32_t)any << k;
    }
    return contents;
}
