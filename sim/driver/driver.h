/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The SimGrid driver: every node is a SimGrid actor on its own SimGrid host.
 *
 * A clerk actor keeps the agenda (post office) and resumes nodes that have something to do. Frames
 * take the latency path (network.h) or the fluid path: a courier actor that blocks in SimGrid's
 * sg_host_sendto, so that large transfers share bandwidth. `hybrid` decides by size.
 *
 * Simulated time is kept in integer nanoseconds; SimGrid's clock (a double) is only followed. A
 * node
 * with a backlog runs ahead of SimGrid's clock through inputs that are already due, because nothing
 * that is still to come can be due earlier; it stops at the next control event, so that a crash
 * finds it where it should be.
 *
 * One driver per process: SimGrid allows one engine. */
#ifndef TIERCHAIN_SIM_DRIVER_DRIVER_H
#define TIERCHAIN_SIM_DRIVER_DRIVER_H

#include "env/env.h"
#include "sim/driver/network.h"
#include "sim/driver/platform.h"
#include "sim/driver/station.h"
#include "sim/path/path.h"

enum path_mode { PATH_LATENCY, PATH_FLUID, PATH_HYBRID };

struct submission {
    time_ns time;
    node_id node;
    uint64_t transaction;
    uint32_t size;
};

struct driver_config {
    struct platform platform;
    const char *platform_path; /* where the XML lies; written by the caller */
    struct network_config network;
    enum path_mode mode;
    uint32_t fluid_bytes;    /* hybrid: frames from this size on take the fluid path */
    const uint64_t *work_ns; /* cost per unit of every work kind on a host of speed 1 */
    /* What work of a node takes on a host of speed 1, in place of work_ns; may be NULL. Called in order of its steps. */
    time_ns (*work)(void *context, node_id node, enum work work, uint64_t count);
    void *work_context;
    const uint16_t *cores; /* of each node's machine (sim/machine/machine.h); NULL: one each */
    time_ns end;           /* the last moment that is simulated */
    void *context;         /* handed to the callbacks */
    /* What node @node's own clock shows at true time @now; NULL: the true time. */
    time_ns (*clock)(void *context, node_id node, time_ns now);
    /* The next submission in order of time; false when there is none. */
    bool (*next_submission)(void *context, struct submission *submission);
    /* Every trace record. Records of one node come in order of their time; of several nodes in any order. */
    void (*trace)(void *context, const struct trace_record *record);
    /* Every send and receipt as a hybrid logical event, a node's in the order of its steps; may be NULL. */
    void (*stamped)(void *context, const struct stamp_record *record);
    /* As struct loop_config has them (sim/loop/loop.h); each may be NULL. With a delay the latency path is
     * what it says, and the network's own delays and faults are not asked. */
    const node_id *speaks_for;
    time_ns (*delay)(void *context, node_id from, node_id to, const struct frame *frame,
                     time_ns now);
    void (*stepped)(void *context, node_id station, const struct event *event);
    void (*effect)(void *context, node_id station, const struct effect *effect);
    struct path_recorder *paths; /* records what came of what; may be NULL */
    /* Called now and then with the current simulated time; returns false to stop early. */
    bool (*progress)(void *context, time_ns now, uint64_t events);
};

struct driver;

enum driver_end { DRIVER_DONE, DRIVER_STOPPED };

/* Starts SimGrid and loads the platform. Exits the process with code 3 after a message on stderr
 * when SimGrid's network model misses the closed form (driver_self_test). */
struct driver *driver_new(const struct driver_config *config);
void driver_free(struct driver *driver);

/* Puts @process (owned by the caller) on node @node; its START comes at driver_now, with the
 * records
 * that this node had made durable. */
void driver_start(struct driver *driver, node_id node, struct process *process);

/* Puts a submission on the agenda, not earlier than driver_now; for closed loops. */
void driver_submit(struct driver *driver, const struct submission *submission);

/* The node stops at once, and what its steps would still have done is lost. Its process is free to go. */
void driver_crash(struct driver *driver, node_id node);

/* The node stops after @effects more effects, also in the middle of a step. */
void driver_crash_after(struct driver *driver, node_id node, uint64_t effects);

/* Forgets what the node had made durable. */
void driver_forget(struct driver *driver, node_id node);

/* A frame as if node @from had sent it; it arrives at @at. Takes over the reference. */
void driver_inject(struct driver *driver, node_id from, node_id to, time_ns at,
                   struct frame *frame);

/* driver_run ends after the moment at hand. */
void driver_stop(struct driver *driver);

/* The node's cores from now on, not its disk: costs are multiplied by factor_permille / 1000. */
void driver_slow(struct driver *driver, node_id node, uint32_t factor_permille);

/* Calls @function between two steps at time @at. Before driver_run, or from such a function. */
void driver_at(struct driver *driver, time_ns at,
               void (*function)(void *context, uint64_t argument), uint64_t argument);

enum driver_end driver_run(struct driver *driver);

time_ns driver_now(const struct driver *driver);
/* Where the frames are that nodes have sent: sent is the sum of all others. */
struct driver_frames {
    uint64_t sent;
    uint64_t delivered; /* their receiver has handled them */
    uint64_t lost, cut, nowhere;
    uint64_t down;      /* their receiver did not live, or died before it could handle them */
    uint64_t in_flight; /* on their way or in the receiver's queue */
};

void driver_frames(const struct driver *driver, struct driver_frames *frames);

struct network *driver_network(struct driver *driver);
const struct station *driver_station(const struct driver *driver, node_id node);

/* Events handled: steps of nodes, plus frames that arrived. */
uint64_t driver_events(const struct driver *driver);

/* Frames sent and their bytes by row of the message registry. */
uint64_t driver_message_count(const struct driver *driver, size_t row);
uint64_t driver_message_bytes(const struct driver *driver, size_t row);

/* The run's trace hash: per node over its trace records in order, combined in order of nodes. */
uint64_t driver_trace_hash(const struct driver *driver);

/* What was pinned of SimGrid, for the manifest: "network/model:CM02 …". */
const char *driver_simgrid_configuration(void);

#endif
