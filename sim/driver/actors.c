/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The SimGrid side: the clerk, the nodes' actors, the couriers. */
#include <simgrid/engine.h>

#include "base/memory.h"

#include "sim/driver/internal.h"

#define PROGRESS_EVERY_EVENTS 4096

static double seconds(time_ns time) {
    return (double)time / (double)NS_PER_S;
}

static time_ns clock_now(void) {
    return (time_ns)(simgrid_get_clock() * (double)NS_PER_S + 0.5);
}

static void node_main(int argc, char **argv) {
    struct node_actor *self = sg_actor_self_get_data();
    struct driver *driver = self->driver;
    while (!driver->stopping) {
        sg_actor_suspend(self->actor);
        if (!driver->stopping)
            node_run(driver, self->node);
        driver->running--;
    }
}

/* Resumes the actors of the nodes that are ready, and lets them run before anything else happens.
 * */
static void run_ready(struct driver *driver, size_t count) {
    driver->running = (uint32_t)count;
    for (size_t i = 0; i < count; i++)
        sg_actor_resume(driver->actors[driver->ready[i]].actor);
    while (driver->running > 0)
        sg_actor_yield();
}

static void arrive(struct driver *driver, struct agenda_item *item) {
    time_ns due = item->time;
    if (item->event.type == EVENT_MESSAGE && item->argument == 0) {
        time_ns wait = driver->network.interfaces[item->to].in_free - item->time;
        due = network_receive(&driver->network, item->source, item->to,
                              network_wire_bytes(item->event.frame), item->time);
        path_arrived(driver->config.paths, item->hop, item->time,
                     due - item->time - (wait > 0 ? wait : 0));
    }
    node_receive(driver, item->to, due, &item->event, item->hop);
}

static void pull_submission(struct driver *driver) {
    driver_submit(driver, &driver->submission);
    driver->has_submission =
        driver->config.next_submission(driver->config.context, &driver->submission);
}

/* The next moment at which something happens. */
static time_ns next_time(struct driver *driver) {
    while (driver->has_submission && driver->submission.time <= agenda_next(&driver->agenda))
        pull_submission(driver);
    return agenda_next(&driver->agenda);
}

static time_ns next_control(const struct driver *driver) {
    time_ns next = TIME_NEVER;
    for (size_t i = 0; i < driver->agenda.count; i++)
        if (driver->agenda.heap[i].class == AGENDA_CONTROL && driver->agenda.heap[i].time < next)
            next = driver->agenda.heap[i].time;
    return next;
}

/* Handles everything that is on the agenda for this moment. Wake-ups come last (agenda.h). */
static void handle_moment(struct driver *driver) {
    size_t ready = 0;
    while (agenda_next(&driver->agenda) <= driver->now) {
        struct agenda_item item = agenda_pop(&driver->agenda);
        switch (item.class) {
        case AGENDA_CONTROL:
            item.control(driver->config.context, item.argument);
            driver->horizon = next_control(driver);
            break;
        case AGENDA_ARRIVE:
            arrive(driver, &item);
            break;
        case AGENDA_FLOW:
            courier_send(driver, &item);
            break;
        case AGENDA_EFFECT:
            if (driver->stations[item.to].effect == item.time) {
                driver->stations[item.to].effect = TIME_NEVER;
                node_happen(driver, item.to);
            }
            break;
        case AGENDA_WAKE:
            if (driver->stations[item.to].wake == item.time) {
                driver->stations[item.to].wake = TIME_NEVER;
                driver->ready[ready++] = item.to;
            }
            break;
        }
    }
    if (ready > 0)
        run_ready(driver, ready);
}

static bool keep_going(struct driver *driver, uint64_t *reported) {
    if (driver->config.progress == NULL || driver->events - *reported < PROGRESS_EVERY_EVENTS)
        return true;
    *reported = driver->events;
    return driver->config.progress(driver->config.context, driver->now, driver->events);
}

static void clerk_main(int argc, char **argv) {
    struct driver *driver = sg_actor_self_get_data();
    uint64_t reported = 0;
    sg_actor_yield(); /* all nodes' actors reach their first suspension */
    for (;;) {
        time_ns next = next_time(driver);
        if (next > driver->config.end)
            next = driver->config.end + 1;
        time_ns clock = clock_now();
        if (next > clock) {
            /* A courier that arrives earlier releases the semaphore; otherwise this times out. */
            (void)sg_sem_acquire_timeout(driver->clerk_wanted, seconds(next) - simgrid_get_clock());
            next = next_time(driver);
            if (next > clock_now() + 1)
                continue;
        }
        if (next > driver->config.end)
            break;
        driver->now = next > driver->now ? next : driver->now;
        handle_moment(driver);
        if (!keep_going(driver, &reported))
            driver->stopped_early = true;
        if (driver->stopped_early)
            break;
    }
    if (!driver->stopped_early)
        driver->now = driver->config.end;
    driver->stopping = true;
    sg_actor_kill_all();
}

static void courier_main(int argc, char **argv) {
    struct courier *self = sg_actor_self_get_data();
    struct driver *driver = self->driver;
    for (;;) {
        sg_sem_acquire(self->wanted);
        struct agenda_item item = self->job;
        uint64_t bytes = network_wire_bytes(item.event.frame);
        sg_host_sendto(driver->hosts[item.source], driver->hosts[item.to], (double)bytes);
        item.class = AGENDA_ARRIVE;
        item.time = clock_now() + (time_ns)item.argument;
        path_flowed(driver->config.paths, item.hop, item.time);
        item.argument = 1; /* bandwidth is paid: the receiver's interface adds nothing */
        agenda_push(&driver->agenda, &item);
        driver->flowing--;
        self->next_idle = driver->idle;
        driver->idle = self;
        sg_sem_release(driver->clerk_wanted);
    }
}

static struct courier *courier_new(struct driver *driver) {
    struct courier *courier = memory_new(1, sizeof *courier);
    courier->driver = driver;
    courier->wanted = sg_sem_init(0);
    sg_actor_t actor = sg_actor_init("courier", driver->hosts[0]);
    sg_actor_set_data(actor, courier);
    sg_actor_daemonize(actor);
    sg_actor_start_(actor, courier_main, 0, NULL);
    return courier;
}

void courier_send(struct driver *driver, const struct agenda_item *job) {
    struct courier *courier = driver->idle;
    if (courier != NULL)
        driver->idle = courier->next_idle;
    else
        courier = courier_new(driver);
    courier->job = *job;
    driver->flowing++;
    sg_sem_release(courier->wanted);
}

void actors_create(struct driver *driver) {
    for (node_id node = 0; node < driver->config.network.node_count; node++) {
        struct node_actor *self = &driver->actors[node];
        *self = (struct node_actor){.driver = driver, .node = node};
        self->actor = sg_actor_init(sg_host_get_name(driver->hosts[node]), driver->hosts[node]);
        sg_actor_set_data(self->actor, self);
        sg_actor_start_(self->actor, node_main, 0, NULL);
    }
    driver->clerk_wanted = sg_sem_init(0);
    sg_actor_t clerk = sg_actor_init("clerk", driver->hosts[0]);
    sg_actor_set_data(clerk, driver);
    sg_actor_start_(clerk, clerk_main, 0, NULL);
    if (driver->config.next_submission != NULL)
        driver->has_submission =
            driver->config.next_submission(driver->config.context, &driver->submission);
}
