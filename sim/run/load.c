/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/load.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "sim/run/simulation.h"
#include "sim/scenario/quantity.h"
#include "sim/scenario/user_file.h"

static const char *const models[] = {
    [WORKLOAD_POISSON] = "poisson",
    [WORKLOAD_CONSTANT] = "constant",
    [WORKLOAD_CLOSED_LOOP] = "closed-loop",
    [WORKLOAD_TRACE] = "trace",
};

/* A trace seldom is as long as the load: once it is said what happens. */
static void tell_trace_end(const struct scenario *scenario, uint64_t seconds) {
    char load[QUANTITY_BYTES], rest[QUANTITY_BYTES];
    time_ns length = (time_ns)seconds * NS_PER_S;
    quantity_format(scenario->duration, UNIT_DURATION, load);
    quantity_format(llabs(scenario->duration - length), UNIT_DURATION, rest);
    if (length < scenario->duration)
        fprintf(stderr,
                "tierchain: the trace ends after %" PRIu64
                " s; nothing is sent in the last %s of the load\n",
                seconds, rest);
    else if (length > scenario->duration)
        fprintf(stderr, "tierchain: the load is the first %s of the trace's %" PRIu64 " s\n", load,
                seconds);
}

int load_init(struct load *load, struct simulation *simulation) {
    const struct scenario *scenario = simulation->request->scenario;
    struct workload_settings settings = {
        .rate = scenario->workload.rate,
        .clients = (uint32_t)scenario->workload.clients,
        .think = scenario->workload.think,
        .size = (uint32_t)scenario->workload.size,
    };
    size_t size = 0;
    if (scenario->workload.trace != NULL) {
        load->trace = user_file_read(scenario->workload.trace, &size);
        if (load->trace == NULL) {
            fprintf(stderr, "%s: error: cannot be read\n", scenario->workload.trace);
            return ERR_UNKNOWN;
        }
        settings.trace = load->trace;
        settings.trace_size = size;
    }
    int error = workload_init(&load->workload, models[scenario->workload.model], &settings,
                              simulation->request->seed);
    if (error != OK) {
        fprintf(stderr, "tierchain: workload '%s': %s\n", models[scenario->workload.model],
                error_text(error));
        return error;
    }
    load->closed = scenario->workload.model == WORKLOAD_CLOSED_LOOP;
    if (scenario->workload.model == WORKLOAD_TRACE && simulation->request->repetition == 0)
        tell_trace_end(scenario, load->workload.trace.seconds);
    for (uint32_t place = 0; place < simulation->world.place_count; place++)
        load->share_total += simulation->world.places[place].load_share;
    return OK;
}

void load_deinit(struct load *load) {
    free(load->clients);
    free(load->trace);
    *load = (struct load){0};
}

/* A uniform 64-bit draw picks a place in proportion to its share, then a user of it. */
static node_id pick_origin(const struct load *load, const struct world *world, uint64_t draw) {
    int64_t at = (int64_t)((draw >> 16) % (uint64_t)load->share_total);
    uint32_t place = 0;
    while (at >= world->places[place].load_share)
        at -= world->places[place++].load_share;
    return world_user(world, place, (uint32_t)(mix64(draw) % world->places[place].users));
}

static struct submission submit(const struct load *load, struct simulation *simulation,
                                const struct workload_item *item) {
    uint64_t draw =
        load->closed ? mix64(hash_combine(simulation->request->seed, item->origin)) : item->origin;
    node_id origin = pick_origin(load, &simulation->world, draw);
    uint64_t number = observer_intend(&simulation->observer, origin, item->size, item->intended);
    return (struct submission){item->intended, origin, number, item->size};
}

static bool in_time(const struct simulation *simulation, time_ns intended) {
    return intended < simulation->request->scenario->duration;
}

/* Remembers which client waits for which transaction. */
static void note_client(struct load *load, uint64_t transaction, uint64_t client) {
    if (transaction >= load->client_capacity) {
        load->client_capacity = 2 * transaction + 64;
        load->clients = memory_resize(load->clients, load->client_capacity, sizeof *load->clients);
    }
    load->clients[transaction] = client;
}

static void submit_closed(struct load *load, struct simulation *simulation,
                          const struct workload_item *item) {
    if (!in_time(simulation, item->intended))
        return;
    struct submission submission = submit(load, simulation, item);
    note_client(load, submission.transaction, item->origin);
    driver_submit(simulation->driver, &submission);
}

void load_start(struct load *load, struct simulation *simulation) {
    struct workload_item item;
    while (load->closed && workload_next(&load->workload, &item))
        submit_closed(load, simulation, &item);
}

bool load_next(struct load *load, struct simulation *simulation, struct submission *submission) {
    struct workload_item item;
    if (load->closed || !workload_next(&load->workload, &item) ||
        !in_time(simulation, item.intended))
        return false;
    *submission = submit(load, simulation, &item);
    return true;
}

void load_finished(struct load *load, struct simulation *simulation,
                   const struct trace_record *record) {
    struct workload_item item;
    if (!load->closed)
        return;
    workload_answered(&load->workload, load->clients[record->a], record->time, &item);
    submit_closed(load, simulation, &item);
}
