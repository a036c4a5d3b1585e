/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Shared by the assembly's own files: what a member is, what its client does (client.c), what the
 * checkers remember (checkers.c). */
#ifndef TIERCHAIN_SIM_ASSEMBLY_INSIDE_H
#define TIERCHAIN_SIM_ASSEMBLY_INSIDE_H

#include <uthash.h>

#include "base/error.h"
#include "crypto/group.h"
#include "sim/assembly/assembly.h"

#define NUMBER_BYTES 8 /* of a transaction: its number */

struct member {
    struct process process; /* env and timers of this life */
    struct assembly *assembly;
    struct identity identity;
    struct consensus *consensus; /* NULL while down */
    /* The client: durable. */
    uint64_t known; /* transactions 1 … known are known */
    uint64_t decided_count;
    uint64_t oldest; /* all up to it are decided */
    uint64_t height;
    uint64_t reported; /* the highest of all lives */
    uint64_t repeated; /* decisions marked as again */
    bool new_life;     /* nothing decided yet in this life */
    bool doomed;       /* crashes in the middle of a step */
    bool decided[ASSEMBLY_TRANSACTIONS];
    struct consensus_view seen;           /* the last observation of this life */
    struct consensus_view durable;        /* the last locked and high view of all lives */
    struct consensus_view durable_before; /* … seen at an earlier time than durable_at */
    time_ns durable_at;
};

struct entry {
    struct digest block;
    uint64_t view;
    node_id proposer;
    uint8_t *bytes;
    size_t size;
};

/* Where someone voted or a certificate stands, and for which block. */
struct position {
    struct {
        uint64_t who; /* node + 1; 0: a certificate */
        uint64_t at;
    } key;
    uint64_t block;
    UT_hash_handle hh;
};

struct assembly {
    struct assembly_config config;
    struct loop *loop;
    struct key_directory directory;
    struct group_keys group; /* frost */
    node_id ids[LIMIT_COMMITTEE];
    struct member *members;
    struct env forger;
    struct identity forger_identity;
    uint64_t submitted;
    struct entry *log;
    size_t log_height;
    uint64_t log_transactions;
    bool in_log[ASSEMBLY_TRANSACTIONS];
    struct position *positions;
    uint64_t traced[TRACE_COUNT];
    uint64_t dropped[ERROR_COUNT];
    char violation[160];
    char violated[400]; /* names of the checkers that have fired, each followed by ';' */
};

static inline bool assembly_is_outside(const struct assembly *assembly, node_id node) {
    return node < 64 && (assembly->config.outside >> node & 1) != 0;
}

/* client.c: what stands above a member's consensus instance. */
struct consensus_client assembly_client(struct member *member);

/* checkers.c: notes that @checker has fired at @node, with two numbers that say where. */
void assembly_violate(struct assembly *assembly, const char *checker, node_id node, uint64_t a,
                      uint64_t b);

/* The loop's trace callback, with the assembly as context: every record passes the checkers. */
void assembly_on_trace(void *context, const struct trace_record *record);

/* Forgets every position. */
void assembly_checkers_deinit(struct assembly *assembly);

#endif
