/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/driver/driver.h"

#include <assert.h>
#include <math.h>
#include <simgrid/engine.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "sim/driver/internal.h"
#include "wire/message.h"

#define EXIT_ABORTED 3

/* SimGrid's default model (LV08) multiplies latencies by 13.01. CM02 with neutral factors, without
 * cross traffic and without the TCP window limit is latency + size / bandwidth with max-min
 * sharing. */
static const char *const simgrid_arguments[] = {
    "tierchain",
    "--cfg=network/model:CM02",
    "--cfg=network/crosstraffic:0",
    "--cfg=network/latency-factor:1",
    "--cfg=network/bandwidth-factor:1",
    "--cfg=network/weight-S:0",
    "--cfg=network/TCP-gamma:0",
    "--cfg=network/loopback-lat:0",
    "--cfg=contexts/stack-size:256",
    "--cfg=contexts/guard-size:1",
    "--log=root.thres:critical",
};

const char *driver_simgrid_configuration(void) {
    return "network/model:CM02 network/crosstraffic:0 network/latency-factor:1 "
           "network/bandwidth-factor:1 network/weight-S:0 network/TCP-gamma:0 "
           "network/loopback-lat:0 contexts/stack-size:256 contexts/guard-size:1";
}

void driver_start_simgrid(const char *platform_path) {
    int argc = ARRAY_LEN(simgrid_arguments);
    char *argv[ARRAY_LEN(simgrid_arguments) + 2] = {0};
    char factory[64];
    for (int i = 0; i < argc; i++)
        argv[i] = (char *)simgrid_arguments[i];
    /* How actors' stacks are switched changes no result (a test says so). AddressSanitizer only
     * understands threads. */
    const char *contexts = getenv("TIERCHAIN_CONTEXTS");
    if (contexts != NULL) {
        snprintf(factory, sizeof factory, "--cfg=contexts/factory:%s", contexts);
        argv[argc++] = factory;
    }
    simgrid_init(&argc, argv);
    simgrid_load_platform(platform_path);
}

static void find_hosts(struct driver *driver) {
    const struct platform *platform = &driver->config.platform;
    node_id node = 0;
    for (uint32_t place = 0; place < platform->place_count; place++) {
        for (uint32_t index = 0; index < platform->place_nodes[place]; index++, node++) {
            char name[96];
            platform_host_name(platform->place_names[place], index, name);
            driver->hosts[node] = sg_host_by_name(name);
            assert(driver->hosts[node] != NULL);
            double speed = sg_host_get_speed(driver->hosts[node]) / 1e9;
            driver->speed_permille[node] = (uint32_t)lround(speed * 1000.0);
            driver->slowness_permille[node] = 1000;
        }
    }
    assert(node == driver->config.network.node_count);
}

struct driver *driver_new(const struct driver_config *config) {
    uint32_t count = config->network.node_count;
    struct driver *driver = memory_new(1, sizeof *driver);
    driver->config = *config;
    driver->horizon = TIME_NEVER;
    driver->stations = memory_new(count, sizeof *driver->stations);
    driver->slowness_permille = memory_new(count, sizeof *driver->slowness_permille);
    driver->speed_permille = memory_new(count, sizeof *driver->speed_permille);
    driver->actors = memory_new(count, sizeof *driver->actors);
    driver->hosts = memory_new(count, sizeof *driver->hosts);
    driver->ready = memory_new(count, sizeof *driver->ready);
    driver->message_count = memory_new(message_count(), sizeof *driver->message_count);
    driver->message_bytes = memory_new(message_count(), sizeof *driver->message_bytes);
    for (node_id node = 0; node < count; node++)
        station_init(&driver->stations[node], config->cores == NULL ? 1 : config->cores[node]);
    agenda_init(&driver->agenda);
    network_init(&driver->network, &config->network);
    const char *wrong = driver_probe();
    if (wrong == NULL) {
        driver_start_simgrid(config->platform_path);
        find_hosts(driver);
        wrong = driver_self_test(driver);
    }
    if (wrong != NULL) {
        fprintf(stderr, "tierchain: SimGrid's network model misses the closed form: %s\n", wrong);
        exit(EXIT_ABORTED);
    }
    return driver;
}

void driver_free(struct driver *driver) {
    for (node_id node = 0; node < driver->config.network.node_count; node++)
        station_deinit(&driver->stations[node], &driver->pool);
    machine_pool_deinit(&driver->pool);
    agenda_deinit(&driver->agenda);
    network_deinit(&driver->network);
    free(driver->stations);
    free(driver->slowness_permille);
    free(driver->speed_permille);
    free(driver->actors);
    free(driver->hosts);
    free(driver->ready);
    free(driver->message_count);
    free(driver->message_bytes);
    free(driver);
}

void driver_start(struct driver *driver, node_id node, struct process *process) {
    struct station *station = &driver->stations[node];
    assert(station->process == NULL);
    station->process = process;
    machine_restart(&station->machine, driver->now);
    struct event start = {
        .type = EVENT_START, .records = station->disk.records, .record_count = station->disk.count};
    node_receive(driver, node, driver->now, &start, 0);
}

void driver_submit(struct driver *driver, const struct submission *submission) {
    struct agenda_item item = {
        .time = submission->time,
        .class = AGENDA_ARRIVE,
        .source = NODE_NONE,
        .sequence = submission->transaction,
        .to = submission->node,
        .event = {.type = EVENT_SUBMIT,
                  .transaction = submission->transaction,
                  .size = submission->size},
    };
    agenda_push(&driver->agenda, &item);
}

void driver_crash(struct driver *driver, node_id node) {
    struct station *station = &driver->stations[node];
    for (uint32_t i = 0; i < station->count; i++)
        path_dropped(driver->config.paths,
                     station->inbox[(station->head + i) & (station->capacity - 1)].hop);
    path_crashed(driver->config.paths, node);
    station_down(station, &driver->pool);
}

void driver_crash_after(struct driver *driver, node_id node, uint64_t effects) {
    driver->stations[node].doomed = true;
    driver->stations[node].effects_left = effects;
}

void driver_forget(struct driver *driver, node_id node) {
    disk_clear(&driver->stations[node].disk);
}

void driver_inject(struct driver *driver, node_id from, node_id to, time_ns at,
                   struct frame *frame) {
    struct agenda_item item = {
        .time = at,
        .class = AGENDA_ARRIVE,
        .source = from,
        .sequence = driver->control_sequence++,
        .to = to,
        .event = {.type = EVENT_MESSAGE, .from = from, .frame = frame},
    };
    agenda_push(&driver->agenda, &item);
}

void driver_stop(struct driver *driver) {
    driver->stopped_early = true;
}

void driver_slow(struct driver *driver, node_id node, uint32_t factor_permille) {
    driver->slowness_permille[node] = factor_permille;
}

void driver_at(struct driver *driver, time_ns at,
               void (*function)(void *context, uint64_t argument), uint64_t argument) {
    struct agenda_item item = {
        .time = at,
        .class = AGENDA_CONTROL,
        .source = NODE_NONE,
        .sequence = driver->control_sequence++,
        .control = function,
        .argument = argument,
    };
    agenda_push(&driver->agenda, &item);
    if (at < driver->horizon)
        driver->horizon = at;
}

enum driver_end driver_run(struct driver *driver) {
    actors_create(driver);
    simgrid_run();
    return driver->stopped_early ? DRIVER_STOPPED : DRIVER_DONE;
}

time_ns driver_now(const struct driver *driver) {
    return driver->now;
}

static uint64_t in_flight(const struct driver *driver) {
    uint64_t frames = driver->flowing;
    for (size_t i = 0; i < driver->agenda.count; i++)
        frames += driver->agenda.heap[i].event.type == EVENT_MESSAGE &&
                  driver->agenda.heap[i].event.frame != NULL;
    for (node_id node = 0; node < driver->config.network.node_count; node++)
        frames += station_messages(&driver->stations[node]);
    return frames;
}

void driver_frames(const struct driver *driver, struct driver_frames *frames) {
    const uint64_t *fates = driver->network.fates;
    *frames = (struct driver_frames){
        .lost = fates[NETWORK_LOST],
        .cut = fates[NETWORK_CUT],
        .nowhere = fates[NETWORK_NOWHERE],
        .in_flight = in_flight(driver),
    };
    for (node_id node = 0; node < driver->config.network.node_count; node++) {
        const struct station_counters *counters = &driver->stations[node].counters;
        frames->sent += counters->messages_out;
        frames->delivered += counters->messages_in;
        frames->down += counters->messages_down;
    }
}

struct network *driver_network(struct driver *driver) {
    return &driver->network;
}

const struct station *driver_station(const struct driver *driver, node_id node) {
    return &driver->stations[node];
}

uint64_t driver_events(const struct driver *driver) {
    return driver->events;
}

uint64_t driver_message_count(const struct driver *driver, size_t row) {
    return driver->message_count[row];
}

uint64_t driver_message_bytes(const struct driver *driver, size_t row) {
    return driver->message_bytes[row];
}

uint64_t driver_trace_hash(const struct driver *driver) {
    uint64_t hash = 0;
    for (node_id node = 0; node < driver->config.network.node_count; node++)
        hash = hash_combine(hash, driver->stations[node].fingerprint);
    return hash;
}
