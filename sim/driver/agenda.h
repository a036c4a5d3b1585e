/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The agenda: what happens when, in one documented total order.
 *
 * Items are ordered by (time, class, source, sequence). The sequence counts per source, never
 * globally, so the order does not depend on who ran first. At equal times controls (faults) come
 * first, then arrivals, then departures, then effects, then wake-ups: a message that arrives together with a
 * deadline is handled before the timer expires. */
#ifndef TIERCHAIN_SIM_DRIVER_AGENDA_H
#define TIERCHAIN_SIM_DRIVER_AGENDA_H

#include "env/env.h"

enum agenda_class {
    AGENDA_CONTROL, /* call control(argument) */
    AGENDA_ARRIVE,  /* the event reaches the receiver's network interface */
    AGENDA_FLOW,    /* a frame that takes the fluid path starts to flow */
    AGENDA_EFFECT,  /* effects of the node's earlier steps happen */
    AGENDA_WAKE,    /* the node has an input to handle */
};

struct agenda_item {
    time_ns time;
    enum agenda_class class;
    node_id source;
    uint64_t sequence;
    node_id to;
    struct event event; /* ARRIVE, FLOW: holds a reference to its frame */
    void (*control)(void *context, uint64_t argument);
    uint64_t argument;
    uint64_t hop; /* ARRIVE, FLOW: of a recorder of paths (sim/path/path.h) */
};

struct agenda {
    struct agenda_item *heap;
    size_t count;
    size_t capacity;
};

void agenda_init(struct agenda *agenda);

/* Frees, with the frames of what is left. */
void agenda_deinit(struct agenda *agenda);

void agenda_push(struct agenda *agenda, const struct agenda_item *item);

/* The earliest time, TIME_NEVER when empty. */
time_ns agenda_next(const struct agenda *agenda);

/* Takes out the first item. Must not be empty. */
struct agenda_item agenda_pop(struct agenda *agenda);

#endif
