/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How long does a request to a managed cloud service take?
 *
 *   time = max(floor, exp(µ + σ z)) + kib · max(0, bytes - bytes measured) / 1024,  z normal
 *   µ = ln p50,  σ = ln(p99 / p50) / 2.3263
 *
 * A lognormal law through two quantiles: right at the median and at 99 %, nothing is claimed
 * beyond (several sources show heavier tails).
 *
 * Source, sizes and quality of every operation: svc/cloud.csv.
 *
 * Validity: a client in the same region, moderate load. "kv_put" takes 33 µs per KiB beyond the
 * first (two clients compared); the other operations were measured at one size or did not depend
 * on it.
 *
 * Ignored: throttling, cold starts, time-outs and retries, load, correlation between requests;
 * the way from another region (add the network's delay).
 *
 * Random numbers: the caller's stream, two numbers a request. */
#ifndef TIERCHAIN_MODELS_CLOUD_H
#define TIERCHAIN_MODELS_CLOUD_H

#include "base/rng.h"

#define CLOUD_OPERATIONS 32

struct cloud_operation {
    char name[32];
    double mu, sigma; /* of ln(ns) */
    double floor_ns;
    double kib_ns;
    uint64_t bytes;
};

struct cloud_model {
    size_t count;
    struct cloud_operation operations[CLOUD_OPERATIONS];
};

/* 0, or what is wrong with the embedded table. */
int cloud_init(struct cloud_model *model);

/* The operation of that name ("cache_get", "kv_batch_write" …), or NULL. */
const struct cloud_operation *cloud_find(const struct cloud_model *model, const char *name);

/* Of one request with @bytes of payload, > 0. */
time_ns cloud_sample(const struct cloud_operation *operation, uint64_t bytes, struct rng *rng);

#endif
