/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A world of nodes with HyParView and Plumtree in the loop driver, and checks from outside the
 * nodes. SUBMIT broadcasts; a MESSAGE_TEST from a node says that its connections broke. */
#ifndef TIERCHAIN_TESTS_GOSSIP_H
#define TIERCHAIN_TESTS_GOSSIP_H

#include "membership/hyparview.h"
#include "membership/plumtree.h"
#include "sim/loop/loop.h"

#define GOSSIP_BROADCASTS 64

struct gossip_node {
    struct process process;
    struct hyparview hyparview;
    struct plumtree plumtree;
    node_id contact;
    bool alive;
    uint32_t delivered[GOSSIP_BROADCASTS];
    uint32_t hops[GOSSIP_BROADCASTS]; /* of the delivery */
};

struct gossip_world {
    struct loop *loop;
    struct gossip_node *nodes;
    uint32_t count;
    uint64_t seed;
    struct rng jitter;
    time_ns spread;      /* random part of each delay; 0 keeps links in order */
    uint64_t trace_hash; /* over every frame that was sent: when, from, to, content */
    uint64_t broadcasts;
};

/* Starts @count nodes one by one, each joining through a random earlier one, and runs until some
 * rounds of shuffling are over. */
struct gossip_world *gossip_world_new(uint32_t count, uint64_t seed, time_ns spread);
void gossip_world_free(struct gossip_world *world);

void gossip_run(struct gossip_world *world, time_ns duration);

/* No more shuffles; runs until nothing is on its way. */
void gossip_quiet(struct gossip_world *world);

void gossip_kill(struct gossip_world *world, node_id node);

/* The transport tells the neighbours of all dead nodes. */
void gossip_announce_deaths(struct gossip_world *world);

/* Neither self nor a peer twice or in both views, the active views symmetric, and all living nodes
 * connected. To be called in quiescence. */
void gossip_check_views(const struct gossip_world *world);

/* Broadcasts from @source, checks that every living node gets it once, and returns the number of
 * payload messages that it took. */
uint64_t gossip_broadcast(struct gossip_world *world, node_id source);

/* A message of @node's own stack, as a driver would hand it over. Returns the reason of a drop. */
int gossip_receive(struct gossip_node *node, node_id from, const struct frame *frame);

#endif
