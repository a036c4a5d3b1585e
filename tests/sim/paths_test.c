/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Critical paths (sim/path): worked out by hand in both drivers, and over all smoke scenarios. */
#include <check.h>
#include <glob.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "models/places.h"
#include "sim/driver/driver.h"
#include "sim/loop/loop.h"
#include "sim/path/inside.h"
#include "sim/world/world.h"
#include "wire/message.h"

#define NODES 3
#define DELAY (10 * NS_PER_MS)
#define MS    NS_PER_MS
#define BPS   UINT64_C(1000000) /* one bit a microsecond */

struct script {
    struct process process;
    struct timer early, late;
};

static struct script scripts[NODES];
static uint64_t work_ns[WORK_COUNT];
static struct path_recorder *paths;
static void (*on_event)(struct script *script, const struct event *event);

static void step(struct process *process, const struct event *event) {
    on_event(container_of(process, struct script, process), event);
}

static struct frame *frame_of(size_t bytes) {
    struct writer writer;
    struct frame *frame = message_new(MESSAGE_TEST, 0, size_max(bytes, 8), &writer);
    write_u64(&writer, bytes);
    return frame;
}

static uint64_t number_of(const struct event *event) {
    struct message message;
    struct reader reader;
    ck_assert_int_eq(message_parse(&message, event->frame), 0);
    reader_init(&reader, message.body, message.size);
    return read_u64(&reader);
}

static void do_nothing(struct timer *timer) {
}

static void finish(struct timer *timer) {
    struct env *env = &container_of(timer, struct script, late)->process.env;
    env_charge(env, WORK_SIGN, 1);
    env_trace(env, TRACE_TX_DONE, 5, 0);
}

/* 1 ms: node 0 signs, sends. 14: node 1 verifies, persists, answers. 28: node 0 starts a timer of 5 ms, and verifies;
 * 33: it signs, and is done. */
static void there_and_back(struct script *script, const struct event *event) {
    struct env *env = &script->process.env;
    if (event->type == EVENT_SUBMIT) {
        env_timer_start(env, &script->early, 20 * MS);
        env_charge(env, WORK_SIGN, 1);
        env_send(env, 1, frame_of(0));
    } else if (event->type == EVENT_MESSAGE && env->self == 1) {
        env_charge(env, WORK_VERIFY, 2);
        env_persist(env, 1, frame_of(0));
        env_send(env, 0, frame_of(0));
    } else if (event->type == EVENT_MESSAGE) {
        env_timer_start(env, &script->late, 5 * MS);
        env_charge(env, WORK_VERIFY, 1);
    }
}

static void prepare(void) {
    paths = path_new(NODES, &path_limits_default);
    work_ns[WORK_SIGN] = 3 * (uint64_t)MS;
    work_ns[WORK_VERIFY] = (uint64_t)MS;
    work_ns[WORK_PERSIST] = 2 * (uint64_t)MS;
    for (node_id node = 0; node < NODES; node++) {
        env_init(&scripts[node].process.env, node, 1);
        scripts[node].process.step = step;
        timer_init(&scripts[node].early, do_nothing);
        timer_init(&scripts[node].late, finish);
    }
}

static time_ns fixed_delay(void *context, node_id from, node_id to, const struct frame *frame,
                           time_ns now) {
    return DELAY;
}

static void ignore(void *context, const struct trace_record *record) {
}

static void run_loop(void (*script)(struct script *script, const struct event *event)) {
    const struct loop_config config = {
        .count = NODES, .delay = fixed_delay, .work_ns = work_ns, .paths = paths};
    struct loop *loop = loop_new(&config);
    on_event = script;
    for (node_id node = 0; node < NODES; node++)
        loop_start(loop, node, &scripts[node].process);
    loop_submit(loop, 0, MS, 5, 0);
    loop_run(loop, NS_PER_S);
    loop_free(loop);
}

static time_ns offset;

static time_ns path_offset(void *context, node_id from, node_id to) {
    return offset;
}

static bool submit_once(void *context, struct submission *submission) {
    static bool submitted;
    *submission = (struct submission){MS, 0, 5, 0};
    return !submitted && (submitted = true);
}

static void run_simgrid(void (*script)(struct script *script, const struct event *event),
                        uint64_t bps) {
    static const char *const names[] = {"a", "b", "c"};
    static const uint32_t place_nodes[] = {1, 1, 1};
    static const uint16_t place_of[] = {0, 1, 2};
    static const time_ns base[] = {DELAY, DELAY, DELAY, DELAY, DELAY, DELAY, DELAY, DELAY, DELAY};
    char path[] = "/tmp/tierchain-paths-XXXXXX";
    int descriptor = mkstemp(path);
    ck_assert_int_ge(descriptor, 0);
    const struct driver_config config = {
        .platform = {3, names, place_nodes, base, bps, 0, 1.0},
        .platform_path = path,
        .network = {.seed = 1,
                    .node_count = NODES,
                    .place_of = place_of,
                    .place_count = 3,
                    .base = base,
                    .interface_bps = bps,
                    .models = {.path = path_offset}},
        .work_ns = work_ns,
        .end = NS_PER_S,
        .next_submission = submit_once,
        .trace = ignore,
        .paths = paths,
    };
    FILE *file = fdopen(descriptor, "w");
    ck_assert_int_eq(platform_write(&config.platform, file), 0);
    fclose(file);
    struct driver *driver = driver_new(&config);
    unlink(path);
    on_event = script;
    for (node_id node = 0; node < NODES; node++)
        driver_start(driver, node, &scripts[node].process);
    ck_assert_int_eq(driver_run(driver), DRIVER_DONE);
    driver_free(driver);
}

struct expected {
    unsigned cause;
    time_ns duration;
    node_id node;
};

/* From the submission on. */
static void expect_parts(const struct expected *expected, size_t count) {
    size_t record_count, part_count;
    const struct path_record *records = path_records(paths, &record_count);
    const struct path_part *parts = path_parts(paths, &part_count);
    time_ns at = MS;
    ck_assert_uint_eq(record_count, 1);
    ck_assert_uint_eq(records[0].transaction, 5);
    for (size_t i = part_count; i-- > 0 && part_count != count;)
        fprintf(stderr, "%s %lld at node %u\n", path_cause_name(parts[i].cause),
                (long long)parts[i].duration, parts[i].node);
    ck_assert_uint_eq(part_count, count);
    for (size_t i = 0; i < count; i++) {
        const struct path_part *part = &parts[count - 1 - i];
        ck_assert_msg(part->cause == expected[i].cause, "part %zu: %s, not %s", i,
                      path_cause_name(part->cause), path_cause_name(expected[i].cause));
        ck_assert_int_eq(part->duration, expected[i].duration);
        ck_assert_uint_eq(part->node, expected[i].node);
        ck_assert_int_eq(part->begin, at);
        at += part->duration;
    }
    ck_assert_int_eq(records[0].latency, at - MS);
    path_free(paths);
}

static const struct expected back_again[] = {
    {PATH_WORK + WORK_SIGN, 3 * MS, 0},   {PATH_PROPAGATION, DELAY, 1},
    {PATH_WORK + WORK_VERIFY, 2 * MS, 1}, {PATH_DISK, 2 * MS, 1},
    {PATH_PROPAGATION, DELAY, 0},         {PATH_TIMER, 5 * MS, 0},
    {PATH_WORK + WORK_SIGN, 3 * MS, 0},
};

START_TEST(the_loop_finds_the_way_there_and_back) {
    prepare();
    run_loop(there_and_back);
    expect_parts(back_again, ARRAY_LEN(back_again));
}
END_TEST

START_TEST(simgrid_finds_the_way_there_and_back) {
    prepare();
    run_simgrid(there_and_back, 0);
    expect_parts(back_again, ARRAY_LEN(back_again));
}
END_TEST

/* Nodes 1 and 2 are asked and both answers are needed; the second waits for the first at node 0's one core. */
static void quorum(struct script *script, const struct event *event) {
    static int answers;
    struct env *env = &script->process.env;
    if (event->type == EVENT_SUBMIT)
        for (node_id to = 1; to < NODES; to++)
            env_send(env, to, frame_of(0));
    if (event->type != EVENT_MESSAGE)
        return;
    if (env->self != 0) {
        if (env->self == 2)
            env_charge(env, WORK_VERIFY, 1);
        env_send(env, 0, frame_of(0));
    } else {
        env_charge(env, WORK_SIGN, 1);
        if (++answers == 2)
            env_trace(env, TRACE_TX_DONE, 5, 0);
    }
}

START_TEST(the_last_one_needed_is_on_the_path) {
    static const struct expected parts[] = {
        {PATH_PROPAGATION, DELAY, 2},       {PATH_WORK + WORK_VERIFY, MS, 2},
        {PATH_PROPAGATION, DELAY, 0},       {PATH_QUEUE, 2 * MS, 0},
        {PATH_WORK + WORK_SIGN, 3 * MS, 0},
    };
    size_t count;
    prepare();
    run_loop(quorum);
    const struct path_part *answer = &path_parts(paths, &count)[2];
    ck_assert_uint_eq(answer->from, 2);
    ck_assert_uint_eq(answer->message, MESSAGE_TEST);
    expect_parts(parts, ARRAY_LEN(parts));
}
END_TEST

/* Two frames at once, of which the second is needed: it waits for the first at the sender's interface. */
static void second_of_two(struct script *script, const struct event *event) {
    struct env *env = &script->process.env;
    if (event->type == EVENT_SUBMIT) {
        env_send(env, 1, frame_of(1000));
        env_send(env, 1, frame_of(1001));
    } else if (event->type == EVENT_MESSAGE && env->self == 1 && number_of(event) == 1001) {
        env_trace(env, TRACE_TX_DONE, 5, 0);
    }
}

static time_ns bits(size_t bytes) {
    struct frame *frame = frame_of(bytes);
    time_ns time = (time_ns)(network_wire_bytes(frame) * 8) * NS_PER_US;
    frame_unref(frame);
    return time;
}

START_TEST(interfaces_are_told_from_the_way_between_them) {
    const struct expected parts[] = {
        {PATH_INTERFACE, bits(1000), 1},
        {PATH_PROPAGATION, DELAY, 1},
        {PATH_JITTER, MS, 1},
        {PATH_SERIALISATION, bits(1001), 1},
    };
    prepare();
    offset = MS;
    run_simgrid(second_of_two, BPS);
    expect_parts(parts, ARRAY_LEN(parts));
}
END_TEST

/* A path that is quicker than its places' base delay. */
START_TEST(an_offset_can_be_negative) {
    size_t count;
    prepare();
    offset = -2 * MS;
    run_simgrid(there_and_back, 0);
    const struct path_record *record = path_records(paths, &count);
    ck_assert_uint_eq(count, 1);
    ck_assert_int_eq(record->causes[PATH_JITTER], -4 * MS);
    ck_assert_int_eq(record->causes[PATH_PROPAGATION], 2 * DELAY);
    ck_assert_int_eq(record->latency, 31 * MS);
    path_free(paths);
}
END_TEST

/* What set it off was started by another: here a timer that ran before the submission. */
static void by_the_clock(struct script *script, const struct event *event) {
    if (event->type == EVENT_START && script->process.env.self == 0)
        env_timer_start(&script->process.env, &script->late, 30 * MS);
}

START_TEST(the_walk_is_cut_at_the_submission) {
    static const struct expected parts[] = {{PATH_TIMER, 29 * MS, 0},
                                            {PATH_WORK + WORK_SIGN, 3 * MS, 0}};
    prepare();
    run_loop(by_the_clock);
    expect_parts(parts, ARRAY_LEN(parts));
}
END_TEST

/* A memory of so many steps that the beginning is lost is said to be too small, and the sum holds. */
START_TEST(what_is_forgotten_is_said_to_be_unknown) {
    static const struct path_limits small = {.steps = 1024, .parts = 2};
    struct trace_record done = {.time = 5000, .point = TRACE_TX_DONE, .a = 5};
    size_t count;
    prepare();
    path_free(paths);
    paths = path_new(NODES, &small);
    const struct event submit = {.type = EVENT_SUBMIT, .transaction = 5};
    uint64_t last = path_step(paths, 0, &submit, 0, 0, 0, 0);
    for (int i = 0; i < 3000; i++) {
        struct frame *frame = frame_of(0);
        const struct event event = {.type = EVENT_MESSAGE, .frame = frame};
        last = path_step(paths, 0, &event, path_sent(paths, last, 1, i, 1, 0), 0, i + 1, i + 1);
        frame_unref(frame);
    }
    done.time = 3000;
    path_trace(paths, last, 0, &done);
    const struct path_record *record = path_records(paths, &count);
    ck_assert_uint_eq(count, 1);
    ck_assert_int_eq(record->latency, 3000);
    ck_assert_int_ge(record->causes[PATH_PROPAGATION], 1000);
    ck_assert_int_eq(record->causes[PATH_UNKNOWN], 3000 - record->causes[PATH_PROPAGATION]);
    path_free(paths);
}
END_TEST

/* A long run keeps what open transactions need, and no more: 3000 steps beside it, each soon over. */
START_TEST(steps_from_before_every_open_transaction_are_forgotten) {
    size_t count;
    prepare();
    for (uint64_t transaction = 0; transaction < 3000; transaction++) {
        time_ns at = (time_ns)transaction * 100;
        const struct event submit = {.type = EVENT_SUBMIT, .transaction = transaction};
        uint64_t first = path_step(paths, 0, &submit, 0, 0, at, at);
        struct frame *frame = frame_of(0);
        const struct event event = {.type = EVENT_MESSAGE, .frame = frame};
        uint64_t second =
            path_step(paths, 1, &event, path_sent(paths, first, 1, at, 7, 0), 0, at + 7, at + 7);
        frame_unref(frame);
        path_trace(
            paths, second, 0,
            &(struct trace_record){.time = at + 7, .point = TRACE_TX_DONE, .a = transaction});
    }
    const struct path_record *records = path_records(paths, &count);
    ck_assert_uint_eq(count, 3000);
    for (size_t i = 0; i < count; i++)
        ck_assert_int_eq(records[i].causes[PATH_PROPAGATION], 7);
    ck_assert_uint_eq(paths->step_ring.capacity, 1024);
    path_free(paths);
}
END_TEST

/* Paths of 1 to 1000 ns, of one part each, in a mixed order: the slowest are there, and no more than said. */
START_TEST(where_there_is_no_room_the_slowest_are_kept) {
    static const struct path_limits small = {.steps = 1024, .parts = 100};
    bool there[1001] = {false};
    size_t count;
    paths = path_new(NODES, &small);
    for (uint64_t i = 0; i < 1000; i++) {
        time_ns at = (time_ns)i * 2000, latency = (time_ns)(i * 367 % 1000) + 1;
        const struct event submit = {.type = EVENT_SUBMIT, .transaction = i};
        uint64_t step = path_step(paths, 0, &submit, 0, 0, at, at + latency);
        path_trace(paths, step, 0,
                   &(struct trace_record){.time = at + latency, .point = TRACE_TX_DONE, .a = i});
    }
    const struct path_part *parts = path_parts(paths, &count);
    ck_assert_uint_le(count, 100);
    for (size_t i = 0; i < count; i++)
        there[parts[i].duration] = true;
    for (int slow = 961; slow <= 1000; slow++)
        ck_assert_msg(there[slow], "%d ns", slow);
    (void)path_records(paths, &count);
    ck_assert_uint_eq(count, 1000);
    path_free(paths);
}
END_TEST

/* Two answers come at once, of which the second is needed: it waits for the first at the receiver's interface. */
static void at_once(struct script *script, const struct event *event) {
    static int answers;
    struct env *env = &script->process.env;
    if (event->type == EVENT_START && env->self != 0)
        env_send(env, 0, frame_of(1000));
    if (event->type == EVENT_MESSAGE && ++answers == 2)
        env_trace(env, TRACE_TX_DONE, 5, 0);
}

START_TEST(the_receivers_interface_is_waited_for) {
    const struct expected parts[] = {
        {PATH_PROPAGATION, DELAY - MS, 0},
        {PATH_INTERFACE, bits(1000), 0},
        {PATH_SERIALISATION, bits(1000), 0},
    };
    prepare();
    run_simgrid(at_once, BPS);
    expect_parts(parts, ARRAY_LEN(parts));
}
END_TEST

START_TEST(causes_have_names_of_their_own) {
    for (unsigned cause = 0; cause < PATH_CAUSES; cause++)
        ck_assert_uint_eq(path_cause_find(path_cause_name(cause)), cause);
    ck_assert_uint_eq(path_cause_find("weather"), PATH_CAUSES);
}
END_TEST

/* ---- the smoke scenarios in the loop; whole runs of the program assert the same in SimGrid ---- */

static time_ns base_delay(void *context, node_id from, node_id to, const struct frame *frame,
                          time_ns now) {
    const struct world *world = context;
    return world_base(world, world->place_of[from], world->place_of[to]) +
           world_path_offset(context, from, to);
}

static time_ns read_clock(void *context, node_id node, time_ns now) {
    return world_clock(context, node, now);
}

static void sum_up(const char *path) {
    struct scenario scenario;
    struct diagnostics diagnostics;
    struct world world;
    const struct scenario_options options = {.place_at = places_name_at};
    size_t count, part_count, part = 0;
    ck_assert_int_ge(sodium_init(), 0);
    ck_assert_int_eq(scenario_load(&scenario, path, &options, &diagnostics), 0);
    ck_assert_int_eq(world_init(&world, &scenario, 3), 0);
    paths = path_new(world.node_count, &path_limits_default);
    const struct loop_config config = {
        .count = world.node_count,
        .context = &world,
        .delay = base_delay,
        .work_ns = world.work_ns,
        .cores = world.cores,
        .clock = read_clock,
        .paths = paths,
    };
    struct loop *loop = loop_new(&config);
    for (node_id node = 0; node < world.node_count; node++)
        loop_start(loop, node, world_spawn(&world, node));
    for (uint64_t i = 0; i < 40; i++)
        loop_submit(loop, world_user(&world, 0, (uint32_t)(i % 5)), (time_ns)(i + 1) * 30 * MS, i,
                    600);
    loop_run(loop, 5 * NS_PER_S);
    const struct path_record *records = path_records(paths, &count);
    const struct path_part *parts = path_parts(paths, &part_count);
    ck_assert_msg(count >= 30, "%s: %zu of 40 done", path, count);
    for (size_t i = 0; i < count; i++) {
        time_ns sum = 0, at = records[i].begin + records[i].latency;
        for (unsigned cause = 0; cause < PATH_CAUSES; cause++)
            sum += records[i].causes[cause];
        ck_assert_int_eq(sum, records[i].latency);
        ck_assert_int_eq(records[i].causes[PATH_UNKNOWN], 0);
        for (; part < part_count && parts[part].transaction == records[i].transaction; part++) {
            at -= parts[part].duration;
            ck_assert_int_eq(parts[part].begin, at);
        }
        ck_assert_int_eq(at, records[i].begin);
    }
    ck_assert_uint_eq(part, part_count);
    loop_free(loop);
    path_free(paths);
    world_deinit(&world);
    scenario_deinit(&scenario);
}

START_TEST(paths_of_all_smoke_scenarios_sum_up_in_the_loop) {
    glob_t found;
    ck_assert_int_eq(glob("scenarios/smoke/*.yaml", 0, NULL, &found), 0);
    ck_assert_uint_gt(found.gl_pathc, 10);
    for (size_t i = 0; i < found.gl_pathc; i++)
        sum_up(found.gl_pathv[i]);
    globfree(&found);
}
END_TEST

Suite *paths_suite(void) {
    Suite *suite = suite_create("paths");
    TCase *tcase = tcase_create("paths");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, the_loop_finds_the_way_there_and_back);
    tcase_add_test(tcase, simgrid_finds_the_way_there_and_back);
    tcase_add_test(tcase, the_last_one_needed_is_on_the_path);
    tcase_add_test(tcase, interfaces_are_told_from_the_way_between_them);
    tcase_add_test(tcase, an_offset_can_be_negative);
    tcase_add_test(tcase, the_walk_is_cut_at_the_submission);
    tcase_add_test(tcase, what_is_forgotten_is_said_to_be_unknown);
    tcase_add_test(tcase, steps_from_before_every_open_transaction_are_forgotten);
    tcase_add_test(tcase, where_there_is_no_room_the_slowest_are_kept);
    tcase_add_test(tcase, the_receivers_interface_is_waited_for);
    tcase_add_test(tcase, causes_have_names_of_their_own);
    tcase_add_test(tcase, paths_of_all_smoke_scenarios_sum_up_in_the_loop);
    suite_add_tcase(suite, tcase);
    return suite;
}
