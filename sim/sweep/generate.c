/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/sweep/generate.h"

#include <string.h>

#include "base/limits.h"
#include "base/rng.h"
#include "sim/adversary/adversary.h"

/* A plan under way. Times are drawn in view timeouts, for these rule what a protocol does. */
struct draft {
    struct plan *plan;
    struct rng rng;
    uint64_t all, faulty; /* members; those that shall be faulty */
    time_ns hop, timeout;
};

/* Draws. */

static int64_t below(struct draft *draft, int64_t bound) {
    return bound <= 0 ? 0 : (int64_t)rng_below(&draft->rng, (uint64_t)bound);
}

static int64_t between(struct draft *draft, int64_t least, int64_t most) {
    return least + below(draft, most - least + 1);
}

static bool one_in(struct draft *draft, int64_t count) {
    return below(draft, count) == 0;
}

static int64_t pick(struct draft *draft, const int64_t *values, size_t count) {
    return values[below(draft, (int64_t)count)];
}

#define PICK(draft, ...)                                                                           \
    pick(draft, (const int64_t[]){__VA_ARGS__}, ARRAY_LEN(((const int64_t[]){__VA_ARGS__})))

/* So many of @members, all of them when there are fewer. */
static uint64_t some_of(struct draft *draft, uint64_t members, int64_t count) {
    uint64_t chosen = members;
    while ((int64_t)plan_count(chosen) > count) {
        const uint64_t bit = UINT64_C(1) << below(draft, draft->plan->n);
        chosen &= ~bit;
    }
    return chosen;
}

static uint64_t one_of(struct draft *draft, uint64_t members) {
    return some_of(draft, members, 1);
}

/* At least one of all, and not all. */
static uint64_t part_of_all(struct draft *draft) {
    return some_of(draft, draft->all, between(draft, 1, draft->plan->n - 1));
}

/* Member i and its twin: what concerns the one concerns the other, unless a row says otherwise. */
static uint64_t with_twins(const struct draft *draft, uint64_t members) {
    return members | (members & plan_twins(draft->plan)) << PLAN_TWIN;
}

static int64_t rate(struct draft *draft) {
    return PICK(draft, 2, 10, 30, 60, 90) * (PLAN_MILLION / 100);
}

/* Rows. */

static struct plan_fault *add(struct draft *draft, enum plan_kind kind) {
    struct plan_fault *fault = plan_add_fault(draft->plan, kind);
    if (fault != NULL)
        fault->draw = (int64_t)draft->plan->faults.count;
    return fault;
}

static void set_time(struct draft *draft, struct plan_fault *fault) {
    const int64_t heal = draft->plan->heal;
    fault->at = one_in(draft, 3) ? 0 : below(draft, heal * 3 / 4);
    if (!one_in(draft, 3))
        fault->until = fault->at + draft->timeout / 2 + below(draft, heal / 2);
}

static struct plan_fault *add_link(struct draft *draft, enum plan_kind kind) {
    struct plan_fault *fault = add(draft, kind);
    if (fault == NULL)
        return NULL;
    set_time(draft, fault);
    if (one_in(draft, 2))
        fault->from = with_twins(draft, part_of_all(draft));
    if (one_in(draft, 3))
        fault->to = with_twins(draft, part_of_all(draft));
    return fault;
}

static void add_life(struct draft *draft, uint64_t members, time_ns at, time_ns length,
                     int64_t after) {
    struct plan_fault *fault = add(draft, PLAN_CRASH);
    if (fault == NULL)
        return;
    fault->members = with_twins(draft, members);
    fault->at = at;
    fault->until = at + (length > 0 ? length : 1);
    fault->after = after;
}

/* The kinds of trouble. */

static void lose(struct draft *draft) {
    struct plan_fault *fault = add_link(draft, PLAN_LOSS);
    if (fault != NULL)
        fault->rate = rate(draft);
}

static void delay_some(struct draft *draft) {
    struct plan_fault *fault = add_link(draft, PLAN_SPIKE);
    if (fault == NULL)
        return;
    fault->rate = rate(draft);
    fault->delay = 1 + below(draft, draft->timeout * PICK(draft, 1, 3, 12) / 3);
}

static void reorder(struct draft *draft) {
    struct plan_fault *fault = add_link(draft, PLAN_SPIKE);
    if (fault != NULL)
        fault->delay = draft->hop * PICK(draft, 1, 4);
}

static void repeat(struct draft *draft) {
    struct plan_fault *fault = add_link(draft, PLAN_DUPLICATE);
    if (fault == NULL)
        return;
    fault->rate = rate(draft);
    fault->delay = 1 + below(draft, one_in(draft, 2) ? draft->hop : draft->timeout);
}

/* Some of what was said comes again much later, when views have changed and members have restarted. */
static void recall(struct draft *draft) {
    struct plan_fault *fault = add_link(draft, PLAN_DUPLICATE);
    if (fault == NULL)
        return;
    fault->rate = PICK(draft, 1, 3, 10) * (PLAN_MILLION / 100);
    fault->delay = draft->plan->heal;
}

/* The types of messages that the variant sends: of its own names. */
static bool is_own_type(const struct draft *draft, const char *name) {
    const char *variant = draft->plan->variant;
    if (strcmp(variant, "honeybadger") == 0)
        return strncmp(name, "honeybadger.", 12) == 0 || strncmp(name, "abba.", 5) == 0 ||
               strncmp(name, "broadcast.", 10) == 0;
    const size_t dot = strcspn(name, ".");
    return strncmp(name, variant, dot) == 0 || strncmp(name, "chain.", 6) == 0;
}

static void lose_type(struct draft *draft) {
    const char *names[64];
    size_t count = 0;
    for (size_t i = 0; i < message_count() && count < ARRAY_LEN(names); i++)
        if (is_own_type(draft, message_name(message_at(i))))
            names[count++] = message_name(message_at(i));
    struct plan_fault *fault = add_link(draft, PLAN_LOSS);
    if (fault != NULL)
        fault->type = names[below(draft, (int64_t)count)];
}

static void slow_links(struct draft *draft) {
    for (int64_t count = between(draft, 1, draft->plan->n); count > 0; count--) {
        struct plan_fault *fault = add(draft, PLAN_SLOW);
        if (fault == NULL)
            return;
        fault->from = one_of(draft, draft->all);
        fault->to = one_in(draft, 2) ? 0 : one_of(draft, draft->all & ~fault->from);
        fault->delay = 1 + below(draft, draft->timeout / 2);
    }
}

static void cut_once(struct draft *draft, uint64_t from, time_ns at, time_ns until) {
    struct plan_fault *fault = add(draft, PLAN_CUT);
    if (fault == NULL)
        return;
    fault->from = with_twins(draft, from);
    fault->to = with_twins(draft, draft->all & ~from);
    fault->at = at;
    fault->until = until;
    fault->one_way = one_in(draft, 3);
}

static void cut(struct draft *draft) {
    const uint64_t from = one_in(draft, 2) ? one_of(draft, draft->all) : part_of_all(draft);
    cut_once(draft, from, 0, PLAN_UNSET);
    set_time(draft, &draft->plan->faults.items[draft->plan->faults.count - 1]);
}

/* Two sides that only one member joins: each side and the bridge may be a quorum (etcd at Cloudflare, 2020). */
static void cut_but_for_a_bridge(struct draft *draft) {
    struct plan_fault *fault = add(draft, PLAN_CUT);
    if (fault == NULL)
        return;
    const uint64_t bridge = one_of(draft, draft->all), others = draft->all & ~bridge;
    const uint64_t side = some_of(draft, others, between(draft, 1, draft->plan->n - 2));
    set_time(draft, fault);
    fault->from = with_twins(draft, side);
    fault->to = with_twins(draft, others & ~side);
    fault->one_way = one_in(draft, 4);
}

/* Members are cut off one by one, and come back one by one in another order. */
static void cut_and_mend(struct draft *draft) {
    const time_ns at = below(draft, draft->plan->heal / 2);
    const time_ns pause = 1 + below(draft, draft->timeout);
    const int64_t most = between(draft, 1, draft->plan->n);
    uint64_t left = some_of(draft, draft->all, most);
    for (int64_t i = 0; left != 0; i++) {
        const uint64_t next = one_of(draft, left);
        left &= ~next;
        cut_once(draft, next, at + i * pause, at + (most + 1 + below(draft, most)) * pause);
    }
}

/* One after the other, each another. */
static void cuts(struct draft *draft) {
    time_ns at = below(draft, draft->plan->heal / 2);
    for (int64_t count = between(draft, 2, 6); count > 0 && at < draft->plan->heal; count--) {
        const time_ns until = at + 1 + below(draft, 4 * draft->timeout);
        cut_once(draft, part_of_all(draft), at, until);
        at = until + (one_in(draft, 2) ? 0 : below(draft, draft->timeout));
    }
}

static void cut_in_turn(struct draft *draft) {
    struct plan_fault *fault = add(draft, PLAN_CUT);
    if (fault == NULL)
        return;
    set_time(draft, fault);
    fault->from = some_of(draft, draft->all, between(draft, 1, (draft->plan->n + 1) / 2));
    fault->to = with_twins(draft, draft->all);
    fault->one_way = one_in(draft, 3);
    fault->every = between(draft, draft->hop, 2 * draft->timeout);
    if (fault->every < NS_PER_MS)
        fault->every = NS_PER_MS;
}

static void restart(struct draft *draft) {
    for (int64_t count = between(draft, 1, 3); count > 0; count--)
        add_life(draft, some_of(draft, draft->all, between(draft, 1, draft->plan->n / 2)),
                 below(draft, draft->plan->heal * 3 / 4), below(draft, 6 * draft->timeout),
                 PLAN_UNSET);
}

/* What the step had not persisted is lost. */
static void fail_in_step(struct draft *draft) {
    for (int64_t count = between(draft, 1, 6); count > 0; count--)
        add_life(draft, one_of(draft, draft->all), below(draft, draft->plan->heal * 3 / 4),
                 between(draft, draft->timeout / 8, 3 * draft->timeout), below(draft, 60));
}

static void restart_in_turn_of(struct draft *draft, uint64_t members) {
    time_ns at = below(draft, draft->plan->heal / 2);
    const time_ns length = 1 + below(draft, 3 * draft->timeout);
    const time_ns gap = below(draft, 3 * draft->timeout);
    while (members != 0 && at < draft->plan->heal) {
        const uint64_t next = one_of(draft, members);
        members &= ~next;
        add_life(draft, next, at, length, PLAN_UNSET);
        at += length + gap;
    }
}

static void restart_in_turn(struct draft *draft) {
    restart_in_turn_of(draft, draft->all);
}

static void restart_all(struct draft *draft) {
    const time_ns at = below(draft, draft->plan->heal * 3 / 4);
    const time_ns apart = one_in(draft, 2) ? 0 : below(draft, draft->timeout);
    const time_ns length = apart + 1 + below(draft, 2 * draft->timeout);
    const bool in_step = one_in(draft, 3);
    for (int64_t i = 0; i < draft->plan->n; i++)
        add_life(draft, UINT64_C(1) << i, at + below(draft, apart + 1),
                 length + below(draft, apart + 1), in_step ? below(draft, 30) : PLAN_UNSET);
}

/* One member is away while all others restart in turn: who still has what it needs? */
static void leave_behind(struct draft *draft) {
    const uint64_t away = one_of(draft, draft->all);
    cut_once(draft, away, 0, PLAN_UNSET);
    draft->plan->faults.items[draft->plan->faults.count - 1].one_way = 0;
    restart_in_turn_of(draft, draft->all & ~away);
}

/* The chance is of 16. */
static const struct {
    void (*add)(struct draft *draft);
    int64_t chance;
} troubles[] = {
    {lose, 4},         {delay_some, 4},   {reorder, 3},      {repeat, 4},
    {lose_type, 3},    {slow_links, 3},   {cut, 4},          {cuts, 2},
    {cut_in_turn, 2},  {restart, 3},      {fail_in_step, 4}, {restart_in_turn, 2},
    {restart_all, 2},  {leave_behind, 1}, {recall, 2},       {cut_but_for_a_bridge, 2},
    {cut_and_mend, 2},
};

/* Who is faulty, and how. */

/* More than are tolerated: something is to go wrong. */
static bool is_control(const struct draft *draft) {
    return plan_count(draft->faulty) > plan_tolerated(draft->plan);
}

static void be_twins(struct draft *draft, uint64_t members) {
    const uint64_t others = draft->all & ~members;
    add(draft, PLAN_TWINS)->members = members;
    if (!is_control(draft) && one_in(draft, 3))
        return;
    /* Each brother with a part of the others. */
    struct plan_fault *fault = add(draft, PLAN_CUT);
    const int64_t half = plan_count(others) / 2;
    const uint64_t side =
        some_of(draft, others, is_control(draft) ? half : between(draft, 1, draft->plan->n / 2));
    fault->from = side | members;
    fault->to = (others & ~side) | members << PLAN_TWIN;
    set_time(draft, fault);
}

static void be_hostile(struct draft *draft, uint64_t members) {
    const struct adversary_ops *fitting[64];
    size_t count = 0;
    for (size_t i = 0; adversary_at(i) != NULL && count < ARRAY_LEN(fitting); i++)
        if (adversary_applies(adversary_at(i), draft->plan->variant))
            fitting[count++] = adversary_at(i);
    struct plan_fault *fault = add(draft, PLAN_HOSTILE);
    fault->members = members;
    fault->behaviour = fitting[below(draft, (int64_t)count)]->name;
}

static void be_silent(struct draft *draft, uint64_t members) {
    struct plan_fault *fault = add(draft, PLAN_HOSTILE);
    fault->members = members;
    fault->behaviour = "silent";
}

static void be_gone(struct draft *draft, uint64_t members) {
    struct plan_fault *fault = add(draft, PLAN_CRASH);
    fault->members = members;
    fault->at = below(draft, draft->plan->heal);
}

static void be_amnesiac(struct draft *draft, uint64_t members) {
    add_life(draft, members, below(draft, draft->plan->heal * 3 / 4),
             below(draft, 4 * draft->timeout), PLAN_UNSET);
    draft->plan->faults.items[draft->plan->faults.count - 1].lose = PLAN_LOSE_ALL;
}

static void (*const ways[])(struct draft *draft, uint64_t members) = {
    be_twins, be_hostile, be_hostile, be_silent, be_gone, be_amnesiac,
};

/* All in one way, or in two. There is one adversary, so the second is none of its. */
static void choose_faulty(struct draft *draft, int64_t most) {
    const bool control = most > plan_tolerated(draft->plan);
    if (most <= 0 || (!control && one_in(draft, 4)))
        return;
    const bool fewer = !control && one_in(draft, 4);
    draft->faulty = some_of(draft, draft->all, fewer ? between(draft, 1, most) : most);
    if (control && one_in(draft, 2)) {
        be_twins(draft, draft->faulty);
        return;
    }
    uint64_t others = one_in(draft, 3) ? some_of(draft, draft->faulty, most / 2) : 0;
    if (others == draft->faulty)
        others = 0;
    if (others != 0)
        (one_in(draft, 2) ? be_gone : be_amnesiac)(draft, others);
    ways[below(draft, ARRAY_LEN(ways))](draft, draft->faulty & ~others);
}

/* What is submitted. */

static void add_load(struct draft *draft, time_ns at, int64_t count) {
    struct plan_load *load = plan_add_load(draft->plan);
    if (load == NULL)
        return;
    load->at = at;
    load->count = count;
    load->draw = 1000 + (int64_t)draft->plan->loads.count;
    if (one_in(draft, 3))
        load->members = with_twins(draft, part_of_all(draft));
    if (one_in(draft, 3))
        load->spread = 1 + below(draft, 3 * draft->timeout);
}

/* So many that checkpoints and journals matter: more than 256 decisions. */
static void load_long(struct draft *draft) {
    draft->plan->batch = 1;
    for (int64_t i = 0; i < 5; i++)
        add_load(draft, below(draft, draft->plan->heal * 3 / 4), between(draft, 50, 80));
}

static void load_steadily(struct draft *draft) {
    const int64_t rows = between(draft, 2, 30);
    const time_ns from = one_in(draft, 3) ? below(draft, draft->plan->heal / 2) : 0;
    for (int64_t i = 0; i < rows; i++)
        add_load(draft, from + i * ((draft->plan->heal - from) / rows) + below(draft, draft->hop),
                 one_in(draft, 4) ? between(draft, 2, 6) : 1);
}

static void load_at_once(struct draft *draft) {
    for (int64_t i = between(draft, 1, 3); i > 0; i--)
        add_load(draft, below(draft, draft->plan->heal * 3 / 4), between(draft, 1, 40));
}

/* Before the rest, for nearly all of it is drawn in these. */
static void choose_times(struct draft *draft, bool many) {
    struct plan *plan = draft->plan;
    plan->delay = many ? NS_PER_MS : PICK(draft, 1, 3, 10, 25) * NS_PER_MS;
    plan->jitter =
        one_in(draft, 3) ? 0 : 1 + below(draft, one_in(draft, 2) ? plan->delay / 8 : plan->delay);
    draft->hop = plan->delay + plan->jitter;
    plan->view_timeout = draft->timeout = between(draft, 15, 40) * draft->hop;
    plan->heal = between(draft, 6, 40) * draft->timeout;
    plan->resend = one_in(draft, 2) ? PLAN_UNSET : between(draft, 1, 8) * draft->timeout;
    plan->bound = 30 * NS_PER_S + 100 * draft->timeout;
}

void plan_generate(struct plan *plan, const struct plan_case *which) {
    plan_init(plan);
    plan->variant = which->variant;
    plan->certificates = which->certificates;
    plan->n = which->n;
    plan->seed = (int64_t)(which->seed & INT64_MAX);
    struct draft draft = {.plan = plan, .all = (UINT64_C(1) << which->n) - 1};
    uint64_t owner = hash_combine(hash_name(which->variant), hash_name(which->certificates));
    owner = hash_combine(owner, (uint64_t)which->n);
    rng_init(&draft.rng, which->seed, owner, "plan");
    const bool many = one_in(&draft, 16);
    plan->batch = PICK(&draft, 1, 1, 2, 8, 32);
    choose_times(&draft, many);
    choose_faulty(&draft, which->faulty == PLAN_UNSET ? plan_tolerated(plan) : which->faulty);
    for (size_t i = 0; i < ARRAY_LEN(troubles); i++)
        if (below(&draft, 16) < troubles[i].chance)
            troubles[i].add(&draft);
    if (many)
        load_long(&draft);
    else if (one_in(&draft, 3))
        load_at_once(&draft);
    else
        load_steadily(&draft);
}
