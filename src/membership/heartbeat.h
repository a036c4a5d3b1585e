/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A failure detector for linked peers. HyParView notices failures by its TCP connections; messages
 * have none that could break, so here silence is the notice: each side of a link sends a heartbeat
 * every period, and a peer of which nothing at all was heard for HEARTBEAT_MISSED periods is taken
 * for dead. Under loss of a share p of all messages a living peer is suspected with probability
 * p^HEARTBEAT_MISSED per period at most; the overlay then links to somebody else. */
#ifndef TIERCHAIN_MEMBERSHIP_HEARTBEAT_H
#define TIERCHAIN_MEMBERSHIP_HEARTBEAT_H

#include "env/env.h"
#include "wire/message.h"

#define HEARTBEAT_PEERS  16 /* at least the overlay's active view */
#define HEARTBEAT_MISSED 3

struct heartbeat_config {
    struct env *env;
    uint16_t channel;
    time_ns period; /* well above one one-way delay */
    /* A peer is silent; it is watched no longer. Called within a step. */
    void (*silent)(void *context, node_id peer);
    void *context;
};

struct heartbeat_peer {
    node_id peer;
    time_ns heard;
};

/* In caller memory; must not move between init and deinit. */
struct heartbeat {
    struct heartbeat_config config;
    struct timer timer;
    struct heartbeat_peer peers[HEARTBEAT_PEERS];
    size_t count;
};

void heartbeat_init(struct heartbeat *heartbeat, const struct heartbeat_config *config);
void heartbeat_deinit(struct heartbeat *heartbeat);

/* Within a step: the first heartbeats leave after @phase, so that a whole world's come not in
 * waves. */
void heartbeat_start(struct heartbeat *heartbeat, time_ns phase);

/* A link to @peer stands, or no longer. up: ERR_DUPLICATE, and ERR_LIMIT beyond HEARTBEAT_PEERS. */
int heartbeat_up(struct heartbeat *heartbeat, node_id peer);
void heartbeat_down(struct heartbeat *heartbeat, node_id peer);

/* A message of any kind came from @from. */
void heartbeat_heard(struct heartbeat *heartbeat, node_id from);

/* Checks a heartbeat: ERR_TRAILING when it has a body. */
int heartbeat_check(const struct message *message);

#endif
