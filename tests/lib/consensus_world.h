/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A committee in the loop driver: nodes that contain one consensus instance and a trivial client
 * whose transactions are the numbers 1, 2, 3 … that every member knows of. Generic over the
 * variants. Checkers outside the nodes see every decision and every trace record (checks.md 2.6):
 *
 *   agreement         all members' decisions are prefixes of one log (G1, G3)
 *   validity          what is decided was submitted, and is decided once (G2)
 *   heights           1, 2, 3 … without holes; a new life may repeat the end of the one before
 *   one certificate   at most one block per TRACE_CERTIFIED position (L2)
 *   one vote          at most one block per member and TRACE_VOTED position, over all lives (L3)
 *   monotone          view and height in a life; locked and high view over all lives (L4)
 *
 * A position is the whole first field of the trace record. */
#ifndef TIERCHAIN_TESTS_CONSENSUS_WORLD_H
#define TIERCHAIN_TESTS_CONSENSUS_WORLD_H

#include "consensus/consensus.h"
#include "crypto/identity.h"
#include "tests/lib/loop.h"

#define WORLD_CHANNEL      0x1007
#define WORLD_TRANSACTIONS 16384 /* numbers are below */

struct world;

/* A message about to travel. */
struct world_message {
    node_id from, to;
    uint16_t type;
    const struct frame *frame;
    time_ns now;
    time_ns delay; /* what it would take */
};

struct world_config {
    const struct consensus_ops *ops;
    uint32_t count;
    time_ns delay; /* one way, for every message */
    time_ns view_timeout;
    uint32_t batch;       /* transactions of one block; 0: 1 */
    uint64_t seed;        /* 0 is a seed like any other */
    uint64_t outside;     /* bit i: node i is not started, nor held to any rule (n <= 64) */
    uint64_t censors;     /* bit i: node i proposes no even number */
    const char *provider; /* NULL: "modelled" */
    const struct certificate_scheme *certificates; /* NULL: list; its suite, else ed25519 */
    struct leaders leaders;                        /* zero: the variant's own rule */
    /* Decides on every message: its delay, negative when it is lost. May be NULL. */
    time_ns (*route)(void *context, const struct world_message *message);
    /* Sees every trace record. May be NULL. */
    void (*trace)(void *context, const struct trace_record *record);
    void *context;
};

struct world *world_new(const struct world_config *config);
void world_free(struct world *world);

/* @count further transactions become known to all members at @at, one event a member. */
void world_submit(struct world *world, time_ns at, uint32_t count);

/* One further transaction becomes known to member i at @at[i]; TIME_NEVER: it does not hear of it, but
 * of all up to the next that it hears of. */
void world_submit_staggered(struct world *world, const time_ns *at);

void world_run(struct world *world, time_ns until);

/* At once. The node's client state survives with the records: it is as durable as they are. */
void world_crash(struct world *world, node_id node);
/* Crashes by itself after @effects more effects, in the middle of a step. */
void world_crash_after(struct world *world, node_id node, uint64_t effects);
void world_restart(struct world *world, node_id node);
/* Restarts as if new: without records and without client state. */
void world_restart_empty(struct world *world, node_id node);

bool world_alive(const struct world *world, node_id node);

/* NULL, or what was violated first. */
const char *world_violation(const struct world *world);
/* Whether a checker of that name ("agreement", "one vote" …) has fired. */
bool world_violated(const struct world *world, const char *checker);

uint64_t world_height(const struct world *world, node_id node);   /* of its last decision */
uint64_t world_repeated(const struct world *world, node_id node); /* decisions marked as again */
uint64_t world_log_height(const struct world *world);             /* of the longest log */
uint64_t world_decided(const struct world *world);                /* transactions in that log */
uint64_t world_submitted(const struct world *world);
void world_observe(const struct world *world, node_id node, struct consensus_view *view);
struct consensus *world_consensus(const struct world *world, node_id node);

/* Trace records so far: of a point; dropped messages with a reason (0: any), of all nodes. */
uint64_t world_traced(const struct world *world, enum trace_point point);
uint64_t world_dropped(const struct world *world, int reason);

struct loop *world_loop(struct world *world);
struct committee world_committee(const struct world *world);
const struct group_keys *world_group(const struct world *world); /* of frost certificates */

/* An env to sign in the name of a node outside. What it charges goes nowhere. */
struct env *world_forger(struct world *world, node_id node);

#endif
