/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A station: what the driver keeps for one node. Inbox, machine, durable records, counters.
 *
 * The queue discipline is the machine's (sim/machine/machine.h); timers queue with the messages. A
 * slow node therefore lags, and its clients see it. */
#ifndef TIERCHAIN_SIM_DRIVER_STATION_H
#define TIERCHAIN_SIM_DRIVER_STATION_H

#include "env/disk.h"
#include "sim/machine/machine.h"

struct input {
    time_ns due;
    struct event event;
    uint64_t hop; /* of a recorder of paths */
};

struct station_counters {
    uint64_t steps;
    uint64_t messages_in, messages_out;
    uint64_t messages_down; /* came while the node was down, or waited when it died */
    uint64_t bytes_in, bytes_out;
    time_ns queue_wait_max; /* the longest time that an input waited for a core */
    uint32_t queue_max;
};

struct station {
    struct process *process; /* NULL while the node is down */
    struct input *inbox;     /* ring; capacity is a power of two */
    uint32_t head, count, capacity;
    struct machine machine;
    time_ns wake;   /* the wake-up on the agenda, TIME_NEVER when none */
    time_ns effect; /* likewise for the effects that are still to happen */
    bool doomed;    /* crashes when the effects that are left have happened */
    uint64_t effects_left;
    uint64_t sequence;    /* of what this node put on the agenda */
    uint64_t fingerprint; /* hash over this node's trace records, in its own order */
    struct disk disk;
    struct station_counters counters;
};

void station_init(struct station *station, uint32_t cores);
void station_deinit(struct station *station, struct machine_pool *pool);

/* Puts an input into the queue; takes over the event's frame reference. */
void station_enqueue(struct station *station, time_ns due, const struct event *event, uint64_t hop);

/* How many messages wait. */
uint64_t station_messages(const struct station *station);

/* Drops all inputs, what has not happened yet, and the process (which its owner frees). */
void station_down(struct station *station, struct machine_pool *pool);

/* When this station's next step starts if nothing else comes in; TIME_NEVER when idle. */
time_ns station_next_start(const struct station *station);

/* Takes the next input: the one due first, messages before timers. Must not be idle.
 * A TIMER event stands for all timers that are due. */
struct input station_take(struct station *station);

#endif
