/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The continental tier: representatives take the cities' batches, acknowledge them to their senders
 * at once (that is what a sender waits for), and order them among themselves afterwards, off the
 * critical path. */
#ifndef TIERCHAIN_TIER_CONTINENT_H
#define TIERCHAIN_TIER_CONTINENT_H

#include "tier/batch.h"
#include "tier/chain.h"

struct continent_config {
    struct chain_config chain;
    const struct committee *cities; /* the city committees by group; borrowed */
    uint32_t city_count;
};

struct arrival;

/* What stands above the continental chain; called within a step. */
struct continent_client {
    void (*decided)(void *context, const struct decision *decision); /* may be NULL */
    void *context;
};

struct continent {
    struct env *env;
    struct continent_config config;
    struct continent_client client;
    struct chain chain;
    struct arrival *arrivals;                       /* batches for which statements were counted */
    struct batch_origin origins[BATCH_ORIGINS_MAX]; /* scratch of one step */
};

void continent_init(struct continent *continent, struct env *env,
                    const struct continent_config *config, const struct continent_client *client,
                    const struct record *records, size_t record_count);
void continent_deinit(struct continent *continent);

/* A member's statement about a finished batch. 0 or the reason for the drop. */
int continent_batch_up(struct continent *continent, node_id from, const struct message *message);

#endif
