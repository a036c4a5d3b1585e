/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a node sees of the world. A node is a process: a function from one event to an ordered list
 * of effects. It never sleeps, reads a clock or calls into the world; the env_ functions read like
 * calls but only record. Drivers (SimGrid, the test loop) implement this contract:
 *
 *  - take the input that became due first; ties: messages before timers, then by (source,
 *  sequence);
 *  - a busy node's inputs wait: one core, first due first served, no input is refused;
 *  - set env.now to the moment the step starts, call step once, then replay the effects in order,
 *    where a CHARGE advances this node's CPU time, so that SEND a, CHARGE x, SEND b lets a leave
 *    at t
 *    and b at t + x; the node is busy until the last charge is done;
 *  - a record that PERSIST wrote is durable before any later effect of the step leaves the node,
 *  and
 *    comes back with the START event after a crash;
 *  - never call back in between. */
#ifndef TIERCHAIN_ENV_ENV_H
#define TIERCHAIN_ENV_ENV_H

#include "base/rng.h"
#include "base/types.h"
#include "env/frame.h"
#include "env/timers.h"
#include "env/trace.h"
#include "env/work.h"

struct identity; /* crypto/identity.h */
struct process;

/* A durable record: what a node must remember across a crash. Slots are numbered by their owners.
 * */
struct record {
    uint32_t slot;
    struct frame *frame;
};

enum event_type {
    EVENT_START,   /* the node (re)starts; records hold what it had made durable */
    EVENT_MESSAGE, /* a frame from another node */
    EVENT_TIMER,   /* env.timers has timers that are due */
    EVENT_SUBMIT,  /* the user behind this node submits a transaction */
};

struct event {
    enum event_type type;
    node_id from;                 /* MESSAGE: the authenticated sender */
    struct frame *frame;          /* MESSAGE: borrowed for the step; take a reference to keep it */
    const struct record *records; /* START */
    size_t record_count;          /* START */
    uint64_t transaction;         /* SUBMIT: the number under which results list it */
    uint32_t size;                /* SUBMIT: bytes of content */
};

enum effect_type { EFFECT_SEND, EFFECT_CHARGE, EFFECT_PERSIST, EFFECT_TRACE };

struct effect {
    enum effect_type type;
    uint32_t number; /* SEND: receiver; CHARGE: enum work; PERSIST: slot; TRACE: enum trace_point */
    uint64_t a;      /* CHARGE: count; TRACE: a */
    uint64_t b;      /* TRACE: b */
    struct frame *frame; /* SEND, PERSIST: one reference, passed on to the driver */
};

struct effects {
    struct effect *list;
    size_t count;
    size_t capacity;
};

struct env {
    time_ns now; /* constant during a step */
    node_id self;
    struct rng rng;                  /* this node's stream for protocol decisions */
    struct timers timers;            /* relative to now; one deadline out */
    struct effects out;              /* drained in order by the driver after the step */
    const struct identity *identity; /* own key, everyone's public keys, the suite; may be NULL */
    bool stepping;                   /* asserts that no step re-enters */
};

/* What a driver drives: the node itself, or a part of it in a test. */
struct process {
    struct env env;
    void (*step)(struct process *process, const struct event *event);
};

/* Starts the streams of node @self under @seed. */
void env_init(struct env *env, node_id self, uint64_t seed);

/* Drops effects that were not drained, and frees. */
void env_deinit(struct env *env);

/* Sends one frame; takes over the caller's reference. */
void env_send(struct env *env, node_id to, struct frame *frame);

/* Sends one frame to @count nodes, except self; takes over the caller's one reference. */
void env_broadcast(struct env *env, const node_id *to, size_t count, struct frame *frame);

void env_timer_start(struct env *env, struct timer *timer, time_ns after);
void env_timer_stop(struct env *env, struct timer *timer);

/* Makes @frame the durable content of @slot; takes over the reference. Charges WORK_PERSIST. */
void env_persist(struct env *env, uint32_t slot, struct frame *frame);

/* Says that @count units of @work were done here. 0 units are not recorded. */
void env_charge(struct env *env, enum work work, uint64_t count);

/* Charges one hash call over @bytes bytes. */
void env_charge_hash(struct env *env, size_t bytes);

void env_trace(struct env *env, enum trace_point point, uint64_t a, uint64_t b);

/* Counts a message that was dropped: its type and the (negative) reason of base/error.h. */
void env_drop(struct env *env, uint16_t message_type, int reason);

/* One step with its guard against re-entrancy; for drivers. Expires due timers on EVENT_TIMER. */
void process_step(struct process *process, const struct event *event, time_ns now);

#endif
