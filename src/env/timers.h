/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Timers of one node: an intrusive binary heap. The owner embeds a struct timer; starting, stopping
 * and expiring allocate nothing. One deadline goes out to the driver. */
#ifndef TIERCHAIN_ENV_TIMERS_H
#define TIERCHAIN_ENV_TIMERS_H

#include "base/types.h"

struct timer;

typedef void timer_expire(struct timer *timer);

struct timer {
    timer_expire *expire; /* called within the node's step; may start the timer again */
    time_ns deadline;
    uint64_t order; /* ties expire in the order in which they were started */
    uint32_t index; /* place in the heap plus one; 0 when stopped */
};

struct timers {
    struct timer **heap;
    uint32_t count;
    uint32_t capacity;
    uint64_t started;
};

void timers_init(struct timers *timers);

/* Frees the heap; the timers belong to their owners. */
void timers_deinit(struct timers *timers);

void timer_init(struct timer *timer, timer_expire *expire);

bool timer_running(const struct timer *timer);

/* Starts or restarts @timer. */
void timers_start(struct timers *timers, struct timer *timer, time_ns deadline);

/* Does nothing when it is not running. */
void timers_stop(struct timers *timers, struct timer *timer);

/* The earliest deadline, TIME_NEVER when none runs. */
time_ns timers_deadline(const struct timers *timers);

/* Takes out the earliest timer that is due at @now, or NULL. */
struct timer *timers_pop(struct timers *timers, time_ns now);

#endif
