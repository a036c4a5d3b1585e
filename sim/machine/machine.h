/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A machine: what a node's steps and effects wait for. It has cores and a disk; the interface that
 * what leaves it then waits for is the network's (sim/driver/network.h). Both drivers use it.
 *
 * The discipline:
 *
 *  1. Inputs wait in one queue, in the order in which they became due (ties: env/env.h). It has no limit.
 *  2. The first of them starts as soon as a core is free, on the core that has been free for longest. No step
 *     is interrupted, none moves. So steps start in due order, whatever the number of cores: G/G/c, first come
 *     first served.
 *  3. A step is handled when it starts: the node's state changes at once and as a whole, and the next step, on
 *     another core, finds it changed. What a step did is seen outside when its work is done: an effect happens
 *     when its core has done all charges before it. Steps that are shorter therefore overtake: effects happen
 *     in the order of their times, at one time in the order of the steps, within a step as they were recorded.
 *     The network numbers and queues messages in that order. A core is busy to the end of its step's charges.
 *  4. A record waits for the disk, not the core, which goes on with the step and with the next one. The disk
 *     writes one record after another, in the order of the steps, whichever core was faster: a record never
 *     goes to the disk before one of an earlier step, so an older one cannot replace a newer one.
 *  5. Output commit (Elnozahy et al., ACM Computing Surveys 34(3), 2002, section 2.4): whatever is recorded
 *     after a PERSIST, in that step or in a later one, happens only when that record is durable. For a later
 *     step has seen the state that the record belongs to and may speak of it. So a vote never leaves before
 *     its journal record is durable, even when it is a repetition that another step sends.
 *  6. A crash ends everything: queued inputs, steps on their cores, effects that have not happened, writes that
 *     are not durable. What had happened by then has happened; the record of a write under way is lost as a whole.
 *
 * What this ignores: work that several cores share, a step's wait for another's locks, memory bandwidth, writes
 * that the disk takes together (group commit). A later step can act on a state that an earlier one reached
 * with work which is still being done (3): that is early by at most that work, and never by a disk write (5).
 *
 * Everything is decided by the times and the order of the steps, so a run is the same on any driver. */
#ifndef TIERCHAIN_SIM_MACHINE_MACHINE_H
#define TIERCHAIN_SIM_MACHINE_MACHINE_H

#include "env/env.h"

/* An effect at its time. */
struct happening {
    time_ns time;
    time_ns handled; /* when its step started */
    uint64_t step;   /* of its node, from 1 on, restarts or not */
    uint64_t mark;   /* the driver's own, of the step */
    uint32_t index;  /* of the effect in its step */
    struct effect effect;
};

/* One step's effects that have not happened yet, with their times, which never fall. */
struct machine_run {
    struct effect *list;
    time_ns *times;
    size_t next, count, capacity, times_capacity;
    time_ns handled;
    uint64_t step, mark;
    struct machine_run *spare;
};

/* Runs to be used again, of all machines of a driver. */
struct machine_pool {
    struct machine_run *spare;
};

struct machine {
    uint32_t cores;
    time_ns *core_free;        /* when each core is free */
    time_ns started;           /* when the last step started */
    time_ns durable;           /* when it is durable: the disk is free */
    uint64_t steps;            /* so far */
    struct machine_run **heap; /* by (time of the next effect, step) */
    size_t count, capacity;
    time_ns core_busy; /* of all cores together */
    time_ns disk_busy;
    time_ns disk_wait_max; /* the longest time that a record waited for the disk */
};

/* What the work of effect number @index costs on this machine. */
typedef time_ns machine_cost(void *context, uint32_t index, enum work work, uint64_t count);

void machine_pool_deinit(struct machine_pool *pool);

/* At least one core; all free at time 0. Aborts without memory. */
void machine_init(struct machine *machine, uint32_t cores);
void machine_deinit(struct machine *machine, struct machine_pool *pool);

/* When a core is free, and not before the last step started: steps start in order. */
time_ns machine_free(const struct machine *machine);

/* A step that started at @start recorded @effects; takes them over. @start is not before
 * machine_free. @mark comes back with the effects. Returns when the last of them happens, or the core is free. */
time_ns machine_step(struct machine *machine, struct machine_pool *pool, time_ns start,
                     uint64_t mark, struct effects *effects, machine_cost *cost, void *context);

/* When the next effect happens, TIME_NEVER when none is left. */
time_ns machine_next(const struct machine *machine);

/* Takes out the next effect, if it happens by @limit. Its frame is the caller's. */
bool machine_take(struct machine *machine, struct machine_pool *pool, time_ns limit,
                  struct happening *happening);

/* A crash: all that has not happened is lost. */
void machine_crash(struct machine *machine, struct machine_pool *pool);

/* It can be used again from @now on. */
void machine_restart(struct machine *machine, time_ns now);

#endif
