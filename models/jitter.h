/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How much longer does this message, between this pair of nodes, take than the base delay?
 *
 * Per message (jitter_sample, >= 0)
 *   none      0
 *   measured  with probability 1/2 a draw from the measured excess of a round trip over its node
 *             pair's shortest, else 0: all of an excess happens in one of the two directions. Two
 *             such draws have the measured mean (40, 31, 82 and 106 µs by class) and, in the tail,
 *             the measured probabilities; halving each excess would halve the tail too. Known
 *             quantiles and means are met exactly, what lies between is drawn (quantiles.h)
 *   heavy     the same with max(0, µ + σ ((1 - u)^-ξ - 1) / ξ), a generalised Pareto law with ξ =
 *             1.4, µ = -0.3 ms, σ = 0.35 ms, u at most 0.99 (157 ms): home access lines (ADSL2+).
 *             ξ > 1 has no mean, hence the cut
 *
 * Per node pair (jitter_path, constant in a run, both directions alike, may be negative)
 *   none      0
 *   others    ρ · min(base, typical one-way delay), ρ drawn from the measured spread of node
 *             pairs' medians around the median pair of the same two regions
 *
 * Four measured classes (inside a region, and round trips of 90, 200 and 273 ms); a path belongs
 * to the one whose round trip is nearest in ratio. base + jitter_path never beats light in fibre
 * if base is latency_base's (latency.h), `uniform` apart.
 *
 * Source: net/jitter_excess.csv, net/path_spread.csv (52 c5.2xlarge nodes, three AWS regions,
 * 2026). heavy: Consensys/wittgenstein@fe0414c NetworkLatency.java after core.ac.uk 19439477.
 *
 * Validity: idle AWS backbone, minutes (240 pings a pair); above 100 ms the source rounds to 1 ms,
 * between EU and US to 0.1 ms.
 *
 * Ignored: correlation in time (bursts, route changes, time of day), load, size (64-byte pings).
 *
 * Random numbers: jitter_sample takes the caller's stream and draws two numbers a message (none:
 * no number); jitter_path derives from (seed, pair) alone and keeps nothing. */
#ifndef TIERCHAIN_MODELS_JITTER_H
#define TIERCHAIN_MODELS_JITTER_H

#include "base/rng.h"
#include "models/quantiles.h"

#define JITTER_CLASSES 8

struct jitter_class {
    double round_trip;       /* ns, the median of what was measured */
    struct quantiles excess; /* ns, of a round trip */
    struct quantiles spread; /* relative to the round trip */
};

struct jitter_model {
    const struct jitter_ops *ops;
    size_t class_count;
    struct jitter_class classes[JITTER_CLASSES];
};

struct jitter_ops {
    const char *name;
    const char *description;
    const char *source;
    bool measured; /* takes the tables */
    /* Excess of a round trip, ns; @u in [0, 1). NULL: none. */
    double (*excess)(const struct jitter_class *class, double u);
};

/* The laws, for lists and look-ups by name; NULL behind the last. */
const struct jitter_ops *jitter_at(size_t index);

/* 0, ERR_UNKNOWN for the name, or what is wrong with the embedded tables. */
int jitter_init(struct jitter_model *model, const char *name);

/* Of one message on a path with the one-way delay @base. */
time_ns jitter_sample(const struct jitter_model *model, struct rng *rng, time_ns base);

/* Of the pair of nodes. >= -base. */
time_ns jitter_path(const struct jitter_model *model, uint64_t seed, node_id a, node_id b,
                    time_ns base);

#endif
