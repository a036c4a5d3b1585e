/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Faults that overlap, against an oracle that looks at each node and link by itself, with real
 * numbers: 10^4 random lists, in which equal times, nesting and repetition are common. */
#include <check.h>
#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "sim/run/fault_table.h"

#define NODES  6
#define FAULTS 8
#define TIMES  12
#define LISTS  10000

/* What the ops have made of the world. */
struct mirror {
    bool up[NODES];
    uint32_t slow[NODES], forget[NODES];
    time_ns clock[NODES];
    unsigned starts[NODES], crashes[NODES];
};

static void crash(void *context, node_id node) {
    struct mirror *mirror = context;
    ck_assert(mirror->up[node]);
    mirror->up[node] = false;
    mirror->crashes[node]++;
}

static void start(void *context, node_id node) {
    struct mirror *mirror = context;
    ck_assert(!mirror->up[node]);
    mirror->up[node] = true;
    mirror->forget[node] = 0; /* a new process */
    mirror->starts[node]++;
}

static void slow(void *context, node_id node, uint32_t permille) {
    ((struct mirror *)context)->slow[node] = permille;
}

static void forget(void *context, node_id node, uint32_t share_ppm) {
    struct mirror *mirror = context;
    ck_assert(mirror->up[node]);
    mirror->forget[node] = share_ppm;
}

static void step_clock(void *context, node_id node, time_ns by) {
    ((struct mirror *)context)->clock[node] += by;
}

static const struct fault_ops ops = {crash, start, slow, forget, step_clock};

static void open_mirror(struct mirror *mirror) {
    memset(mirror, 0, sizeof *mirror);
    for (node_id node = 0; node < NODES; node++) {
        mirror->up[node] = true;
        mirror->slow[node] = FAULT_SLOW_NONE;
    }
}

struct list {
    struct fault faults[FAULTS];
    uint8_t marks[FAULTS][NODES];
    size_t count;
};

static void draw_fault(struct rng *rng, struct fault *fault, uint8_t *marks) {
    static const enum fault_kind kinds[] = {FAULT_CRASH,     FAULT_RESTART, FAULT_LOSS,
                                            FAULT_PARTITION, FAULT_SLOW,    FAULT_FORGET,
                                            FAULT_CLOCK,     FAULT_RESTART};
    *fault = (struct fault){.kind = kinds[rng_below(rng, ARRAY_LEN(kinds))], .marks = marks};
    fault->at = (time_ns)rng_below(rng, TIMES);
    fault->until = fault->at + 1 + (time_ns)rng_below(rng, TIMES);
    if (fault->kind == FAULT_CRASH || (fault->kind != FAULT_RESTART && rng_chance(rng, 1, 5)))
        fault->until = TIME_NEVER;
    fault->one_way = rng_chance(rng, 1, 3);
    switch (fault->kind) {
    case FAULT_SLOW:
        fault->value = FAULT_SLOW_NONE + (int64_t)rng_below(rng, 5000);
        break;
    case FAULT_CLOCK:
        fault->value = rng_chance(rng, 1, 4) ? FAULT_CLOCK_MAX : (int64_t)rng_below(rng, 1000);
        fault->value = rng_chance(rng, 1, 2) ? fault->value : -fault->value;
        break;
    default:
        fault->value = 1 + (int64_t)rng_below(rng, (uint64_t)MILLION);
    }
    for (node_id node = 0; node < NODES; node++) {
        if (fault->kind == FAULT_LOSS)
            marks[node] = rng_chance(rng, 1, 2) ? 0 : (uint8_t)(1 + rng_below(rng, 4));
        else
            marks[node] = (uint8_t)rng_below(rng, 4);
    }
}

static bool is_active(const struct fault *fault, time_ns now) {
    return fault->at <= now && (fault->until == TIME_NEVER || fault->until > now);
}

static void check_node(const struct list *list, const struct mirror *mirror, node_id node,
                       time_ns now) {
    bool down = false;
    double factor = 1, kept = 1, clock = 0;
    for (size_t i = 0; i < list->count; i++) {
        const struct fault *fault = &list->faults[i];
        if (!is_active(fault, now) || list->marks[i][node] == 0)
            continue;
        down |= fault->kind == FAULT_CRASH || fault->kind == FAULT_RESTART;
        factor *= fault->kind == FAULT_SLOW ? (double)fault->value / 1000 : 1;
        kept *= fault->kind == FAULT_FORGET ? 1 - (double)fault->value / 1e6 : 1;
        clock += fault->kind == FAULT_CLOCK ? (double)fault->value : 0;
    }
    clock = fmin(fmax(clock, -(double)FAULT_CLOCK_MAX), (double)FAULT_CLOCK_MAX);
    ck_assert_int_eq(mirror->up[node], !down);
    ck_assert(fabs(mirror->slow[node] - fmin(factor * 1000, FAULT_SLOW_MAX)) <=
              1 + factor * FAULTS);
    ck_assert(fabs((double)mirror->clock[node] - clock) <= 8); /* doubles have 53 bits */
    if (!down)
        ck_assert(fabs(mirror->forget[node] - 1e6 * (1 - kept)) <= FAULTS);
}

static bool touches(uint8_t from, uint8_t to) {
    return from == FAULT_END || to == FAULT_END ||
           ((from == FAULT_SENDER || from == (FAULT_SENDER | FAULT_RECEIVER)) &&
            (to == FAULT_RECEIVER || to == (FAULT_SENDER | FAULT_RECEIVER)));
}

static void check_link(const struct list *list, struct fault_table *table, node_id from, node_id to,
                       time_ns now) {
    bool cut = false;
    double arrives = 1 - 0.01;
    struct network_link link = {.loss_ppm = 10000};
    for (size_t i = 0; i < list->count; i++) {
        const struct fault *fault = &list->faults[i];
        uint8_t a = list->marks[i][from], b = list->marks[i][to];
        if (!is_active(fault, now))
            continue;
        if (fault->kind == FAULT_LOSS && touches(a, b))
            arrives *= 1 - (double)fault->value / 1e6;
        if (fault->kind == FAULT_PARTITION && a > 0 && b > 0 && a != b)
            cut |= !fault->one_way || a < b;
    }
    fault_table_link(table, from, to, &link);
    ck_assert_int_eq(link.cut, cut);
    ck_assert(fabs(link.loss_ppm - 1e6 * (1 - arrives)) <= FAULTS);
}

static void check_moment(const struct list *list, struct fault_table *table,
                         const struct mirror *mirror, time_ns now) {
    for (node_id node = 0; node < NODES; node++) {
        check_node(list, mirror, node, now);
        for (node_id to = 0; to < NODES; to++)
            check_link(list, table, node, to, now);
    }
}

START_TEST(random_faults_are_what_each_node_and_link_says) {
    struct rng rng;
    size_t nested = 0;
    rng_init(&rng, 1, 0, "fault lists");
    for (int n = 0; n < LISTS; n++) {
        struct list list = {.count = 1 + rng_below(&rng, FAULTS)};
        struct mirror mirror;
        struct fault_table table;
        open_mirror(&mirror);
        for (size_t i = 0; i < list.count; i++)
            draw_fault(&rng, &list.faults[i], list.marks[i]);
        fault_table_init(&table, list.faults, list.count, NODES);
        for (time_ns now = 0; now < 2 * TIMES + 1; now += 1 + (time_ns)rng_below(&rng, 2)) {
            fault_table_advance(&table, now, &ops, &mirror);
            check_moment(&list, &table, &mirror, now);
            nested += table.active_count > 1;
        }
        fault_table_deinit(&table);
    }
    ck_assert_uint_gt(nested, LISTS);
}
END_TEST

/* Two faults on node 0, told at each moment; what the ops were told must be what was wanted. */
struct overlap {
    struct fault a, b;
    const char *up;        /* whether node 0 lives, a letter a moment */
    unsigned starts;       /* of it */
    time_ns at;            /* when the following holds */
    uint32_t slow, forget; /* 0: not looked at */
    time_ns clock;
};

#define F(kind_, from, to, value_)                                                                 \
    { .kind = FAULT_##kind_, .at = from, .until = to, .value = value_ }
#define EVER TIME_NEVER

static const struct overlap overlaps[] = {
    {F(CRASH, 2, EVER, 0), F(RESTART, 1, 4, 0), "x.......", 0, 7, 1000, 0, 0}, /* in a restart */
    {F(RESTART, 2, 3, 0), F(RESTART, 1, 5, 0), "x....xxx", 1, 7, 1000, 0, 0},  /* nested */
    {F(RESTART, 1, 3, 0), F(RESTART, 2, 5, 0), "x....xxx", 1, 7, 1000, 0, 0},  /* overlapping */
    {F(RESTART, 1, 3, 0), F(RESTART, 3, 5, 0), "x....xxx", 1, 7, 1000, 0,
     0}, /* one at the other's end */
    {F(RESTART, 3, 5, 0), F(RESTART, 1, 3, 0), "x....xxx", 1, 7, 1000, 0,
     0}, /* likewise, listed the other way */
    {F(RESTART, 1, 3, 0), F(RESTART, 1, 3, 0), "x..xxxxx", 1, 7, 1000, 0, 0}, /* twice the same */
    {F(RESTART, 2, 4, 0), F(FORGET, 1, 6, 300000), "xx..xxxx", 1, 5, 1000, 300000, 0},
    {F(RESTART, 2, 5, 0), F(FORGET, 1, 3, 300000), "xx...xxx", 1, 6, 1000, 0, 0},
    {F(FORGET, 1, 6, 500000), F(FORGET, 2, 3, 500000), "xxxxxxxx", 0, 2, 1000, 750000, 0},
    {F(FORGET, 1, 6, 500000), F(FORGET, 2, 3, 500000), "xxxxxxxx", 0, 4, 1000, 500000, 0},
    {F(SLOW, 1, 6, 2000), F(SLOW, 2, 3, 3000), "xxxxxxxx", 0, 2, 6000, 0, 0}, /* slow in slow */
    {F(SLOW, 1, 6, 2000), F(SLOW, 2, 3, 3000), "xxxxxxxx", 0, 3, 2000, 0, 0},
    {F(CLOCK, 1, 6, 50), F(CLOCK, 2, 3, -20), "xxxxxxxx", 0, 2, 1000, 0, 30},
    {F(CLOCK, 1, 6, 50), F(RESTART, 2, 3, 0), "xx.xxxxx", 1, 4, 1000, 0, 50}, /* over a restart */
    {F(CLOCK, 1, 6, 50), F(RESTART, 2, 3, 0), "xx.xxxxx", 1, 6, 1000, 0, 0},
};

START_TEST(two_faults_overlap) {
    static const uint8_t marks[NODES] = {FAULT_END};
    const struct overlap *wanted = &overlaps[_i];
    struct fault faults[] = {wanted->a, wanted->b};
    struct fault_table table;
    struct mirror mirror;
    open_mirror(&mirror);
    faults[0].marks = faults[1].marks = marks;
    fault_table_init(&table, faults, 2, NODES);
    for (time_ns now = 0; wanted->up[now] != '\0'; now++) {
        fault_table_advance(&table, now, &ops, &mirror);
        ck_assert_int_eq(mirror.up[0], wanted->up[now] == 'x');
        if (now != wanted->at)
            continue;
        ck_assert_uint_eq(mirror.slow[0], wanted->slow);
        ck_assert_uint_eq(mirror.forget[0], wanted->forget);
        ck_assert_int_eq(mirror.clock[0], wanted->clock);
    }
    ck_assert_uint_eq(mirror.starts[0], wanted->starts);
    ck_assert_uint_eq(mirror.starts[1] + mirror.crashes[1], 0); /* whom no fault hits */
    fault_table_deinit(&table);
}
END_TEST

START_TEST(a_partition_inside_another_leaves_it) {
    static const uint8_t halves[NODES] = {1, 1, 1, 2, 2, 2}, pair[NODES] = {1, 2};
    static const struct fault faults[] = {
        {.kind = FAULT_PARTITION, .at = 1, .until = 5, .marks = halves},
        {.kind = FAULT_PARTITION, .at = 2, .until = 3, .marks = pair, .one_way = true},
    };
    static const bool cut[][4] = {/* 0 to 3, 0 to 1, 1 to 0, 2 to 0 at each moment */
                                  {false, false, false, false}, {true, false, false, false},
                                  {true, true, false, false},   {true, false, false, false},
                                  {true, false, false, false},  {false, false, false, false}};
    static const node_id links[][2] = {{0, 3}, {0, 1}, {1, 0}, {2, 0}};
    struct fault_table table;
    struct mirror mirror;
    open_mirror(&mirror);
    fault_table_init(&table, faults, ARRAY_LEN(faults), NODES);
    for (size_t now = 0; now < ARRAY_LEN(cut); now++) {
        fault_table_advance(&table, (time_ns)now, &ops, &mirror);
        for (size_t i = 0; i < ARRAY_LEN(links); i++) {
            struct network_link link = {0};
            fault_table_link(&table, links[i][0], links[i][1], &link);
            ck_assert_int_eq(link.cut, cut[now][i]);
        }
    }
    fault_table_deinit(&table);
}
END_TEST

Suite *fault_table_suite(void) {
    Suite *suite = suite_create("fault_table");
    TCase *tcase = tcase_create("fault_table");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, random_faults_are_what_each_node_and_link_says);
    tcase_add_loop_test(tcase, two_faults_overlap, 0, ARRAY_LEN(overlaps));
    tcase_add_test(tcase, a_partition_inside_another_leaves_it);
    suite_add_tcase(suite, tcase);
    return suite;
}
