/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The second driver: a tiny virtual-time loop. It implements the contract of env/env.h
 * with nothing but a heap, so that SimGrid's driver has something to be compared with.
 *
 * What is started, crashes and keeps records is a station, a number below the count. */
#ifndef TIERCHAIN_SIM_LOOP_LOOP_H
#define TIERCHAIN_SIM_LOOP_LOOP_H

#include "env/disk.h"
#include "env/env.h"
#include "sim/path/path.h"

struct loop;

struct loop_config {
    uint32_t count; /* of stations */
    /* Whom each station speaks for; NULL: node s is station s. Several stations may be one node to all
     * others: what is sent to it reaches each of them. */
    const node_id *speaks_for;
    void *context; /* handed to the callbacks */
    /* One-way delay of a frame that leaves station @from for station @to at @now, negative when it is
     * lost. */
    time_ns (*delay)(void *context, node_id from, node_id to, const struct frame *frame,
                     time_ns now);
    const uint64_t *work_ns; /* cost per unit of each work kind; NULL: nothing costs time */
    /* What work of a node takes, in place of work_ns; may be NULL. Called in order of its steps. */
    time_ns (*work)(void *context, node_id node, enum work work, uint64_t count);
    void *work_context;
    const uint16_t *cores; /* of each station's machine (sim/machine/machine.h); NULL: one each */
    /* What a node's own clock shows at true time @now; NULL: the true time. */
    time_ns (*clock)(void *context, node_id node, time_ns now);
    /* Every trace record, in the order of steps, with the station as its node; may be NULL. */
    void (*trace)(void *context, const struct trace_record *record);
    /* A station has made a step for @event, whose effects follow, each before it happens. May be NULL. */
    void (*stepped)(void *context, node_id station, const struct event *event);
    void (*effect)(void *context, node_id station, const struct effect *effect);
    struct path_recorder *paths; /* records what came of what; may be NULL */
    /* Every send and receipt as a hybrid logical event, likewise. */
    void (*stamped)(void *context, const struct stamp_record *record);
};

struct loop *loop_new(const struct loop_config *config);
void loop_free(struct loop *loop);

/* Puts @process (owned by the caller) in place of node @node and schedules its START at loop_now,
 * with the records that this node had persisted. */
void loop_start(struct loop *loop, node_id node, struct process *process);

/* The node stops at once: its inputs are lost until loop_start puts a new process there. */
void loop_crash(struct loop *loop, node_id node);

/* The node stops after @effects more effects, also in the middle of a step: what would have
 * followed is lost, as when the power fails. */
void loop_crash_after(struct loop *loop, node_id node, uint64_t effects);

bool loop_alive(const struct loop *loop, node_id node);

/* Forgets what the node had persisted. */
void loop_forget(struct loop *loop, node_id node);

/* A snapshot of what the node has persisted, into an empty disk; and back, while the node is down. The
 * snapshot stays the caller's. */
void loop_save(const struct loop *loop, node_id node, struct disk *snapshot);
void loop_roll_back(struct loop *loop, node_id node, const struct disk *snapshot);

void loop_submit(struct loop *loop, node_id node, time_ns at, uint64_t transaction, uint32_t size);

/* Calls @function(@context, @argument) at time @at, between two steps. */
void loop_at(struct loop *loop, time_ns at, void (*function)(void *context, uint64_t argument),
             uint64_t argument);

/* Injects a frame as if node @from had sent it; it arrives at station @to at @at. Takes over the
 * reference. */
void loop_inject(struct loop *loop, node_id from, node_id to, time_ns at, struct frame *frame);

/* Runs all events up to and including @until, unless it is stopped before. */
void loop_run(struct loop *loop, time_ns until);

/* loop_run ends after the event at hand. */
void loop_stop(struct loop *loop);

time_ns loop_now(const struct loop *loop);

/* Messages sent so far, of one type (0: all). */
uint64_t loop_messages(const struct loop *loop, uint16_t type);

#endif
