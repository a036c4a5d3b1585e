/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/loop/loop.h"

#include <assert.h>
#include <stdlib.h>

#include "env/disk.h"
#include "wire/message.h"

/* At equal times: controls, then arrivals, then wake-ups, so that a message that arrives together
 * with a deadline comes first. */
enum item_class { CLASS_CONTROL, CLASS_ARRIVE, CLASS_WAKE };

struct item {
    time_ns time;
    enum item_class class;
    node_id source;
    uint64_t sequence;
    node_id to;
    struct event event;
    void (*control)(void *context, uint64_t argument);
    uint64_t argument;
};

struct input {
    time_ns due;
    struct event event;
};

struct station {
    struct process *process; /* NULL while crashed */
    struct input *inbox;
    size_t head, tail, capacity;
    time_ns busy_until;
    time_ns wake; /* scheduled wake-up, TIME_NEVER when none */
    bool doomed;  /* crashes when the effects that are left have happened */
    uint64_t effects_left;
    uint64_t sent;
    struct disk disk;
};

struct loop {
    struct loop_config config;
    time_ns now;
    struct station *stations;
    struct item *heap;
    size_t count, capacity;
    uint64_t outside; /* sequence of what comes from outside the nodes */
    bool stopping;
    uint64_t *messages;
};

static void *grow(void *memory, size_t size) {
    memory = realloc(memory, size);
    if (memory == NULL)
        abort();
    return memory;
}

static bool before(const struct item *a, const struct item *b) {
    if (a->time != b->time)
        return a->time < b->time;
    if (a->class != b->class)
        return a->class < b->class;
    if (a->source != b->source)
        return a->source < b->source;
    return a->sequence < b->sequence;
}

static void push(struct loop *loop, struct item item) {
    if (loop->count == loop->capacity) {
        loop->capacity = loop->capacity == 0 ? 256 : 2 * loop->capacity;
        loop->heap = grow(loop->heap, loop->capacity * sizeof *loop->heap);
    }
    size_t slot = loop->count++;
    while (slot > 0 && before(&item, &loop->heap[(slot - 1) / 2])) {
        loop->heap[slot] = loop->heap[(slot - 1) / 2];
        slot = (slot - 1) / 2;
    }
    loop->heap[slot] = item;
}

static struct item pop(struct loop *loop) {
    struct item top = loop->heap[0];
    struct item last = loop->heap[--loop->count];
    size_t slot = 0;
    for (;;) {
        size_t child = 2 * slot + 1;
        if (child >= loop->count)
            break;
        if (child + 1 < loop->count && before(&loop->heap[child + 1], &loop->heap[child]))
            child++;
        if (!before(&loop->heap[child], &last))
            break;
        loop->heap[slot] = loop->heap[child];
        slot = child;
    }
    loop->heap[slot] = last;
    return top;
}

static void schedule_wake(struct loop *loop, node_id node) {
    struct station *station = &loop->stations[node];
    if (station->process == NULL)
        return;
    time_ns due = timers_deadline(&station->process->env.timers);
    if (station->head < station->tail && station->inbox[station->head].due <= due)
        due = station->inbox[station->head].due;
    if (due == TIME_NEVER)
        return;
    due = due > station->busy_until ? due : station->busy_until;
    due = due > loop->now ? due : loop->now;
    if (due < station->wake) {
        station->wake = due;
        push(loop, (struct item){.time = due, .class = CLASS_WAKE, .source = node, .to = node});
    }
}

static void enqueue(struct loop *loop, node_id node, const struct event *event) {
    struct station *station = &loop->stations[node];
    if (station->process == NULL) {
        frame_unref(event->frame);
        return;
    }
    if (station->tail == station->capacity) {
        station->capacity = station->capacity == 0 ? 16 : 2 * station->capacity;
        station->inbox = grow(station->inbox, station->capacity * sizeof *station->inbox);
    }
    station->inbox[station->tail++] = (struct input){loop->now, *event};
    schedule_wake(loop, node);
}

static node_id speaks_for(const struct loop *loop, node_id station) {
    return loop->config.speaks_for == NULL ? station : loop->config.speaks_for[station];
}

static void send_to(struct loop *loop, node_id from, node_id to, const struct effect *effect,
                    time_ns leaves) {
    time_ns delay = loop->config.delay(loop->config.context, from, to, effect->frame, leaves);
    if (delay < 0)
        return;
    push(loop, (struct item){
                   .time = leaves + delay,
                   .class = CLASS_ARRIVE,
                   .source = from,
                   .sequence = loop->stations[from].sent++,
                   .to = to,
                   .event = {.type = EVENT_MESSAGE,
                             .from = speaks_for(loop, from),
                             .stamp = effect->a,
                             .frame = frame_ref(effect->frame)},
               });
}

static void send(struct loop *loop, node_id from, const struct effect *effect, time_ns leaves) {
    struct message message;
    if (message_parse(&message, effect->frame) == 0)
        loop->messages[message_index(message.type)]++;
    if (loop->config.speaks_for == NULL) {
        if (effect->number < loop->config.count) /* a Byzantine peer can name any node */
            send_to(loop, from, effect->number, effect, leaves);
    } else {
        for (node_id to = 0; to < loop->config.count; to++)
            if (loop->config.speaks_for[to] == effect->number)
                send_to(loop, from, to, effect, leaves);
    }
    frame_unref(effect->frame);
}

/* @event is the message received, NULL for a send. */
static void report_stamp(struct loop *loop, node_id node, uint64_t stamp,
                         const struct event *event) {
    if (stamp == 0 || loop->config.stamped == NULL)
        return;
    const struct env *env = &loop->stations[node].process->env;
    const struct stamp_record record = {
        .node = node,
        .from = event != NULL ? event->from : NODE_NONE,
        .clock = env_clock(env),
        .stamp = stamp,
        .received = event != NULL ? event->stamp : 0,
    };
    loop->config.stamped(loop->config.context, &record);
}

/* The power fails before effect @from of the step. */
static void fail_in_step(struct loop *loop, node_id node, size_t from) {
    struct effects *out = &loop->stations[node].process->env.out;
    for (size_t i = from; i < out->count; i++)
        frame_unref(out->list[i].frame);
    out->count = 0;
    loop_crash(loop, node);
}

static void replay(struct loop *loop, node_id node) {
    struct station *station = &loop->stations[node];
    struct effects *out = &station->process->env.out;
    time_ns time = loop->now;
    for (size_t i = 0; i < out->count; i++) {
        const struct effect *effect = &out->list[i];
        if (station->doomed && station->effects_left-- == 0) {
            fail_in_step(loop, node, i);
            return;
        }
        if (loop->config.effect != NULL)
            loop->config.effect(loop->config.context, node, effect);
        switch (effect->type) {
        case EFFECT_SEND:
            report_stamp(loop, node, effect->a, NULL);
            send(loop, node, effect, time);
            break;
        case EFFECT_CHARGE:
            if (loop->config.work_ns != NULL)
                time += (time_ns)(loop->config.work_ns[effect->number] * effect->a);
            break;
        case EFFECT_PERSIST:
            disk_write(&station->disk, effect->number, effect->frame);
            break;
        case EFFECT_TRACE:
            if (loop->config.trace != NULL) {
                struct trace_record record = {time, node, (enum trace_point)effect->number,
                                              effect->a, effect->b};
                loop->config.trace(loop->config.context, &record);
            }
            break;
        }
    }
    out->count = 0;
    station->busy_until = time;
}

static void step(struct loop *loop, node_id node, const struct event *event) {
    struct process *process = loop->stations[node].process;
    time_ns physical = loop->now;
    if (loop->config.clock != NULL)
        physical = loop->config.clock(loop->config.context, node, loop->now);
    process_step_at(process, event, loop->now, physical);
    report_stamp(loop, node, process->env.merged, event);
    if (loop->config.stepped != NULL)
        loop->config.stepped(loop->config.context, node, event);
}

static void run_node(struct loop *loop, node_id node) {
    struct station *station = &loop->stations[node];
    if (station->wake != loop->now)
        return; /* an earlier wake-up took this one's place */
    station->wake = TIME_NEVER;
    if (station->process == NULL)
        return;
    struct event event = {.type = EVENT_TIMER};
    time_ns deadline = timers_deadline(&station->process->env.timers);
    if (station->busy_until <= loop->now) {
        if (station->head < station->tail && station->inbox[station->head].due <= deadline) {
            event = station->inbox[station->head++].event;
            if (station->head == station->tail)
                station->head = station->tail = 0;
        }
        if (event.type != EVENT_TIMER || deadline <= loop->now) {
            step(loop, node, &event);
            frame_unref(event.frame);
            replay(loop, node);
        }
    }
    schedule_wake(loop, node);
}

struct loop *loop_new(const struct loop_config *config) {
    struct loop *loop = calloc(1, sizeof *loop);
    if (loop == NULL)
        abort();
    loop->config = *config;
    loop->stations = calloc(config->count, sizeof *loop->stations);
    loop->messages = calloc(message_count(), sizeof *loop->messages);
    if (loop->stations == NULL || loop->messages == NULL)
        abort();
    for (node_id node = 0; node < config->count; node++)
        loop->stations[node].wake = TIME_NEVER;
    return loop;
}

void loop_start(struct loop *loop, node_id node, struct process *process) {
    struct station *station = &loop->stations[node];
    assert(station->process == NULL);
    station->process = process;
    station->busy_until = loop->now;
    struct event event = {
        .type = EVENT_START, .records = station->disk.records, .record_count = station->disk.count};
    enqueue(loop, node, &event);
}

void loop_crash(struct loop *loop, node_id node) {
    struct station *station = &loop->stations[node];
    for (size_t i = station->head; i < station->tail; i++)
        frame_unref(station->inbox[i].event.frame);
    station->head = station->tail = 0;
    station->process = NULL;
    station->wake = TIME_NEVER;
    station->doomed = false;
}

void loop_crash_after(struct loop *loop, node_id node, uint64_t effects) {
    loop->stations[node].doomed = true;
    loop->stations[node].effects_left = effects;
}

bool loop_alive(const struct loop *loop, node_id node) {
    return loop->stations[node].process != NULL;
}

void loop_forget(struct loop *loop, node_id node) {
    disk_clear(&loop->stations[node].disk);
}

void loop_free(struct loop *loop) {
    for (node_id node = 0; node < loop->config.count; node++) {
        loop_crash(loop, node);
        loop_forget(loop, node);
        free(loop->stations[node].inbox);
    }
    for (size_t i = 0; i < loop->count; i++)
        frame_unref(loop->heap[i].event.frame);
    free(loop->heap);
    free(loop->stations);
    free(loop->messages);
    free(loop);
}

static void push_outside(struct loop *loop, struct item item) {
    item.sequence = loop->outside++;
    push(loop, item);
}

void loop_submit(struct loop *loop, node_id node, time_ns at, uint64_t transaction, uint32_t size) {
    push_outside(
        loop,
        (struct item){.time = at,
                      .class = CLASS_ARRIVE,
                      .source = NODE_NONE,
                      .to = node,
                      .event = {.type = EVENT_SUBMIT, .transaction = transaction, .size = size}});
}

void loop_at(struct loop *loop, time_ns at, void (*function)(void *context, uint64_t argument),
             uint64_t argument) {
    push_outside(loop, (struct item){.time = at,
                                     .class = CLASS_CONTROL,
                                     .source = NODE_NONE,
                                     .control = function,
                                     .argument = argument});
}

void loop_inject(struct loop *loop, node_id from, node_id to, time_ns at, struct frame *frame) {
    push_outside(loop,
                 (struct item){.time = at,
                               .class = CLASS_ARRIVE,
                               .source = from,
                               .to = to,
                               .event = {.type = EVENT_MESSAGE, .from = from, .frame = frame}});
}

void loop_run(struct loop *loop, time_ns until) {
    loop->stopping = false;
    while (loop->count > 0 && loop->heap[0].time <= until && !loop->stopping) {
        struct item item = pop(loop);
        loop->now = item.time;
        if (item.class == CLASS_CONTROL)
            item.control(loop->config.context, item.argument);
        else if (item.class == CLASS_ARRIVE)
            enqueue(loop, item.to, &item.event);
        else
            run_node(loop, item.to);
    }
    if (until > loop->now && !loop->stopping)
        loop->now = until;
}

void loop_stop(struct loop *loop) {
    loop->stopping = true;
}

time_ns loop_now(const struct loop *loop) {
    return loop->now;
}

uint64_t loop_messages(const struct loop *loop, uint16_t type) {
    if (type != 0)
        return loop->messages[message_index(type)];
    uint64_t sum = 0;
    for (size_t i = 0; i < message_count(); i++)
        sum += loop->messages[i];
    return sum;
}
