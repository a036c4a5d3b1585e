/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The critical path of each transaction: what its time, from the moment that its user meant to submit it to `done`,
 * was spent on. Found from outside: a driver tells which step each message, timer and record came from, and protocols
 * know nothing of it.
 *
 * Walking back from `done`: the step that recorded it was caused by one message or timer, without which it would not
 * have been when it was: of the messages of a quorum that is the last one needed. That message left in a step that had
 * a cause as well, and so on until the moment of submission, at which the walk is cut. Its parts follow each other
 * without a gap, so that they sum up to the latency; that is asserted.
 *
 * The walk can leave the transaction itself: a block that waited for the votes on the one before was held up by those
 * votes, and they are on the path. If it comes to the submission of another transaction, this one waited for it (a
 * batch that filled up), which is PATH_OTHERS.
 *
 * Ignored: a step in which several timers expired counts as the first one's; the times of the others' effects are
 * right, but part of their timers' time counts as queueing. */
#ifndef TIERCHAIN_SIM_PATH_PATH_H
#define TIERCHAIN_SIM_PATH_PATH_H

#include "env/trace.h"
#include "env/env.h"

enum path_cause {
    PATH_PROPAGATION, /* the base delay between two places */
    PATH_JITTER,      /* a path's offset and jitter, which can be negative together */
    PATH_SERIALISATION, /* a frame's bits at its receiver, and what sharing bandwidth costs on the fluid path */
    PATH_INTERFACE, /* waiting for other frames at an interface */
    PATH_QUEUE,     /* an input waits for a core */
    PATH_DISK,      /* waiting for a record to be durable */
    PATH_TIMER,     /* from a timer's start to its end: batch delay, back-off, time-out */
    PATH_OTHERS, /* nothing had been done yet: another transaction, or a node's start, set it off */
    PATH_UNKNOWN, /* the step is not remembered any more */
    PATH_WORK,    /* and from here on: a core at work, by enum work */
    PATH_CAUSES = PATH_WORK + WORK_COUNT,
};

/* One part of a path. */
struct path_part {
    uint64_t transaction;
    time_ns begin, duration;
    node_id node; /* where it ends */
    node_id from; /* of a message's parts: the sender; else NODE_NONE */
    uint16_t
        message;    /* type of the message, or of the first one that a timer's step sent; 0: none */
    uint16_t cause; /* enum path_cause */
    uint32_t hop;   /* counts the steps of a path, from its end */
};

/* A path as a whole. */
struct path_record {
    uint64_t transaction;
    time_ns begin, latency;
    time_ns causes[PATH_CAUSES]; /* sums up to the latency */
    uint32_t hops;               /* steps */
    uint32_t messages;           /* that had to follow each other: steps that a message caused */
};

/* The name in tables and files, such as "propagation" or "work.verify". */
const char *path_cause_name(unsigned cause);

/* The cause of that name, PATH_CAUSES when there is none. */
unsigned path_cause_find(const char *name);

struct path_recorder;

struct path_limits {
    size_t steps; /* remembered at most; beyond, the oldest are forgotten */
    size_t
        parts; /* kept, about: where there is no room, the quicker half of the paths is summed up alone */
};

extern const struct path_limits path_limits_default;

struct path_recorder *path_new(uint32_t nodes, const struct path_limits *limits);
void path_free(struct path_recorder *paths);

/* ---- for drivers; all take NULL, which records nothing ---- */

/* Effect number @effect of step @step sends a frame that leaves at @left, with @base and @extra as its delays.
 * Returns what the frame carries, 0 for none. */
uint64_t path_sent(struct path_recorder *paths, uint64_t step, uint32_t effect, time_ns left,
                   time_ns base, time_ns extra);

/* Its head is at the receiver at @head, and the bits take @serialisation from when the interface is free. */
void path_arrived(struct path_recorder *paths, uint64_t hop, time_ns head, time_ns serialisation);

/* The same of one that shared bandwidth, and is there as a whole at @at. */
void path_flowed(struct path_recorder *paths, uint64_t hop, time_ns at);

/* Its receiver is down. */
void path_dropped(struct path_recorder *paths, uint64_t hop);

/* A step of @node begins at @start for @event, which was due at @due and carries @hop. @timer is the order of the
 * timer that is due first, when it is a TIMER. Returns the step's number, 0 for none. */
uint64_t path_step(struct path_recorder *paths, node_id node, const struct event *event,
                   uint64_t hop, uint64_t timer, time_ns due, time_ns start);

/* Effect number @effect of the step takes its core @duration. */
void path_work(struct path_recorder *paths, uint64_t step, uint32_t effect, enum work work,
               time_ns duration);

/* The step has been handled, and started the timers from @first_timer to before @end_timer; then, that its last
 * effect happens at @last. */
void path_handled(struct path_recorder *paths, uint64_t step, const struct effects *effects,
                  uint64_t first_timer, uint64_t end_timer);
void path_ends(struct path_recorder *paths, uint64_t step, time_ns last);

/* A trace record, from effect number @effect of the step. */
void path_trace(struct path_recorder *paths, uint64_t step, uint32_t effect,
                const struct trace_record *record);

/* @node has died, and with it its timers and what it had submitted. */
void path_crashed(struct path_recorder *paths, node_id node);

/* ---- results ---- */

/* In order of `done`. */
const struct path_record *path_records(const struct path_recorder *paths, size_t *count);

/* Path by path in that order, each from its end back to the submission. */
const struct path_part *path_parts(const struct path_recorder *paths, size_t *count);

#endif
