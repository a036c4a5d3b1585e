/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The composition root: a node with the parts that its roles need. The only place that knows every
 * module; it dispatches messages and nothing else. */
#ifndef TIERCHAIN_NODE_NODE_H
#define TIERCHAIN_NODE_NODE_H

#include "clock/discipline.h"
#include "crypto/identity.h"
#include "membership/presence_follower.h"
#include "membership/presence_service.h"
#include "pipeline/holder.h"
#include "pipeline/sender.h"
#include "pipeline/settlement.h"
#include "tier/announce.h"
#include "tier/city.h"
#include "tier/continent.h"

/* The region's presence service as a city's nodes and members take part in it. */
struct node_presence_config {
    uint16_t channel;
    struct committee committee; /* the city's */
    struct roster *initial;     /* who is present at time 0; borrowed */
    node_id first;              /* the city's nodes */
    uint32_t count;
    time_ns heartbeat, timeout, refresh, retry;
};

/* What a node is. Borrowed parts must outlive it. */
struct node_config {
    node_id self;
    uint64_t seed;
    const struct key_directory *directory;
    const struct sender_config *sender;          /* NULL: no user sits here, and it holds nothing */
    const struct settlement_config *settlement;  /* NULL: no transfers to other cities */
    const struct city_config *city;              /* NULL: not on a city's committee */
    const struct node_presence_config *presence; /* NULL: lists never change */
    const struct continent_config *continent;    /* NULL: no representative */
    const struct announce_config *announce;      /* NULL: no full node, or there is no overlay */
    const struct discipline_config *clock;       /* NULL: its clock is left as it is */
};

struct node;

/* A node to be driven through node_process. Free with node_free. */
struct node *node_new(const struct node_config *config);
void node_free(struct node *node);

struct process *node_process(struct node *node);

/* The node's part of the overlay, for checkers; NULL when it has none. */
const struct announce *node_announce(const struct node *node);

/* Misbehaviour, for scenarios: as holder_forget, also before the node starts. Does nothing to a node
 * that holds nothing. */
void node_forget(struct node *node, uint32_t share_ppm);

/* What the node holds and what its sender keeps, for checkers; NULL unless a user sits here. */
const struct holder *node_holder(const struct node *node);
const struct sender *node_sender(const struct node *node);

/* Whom the node's sender takes for present; NULL unless a user sits here. */
const struct presence *node_presence(const struct node *node);

/* The consensus instance of a role, for checkers; NULL when the node has not that role. */
const struct consensus *node_city_consensus(const struct node *node);
const struct consensus *node_continent_consensus(const struct node *node);

#endif
