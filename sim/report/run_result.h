/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What one run measured: filled by the driver, read by every report. Nothing here depends on the
 * wall clock. Pointers are borrowed; they must outlive the report. */
#ifndef TIERCHAIN_SIM_REPORT_RUN_RESULT_H
#define TIERCHAIN_SIM_REPORT_RUN_RESULT_H

#include "base/types.h"
#include "sim/path/path.h"

/* Simulated time stamps of one transaction; TIME_NEVER = did not happen. */
struct transaction_record {
    uint64_t id;
    node_id origin;
    uint32_t size;    /* bytes */
    bool sender_gone; /* stopped while it was open */
    time_ns intended; /* when the open-loop workload meant to submit it */
#define STAMP(field, point, which, mask, value) time_ns field;
#include "sim/report/stamps.def"
#undef STAMP
};

struct counter_record {
    const char *name;
    uint64_t value;
    const char *unit;
};

struct node_record {
    node_id node;
    const char *place, *role;
    time_ns cpu_busy_ns;
    uint64_t messages_in, messages_out, bytes_in, bytes_out, queue_max;
};

struct message_record {
    const char *name;
    uint64_t count, bytes;
};

struct drop_record {
    const char *reason;
    uint64_t count;
};

struct invariant_record {
    const char *name;
    bool passed;
    double value, limit;
};

struct expectation_record {
    const char *text;
    double value, limit; /* value: infinite among those that never got there, NaN of nothing */
    bool passed;
    const char *unit; /* of both */
};

/* A fault of the scenario, as this run had it. */
struct fault_span {
    const char *kind;
    time_ns at, until; /* TIME_NEVER: to the end */
    uint64_t nodes;    /* that it hit */
};

/* Announcements of continental blocks sent between the warm-up's and the load's end. */
struct announcement_totals {
    uint64_t sent;
    uint64_t expected; /* deliveries: to full nodes that lived from the sending to the run's end */
    uint64_t reached;  /* of these */
    const int64_t *latencies; /* of the reached, ascending, from decision to delivery */
    uint64_t received;        /* payloads new to their receiver, since the warm-up */
    uint64_t redundant;       /* payloads that came again; / received: RMR */
    uint64_t last_hops;       /* sum over announcements of the hops to their last receiver (LDH) */
    uint64_t last_hop_max;
};

/* What can be said against a scenario before it runs (sim/run/cautions.h). */
enum caution {
    CAUTION_CITY_STALLS = 1,      /* a city's committee, with one silent member */
    CAUTION_CONTINENT_STALLS = 2, /* the representatives likewise */
    CAUTION_ONE_PLACE = 4,        /* of all representatives */
};

#define RUN_STUCK_PLACES 16

struct run_result {
    const char *scenario;
    uint64_t seed;
    uint32_t repetition;
    uint64_t trace_hash;
    time_ns simulated_ns;
    time_ns warmup_ns;   /* transactions intended before are not counted; 0 = none */
    time_ns load_end_ns; /* nothing is submitted from here on */
    unsigned cautions;   /* bits of enum caution */
    bool targets_fail;   /* a missed target fails the run */
    bool complete;
    const struct transaction_record *transactions;
    size_t transaction_count;
    struct announcement_totals announcements;
    const struct counter_record *counters;
    size_t counter_count;
    const int64_t *clock_errors; /* magnitudes in ns, ascending; of all nodes at even intervals */
    size_t clock_error_count;    /* 0: all clocks were right */
    const struct node_record *nodes;
    size_t node_count;
    const struct message_record *messages;
    size_t message_count;
    const struct drop_record *drops;
    size_t drop_count;
    const struct invariant_record *invariants;
    size_t invariant_count;
    const struct expectation_record *expectations;
    size_t expectation_count;
    const struct fault_span *faults;
    size_t fault_count;
    const struct path_record
        *paths; /* of the transactions that are done, when output.paths is on */
    size_t path_count;
    const struct path_part *path_parts; /* of the first of them, path by path */
    size_t path_part_count;
    uint64_t stuck;                      /* of all transactions, when the run is complete … */
    uint64_t stuck_at[RUN_STUCK_PLACES]; /* … by where they are (stuck.h) */
    uint64_t backlog_max, backlog_end;   /* city batches that the continent had not ordered */
};

#endif
