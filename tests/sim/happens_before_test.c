/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Hybrid logical time over a whole run: every pair of events of a city whose clocks are off, drift,
 * jump and run back, against vector clocks that the test builds from what was sent and received. */
#include <check.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "models/places.h"
#include "sim/observe/causality.h"
#include "sim/world/world.h"
#include "sim/loop/loop.h"

#define NODES      9
#define EVENTS_MAX 20000
#define END        (6 * NS_PER_S)

struct happening {
    node_id node;
    uint64_t given;         /* the stamp in the run: with the node it names the event */
    uint64_t stamp;         /* the stamp under test */
    uint32_t before[NODES]; /* vector clock: events of each node that happened before, itself too */
};

struct fixture {
    struct scenario scenario;
    struct world world;
    struct happening events[EVENTS_MAX];
    size_t count;
    uint32_t latest[NODES][NODES]; /* each node's vector clock */
    bool broken;                   /* test stamps of clocks that ignore what they receive */
    struct hlc ignorant[NODES];
    struct causality causality;
    size_t suspicious; /* events that the invariant of the runs objects to */
    time_ns clock[NODES];
    size_t ran_back, refused;
};

static struct fixture f;

static const struct happening *find_send(node_id node, uint64_t given) {
    for (size_t i = f.count; i-- > 0;) /* messages are young */
        if (f.events[i].node == node && f.events[i].given == given)
            return &f.events[i];
    ck_abort_msg("a message without its send");
}

static void keep(void *context, const struct stamp_record *record) {
    struct happening event = {.node = record->node, .given = record->stamp};
    uint32_t *latest = f.latest[record->node];
    ck_assert_uint_lt(f.count, EVENTS_MAX);
    if (record->received != 0) {
        const struct happening *send = find_send(record->from, record->received);
        for (node_id node = 0; node < NODES; node++)
            latest[node] = send->before[node] > latest[node] ? send->before[node] : latest[node];
    }
    latest[record->node]++;
    for (node_id node = 0; node < NODES; node++)
        event.before[node] = latest[node];
    event.stamp = record->stamp;
    if (f.broken)
        ck_assert_int_eq(hlc_tick(&f.ignorant[record->node], record->clock, &event.stamp), 0);
    const struct stamp_record tested = {record->node, record->from, record->clock, event.stamp,
                                        record->received};
    f.suspicious += !causality_holds(&f.causality, &tested);
    f.ran_back += record->clock < f.clock[record->node];
    f.clock[record->node] = record->clock;
    f.events[f.count++] = event;
}

static void trace(void *context, const struct trace_record *record) {
    f.refused += record->point == TRACE_DROPPED && record->b == (uint64_t)-ERR_FUTURE;
}

static time_ns delay(void *context, node_id from, node_id to, const struct frame *frame,
                     time_ns now) {
    return world_base(&f.world, f.world.place_of[from], f.world.place_of[to]);
}

static time_ns read_clock(void *context, node_id node, time_ns now) {
    return world_clock(&f.world, node, now);
}

/* Every 300 ms another clock jumps, there and back by up to 0.6 s. */
static void jump(void *context, uint64_t number) {
    static const int64_t by[] = {400, -600, -400, 600, 250, -250};
    world_clock_step(&f.world, (node_id)(number / 2 % NODES),
                     by[number % ARRAY_LEN(by)] * NS_PER_MS);
}

static void open_fixture(bool broken) {
    static const char text[] =
        "schema: 1\nduration: 5 s\nwarmup: 0 s\n"
        "places: [{id: komatsu, nodes: 5}]\n"
        "city: {committee: 4, timeout: 500 ms, batch: {size: 8, delay: 2 ms}}\n"
        "continent: {committee: 4, places: [tokyo]}\n"
        "pipeline: {candidates: 4, holders: 3, pieces: 3, needed: 2, acks: 2}\n"
        "network: {latency: uniform, delay: 5 ms, local_delay: 1 ms}\n"
        "clock: {offset: 200 ms, drift: 1000 ppm, noise: 2 ms,"
        " periodic: {amplitude: 20 ms, period: 1 s}}\n";
    struct diagnostics diagnostics;
    const struct scenario_options options = {.place_at = places_name_at};
    f = (struct fixture){.broken = broken};
    causality_init(&f.causality);
    ck_assert_int_ge(sodium_init(), 0);
    ck_assert_int_eq(
        scenario_load_text(&f.scenario, "test", text, sizeof text - 1, &options, &diagnostics), 0);
    ck_assert_int_eq(world_init(&f.world, &f.scenario, 3), 0);
    ck_assert_uint_eq(f.world.node_count, NODES);
}

static void run(void) {
    const struct loop_config config = {.count = NODES,
                                       .delay = delay,
                                       .work_ns = f.world.work_ns,
                                       .clock = read_clock,
                                       .trace = trace,
                                       .stamped = keep};
    struct loop *loop = loop_new(&config);
    for (node_id node = 0; node < NODES; node++)
        loop_start(loop, node, world_spawn(&f.world, node));
    for (uint64_t i = 0; i < 25; i++)
        loop_submit(loop, (node_id)(i % 5), (time_ns)(i + 1) * 200 * NS_PER_MS, i, 600);
    for (uint64_t i = 0; i < 16; i++)
        loop_at(loop, (time_ns)(i + 1) * 300 * NS_PER_MS, jump, i);
    loop_run(loop, END);
    loop_free(loop);
}

static void close_fixture(void) {
    causality_deinit(&f.causality);
    world_deinit(&f.world);
    scenario_deinit(&f.scenario);
}

/* e -> f: f's past holds e, that is as many of e's node's events as e has itself. */
static bool happened_before(const struct happening *e, const struct happening *g) {
    return e != g && e->before[e->node] <= g->before[e->node];
}

struct verdict {
    size_t ordered;    /* pairs with one before the other */
    size_t concurrent; /* pairs without */
    size_t wrong;      /* of the ordered ones, by their stamps */
};

static struct verdict judge(void) {
    struct verdict verdict = {0};
    for (size_t i = 0; i < f.count; i++)
        for (size_t j = 0; j < f.count; j++) {
            if (!happened_before(&f.events[i], &f.events[j])) {
                verdict.concurrent += i < j && !happened_before(&f.events[j], &f.events[i]);
                continue;
            }
            verdict.ordered++;
            verdict.wrong += f.events[i].stamp >= f.events[j].stamp;
        }
    return verdict;
}

START_TEST(stamps_rise_along_every_happens_before) {
    open_fixture(false);
    run();
    struct verdict verdict = judge();
    ck_assert_uint_gt(f.count, 2000);
    ck_assert_uint_gt(verdict.ordered, 1000000);
    ck_assert_uint_gt(verdict.concurrent, 1000);
    ck_assert_uint_gt(f.ran_back, 100);
    ck_assert_uint_gt(f.refused, 10);
    ck_assert_uint_eq(verdict.wrong, 0);
    ck_assert_uint_eq(f.suspicious, 0);
    close_fixture();
}
END_TEST

START_TEST(a_clock_that_ignores_what_it_receives_is_caught) {
    open_fixture(true);
    run();
    ck_assert_uint_gt(judge().wrong, 1000);
    ck_assert_uint_gt(f.suspicious, 100);
    close_fixture();
}
END_TEST

Suite *happens_before_suite(void) {
    Suite *suite = suite_create("happens_before");
    TCase *tcase = tcase_create("happens_before");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, stamps_rise_along_every_happens_before);
    tcase_add_test(tcase, a_clock_that_ignores_what_it_receives_is_caught);
    suite_add_tcase(suite, tcase);
    return suite;
}
