/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Shared by the driver's own files: steps (replay.c), actors (actors.c), set-up (driver.c). */
#ifndef TIERCHAIN_SIM_DRIVER_INTERNAL_H
#define TIERCHAIN_SIM_DRIVER_INTERNAL_H

#include <simgrid/actor.h>
#include <simgrid/host.h>
#include <simgrid/semaphore.h>

#include "sim/driver/agenda.h"
#include "sim/driver/driver.h"

/* One flow in flight on the fluid path. */
struct courier {
    struct driver *driver;
    struct agenda_item job;
    sg_sem_t wanted;
    struct courier *next_idle;
};

struct node_actor {
    struct driver *driver;
    node_id node;
    sg_actor_t actor;
};

struct driver {
    struct driver_config config;
    struct network network;
    struct agenda agenda;
    struct station *stations;
    struct machine_pool pool;
    uint32_t *slowness_permille;
    uint32_t *speed_permille;
    struct node_actor *actors;
    sg_host_t *hosts;
    time_ns now;
    time_ns horizon; /* nodes must not run ahead of the next control */
    uint64_t control_sequence;
    uint64_t events;
    uint32_t running;      /* actors that were resumed and have not suspended yet */
    node_id *ready;        /* scratch: nodes to resume */
    sg_sem_t clerk_wanted; /* released by couriers */
    struct courier *idle;
    uint64_t flowing; /* frames that couriers carry */
    bool stopping;
    bool stopped_early;
    struct submission submission;
    bool has_submission;
    uint64_t *message_count;
    uint64_t *message_bytes;
};

/* Runs what a node can run at driver->now, and plans its next wake-up. */
void node_run(struct driver *driver, node_id node);

/* Plans the wake-up for a node's next step, if it is earlier than the one planned. */
void node_plan(struct driver *driver, node_id node);

/* What the node's steps did happens, as far as it is due by now; the rest is planned. */
void node_happen(struct driver *driver, node_id node);

/* An event reaches a node: into its queue, or lost when it is down. */
void node_receive(struct driver *driver, node_id node, time_ns due, const struct event *event,
                  uint64_t hop);

/* Starts the clerk and the nodes' actors. */
void actors_create(struct driver *driver);

/* Starts a flow on the fluid path. */
void courier_send(struct driver *driver, const struct agenda_item *job);

/* Starts SimGrid with the pinned configuration and a private argument list. */
void driver_start_simgrid(const char *platform_path);

/* Runs one transfer in a child process; the text of what is wrong, or NULL. */
const char *driver_probe(void);

/* Checks SimGrid's routes against the model that the platform was written from; likewise. */
const char *driver_self_test(const struct driver *driver);

#endif
