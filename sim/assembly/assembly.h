/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A committee alone: nodes that contain one consensus instance and a trivial client whose transactions
 * are the numbers 1, 2, 3 … Generic over the variants and over the driver (stage.h): the loop, unless
 * something else is wanted.
 *
 * Stations are not identities. Stations 0 … n - 1 are the members; further ones are twins: the same key
 * and the same code, with state and disk of their own. What is sent to a member reaches all its stations
 * that the route lets it reach. Who is faulty (a twin, or the adversary's) is held to no rule, and its
 * decisions count for nothing. Checkers outside the nodes see every decision, every trace record and every
 * effect of the others (checks.md 2.6):
 *
 *   agreement           all members' decisions are prefixes of one log (G1, G3)
 *   validity            what is decided was submitted, and is decided once (G2); again only where a faulty
 *                       member proposed it, before or now: that much is left to whoever is above (tier/once.h)
 *   heights             1, 2, 3 … without holes; a new life may repeat the end of the one before
 *   one certificate     at most one block per TRACE_CERTIFIED position (L2)
 *   one vote            at most one block per member and TRACE_VOTED position, over all lives (L3)
 *   monotone            view and height in a life; locked and high view over all lives (L4)
 *   send after durable  a step that votes sends nothing before it has persisted (P5)
 *   lock                HotStuff: a vote's block extends the voter's durable lock, or its parent is of a
 *                       later view (L5)
 *   signers             every certificate that is sent: a quorum of distinct members, whose signatures are
 *                       good (L1)
 *   amplification       frames of one member to another in one view timeout (ASSEMBLY_LINK_…)
 *
 * A position is the whole first field of the trace record. */
#ifndef TIERCHAIN_SIM_ASSEMBLY_ASSEMBLY_H
#define TIERCHAIN_SIM_ASSEMBLY_ASSEMBLY_H

#include "consensus/consensus.h"
#include "crypto/identity.h"
#include "sim/assembly/stage.h"
#include "sim/loop/loop.h"

#define ASSEMBLY_CHANNEL      0x1007
#define ASSEMBLY_TRANSACTIONS 16384 /* numbers are below */
#define ASSEMBLY_TWINS        8

/* Frames of one member to another within a view timeout, at most: PBFT answers eight questions in that
 * time, each with two votes on up to 256 numbers, and half as much again for what is not an answer. More for
 * each decision of any member meanwhile, and for each frame of the adversary. */
#define ASSEMBLY_LINK_FRAMES   (8 * 2 * 256 * 3 / 2)
#define ASSEMBLY_LINK_DECISION 24
#define ASSEMBLY_LINK_FORGED   2

enum assembly_rule {
    RULE_AGREEMENT,
    RULE_VALIDITY,
    RULE_HEIGHTS,
    RULE_ONE_CERTIFICATE,
    RULE_ONE_VOTE,
    RULE_MONOTONE,
    RULE_DURABLE,
    RULE_LOCK,
    RULE_SIGNERS,
    RULE_AMPLIFICATION,
    RULES
};

struct assembly;

/* A message about to travel between two stations. */
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
    uint32_t batch;   /* transactions of one block; 0: 1 */
    uint64_t seed;    /* 0 is a seed like any other */
    uint64_t outside; /* bit i: node i is not started, nor held to any rule (n <= 64) */
    uint64_t faulty;  /* bit i: node i is started, but held to no rule (n <= 64) */
    uint32_t twins;   /* stations beyond the members' */
    node_id twin_of[ASSEMBLY_TWINS]; /* whose twins they are; those are faulty of themselves */
    uint64_t censors;                /* bit i: node i proposes no even number */
    const char *provider;            /* NULL: "modelled" */
    const struct certificate_scheme *certificates; /* NULL: list; its suite, else ed25519 */
    const struct group_keys *group; /* frost: dealt before, borrowed; NULL: dealt from the seed */
    struct leaders leaders;         /* zero: the variant's own rule */
    uint64_t transactions;          /* numbers are below; 0: ASSEMBLY_TRANSACTIONS */
    /* A member knows what it was told, in all its lives. Otherwise it knows all that was submitted before
     * what it is told, and at a restart everything: clients send again what was not answered. */
    bool exact;
    const struct stage_ops *stage; /* NULL: the loop */
    time_ns end;                   /* when nothing is played any more; SimGrid */
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

/* Transactions are known to those stations only (bit i: station i), as far as they are up. A time in the
 * past is now. Which: the last @count of all; assembly_tell those up to @last. */
void assembly_submit_to(struct assembly *assembly, time_ns at, uint32_t count, uint64_t stations);
void assembly_tell(struct assembly *assembly, time_ns at, uint64_t last, uint32_t count,
                   uint64_t stations);

void assembly_run(struct assembly *assembly, time_ns until);
void assembly_stop(struct assembly *assembly);
time_ns assembly_now(const struct assembly *assembly);
/* Calls @function(assembly, @argument) at time @at, between two steps. */
void assembly_at(struct assembly *assembly, time_ns at,
                 void (*function)(void *assembly, uint64_t argument), uint64_t argument);
/* A frame as if node @from had sent it, which arrives at @at at a station; takes over the reference. */
void assembly_inject(struct assembly *assembly, node_id from, node_id to, time_ns at,
                     struct frame *frame);

/* At once. The node's client state survives with the records: it is as durable as they are. */
void assembly_crash(struct assembly *assembly, node_id node);
/* Crashes by itself after @effects more effects, in the middle of a step. */
void assembly_crash_after(struct assembly *assembly, node_id node, uint64_t effects);
void assembly_restart(struct assembly *assembly, node_id node);
/* Restarts as if new: without records and without client state. */
void assembly_restart_empty(struct assembly *assembly, node_id node);

bool assembly_alive(const struct assembly *assembly, node_id node);

/* What runs is told by the rows of the config; this is what it was given. */
void *assembly_context(const struct assembly *assembly);

uint32_t assembly_stations(const struct assembly *assembly);
node_id assembly_identity(const struct assembly *assembly, node_id station);
bool assembly_faulty(const struct assembly *assembly, node_id station);

/* NULL, or what was violated first. */
const char *assembly_violation(const struct assembly *assembly);
/* Whether a checker of that name ("agreement", "one vote" …) has fired. */
bool assembly_violated(const struct assembly *assembly, const char *checker);
uint32_t assembly_violations(const struct assembly *assembly); /* bit i: that rule */
const char *assembly_rule_name(enum assembly_rule rule);

uint64_t assembly_height(const struct assembly *assembly, node_id node); /* of its last decision */
uint64_t assembly_repeated(const struct assembly *assembly,
                           node_id node);                      /* decisions marked as again */
uint64_t assembly_log_height(const struct assembly *assembly); /* of the longest log */
uint64_t
assembly_decided(const struct assembly *assembly); /* transactions in that log, each counted once */
uint64_t assembly_submitted(const struct assembly *assembly);
uint64_t assembly_sent(const struct assembly *assembly, node_id station);    /* frames */
uint64_t assembly_waiting(const struct assembly *assembly, node_id station); /* known, undecided */
bool assembly_has_decided(const struct assembly *assembly, node_id station, uint64_t number);
uint64_t assembly_steps(const struct assembly *assembly); /* of all stations */
/* Over every trace record in its station's order, without what depends on signature bytes: the same with
 * either driver. */
uint64_t assembly_trace_hash(const struct assembly *assembly);
void assembly_observe(const struct assembly *assembly, node_id node, struct consensus_view *view);
struct consensus *assembly_consensus(const struct assembly *assembly, node_id node);

/* Trace records so far: of a point; dropped messages with a reason (0: any), of all nodes. */
uint64_t assembly_traced(const struct assembly *assembly, enum trace_point point);
uint64_t assembly_dropped(const struct assembly *assembly, int reason);

struct loop *assembly_loop(struct assembly *assembly); /* that it plays on */
struct committee assembly_committee(const struct assembly *assembly);
const struct group_keys *
assembly_group(const struct assembly *assembly); /* of frost certificates */

/* Takes note that the adversary has sent a frame. */
void assembly_note_forged(struct assembly *assembly, const struct frame *frame);

/* An env to sign in the name of a node outside. What it charges goes nowhere. */
struct env *assembly_forger(struct assembly *assembly, node_id node);

#endif
