/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/loop/loop.h"

#include <assert.h>
#include <stdlib.h>

#include "env/disk.h"
#include "sim/machine/machine.h"
#include "wire/message.h"

/* At equal times: controls, then arrivals, then effects, then wake-ups, so that a message that arrives
 * together with a deadline comes first. */
enum item_class { CLASS_CONTROL, CLASS_ARRIVE, CLASS_EFFECT, CLASS_WAKE };

struct item {
    time_ns time;
    enum item_class class;
    node_id source;
    uint64_t sequence;
    node_id to;
    struct event event;
    void (*control)(void *context, uint64_t argument);
    uint64_t argument;
    uint64_t hop; /* of a recorder of paths */
};

struct input {
    time_ns due;
    struct event event;
    uint64_t hop;
};

struct station {
    struct process *process; /* NULL while crashed */
    struct input *inbox;
    size_t head, tail, capacity;
    struct machine machine;
    time_ns wake;   /* scheduled wake-up, TIME_NEVER when none */
    time_ns effect; /* likewise for the effects that are still to happen */
    bool doomed;    /* crashes when the effects that are left have happened */
    uint64_t effects_left;
    uint64_t sent;
    struct disk disk;
};

struct loop {
    struct loop_config config;
    time_ns now;
    struct station *stations;
    struct machine_pool pool;
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
    time_ns free = machine_free(&station->machine);
    due = due > free ? due : free;
    due = due > loop->now ? due : loop->now;
    if (due < station->wake) {
        station->wake = due;
        push(loop, (struct item){.time = due, .class = CLASS_WAKE, .source = node, .to = node});
    }
}

static void enqueue(struct loop *loop, node_id node, const struct event *event, uint64_t hop) {
    struct station *station = &loop->stations[node];
    if (station->process == NULL) {
        frame_unref(event->frame);
        path_dropped(loop->config.paths, hop);
        return;
    }
    if (station->tail == station->capacity) {
        station->capacity = station->capacity == 0 ? 16 : 2 * station->capacity;
        station->inbox = grow(station->inbox, station->capacity * sizeof *station->inbox);
    }
    station->inbox[station->tail++] = (struct input){loop->now, *event, hop};
    schedule_wake(loop, node);
}

static node_id speaks_for(const struct loop *loop, node_id station) {
    return loop->config.speaks_for == NULL ? station : loop->config.speaks_for[station];
}

static void send_to(struct loop *loop, node_id from, node_id to,
                    const struct happening *happening) {
    const struct effect *effect = &happening->effect;
    time_ns leaves = happening->time;
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
                   .hop = path_sent(loop->config.paths, happening->mark, happening->index, leaves,
                                    delay, 0),
               });
}

static void send(struct loop *loop, node_id from, const struct happening *happening) {
    const struct effect *effect = &happening->effect;
    struct message message;
    if (message_parse(&message, effect->frame) == 0)
        loop->messages[message_index(message.type)]++;
    if (loop->config.speaks_for == NULL) {
        if (effect->number < loop->config.count) /* a Byzantine peer can name any node */
            send_to(loop, from, effect->number, happening);
    } else {
        for (node_id to = 0; to < loop->config.count; to++)
            if (loop->config.speaks_for[to] == effect->number)
                send_to(loop, from, to, happening);
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

static void trace(const struct loop *loop, node_id node, const struct happening *happening) {
    const struct trace_record record = {.time = happening->time,
                                        .node = node,
                                        .point = (enum trace_point)happening->effect.number,
                                        .a = happening->effect.a,
                                        .b = happening->effect.b,
                                        .step = happening->step};
    path_trace(loop->config.paths, happening->mark, happening->index, &record);
    if (loop->config.trace != NULL)
        loop->config.trace(loop->config.context, &record);
}

static void apply(struct loop *loop, node_id node, const struct happening *happening) {
    const struct effect *effect = &happening->effect;
    if (loop->config.effect != NULL)
        loop->config.effect(loop->config.context, node, effect);
    if (effect->type == EFFECT_SEND)
        send(loop, node, happening);
    else if (effect->type == EFFECT_PERSIST)
        disk_write(&loop->stations[node].disk, effect->number, effect->frame);
    else if (effect->type == EFFECT_TRACE)
        trace(loop, node, happening);
}

/* All that happens by now; the rest is scheduled. */
static void happen(struct loop *loop, node_id node) {
    struct station *station = &loop->stations[node];
    struct happening happening;
    while (machine_take(&station->machine, &loop->pool, loop->now, &happening)) {
        if (station->doomed && station->effects_left-- == 0) { /* the power fails before it */
            frame_unref(happening.effect.frame);
            loop_crash(loop, node);
            return;
        }
        apply(loop, node, &happening);
    }
    time_ns next = machine_next(&station->machine);
    if (next < station->effect) {
        station->effect = next;
        push(loop, (struct item){.time = next, .class = CLASS_EFFECT, .source = node, .to = node});
    }
}

static void run_effects(struct loop *loop, node_id node) {
    struct station *station = &loop->stations[node];
    if (station->effect != loop->now)
        return; /* others were earlier, or the node has died */
    station->effect = TIME_NEVER;
    happen(loop, node);
}

struct worker {
    const struct loop *loop;
    node_id node;
    uint64_t mark; /* of its step */
};

static time_ns cost(void *context, uint32_t index, enum work work, uint64_t count) {
    const struct worker *worker = context;
    const struct loop_config *config = &worker->loop->config;
    time_ns duration = 0;
    if (config->work != NULL)
        duration = config->work(config->work_context, worker->node, work, count);
    else if (config->work_ns != NULL)
        duration = (time_ns)(config->work_ns[work] * count);
    if (work != WORK_PERSIST) /* which is the disk's */
        path_work(config->paths, worker->mark, index, work, duration);
    return duration;
}

static void report_step(struct loop *loop, node_id node, const struct event *event) {
    const struct env *env = &loop->stations[node].process->env;
    report_stamp(loop, node, env->merged, event);
    if (loop->config.stepped != NULL)
        loop->config.stepped(loop->config.context, node, event);
    for (size_t i = 0; i < env->out.count; i++)
        if (env->out.list[i].type == EFFECT_SEND)
            report_stamp(loop, node, env->out.list[i].a, NULL);
}

static void step(struct loop *loop, node_id node, const struct input *input) {
    struct station *station = &loop->stations[node];
    struct process *process = station->process;
    struct timers *timers = &process->env.timers;
    struct path_recorder *paths = loop->config.paths;
    uint64_t timer = input->event.type == EVENT_TIMER ? timers->heap[0]->order : 0;
    uint64_t started = timers->started;
    struct worker worker = {loop, node, 0};
    time_ns physical = loop->now;
    worker.mark = path_step(paths, node, &input->event, input->hop, timer, input->due, loop->now);
    if (loop->config.clock != NULL)
        physical = loop->config.clock(loop->config.context, node, loop->now);
    process_step_at(process, &input->event, loop->now, physical);
    report_step(loop, node, &input->event);
    path_handled(paths, worker.mark, &process->env.out, started, timers->started);
    path_ends(paths, worker.mark,
              machine_step(&station->machine, &loop->pool, loop->now, worker.mark,
                           &process->env.out, cost, &worker));
}

static void run_node(struct loop *loop, node_id node) {
    struct station *station = &loop->stations[node];
    if (station->wake != loop->now)
        return; /* an earlier wake-up took this one's place */
    station->wake = TIME_NEVER;
    if (station->process == NULL)
        return;
    time_ns deadline = timers_deadline(&station->process->env.timers);
    struct input input = {.due = deadline, .event = {.type = EVENT_TIMER}};
    if (machine_free(&station->machine) <= loop->now) {
        if (station->head < station->tail && station->inbox[station->head].due <= deadline) {
            input = station->inbox[station->head++];
            if (station->head == station->tail)
                station->head = station->tail = 0;
        }
        if (input.event.type != EVENT_TIMER || deadline <= loop->now) {
            step(loop, node, &input);
            frame_unref(input.event.frame);
            happen(loop, node);
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
    for (node_id node = 0; node < config->count; node++) {
        struct station *station = &loop->stations[node];
        station->wake = station->effect = TIME_NEVER;
        machine_init(&station->machine, config->cores == NULL ? 1 : config->cores[node]);
    }
    return loop;
}

void loop_start(struct loop *loop, node_id node, struct process *process) {
    struct station *station = &loop->stations[node];
    assert(station->process == NULL);
    station->process = process;
    machine_restart(&station->machine, loop->now);
    struct event event = {
        .type = EVENT_START, .records = station->disk.records, .record_count = station->disk.count};
    enqueue(loop, node, &event, 0);
}

void loop_crash(struct loop *loop, node_id node) {
    struct station *station = &loop->stations[node];
    for (size_t i = station->head; i < station->tail; i++) {
        frame_unref(station->inbox[i].event.frame);
        path_dropped(loop->config.paths, station->inbox[i].hop);
    }
    path_crashed(loop->config.paths, node);
    station->head = station->tail = 0;
    station->process = NULL;
    station->wake = station->effect = TIME_NEVER;
    station->doomed = false;
    machine_crash(&station->machine, &loop->pool);
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

void loop_save(const struct loop *loop, node_id node, struct disk *snapshot) {
    disk_copy(snapshot, &loop->stations[node].disk);
}

void loop_roll_back(struct loop *loop, node_id node, const struct disk *snapshot) {
    assert(loop->stations[node].process == NULL);
    loop_forget(loop, node);
    disk_copy(&loop->stations[node].disk, snapshot);
}

void loop_free(struct loop *loop) {
    for (node_id node = 0; node < loop->config.count; node++) {
        loop_crash(loop, node);
        loop_forget(loop, node);
        free(loop->stations[node].inbox);
        machine_deinit(&loop->stations[node].machine, &loop->pool);
    }
    for (size_t i = 0; i < loop->count; i++)
        frame_unref(loop->heap[i].event.frame);
    machine_pool_deinit(&loop->pool);
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
            enqueue(loop, item.to, &item.event, item.hop);
        else if (item.class == CLASS_EFFECT)
            run_effects(loop, item.to);
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
