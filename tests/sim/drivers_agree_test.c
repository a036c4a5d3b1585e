/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One world, two drivers: SimGrid and the test loop must order the same transactions at the same
 * times, with CPU charges and under overload. */
#include <check.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "models/places.h"
#include "sim/driver/driver.h"
#include "sim/world/world.h"
#include "sim/loop/loop.h"

#define RECORDS_MAX      200000
#define NODES_MAX        128
#define TOLERANCE        (2 * NS_PER_US)
#define TRANSACTIONS     60
#define TRANSACTION_SIZE 600
#define END              (4 * NS_PER_S)

struct history {
    struct trace_record records[RECORDS_MAX];
    size_t count;
    uint64_t stamps[NODES_MAX]; /* hash over each node's stamps, in its order */
    uint64_t stamp_count;
};

struct fixture {
    struct scenario scenario;
    struct world world;
    struct history *history;
    uint64_t submitted;
    time_ns gap;
    struct path_recorder *paths;
};

/* What is compared: orders, decisions and everything that a sender sees. */
static bool is_compared(enum trace_point point) {
    return point <= TRACE_TX_ORDERED || point == TRACE_DECIDED || point == TRACE_VOTED ||
           point == TRACE_VIEW || point == TRACE_CLOCK || point == TRACE_DROPPED;
}

static void keep(void *context, const struct trace_record *record) {
    struct fixture *fixture = context;
    if (!is_compared(record->point))
        return;
    ck_assert_uint_lt(fixture->history->count, RECORDS_MAX);
    fixture->history->records[fixture->history->count++] = *record;
}

static void keep_stamp(void *context, const struct stamp_record *record) {
    struct fixture *fixture = context;
    uint64_t *hash = &fixture->history->stamps[record->node];
    ck_assert_uint_lt(record->node, NODES_MAX);
    *hash = hash_combine(*hash, record->stamp);
    *hash = hash_combine(*hash, record->received);
    *hash = hash_combine(*hash, (uint64_t)record->clock);
    *hash = hash_combine(*hash, record->from);
    fixture->history->stamp_count++;
}

static bool next_submission(void *context, struct submission *submission) {
    struct fixture *fixture = context;
    if (fixture->submitted == TRANSACTIONS)
        return false;
    uint64_t number = fixture->submitted++;
    *submission = (struct submission){(time_ns)(number + 1) * fixture->gap,
                                      world_user(&fixture->world, 0, (uint32_t)number % 3), number,
                                      TRANSACTION_SIZE};
    return true;
}

static void open_fixture(struct fixture *fixture, uint32_t committee, const char *consensus,
                         time_ns gap, const char *clocks) {
    char text[1024];
    struct diagnostics diagnostics;
    const struct scenario_options options = {.place_at = places_name_at};
    int size = snprintf(text, sizeof text,
                        "schema: 1\nduration: 1 s\nwarmup: 0 s\n"
                        "places: [{id: komatsu, nodes: %" PRIu32 "}]\n"
                        "city: {committee: %" PRIu32 ", consensus: %s, timeout: 2 s,"
                        " batch: {size: 8, delay: 2 ms}}\n"
                        "continent: {committee: 4, places: [tokyo], consensus: %s}\n"
                        "pipeline: {candidates: 3, holders: 3, pieces: 3, needed: 2, acks: 3}\n"
                        "network: {latency: uniform, delay: 5 ms, local_delay: 1 ms}\n%s",
                        committee, committee, consensus, consensus, clocks);
    fixture->gap = gap;
    fixture->history = calloc(1, sizeof *fixture->history);
    ck_assert_ptr_nonnull(fixture->history);
    ck_assert_int_ge(sodium_init(), 0);
    int error =
        scenario_load_text(&fixture->scenario, "test", text, (size_t)size, &options, &diagnostics);
    if (error != 0)
        diagnostics_print(&diagnostics, stderr, false);
    ck_assert_int_eq(error, 0);
    ck_assert_int_eq(world_init(&fixture->world, &fixture->scenario, 7), 0);
    fixture->paths = path_new(fixture->world.node_count, &path_limits_default);
}

static void close_fixture(struct fixture *fixture) {
    path_free(fixture->paths);
    world_deinit(&fixture->world);
    scenario_deinit(&fixture->scenario);
}

static time_ns read_clock(void *context, node_id node, time_ns now) {
    return world_clock(&((struct fixture *)context)->world, node, now);
}

/* A clock that everyone hears, and one that is still heard, go wrong half-way. */
static void step_clocks(void *context, uint64_t argument) {
    struct world *world = &((struct fixture *)context)->world;
    if (world->clocks.models == NULL)
        return;
    world_clock_step(world, 0, -3600 * NS_PER_S);
    world_clock_step(world, 1, 300 * NS_PER_MS);
}

static void run_simgrid(struct fixture *fixture) {
    struct world *world = &fixture->world;
    const char *names[2];
    uint32_t nodes[2];
    char path[] = "/tmp/tierchain-agree-XXXXXX";
    int descriptor = mkstemp(path);
    ck_assert_int_ge(descriptor, 0);
    for (uint32_t i = 0; i < world->place_count; i++) {
        names[i] = world->places[i].id;
        nodes[i] = world->places[i].users + world->places[i].representatives;
    }
    struct driver_config config = {
        .platform = {world->place_count, names, nodes, world->base, 0, 0, 1.0},
        .platform_path = path,
        .network = {.seed = 7,
                    .node_count = world->node_count,
                    .place_of = world->place_of,
                    .place_count = world->place_count,
                    .base = world->base},
        .work_ns = world->work_ns,
        .work = world_work(world),
        .work_context = world,
        .cores = world->cores,
        .end = END,
        .context = fixture,
        .clock = read_clock,
        .next_submission = next_submission,
        .trace = keep,
        .stamped = keep_stamp,
        .paths = fixture->paths,
    };
    FILE *file = fdopen(descriptor, "w");
    ck_assert_int_eq(platform_write(&config.platform, file), 0);
    fclose(file);
    struct driver *driver = driver_new(&config);
    for (node_id node = 0; node < world->node_count; node++)
        driver_start(driver, node, world_spawn(world, node));
    driver_at(driver, NS_PER_S / 2, step_clocks, 0);
    ck_assert_int_eq(driver_run(driver), DRIVER_DONE);
    unlink(path);
    driver_free(driver);
}

static time_ns base_delay(void *context, node_id from, node_id to, const struct frame *frame,
                          time_ns now) {
    const struct world *world = &((struct fixture *)context)->world;
    return world->base[(size_t)world->place_of[from] * world->place_count + world->place_of[to]];
}

static void run_loop(struct fixture *fixture) {
    struct world *world = &fixture->world;
    const struct loop_config config = {
        .count = world->node_count,
        .context = fixture,
        .delay = base_delay,
        .work_ns = world->work_ns,
        .work = world_work(world),
        .work_context = world,
        .cores = world->cores,
        .clock = read_clock,
        .trace = keep,
        .stamped = keep_stamp,
        .paths = fixture->paths,
    };
    struct loop *loop = loop_new(&config);
    struct submission submission;
    for (node_id node = 0; node < world->node_count; node++)
        loop_start(loop, node, world_spawn(world, node));
    while (next_submission(fixture, &submission))
        loop_submit(loop, submission.node, submission.time, submission.transaction,
                    submission.size);
    loop_at(loop, NS_PER_S / 2, step_clocks, 0);
    loop_run(loop, END);
    loop_free(loop);
}

static int by_what(const void *left, const void *right) {
    const struct trace_record *a = left, *b = right;
    if (a->node != b->node)
        return a->node < b->node ? -1 : 1;
    if (a->point != b->point)
        return a->point < b->point ? -1 : 1;
    if (a->a != b->a)
        return a->a < b->a ? -1 : 1;
    if (a->time != b->time)
        return a->time < b->time ? -1 : 1;
    return 0;
}

static void compare(struct history *simgrid, struct history *loop) {
    size_t orders = 0;
    qsort(simgrid->records, simgrid->count, sizeof *simgrid->records, by_what);
    qsort(loop->records, loop->count, sizeof *loop->records, by_what);
    ck_assert_uint_eq(simgrid->count, loop->count);
    for (size_t i = 0; i < loop->count; i++) {
        const struct trace_record *a = &simgrid->records[i], *b = &loop->records[i];
        ck_assert_msg(a->node == b->node && a->point == b->point && a->a == b->a && a->b == b->b,
                      "node %u: %s of %" PRIu64 " against %s of %" PRIu64, a->node,
                      trace_name(a->point), a->a, trace_name(b->point), b->a);
        ck_assert_msg(llabs(a->time - b->time) <= TOLERANCE,
                      "node %u, %s of %" PRIu64 ": %" PRId64 " against %" PRId64, a->node,
                      trace_name(a->point), a->a, a->time, b->time);
        orders += a->point == TRACE_TX_ORDERED;
    }
    ck_assert_uint_gt(orders, 0);
    ck_assert_uint_gt(loop->stamp_count, 0);
    ck_assert_uint_eq(simgrid->stamp_count, loop->stamp_count);
    ck_assert_mem_eq(simgrid->stamps, loop->stamps, sizeof loop->stamps);
}

static int by_transaction(const void *left, const void *right) {
    const struct path_record *a = left, *b = right;
    return (a->transaction > b->transaction) - (a->transaction < b->transaction);
}

static struct path_record *sorted_paths(const struct path_recorder *paths, size_t *count) {
    const struct path_record *records = path_records(paths, count);
    struct path_record *copy = calloc(*count, sizeof *copy);
    for (size_t i = 0; i < *count; i++)
        copy[i] = records[i];
    qsort(copy, *count, sizeof *copy, by_transaction);
    return copy;
}

/* Each transaction spent its time on the same things. */
static void compare_paths(const struct path_recorder *simgrid, const struct path_recorder *loop) {
    size_t count, other;
    struct path_record *one = sorted_paths(simgrid, &count), *two = sorted_paths(loop, &other);
    ck_assert_uint_eq(count, other);
    ck_assert_uint_gt(count, 0);
    for (size_t i = 0; i < count; i++) {
        ck_assert_uint_eq(one[i].transaction, two[i].transaction);
        for (unsigned cause = 0; cause < PATH_CAUSES; cause++)
            ck_assert_msg(llabs(one[i].causes[cause] - two[i].causes[cause]) <= TOLERANCE,
                          "%s of %" PRIu64 ": %" PRId64 " against %" PRId64, path_cause_name(cause),
                          one[i].transaction, one[i].causes[cause], two[i].causes[cause]);
        ck_assert_uint_eq(one[i].hops, two[i].hops);
    }
    free(one);
    free(two);
}

static const struct {
    uint32_t committee;
    time_ns gap; /* between submissions; short ones overload the committee */
} cases[] = {
    {4, 20 * NS_PER_MS},  {16, 20 * NS_PER_MS},  {64, 20 * NS_PER_MS},
    {4, 100 * NS_PER_US}, {16, 100 * NS_PER_US}, {64, 100 * NS_PER_US},
};

static void agree(int index, const char *consensus, const char *clocks) {
    struct fixture simgrid = {0}, loop = {0};
    open_fixture(&loop, cases[index].committee, consensus, cases[index].gap, clocks);
    run_loop(&loop);
    open_fixture(&simgrid, cases[index].committee, consensus, cases[index].gap, clocks);
    run_simgrid(&simgrid);
    compare(simgrid.history, loop.history);
    compare_paths(simgrid.paths, loop.paths);
    close_fixture(&simgrid);
    close_fixture(&loop);
    free(simgrid.history);
    free(loop.history);
}

START_TEST(both_drivers_run_pbft_alike) {
    agree(_i, "pbft", "");
}
END_TEST

START_TEST(both_drivers_run_hotstuff_alike) {
    agree(_i, "hotstuff", "");
}
END_TEST

static const char *const machines[] = {
    "cpu: {cores: 1}",
    "cpu: {cores: 3, spread: exponential}",
    "cpu: {spread: exponential, costs: {persist: 3 ms}}",
};

START_TEST(both_drivers_run_machines_alike) {
    agree(_i % 2 == 0 ? 0 : 4, _i % 4 < 2 ? "pbft" : "hotstuff", machines[_i / 2]);
}
END_TEST

static const char *const wrong_clocks[] = {
    "clock: {offset: 200 ms, drift: 1000 ppm, noise: 1 ms, periodic: {amplitude: 5ms, period: 1s}}",
    "clock: {offset: 200 ms, drift: 1000 ppm, noise: 10 us, sync: ntp, poll: 300 ms}",
    "clock: {offset: 200 ms, drift: 1000 ppm, noise: 10 us, sync: ptp, poll: 100 ms}",
};

START_TEST(both_drivers_run_wrong_clocks_alike) {
    agree(_i % 2 == 0 ? 0 : 4, "pbft", wrong_clocks[_i / 2]);
}
END_TEST

Suite *drivers_agree_suite(void) {
    Suite *suite = suite_create("drivers_agree");
    TCase *tcase = tcase_create("drivers_agree");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, both_drivers_run_pbft_alike, 0, ARRAY_LEN(cases));
    tcase_add_loop_test(tcase, both_drivers_run_hotstuff_alike, 0, ARRAY_LEN(cases));
    tcase_add_loop_test(tcase, both_drivers_run_machines_alike, 0, 2 * ARRAY_LEN(machines));
    tcase_add_loop_test(tcase, both_drivers_run_wrong_clocks_alike, 0, 2 * ARRAY_LEN(wrong_clocks));
    suite_add_tcase(suite, tcase);
    return suite;
}
