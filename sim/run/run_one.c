/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/run_one.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"
#include "sim/report/statistics.h"
#include "sim/report/stuck.h"
#include "sim/run/cautions.h"
#include "sim/run/clock_watch.h"
#include "sim/run/interrupt.h"
#include "sim/run/paths.h"
#include "sim/run/progress.h"
#include "sim/run/simulation.h"
#include "wire/message.h"

static void on_trace(void *context, const struct trace_record *record) {
    struct simulation *simulation = context;
    observer_record(&simulation->observer, record);
    if (record->point == TRACE_TX_DONE || record->point == TRACE_TX_FAILED)
        load_finished(&simulation->load, simulation, record);
}

static void on_effect(void *context, node_id node, const struct effect *effect) {
    struct simulation *simulation = context;
    tally_effect(&simulation->observer.tally, effect);
}

static void on_stamp(void *context, const struct stamp_record *record) {
    struct simulation *simulation = context;
    checker_stamp(&simulation->observer.checker, record);
}

static time_ns on_clock(void *context, node_id node, time_ns now) {
    return world_clock(&((struct simulation *)context)->world, node, now);
}

static bool on_next_submission(void *context, struct submission *submission) {
    struct simulation *simulation = context;
    return load_next(&simulation->load, simulation, submission);
}

static bool on_progress(void *context, time_ns now, uint64_t events) {
    struct simulation *simulation = context;
    struct progress_slot *slot = simulation->request->progress;
    if (slot != NULL) {
        atomic_store_explicit(&slot->now, now, memory_order_relaxed);
        atomic_store_explicit(&slot->events, events, memory_order_relaxed);
    }
    return !interrupt_pending();
}

static struct platform platform_of(const struct world *world, const char **names, uint32_t *nodes) {
    const struct scenario *scenario = world->scenario;
    for (uint32_t i = 0; i < world->place_count; i++) {
        names[i] = world->places[i].id;
        nodes[i] = world->places[i].users + world->places[i].representatives;
    }
    return (struct platform){
        .place_count = world->place_count,
        .place_names = names,
        .place_nodes = nodes,
        .base = world->base,
        .interface_bps = (uint64_t)scenario->network.nic,
        .pair_bps = world->pair_bps,
        .speed = (double)scenario->cpu.speed / (double)MILLION,
    };
}

#define PLATFORM_PATH_BYTES 64

/* SimGrid reads a file. Where none is wanted it lies in memory, so that none can be left behind. */
static int platform_in_memory(char path[PLATFORM_PATH_BYTES]) {
    int fd = memfd_create("platform.xml", MFD_CLOEXEC);
    snprintf(path, PLATFORM_PATH_BYTES, "/proc/self/fd/%d", fd);
    return fd;
}

static int write_platform(const struct platform *platform, const char *path) {
    FILE *file = fopen(path, "w");
    int error = file == NULL ? ERR_LIMIT : platform_write(platform, file);
    if (file != NULL && fclose(file) != 0)
        error = ERR_LIMIT;
    if (error != OK)
        fprintf(stderr, "tierchain: %s: cannot write the platform: %s\n", path, strerror(errno));
    return error;
}

static struct driver_config driver_config_of(struct simulation *simulation) {
    struct world *world = &simulation->world;
    const struct scenario *scenario = world->scenario;
    static const enum path_mode modes[] = {[NETWORK_LATENCY] = PATH_LATENCY,
                                           [NETWORK_FLUID] = PATH_FLUID,
                                           [NETWORK_HYBRID] = PATH_HYBRID};
    return (struct driver_config){
        .platform_path = simulation->request->platform_path,
        .network = {.seed = simulation->request->seed,
                    .node_count = world->node_count,
                    .place_of = world->place_of,
                    .place_count = world->place_count,
                    .base = world->base,
                    .interface_bps = (uint64_t)scenario->network.nic,
                    .pair_bps = world->pair_bps,
                    .loss_ppm = world_independent_loss(world),
                    .models = {.context = world,
                               .path = world_path_offset,
                               .lost = world_lost,
                               .jitter = world_jitter}},
        .mode = modes[scenario->network.mode],
        .fluid_bytes = (uint32_t)scenario->network.threshold,
        .work_ns = world->work_ns,
        .work = world_work(world),
        .work_context = world,
        .cores = world->cores,
        .end = simulation->end,
        .context = simulation,
        .clock = on_clock,
        .next_submission = on_next_submission,
        .trace = on_trace,
        .stamped = on_stamp,
        .effect = on_effect,
        .paths = simulation->paths,
        .progress = on_progress,
    };
}

static void collect_nodes(const struct simulation *simulation, struct run_result *result) {
    const struct world *world = &simulation->world;
    struct node_record *nodes = memory_new(world->node_count, sizeof *nodes);
    for (node_id node = 0; node < world->node_count; node++) {
        const struct station *station = driver_station(simulation->driver, node);
        const struct station_counters *counters = &station->counters;
        nodes[node] = (struct node_record){
            .node = node,
            .place = world->places[world->place_of[node]].id,
            .role = world->roles[node],
            .cpu_busy_ns = station->machine.core_busy,
            .messages_in = counters->messages_in,
            .messages_out = counters->messages_out,
            .bytes_in = counters->bytes_in,
            .bytes_out = counters->bytes_out,
            .queue_max = counters->queue_max,
        };
    }
    result->nodes = nodes;
    result->node_count = world->node_count;
}

static void collect_messages(const struct simulation *simulation, struct run_result *result) {
    struct message_record *messages = memory_new(message_count(), sizeof *messages);
    struct drop_record *drops = memory_new(ERROR_COUNT, sizeof *drops);
    for (size_t row = 0; row < message_count(); row++) {
        uint64_t count = driver_message_count(simulation->driver, row);
        if (count > 0)
            messages[result->message_count++] =
                (struct message_record){message_name(message_at(row)), count,
                                        driver_message_bytes(simulation->driver, row)};
    }
    for (int reason = 1; reason < ERROR_COUNT; reason++)
        if (simulation->observer.drops[reason] > 0)
            drops[result->drop_count++] =
                (struct drop_record){error_name(-reason), simulation->observer.drops[reason]};
    result->messages = messages;
    result->drops = drops;
}

static void collect_invariants(const struct simulation *simulation, struct run_result *result) {
    const struct checker *checker = &simulation->observer.checker;
    struct invariant_record *invariants = memory_new(INVARIANT_COUNT, sizeof *invariants);
    for (size_t i = 0; i < INVARIANT_COUNT; i++)
        invariants[i] = (struct invariant_record){invariant_name((enum invariant)i),
                                                  checker->violations[i] == 0,
                                                  (double)checker->violations[i], 0};
    result->invariants = invariants;
    result->invariant_count = INVARIANT_COUNT;
}

/* Of all nodes, warm-up included. The names are literals, for other processes read them. */
static size_t add_tally(const struct tally *tally, struct counter_record *counters) {
#define WORK(constant, name, unit) "work." name,
    static const char *const names[WORK_COUNT] = {
#include "env/work.def"
    };
#undef WORK
    size_t count = 0;
    counters[count++] = (struct counter_record){"decisions", tally->decisions, "decisions"};
    counters[count++] = (struct counter_record){"view_changes", tally->view_changes, "views"};
    for (size_t i = 0; i < WORK_COUNT; i++)
        if (tally->work[i] > 0)
            counters[count++] = (struct counter_record){names[i], tally->work[i], "units"};
    return count;
}

static void collect_counters(const struct simulation *simulation, struct run_result *result) {
    struct driver_frames frames;
    const struct announcement_totals *news = &result->announcements;
    struct counter_record *counters = memory_new(TRACE_COUNT + WORK_COUNT + 24, sizeof *counters);
    size_t count = 0;
    driver_frames(simulation->driver, &frames);
    for (size_t point = 0; point < TRACE_COUNT; point++)
        counters[count++] = (struct counter_record){trace_name((enum trace_point)point),
                                                    simulation->observer.points[point], "records"};
    counters[count++] =
        (struct counter_record){"events", driver_events(simulation->driver), "events"};
    const struct counter_record rows[] = {
        {"frames_sent", frames.sent, "frames"},
        {"frames_delivered", frames.delivered, "frames"},
        {"frames_lost", frames.lost, "frames"},
        {"frames_cut", frames.cut, "frames"},
        {"frames_nowhere", frames.nowhere, "frames"},
        {"frames_down", frames.down, "frames"},
        {"frames_in_flight", frames.in_flight, "frames"},
        {"announcements", news->sent, "announcements"},
        {"announcement_deliveries_expected", news->expected, "deliveries"},
        {"announcement_deliveries", news->reached, "deliveries"},
        {"announcement_payloads", news->received, "messages"},
        {"announcement_payloads_redundant", news->redundant, "messages"},
        {"announcement_last_hops", news->last_hops, "hops"},
        {"announcement_last_hop_max", news->last_hop_max, "hops"},
    };
    memcpy(&counters[count], rows, sizeof rows);
    count += ARRAY_LEN(rows);
    count += add_tally(&simulation->observer.tally, &counters[count]);
    result->counters = counters;
    result->counter_count = count;
}

/* Without those that were meant to be submitted before the warm-up was over. */
static void collect_transactions(const struct simulation *simulation, struct run_result *result) {
    const struct observer *observer = &simulation->observer;
    time_ns warmup = simulation->request->scenario->warmup;
    struct transaction_record *kept = memory_new(observer->count, sizeof *kept);
    for (size_t i = 0; i < observer->count; i++)
        if (observer->transactions[i].intended >= warmup)
            kept[result->transaction_count++] = observer->transactions[i];
    result->transactions = kept;
}

static void collect_clock_errors(const struct simulation *simulation, struct run_result *result) {
    size_t count = simulation->observer.clock_error_count;
    int64_t *errors = memory_new(count, sizeof *errors);
    for (size_t i = 0; i < count; i++)
        errors[i] = simulation->observer.clock_errors[i];
    statistics_sort(errors, count);
    result->clock_errors = errors;
    result->clock_error_count = count;
}

static void collect_stuck(const struct observer *observer, struct run_result *result) {
    for (unsigned where = 0; where < STUCK_COUNT; where++) {
        result->stuck_at[where] = observer->stuck_at[where];
        result->stuck += stuck_counts((enum stuck_at)where) ? observer->stuck_at[where] : 0;
    }
    result->backlog_max = observer->carriage.backlog_max;
    result->backlog_end = observer->carriage.backlog;
}

static void collect(const struct simulation *simulation, enum driver_end how,
                    struct run_result *result) {
    *result = (struct run_result){
        .scenario = simulation->request->scenario->name,
        .seed = simulation->request->seed,
        .repetition = simulation->request->repetition,
        .trace_hash = driver_trace_hash(simulation->driver),
        .simulated_ns = driver_now(simulation->driver),
        .warmup_ns = simulation->request->scenario->warmup,
        .load_end_ns = simulation->request->scenario->duration,
        .cautions = cautions_of(simulation->request->scenario),
        .targets_fail = simulation->request->scenario->targets == TARGETS_FAIL,
        .complete = how == DRIVER_DONE,
    };
    collect_transactions(simulation, result);
    collect_nodes(simulation, result);
    collect_messages(simulation, result);
    collect_invariants(simulation, result);
    announcements_total(&simulation->observer.announcements, &result->announcements);
    collect_counters(simulation, result);
    collect_clock_errors(simulation, result);
    faults_collect(&simulation->faults, result);
    collect_stuck(&simulation->observer, result);
    paths_collect(simulation->paths, result);
}

void simulation_start(struct simulation *simulation, node_id node) {
    driver_start(simulation->driver, node, world_spawn(&simulation->world, node));
    if (world_is_full(&simulation->world, node))
        announcements_alive(&simulation->observer.announcements, node,
                            driver_now(simulation->driver));
}

void simulation_crash(struct simulation *simulation, node_id node) {
    driver_crash(simulation->driver, node);
    world_kill(&simulation->world, node);
    announcements_dead(&simulation->observer.announcements, node);
    observer_stopped(&simulation->observer, node);
}

static int simulate(struct simulation *simulation, struct run_result *result) {
    struct world *world = &simulation->world;
    const char **names = memory_new(world->place_count, sizeof *names);
    uint32_t *nodes = memory_new(world->place_count, sizeof *nodes);
    struct driver_config config = driver_config_of(simulation);
    char path[PLATFORM_PATH_BYTES];
    int in_memory = config.platform_path == NULL ? platform_in_memory(path) : -1;
    if (in_memory >= 0)
        config.platform_path = path;
    config.platform = platform_of(world, names, nodes);
    int error = write_platform(&config.platform, config.platform_path);
    if (error == OK) {
        simulation->driver = driver_new(&config);
        interrupt_catch(false); /* SimGrid's start-up puts a handler there that ends the process */
        for (node_id node = 0; node < world->node_count; node++)
            simulation_start(simulation, node);
        faults_schedule(simulation);
        clock_watch_start(simulation);
        load_start(&simulation->load, simulation);
        enum driver_end how = driver_run(simulation->driver);
        if (how == DRIVER_DONE)
            observer_end(&simulation->observer);
        collect(simulation, how, result);
        driver_free(simulation->driver);
    }
    if (in_memory >= 0)
        close(in_memory);
    free(names);
    free(nodes);
    return error;
}

int run_one(const struct run_request *request, struct run_result *result) {
    const struct scenario *scenario = request->scenario;
    struct simulation simulation = {
        .request = request,
        .end = scenario->duration + scenario->drain,
    };
    observer_init(&simulation.observer, (uint32_t)scenario->pipeline.acks);
    int error = world_init(&simulation.world, scenario, request->seed);
    announcements_init(&simulation.observer.announcements, simulation.world.node_count,
                       scenario->warmup, scenario->duration);
    carriage_init(&simulation.observer.carriage,
                  committee_validity(&simulation.world.continent.chain.committee));
    if (error == OK)
        error = load_init(&simulation.load, &simulation);
    if (error == OK)
        error = faults_init(&simulation.faults, &simulation.world);
    if (error == OK && scenario->output.paths == PATHS_ON)
        simulation.paths = path_new(simulation.world.node_count, &path_limits_default);
    if (error == OK)
        error = simulate(&simulation, result);
    path_free(simulation.paths);
    faults_deinit(&simulation.faults);
    load_deinit(&simulation.load);
    world_deinit(&simulation.world);
    observer_deinit(&simulation.observer);
    return error;
}

void run_result_free(struct run_result *result) {
    free((void *)result->transactions);
    free((void *)result->announcements.latencies);
    free((void *)result->counters);
    free((void *)result->clock_errors);
    free((void *)result->nodes);
    free((void *)result->messages);
    free((void *)result->drops);
    free((void *)result->invariants);
    free((void *)result->expectations);
    free((void *)result->faults);
    free((void *)result->paths);
    free((void *)result->path_parts);
    *result = (struct run_result){0};
}
