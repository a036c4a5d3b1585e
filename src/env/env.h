/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a node sees of the world. A node is a process: a function from one event to an ordered list
 * of effects. It never sleeps, reads a clock or calls into the world; the env_ functions read like
 * calls but only record. Drivers (SimGrid, the test loop) implement this contract:
 *
 *  - take the input that became due first; ties: messages before timers, then by (source,
 *  sequence);
 *  - a busy node's inputs wait for a free core, first due first served, no input is refused;
 *  - set env.now to the moment the step starts and env.physical to what this node's own clock then
 *    shows, call step once, then let the effects happen in order, where a CHARGE takes the step's core
 *    its time, so that SEND a, CHARGE x, SEND b lets a leave at t and b at t + x; the core is busy
 *    until the last charge is done. With several cores the effects of a later step may happen earlier
 *    (sim/machine/machine.h has the whole discipline);
 *  - carry a SEND's stamp to the receiver's MESSAGE event, as it carries the sender's name;
 *  - a record that PERSIST wrote is durable before any later effect of this step, or of a later one,
 *    leaves the node; it comes back with the START event after a crash, and what was not durable does not;
 *  - never call back in between.
 *
 * Time has three readings. env.now is true simulated time: timers run by it, nothing else may.
 * env_clock is what the node believes, whose error the world's clock model decides: expiries and
 * whatever other nodes are to compare go by it. Hybrid logical stamps (clock/hlc.h) order events:
 * every send is an event with a stamp of its own (also of a frame that was sent before), every
 * receipt merges the message's stamp before the node's step. A message stamped more than
 * LIMIT_CLOCK_AHEAD_MS ahead of the node's clock is dropped with ERR_FUTURE and changes nothing.
 * So a node whose clock runs ahead by more is not heard, one whose clock lags by more hears nobody,
 * and each is as good as crashed until its clock is right again; and since hybrid time never
 * falls, one that was ahead stays unheard until time has caught up with the stamps it gave, or it
 * restarts. Safety rests on no clock. */
#ifndef TIERCHAIN_ENV_ENV_H
#define TIERCHAIN_ENV_ENV_H

#include "base/rng.h"
#include "base/types.h"
#include "clock/hlc.h"
#include "clock/slew.h"
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
    uint64_t stamp;               /* MESSAGE: the sender's hybrid time at the send; 0: none */
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
    uint64_t a;      /* SEND: hybrid time, 0: none; CHARGE: count; TRACE: a */
    uint64_t b;      /* TRACE: b */
    struct frame *frame; /* SEND, PERSIST: one reference, passed on to the driver */
};

struct effects {
    struct effect *list;
    size_t count;
    size_t capacity;
};

struct env {
    time_ns now;      /* constant during a step, as are the next two */
    time_ns physical; /* what this node's own clock shows, as wrong as it is */
    time_ns clock;    /* the same, corrected: env_clock */
    node_id self;
    struct slew correction; /* from the next step on; set by clock synchronisation */
    struct hlc hybrid;
    uint64_t merged;      /* hybrid time of this step's receipt, for drivers; 0: there was none */
    struct rng rng;       /* this node's stream for protocol decisions */
    struct timers timers; /* relative to now; one deadline out */
    struct effects out;   /* drained in order by the driver after the step */
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

/* What this node's clock shows in this step. It may run back: clocks get stepped. */
time_ns env_clock(const struct env *env);

/* A local hybrid logical event; its stamp is above all that came before here. 0, or ERR_LIMIT once
 * stamps are exhausted. */
int env_stamp(struct env *env, uint64_t *stamp);

/* Sends one frame; takes over the caller's reference. */
void env_send(struct env *env, node_id to, struct frame *frame);

/* The same outside of hybrid time. For clock synchronisation alone: no clock may be too wrong to be
 * put right. */
void env_send_unstamped(struct env *env, node_id to, struct frame *frame);

/* Sends one frame to @count nodes, except self; takes over the caller's one reference. */
void env_broadcast(struct env *env, const node_id *to, size_t count, struct frame *frame);

void env_timer_start(struct env *env, struct timer *timer, time_ns after);
void env_timer_stop(struct env *env, struct timer *timer);

/* Makes @frame the durable content of @slot; takes over the reference. NULL: the
 * slot is empty again, and no record of it comes back. Charges WORK_PERSIST. */
void env_persist(struct env *env, uint32_t slot, struct frame *frame);

/* Says that @count units of @work were done here. 0 units are not recorded. */
void env_charge(struct env *env, enum work work, uint64_t count);

/* Charges one hash call over @bytes bytes. */
void env_charge_hash(struct env *env, size_t bytes);

void env_trace(struct env *env, enum trace_point point, uint64_t a, uint64_t b);

/* Counts a message that was dropped: its type and the (negative) reason of base/error.h. */
void env_drop(struct env *env, uint16_t message_type, int reason);

/* One step with its guard against re-entrancy; for drivers. Expires due timers on EVENT_TIMER, and
 * merges or refuses a MESSAGE's stamp. The node's own clock shows @physical. */
void process_step_at(struct process *process, const struct event *event, time_ns now,
                     time_ns physical);

/* The same with a clock that shows @now. */
void process_step(struct process *process, const struct event *event, time_ns now);

#endif
