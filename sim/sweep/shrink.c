/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/sweep/shrink.h"

#include <string.h>

struct shrinker {
    struct plan *plan; /* the smallest so far */
    const struct verdict *verdict;
    size_t trials, most;
    bool tolerated; /* no more faulty members than f */
};

static bool is_tolerated(const struct plan *plan) {
    return plan_count(plan_faulty(plan)) <= plan_tolerated(plan);
}

/* Takes @candidate over when it fails alike; frees it otherwise. */
static bool try(struct shrinker *shrinker, struct plan *candidate) {
    struct trial trial;
    bool fails = false;
    if (shrinker->trials < shrinker->most && (!shrinker->tolerated || is_tolerated(candidate))) {
        shrinker->trials++;
        fails = trial_run(candidate, &stage_loop, &trial) &&
                trial.verdict.kind == shrinker->verdict->kind &&
                strcmp(trial.verdict.cause, shrinker->verdict->cause) == 0;
    }
    if (!fails) {
        plan_deinit(candidate);
        return false;
    }
    plan_deinit(shrinker->plan);
    *shrinker->plan = *candidate;
    return true;
}

/* Rows. */

static void remove_rows(void *items, size_t *count, size_t size, size_t from, size_t rows) {
    char *bytes = items;
    rows = from + rows > *count ? *count - from : rows;
    memmove(bytes + from * size, bytes + (from + rows) * size, (*count - from - rows) * size);
    *count -= rows;
}

static void remove_faults(struct plan *plan, size_t from, size_t rows) {
    remove_rows(plan->faults.items, &plan->faults.count, sizeof *plan->faults.items, from, rows);
}

static void remove_loads(struct plan *plan, size_t from, size_t rows) {
    remove_rows(plan->loads.items, &plan->loads.count, sizeof *plan->loads.items, from, rows);
}

/* First halves, then quarters … then single rows; from behind, for what comes late matters least. */
static bool without_rows(struct shrinker *shrinker, const size_t *count,
                         void (*remove)(struct plan *plan, size_t from, size_t rows)) {
    bool smaller = false;
    for (size_t rows = *count; rows > 0; rows /= 2)
        for (size_t behind = *count, from; behind > 0; behind = from) {
            struct plan candidate;
            from = behind < rows ? 0 : behind - rows;
            plan_copy(&candidate, shrinker->plan);
            remove(&candidate, from, behind - from);
            smaller = try(shrinker, &candidate) || smaller;
        }
    return smaller;
}

/* What one row can do without: a change of a copy, false when there is none. */

static bool drop_member(uint64_t *members) {
    if (plan_count(*members) < 2)
        return false;
    *members &= *members - 1;
    return true;
}

static bool fewer_members(struct plan_fault *fault) {
    return drop_member(&fault->members);
}

static bool fewer_from(struct plan_fault *fault) {
    return drop_member(&fault->from);
}

static bool fewer_to(struct plan_fault *fault) {
    return drop_member(&fault->to);
}

static bool all_links(struct plan_fault *fault) {
    const bool changes = fault->kind != PLAN_CUT && (fault->from | fault->to) != 0;
    if (changes)
        fault->from = fault->to = 0;
    return changes;
}

static bool always(struct plan_fault *fault) {
    const bool changes = fault->rate < PLAN_MILLION && fault->kind != PLAN_DUPLICATE;
    fault->rate = changes ? PLAN_MILLION : fault->rate;
    return changes;
}

static bool both_ways(struct plan_fault *fault) {
    const bool changes = fault->one_way != 0;
    fault->one_way = 0;
    return changes;
}

static bool unmoved(struct plan_fault *fault) {
    const bool changes = fault->every != PLAN_UNSET;
    fault->every = PLAN_UNSET;
    return changes;
}

static bool from_the_beginning(struct plan_fault *fault) {
    const bool changes = fault->at > 0 && fault->kind <= PLAN_CUT;
    if (changes)
        fault->at = 0;
    return changes;
}

static bool until_heal(struct plan_fault *fault) {
    const bool changes = fault->until != PLAN_UNSET && fault->kind <= PLAN_CUT;
    if (changes)
        fault->until = PLAN_UNSET;
    return changes;
}

static bool shorter(struct plan_fault *fault) {
    const bool changes = fault->until != PLAN_UNSET && fault->until - fault->at > NS_PER_MS;
    if (changes)
        fault->until = fault->at + (fault->until - fault->at) / 2;
    return changes;
}

static bool sooner(struct plan_fault *fault) {
    const bool changes = fault->delay > NS_PER_MS && fault->kind <= PLAN_DUPLICATE;
    if (changes)
        fault->delay /= 2;
    return changes;
}

static bool between_steps(struct plan_fault *fault) {
    const bool changes = fault->after != PLAN_UNSET;
    fault->after = PLAN_UNSET;
    return changes;
}

static bool durable(struct plan_fault *fault) {
    const bool changes = fault->lose != PLAN_LOSE_NOTHING;
    fault->lose = PLAN_LOSE_NOTHING;
    return changes;
}

static bool silent(struct plan_fault *fault) {
    const bool changes = fault->kind == PLAN_HOSTILE && strcmp(fault->behaviour, "silent") != 0;
    if (changes)
        fault->behaviour = "silent";
    return changes;
}

static bool (*const fault_changes[])(struct plan_fault *fault) = {
    silent,  all_links,     until_heal,    from_the_beginning, always,   both_ways, unmoved,
    durable, between_steps, fewer_members, fewer_from,         fewer_to, shorter,   sooner,
};

static bool to_all(struct plan_load *load) {
    const bool changes = load->members != 0;
    load->members = 0;
    return changes;
}

static bool at_once(struct plan_load *load) {
    const bool changes = load->spread != 0;
    load->spread = 0;
    return changes;
}

static bool one(struct plan_load *load) {
    const bool changes = load->count > 1;
    load->count = 1;
    return changes;
}

static bool half(struct plan_load *load) {
    const bool changes = load->count > 1;
    load->count = (load->count + 1) / 2;
    return changes;
}

static bool (*const load_changes[])(struct plan_load *load) = {one, half, to_all, at_once};

/* … and the plan as a whole. */

static bool without_jitter(struct plan *plan) {
    const bool changes = plan->jitter > 0;
    plan->jitter = 0;
    return changes;
}

static bool single_batches(struct plan *plan) {
    const bool changes = plan->batch > 1;
    plan->batch = 1;
    return changes;
}

static bool without_resending(struct plan *plan) {
    const bool changes = plan->resend != PLAN_UNSET;
    plan->resend = PLAN_UNSET;
    return changes;
}

static bool heals_earlier(struct plan *plan) {
    plan->heal = plan->heal / 2;
    return plan->heal > plan->view_timeout;
}

static bool heals_a_little_earlier(struct plan *plan) {
    plan->heal -= plan->heal / 8;
    return plan->heal > plan->view_timeout;
}

/* Whether nobody is left of them. */
static bool forget(uint64_t *members, uint64_t whom) {
    const bool any = *members != 0;
    *members &= ~whom;
    return any && *members == 0;
}

/* Without the last member: its bits go, and rows that were about nobody else. */
static bool fewer(struct plan *plan) {
    const uint64_t last = UINT64_C(1) << (plan->n - 1) | UINT64_C(1) << (PLAN_TWIN + plan->n - 1);
    if (plan->n <= 4)
        return false;
    plan->n--;
    for (size_t i = plan->faults.count; i-- > 0;) {
        struct plan_fault *fault = &plan->faults.items[i];
        bool emptied = forget(&fault->members, last);
        emptied = forget(&fault->from, last) || emptied;
        emptied = forget(&fault->to, last) || emptied;
        if (emptied)
            remove_faults(plan, i, 1);
    }
    for (size_t i = 0; i < plan->loads.count; i++)
        (void)forget(&plan->loads.items[i].members, last); /* nobody left: everybody */
    return true;
}

static time_ns rounded(time_ns time, time_ns to) {
    return time <= 0 ? time : (time + to - 1) / to * to;
}

static bool in_steps_of(struct plan *plan, time_ns to) {
    const time_ns before = plan->heal;
    bool changes = false;
    plan->heal = rounded(plan->heal, to);
    plan->view_timeout = rounded(plan->view_timeout, to);
    changes = plan->heal != before;
    for (size_t i = 0; i < plan->faults.count; i++) {
        struct plan_fault *fault = &plan->faults.items[i];
        const struct plan_fault old = *fault;
        fault->at = rounded(fault->at, to);
        fault->until = rounded(fault->until, to);
        if (fault->until == fault->at)
            fault->until += to;
        changes = changes || old.at != fault->at || old.until != fault->until;
    }
    for (size_t i = 0; i < plan->loads.count; i++) {
        const time_ns at = plan->loads.items[i].at;
        plan->loads.items[i].at = rounded(at, to);
        changes = changes || plan->loads.items[i].at != at;
    }
    return changes;
}

static bool rounded_roughly(struct plan *plan) {
    return in_steps_of(plan, 100 * NS_PER_MS);
}

static bool rounded_finely(struct plan *plan) {
    return in_steps_of(plan, NS_PER_MS);
}

static bool (*const plan_changes[])(struct plan *plan) = {
    fewer,          heals_earlier,     heals_a_little_earlier, without_jitter,
    single_batches, without_resending, rounded_roughly,        rounded_finely,
};

/* Changes of a copy: of the plan, or of its row. */

static bool apply_plan(struct plan *plan, size_t row, size_t change) {
    (void)row;
    return plan_changes[change](plan);
}

static bool apply_fault(struct plan *plan, size_t row, size_t change) {
    return fault_changes[change](&plan->faults.items[row]);
}

static bool apply_load(struct plan *plan, size_t row, size_t change) {
    return load_changes[change](&plan->loads.items[row]);
}

/* Each change of each row, again and again while it makes the plan smaller. */
static bool change(struct shrinker *shrinker, const size_t *rows, size_t changes,
                   bool (*apply)(struct plan *plan, size_t row, size_t change)) {
    bool smaller = false;
    for (size_t row = 0; row < *rows; row++)
        for (size_t i = 0; i < changes;) {
            struct plan candidate;
            plan_copy(&candidate, shrinker->plan);
            const bool changed = apply(&candidate, row, i);
            if (changed && try(shrinker, &candidate)) {
                smaller = true;
                continue;
            }
            if (!changed)
                plan_deinit(&candidate);
            i++;
        }
    return smaller;
}

size_t shrink(struct plan *plan, const struct verdict *verdict, size_t trials) {
    struct shrinker shrinker = {plan, verdict, 0, trials, is_tolerated(plan)};
    const size_t one_plan = 1;
    bool smaller;
    do {
        smaller = without_rows(&shrinker, &plan->faults.count, remove_faults);
        smaller = without_rows(&shrinker, &plan->loads.count, remove_loads) || smaller;
        smaller = change(&shrinker, &one_plan, ARRAY_LEN(plan_changes), apply_plan) || smaller;
        smaller = change(&shrinker, &plan->faults.count, ARRAY_LEN(fault_changes), apply_fault) ||
                  smaller;
        smaller =
            change(&shrinker, &plan->loads.count, ARRAY_LEN(load_changes), apply_load) || smaller;
    } while (smaller && shrinker.trials < shrinker.most);
    return shrinker.trials;
}
