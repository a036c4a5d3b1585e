/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A committee alone in the loop driver: nodes that contain one consensus instance and a trivial client
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
#ifndef TIERCHAIN_SIM_ASSEMBLY_ASSEMBLY_H
#define TIERCHAIN_SIM_ASSEMBLY_ASSEMBLY_H

#include "consensus/consensus.h"
#include "crypto/identity.h"
#include "sim/loop/loop.h"

#define ASSEMBLY_CHANNEL      0x1007
#define ASSEMBLY_TRANSACTIONS 16384 /* numbers are below */

struct assembly;

/* A message about to travel. */
struct assembly_message {
    node_id from, to;
    uint16_t type;
    const struct frame *frame;
    time_ns now;
    time_ns delay; /* what it would take */
};

struct assembly_config {
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
    time_ns (*route)(void *context, const struct assembly_message *message);
    /* Sees every trace record. May be NULL. */
    void (*trace)(void *context, const struct trace_record *record);
    void *context;
};

struct assembly *assembly_new(const struct assembly_config *config);
void assembly_free(struct assembly *assembly);

/* @count further transactions become known to all members at @at, one event a member. */
void assembly_submit(struct assembly *assembly, time_ns at, uint32_t count);

/* One further transaction becomes known to member i at @at[i]; TIME_NEVER: it does not hear of it, but
 * of all up to the next that it hears of. */
void assembly_submit_staggered(struct assembly *assembly, const time_ns *at);

void assembly_run(struct assembly *assembly, time_ns until);

/* At once. The node's client state survives with the records: it is as durable as they are. */
void assembly_crash(struct assembly *assembly, node_id node);
/* Crashes by itself after @effects more effects, in the middle of a step. */
void assembly_crash_after(struct assembly *assembly, node_id node, uint64_t effects);
void assembly_restart(struct assembly *assembly, node_id node);
/* Restarts as if new: without records and without client state. */
void assembly_restart_empty(struct assembly *assembly, node_id node);

bool assembly_alive(const struct assembly *assembly, node_id node);

/* NULL, or what was violated first. */
const char *assembly_violation(const struct assembly *assembly);
/* Whether a checker of that name ("agreement", "one vote" …) has fired. */
bool assembly_violated(const struct assembly *assembly, const char *checker);

uint64_t assembly_height(const struct assembly *assembly, node_id node); /* of its last decision */
uint64_t assembly_repeated(const struct assembly *assembly,
                           node_id node);                      /* decisions marked as again */
uint64_t assembly_log_height(const struct assembly *assembly); /* of the longest log */
uint64_t assembly_decided(const struct assembly *assembly);    /* transactions in that log */
uint64_t assembly_submitted(const struct assembly *assembly);
void assembly_observe(const struct assembly *assembly, node_id node, struct consensus_view *view);
struct consensus *assembly_consensus(const struct assembly *assembly, node_id node);

/* Trace records so far: of a point; dropped messages with a reason (0: any), of all nodes. */
uint64_t assembly_traced(const struct assembly *assembly, enum trace_point point);
uint64_t assembly_dropped(const struct assembly *assembly, int reason);

struct loop *assembly_loop(struct assembly *assembly);
struct committee assembly_committee(const struct assembly *assembly);
const struct group_keys *
assembly_group(const struct assembly *assembly); /* of frost certificates */

/* An env to sign in the name of a node outside. What it charges goes nowhere. */
struct env *assembly_forger(struct assembly *assembly, node_id node);

#endif
