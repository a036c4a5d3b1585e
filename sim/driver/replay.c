/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One node's steps: take the next input, step, let the effects happen in order. */
#include "sim/driver/internal.h"
#include "wire/message.h"

static node_id speaks_for(const struct driver *driver, node_id station) {
    return driver->config.speaks_for == NULL ? station : driver->config.speaks_for[station];
}

static void put_on_latency_path(struct driver *driver, node_id from, struct agenda_item *item,
                                uint64_t wire_bytes, time_ns extra) {
    item->class = AGENDA_ARRIVE;
    item->argument = 0; /* the receiver's interface is still to come */
    item->time = network_head(&driver->network, from, item->to, wire_bytes, item->time, extra);
    agenda_push(&driver->agenda, item);
}

static bool takes_fluid_path(const struct driver *driver, uint64_t wire_bytes) {
    switch (driver->config.mode) {
    case PATH_FLUID:
        return true;
    case PATH_HYBRID:
        return wire_bytes >= driver->config.fluid_bytes;
    default:
        return false;
    }
}

/* To station @to; takes over no reference. */
static void send_to(struct driver *driver, node_id from, node_id to,
                    const struct happening *happening, uint64_t wire_bytes) {
    const struct effect *effect = &happening->effect;
    time_ns leaves = happening->time;
    struct station *station = &driver->stations[from];
    time_ns extra = 0, delay = 0;
    if (driver->config.delay != NULL)
        delay = driver->config.delay(driver->config.context, from, to, effect->frame, leaves);
    else if (network_fate(&driver->network, from, to, network_kind(effect->frame), &extra) !=
             NETWORK_DELIVERED)
        return; /* lost, cut off, or for a node that does not exist */
    if (delay < 0)
        return;
    struct agenda_item item = {
        .time = leaves,
        .class = AGENDA_FLOW,
        .source = from,
        .sequence = station->sequence++,
        .to = to,
        .event = {.type = EVENT_MESSAGE,
                  .from = speaks_for(driver, from),
                  .stamp = effect->a,
                  .frame = frame_ref(effect->frame)},
        .argument = (uint64_t)extra,
    };
    bool modelled = driver->config.delay == NULL;
    item.hop = path_sent(driver->config.paths, happening->mark, happening->index, leaves,
                         modelled ? network_base(&driver->network, from, to) : delay, extra);
    if (!modelled) {
        item.class = AGENDA_ARRIVE;
        item.time += delay;
        agenda_push(&driver->agenda, &item);
    } else if (takes_fluid_path(driver, wire_bytes)) {
        agenda_push(&driver->agenda, &item);
    } else {
        put_on_latency_path(driver, from, &item, wire_bytes, extra);
    }
}

static void send(struct driver *driver, node_id from, const struct happening *happening) {
    const struct effect *effect = &happening->effect;
    struct station *station = &driver->stations[from];
    uint64_t wire_bytes = network_wire_bytes(effect->frame);
    struct message message;
    station->counters.messages_out++;
    station->counters.bytes_out += wire_bytes;
    if (message_parse(&message, effect->frame) == 0) {
        int row = message_index(message.type);
        driver->message_count[row]++;
        driver->message_bytes[row] += wire_bytes;
    }
    if (driver->config.speaks_for == NULL) { /* a Byzantine peer can name any node */
        if (driver->config.delay == NULL || effect->number < driver->config.network.node_count)
            send_to(driver, from, effect->number, happening, wire_bytes);
    } else {
        for (node_id to = 0; to < driver->config.network.node_count; to++)
            if (driver->config.speaks_for[to] == effect->number)
                send_to(driver, from, to, happening, wire_bytes);
    }
    frame_unref(effect->frame);
}

struct worker {
    const struct driver *driver;
    node_id node;
    uint64_t mark; /* of its step */
};

/* A disk is as fast on a slow host. */
static time_ns cost(void *context, uint32_t index, enum work work, uint64_t count) {
    const struct worker *worker = context;
    const struct driver *driver = worker->driver;
    const struct driver_config *config = &driver->config;
    uint64_t ns = config->work != NULL
                      ? (uint64_t)config->work(config->work_context, worker->node, work, count)
                      : config->work_ns[work] * count;
    if (work == WORK_PERSIST)
        return (time_ns)ns;
    uint64_t scaled = ns * driver->slowness_permille[worker->node];
    time_ns duration = (time_ns)(scaled / driver->speed_permille[worker->node]);
    path_work(config->paths, worker->mark, index, work, duration);
    return duration;
}

static void trace(struct driver *driver, node_id node, const struct happening *happening) {
    struct station *station = &driver->stations[node];
    const struct effect *effect = &happening->effect;
    const struct trace_record record = {.time = happening->time,
                                        .node = node,
                                        .point = (enum trace_point)effect->number,
                                        .a = effect->a,
                                        .b = effect->b,
                                        .step = happening->step};
    uint64_t hash = hash_combine(station->fingerprint, (uint64_t)record.time);
    hash = hash_combine(hash, (uint64_t)record.point);
    hash = hash_combine(hash, record.a);
    station->fingerprint = trace_hashes_b(record.point) ? hash_combine(hash, record.b) : hash;
    path_trace(driver->config.paths, happening->mark, happening->index, &record);
    driver->config.trace(driver->config.context, &record);
}

/* @event is the message received, NULL for a send. Unstamped frames are no events. */
static void report_stamp(const struct driver *driver, node_id node, uint64_t stamp,
                         const struct event *event) {
    if (stamp == 0 || driver->config.stamped == NULL)
        return;
    const struct env *env = &driver->stations[node].process->env;
    const struct stamp_record record = {
        .node = node,
        .from = event != NULL ? event->from : NODE_NONE,
        .clock = env_clock(env),
        .stamp = stamp,
        .received = event != NULL ? event->stamp : 0,
    };
    driver->config.stamped(driver->config.context, &record);
}

static void happen(struct driver *driver, node_id node, const struct happening *happening) {
    const struct effect *effect = &happening->effect;
    if (driver->config.effect != NULL)
        driver->config.effect(driver->config.context, node, effect);
    switch (effect->type) {
    case EFFECT_SEND:
        send(driver, node, happening);
        break;
    case EFFECT_CHARGE:
        break;
    case EFFECT_PERSIST:
        disk_write(&driver->stations[node].disk, effect->number, effect->frame);
        break;
    case EFFECT_TRACE:
        trace(driver, node, happening);
        break;
    }
}

static void happen_until(struct driver *driver, node_id node, time_ns limit) {
    struct station *station = &driver->stations[node];
    struct happening happening;
    while (machine_take(&station->machine, &driver->pool, limit, &happening)) {
        if (station->doomed && station->effects_left-- == 0) { /* the power fails before it */
            frame_unref(happening.effect.frame);
            driver_crash(driver, node);
            return;
        }
        happen(driver, node, &happening);
    }
}

static void plan_effects(struct driver *driver, node_id node) {
    struct station *station = &driver->stations[node];
    time_ns next = machine_next(&station->machine);
    if (next >= station->effect)
        return;
    station->effect = next;
    agenda_push(
        &driver->agenda,
        &(struct agenda_item){.time = next, .class = AGENDA_EFFECT, .source = node, .to = node});
}

void node_happen(struct driver *driver, node_id node) {
    happen_until(driver, node, driver->now);
    plan_effects(driver, node);
}

/* Nothing that is still to come can happen before a core is free: until then the effects are certain, but for
 * a control event, such as a crash. */
static void happen_ahead(struct driver *driver, node_id node, time_ns start) {
    time_ns limit = machine_free(&driver->stations[node].machine);
    limit = limit > start ? limit : start;
    limit = limit < driver->horizon ? limit : driver->horizon - 1;
    happen_until(driver, node, limit < driver->config.end ? limit : driver->config.end);
}

/* Every arriving message also enters the fingerprint: its time, stamp, sender, type and size. */
static void note_message(struct driver *driver, struct station *station, const struct event *event,
                         time_ns due) {
    uint64_t wire_bytes = network_wire_bytes(event->frame);
    uint64_t type = event->frame->size >= 2
                        ? (uint64_t)event->frame->bytes[0] | (uint64_t)event->frame->bytes[1] << 8
                        : 0;
    uint64_t hash = hash_combine(station->fingerprint, (uint64_t)due);
    hash = hash_combine(hash, event->stamp);
    hash = hash_combine(hash, (uint64_t)event->from << 32 | type);
    station->fingerprint = hash_combine(hash, event->frame->size);
    station->counters.messages_in++;
    station->counters.bytes_in += wire_bytes;
    driver->events++;
}

static void report_sends(const struct driver *driver, node_id node) {
    const struct effects *out = &driver->stations[node].process->env.out;
    for (size_t i = 0; i < out->count; i++)
        if (out->list[i].type == EFFECT_SEND)
            report_stamp(driver, node, out->list[i].a, NULL);
}

static void step(struct driver *driver, node_id node, const struct input *input, time_ns start) {
    struct station *station = &driver->stations[node];
    struct process *process = station->process;
    struct timers *timers = &process->env.timers;
    struct path_recorder *paths = driver->config.paths;
    const struct event *event = &input->event;
    uint64_t timer = event->type == EVENT_TIMER ? timers->heap[0]->order : 0;
    uint64_t started = timers->started;
    struct worker worker = {driver, node, 0};
    time_ns physical = start;
    worker.mark = path_step(paths, node, event, input->hop, timer, input->due, start);
    if (driver->config.clock != NULL)
        physical = driver->config.clock(driver->config.context, node, start);
    process_step_at(process, event, start, physical);
    report_stamp(driver, node, process->env.merged, event);
    if (driver->config.stepped != NULL)
        driver->config.stepped(driver->config.context, node, event);
    report_sends(driver, node);
    path_handled(paths, worker.mark, &process->env.out, started, timers->started);
    time_ns last = machine_step(&station->machine, &driver->pool, start, worker.mark,
                                &process->env.out, cost, &worker);
    path_ends(paths, worker.mark, last);
}

void node_run(struct driver *driver, node_id node) {
    struct station *station = &driver->stations[node];
    for (;;) {
        time_ns start = station_next_start(station);
        if (start > driver->config.end)
            break;
        if (start > driver->now) {
            /* Ahead of the clock only through a backlog, and never past a control. */
            time_ns deadline = timers_deadline(&station->process->env.timers);
            bool backlog = station->count > 0 && station->inbox[station->head].due <= driver->now;
            if (!(backlog || deadline <= driver->now) || start >= driver->horizon)
                break;
        }
        struct input input = station_take(station);
        if (input.event.type == EVENT_MESSAGE)
            note_message(driver, station, &input.event, input.due);
        if (start - input.due > station->counters.queue_wait_max)
            station->counters.queue_wait_max = start - input.due;
        station->counters.steps++;
        driver->events++;
        step(driver, node, &input, start);
        frame_unref(input.event.frame);
        happen_ahead(driver, node, start);
    }
    node_plan(driver, node);
    plan_effects(driver, node);
}

void node_plan(struct driver *driver, node_id node) {
    struct station *station = &driver->stations[node];
    time_ns start = station_next_start(station);
    if (start >= station->wake)
        return;
    start = start > driver->now ? start : driver->now;
    station->wake = start;
    agenda_push(
        &driver->agenda,
        &(struct agenda_item){.time = start, .class = AGENDA_WAKE, .source = node, .to = node});
}

void node_receive(struct driver *driver, node_id node, time_ns due, const struct event *event,
                  uint64_t hop) {
    struct station *station = &driver->stations[node];
    if (station->process == NULL) {
        station->counters.messages_down += event->type == EVENT_MESSAGE;
        frame_unref(event->frame);
        path_dropped(driver->config.paths, hop);
        return;
    }
    station_enqueue(station, due, event, hop);
    node_plan(driver, node);
}
