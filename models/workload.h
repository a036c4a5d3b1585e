/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * When does the next transaction arrive, from whom, and how large is it?
 *
 *   poisson      gaps are exponential with mean 1 / rate: independent users
 *   constant     the k-th arrives at k / rate: for closed forms and for saturation
 *   trace        counts per second from a table (columns t_s, count; t_s = 0, 1, 2 …), as they were
 *                recorded, or scaled so that their mean is `rate`; uniform within each second. The
 *                load ends with the table: it is not repeated, and what is left of a run is idle.
 *                Default: trades on NASDAQ 09:30 to 10:00 (wl/nasdaq.csv), whose first second has
 *                469 times the mean
 *   closed-loop  each of `clients` sends its first within one think time (uniform), and the next
 *                one think time after the answer: workload_answered. It slows down with the
 *                system, which hides queueing (coordinated omission); prefer the others for
 *                latency figures
 *
 * Size: a constant, or drawn from Cardano mainnet's distribution (wl/cardano_tx_size.csv; 80
 * bins, mean 2,063 bytes). Units: rate in millionths of a transaction per second; times in ns.
 *
 * Validity: rates up to 10^6 per second (gaps are whole nanoseconds).
 *
 * Ignored: correlation between size, origin and time; time of day; users who give up.
 *
 * Random numbers: three streams of its own (arrivals, origins, sizes), so that what one draws
 * never shifts another. */
#ifndef TIERCHAIN_MODELS_WORKLOAD_H
#define TIERCHAIN_MODELS_WORKLOAD_H

#include "base/rng.h"
#include "models/csv.h"

#define WORKLOAD_RATE_ONE    INT64_C(1000000) /* one transaction per second */
#define WORKLOAD_RATE_LIMIT  (1000 * 1000 * WORKLOAD_RATE_ONE)
#define WORKLOAD_SIZES       128
#define WORKLOAD_SIZE_DRAWN  0
#define WORKLOAD_CLIENTS_MAX 1000000

struct workload_settings {
    int64_t rate; /* 1 … WORKLOAD_RATE_LIMIT; closed-loop: not used; trace: 0 takes it as it is */
    uint32_t clients;  /* closed-loop: 1 … WORKLOAD_CLIENTS_MAX */
    time_ns think;     /* closed-loop: >= 0 */
    uint32_t size;     /* bytes, or WORKLOAD_SIZE_DRAWN */
    const char *trace; /* borrowed; NULL: the embedded one */
    size_t trace_size;
};

struct workload_item {
    time_ns intended; /* since the start of the load, not decreasing but for workload_answered */
    uint64_t origin;  /* uniform over all 64-bit values: the caller picks a place with it;
                         closed-loop: the client */
    uint32_t size;    /* bytes */
};

struct workload;

struct workload_ops {
    const char *name;
    const char *description;
    const char *source;
    bool closed; /* the next arrival waits for an answer */
    int (*init)(struct workload *workload);
    /* Fills in the time; false at the end. */
    bool (*next)(struct workload *workload, struct workload_item *item);
};

struct workload {
    const struct workload_ops *ops;
    struct workload_settings settings;
    struct rng arrivals, origins, sizes;
    time_ns now;    /* of the last arrival */
    uint64_t count; /* of arrivals */
    struct {
        struct csv csv;
        uint64_t total, seconds; /* of the table */
        uint64_t seen, emitted;  /* up to and including the current second */
        uint64_t second, left;   /* the current second; what is left of it */
    } trace;
    size_t size_count;
    uint64_t size_total; /* the sum of the weights */
    struct {
        uint32_t bytes;
        uint64_t below; /* weights before this one */
    } size_table[WORKLOAD_SIZES];
};

/* The arrival processes, for lists and look-ups by name; NULL behind the last. */
const struct workload_ops *workload_at(size_t index);

/* 0; ERR_UNKNOWN for the name, ERR_INVALID for a setting; for a trace ERR_NON_CANONICAL,
 * ERR_MISMATCH (columns, seconds out of order), ERR_INVALID (numbers), ERR_NOT_ENOUGH (empty), with
 * line, column and problem in trace.csv. */
int workload_init(struct workload *workload, const char *name,
                  const struct workload_settings *settings, uint64_t seed);

/* The next transaction; false when there will be none (trace), or none before an answer
 * (closed-loop; the first ones come in order of client, not of time). */
bool workload_next(struct workload *workload, struct workload_item *item);

/* closed-loop: @client's next transaction after an answer at @now. */
void workload_answered(struct workload *workload, uint64_t client, time_ns now,
                       struct workload_item *item);

#endif
