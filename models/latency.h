/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How long does a small message take from one place to another when nothing is in its way?
 *
 *   same place                 local
 *   both nearest to one point  local + STRETCH · light(from, to)
 *   otherwise                  RTT(p, q) / 2 + STRETCH · (light(from, p) + light(q, to))
 *   never less than            1.05 · light(from, to) + 52 µs        (different places)
 *
 * p and q are the measured points (regions, cities) of the two places, light(a, b) is the great
 * circle in fibre at 200 km/ms. A pair that was not measured takes local + STRETCH · light, as
 * does every pair under `fibre`. `uniform` is the constant `delay`, without the lower bound: for
 * closed forms.
 *
 * Parameters
 *   STRETCH 1.778  median over the 1,056 ordered pairs of AWS regions of RTT / fibre bound
 *                  (tests/models/latency_test.c computes it from the table)
 *   local 770 µs   half the median round trip between zones of one IBM Cloud region: 1.54 ms over
 *                  816 means of 30 days, 2023 to 2026 (net/zones_rtt.csv: 0.13 to 2.9 ms; inside a
 *                  zone 0.10 ms). The default of network.local_delay
 *   52 µs          half the smallest of 149,760 round trips inside AWS regions (0.103 ms)
 *   1.05           below every measured pair (AWS 1.12, cities 1.09); leaves room for jitter_path
 *
 * Validity: data-centre hosts. AWS: p50 of a year to 2025-07. Azure: p50 of 30 days to 2025-06.
 * Cities: public Internet, two days of 2020-07. Directions differ where the data do.
 *
 * Ignored: the last mile of homes and mobile networks; time of day; route changes (30-day means
 * moved by 17 ms in the median pair over three years, IBM); that half a round trip need not be
 * one way; that a message may go past its region rather than through it. The AWS figures are TCP
 * connects and hold some of the endpoint's own time (inside a region they take 1.5 to 8 ms).
 *
 * Random numbers: none. */
#ifndef TIERCHAIN_MODELS_LATENCY_H
#define TIERCHAIN_MODELS_LATENCY_H

#include "models/matrix.h"
#include "models/site.h"

#define LATENCY_STRETCH       1.778
#define LATENCY_LEAST_STRETCH 1.05
#define LATENCY_LOCAL_DEFAULT (770 * NS_PER_US)
#define LATENCY_LEAST         (52 * NS_PER_US)

struct latency_parameters {
    time_ns local; /* one way inside a place, >= 0 */
    time_ns delay; /* one way between places, >= 0; `uniform` only */
};

struct latency_model;

struct latency_ops {
    const char *name;
    const char *description;
    const char *source;
    const char *points, *round_trips; /* embedded tables, or NULL */
    /* The site's point by name, NULL when it states none. With tables. */
    const char *(*point_name)(const struct site *site);
    /* Between different places. */
    time_ns (*between)(const struct latency_model *model, const struct site *from,
                       const struct site *to);
};

struct latency_model {
    const struct latency_ops *ops;
    struct latency_parameters parameters;
    struct matrix matrix; /* empty without tables */
};

/* The families, for lists and look-ups by name; NULL behind the last. */
const struct latency_ops *latency_at(size_t index);

/* 0, ERR_UNKNOWN for the name, ERR_INVALID for a parameter, ERR_NO_MEMORY, or what is wrong with
 * the embedded table (matrix_init). */
int latency_init(struct latency_model *model, const char *name,
                 const struct latency_parameters *parameters);
void latency_deinit(struct latency_model *model);

/* Whether the model has the point that @site names (or it names none). */
bool latency_knows(const struct latency_model *model, const struct site *site);

/* One way, >= 0. The sites' names must be known. */
time_ns latency_base(const struct latency_model *model, const struct site *from,
                     const struct site *to);

#endif
