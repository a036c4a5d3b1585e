/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/lib/gossip.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

static void on_up(void *context, node_id peer) {
    struct gossip_node *node = context;
    ck_assert_int_eq(plumtree_up(&node->plumtree, peer), OK);
}

static void on_down(void *context, node_id peer) {
    struct gossip_node *node = context;
    plumtree_down(&node->plumtree, peer);
}

static struct digest broadcast_id(uint64_t number) {
    struct digest id = {{0}};
    id.bytes[0] = (uint8_t)number;
    return id;
}

static int on_deliver(void *context, const struct plumtree_message *gossip) {
    struct gossip_node *node = context;
    uint8_t number = gossip->id.bytes[0];
    if (number >= GOSSIP_BROADCASTS || gossip->size != sizeof gossip->id ||
        memcmp(gossip->payload, &gossip->id, gossip->size) != 0)
        return ERR_MISMATCH;
    node->delivered[number]++;
    node->hops[number] = gossip->round + 1u;
    return OK;
}

int gossip_receive(struct gossip_node *node, node_id from, const struct frame *frame) {
    struct message message;
    int error = message_parse(&message, frame);
    if (error != OK)
        return error;
    if (message.type == MESSAGE_TEST)
        hyparview_peer_down(&node->hyparview, from);
    else if (message.type >= MESSAGE_PLUMTREE_GOSSIP && message.type <= MESSAGE_PLUMTREE_PRUNE)
        error = plumtree_receive(&node->plumtree, from, &message);
    else
        error = hyparview_receive(&node->hyparview, from, &message);
    if (error != OK)
        env_drop(&node->process.env, message.type, error);
    return error;
}

static void step(struct process *process, const struct event *event) {
    struct gossip_node *node = container_of(process, struct gossip_node, process);
    if (event->type == EVENT_START)
        hyparview_start(&node->hyparview, node->contact);
    if (event->type == EVENT_MESSAGE)
        (void)gossip_receive(node, event->from, event->frame);
    if (event->type == EVENT_SUBMIT) {
        struct digest id = broadcast_id(event->transaction);
        ck_assert_int_eq(plumtree_broadcast(&node->plumtree, &id, &id, sizeof id), OK);
        node->delivered[event->transaction]++;
    }
}

/* 5 to 25 ms, constant between two nodes, and the random part. */
static time_ns delay(void *context, node_id from, node_id to, const struct frame *frame,
                     time_ns now) {
    struct gossip_world *world = context;
    if (to >= world->count)
        return -1; /* a forged id: there is no such node */
    uint64_t pair = (uint64_t)(from < to ? from : to) << 32 | (from < to ? to : from);
    time_ns time =
        5 * NS_PER_MS + (time_ns)(hash_combine(world->seed, pair) % (uint64_t)(20 * NS_PER_MS));
    if (world->spread > 0)
        time += (time_ns)rng_below(&world->jitter, (uint64_t)world->spread);
    uint64_t hash = hash_combine(world->trace_hash, (uint64_t)now);
    hash = hash_combine(hash, (uint64_t)from << 32 | to);
    for (size_t i = 0; i < frame->size; i++)
        hash = hash * 31 + frame->bytes[i];
    world->trace_hash = hash_combine(hash, frame->size);
    return time;
}

static void node_init(struct gossip_world *world, node_id id) {
    struct gossip_node *node = &world->nodes[id];
    struct hyparview_config hyparview = {.env = &node->process.env,
                                         .seed = world->seed,
                                         .period = 5 * NS_PER_S,
                                         .timeout = 500 * NS_PER_MS,
                                         .client = {on_up, on_down, node}};
    struct plumtree_config plumtree = {.env = &node->process.env,
                                       .missing_timeout = NS_PER_S,
                                       .graft_timeout = 200 * NS_PER_MS,
                                       .client = {on_deliver, NULL, node}};
    env_init(&node->process.env, id, world->seed);
    node->process.step = step;
    node->alive = true;
    node->contact = id == 0 ? NODE_NONE : (node_id)(hash_combine(world->seed, id) % id);
    hyparview_init(&node->hyparview, &hyparview);
    plumtree_init(&node->plumtree, &plumtree);
}

struct gossip_world *gossip_world_new(uint32_t count, uint64_t seed, time_ns spread) {
    struct gossip_world *world = calloc(1, sizeof *world);
    ck_assert_ptr_nonnull(world);
    *world = (struct gossip_world){.count = count, .seed = seed, .spread = spread};
    world->nodes = calloc(count, sizeof *world->nodes);
    ck_assert_ptr_nonnull(world->nodes);
    rng_init(&world->jitter, seed, 0, "jitter");
    struct loop_config config = {.count = count, .context = world, .delay = delay};
    world->loop = loop_new(&config);
    for (node_id i = 0; i < count; i++) {
        node_init(world, i);
        loop_start(world->loop, i, &world->nodes[i].process);
        gossip_run(world, 20 * NS_PER_MS);
    }
    gossip_run(world, 30 * NS_PER_S);
    return world;
}

void gossip_world_free(struct gossip_world *world) {
    loop_free(world->loop);
    for (node_id i = 0; i < world->count; i++) {
        hyparview_deinit(&world->nodes[i].hyparview);
        plumtree_deinit(&world->nodes[i].plumtree);
        env_deinit(&world->nodes[i].process.env);
    }
    free(world->nodes);
    free(world);
}

void gossip_run(struct gossip_world *world, time_ns duration) {
    loop_run(world->loop, loop_now(world->loop) + duration);
}

void gossip_quiet(struct gossip_world *world) {
    for (node_id i = 0; i < world->count; i++)
        if (world->nodes[i].alive)
            env_timer_stop(&world->nodes[i].process.env, &world->nodes[i].hyparview.shuffle);
    gossip_run(world, 30 * NS_PER_S);
}

void gossip_kill(struct gossip_world *world, node_id node) {
    loop_crash(world->loop, node);
    world->nodes[node].alive = false;
}

void gossip_announce_deaths(struct gossip_world *world) {
    for (node_id i = 0; i < world->count; i++) {
        const struct hyparview_view *active = &world->nodes[i].hyparview.active;
        for (size_t k = 0; world->nodes[i].alive && k < active->count; k++) {
            struct writer body;
            if (!world->nodes[active->peers[k]].alive)
                loop_inject(world->loop, active->peers[k], i, loop_now(world->loop) + NS_PER_MS,
                            message_new(MESSAGE_TEST, 0, 0, &body));
        }
    }
}

static size_t occurrences(const struct hyparview_view *view, node_id peer) {
    size_t count = 0;
    for (size_t i = 0; i < view->count; i++)
        count += view->peers[i] == peer;
    return count;
}

static void check_node(const struct gossip_world *world, node_id id) {
    const struct hyparview *own = &world->nodes[id].hyparview;
    ck_assert_uint_le(own->active.count, HYPARVIEW_ACTIVE);
    ck_assert_uint_le(own->passive.count, HYPARVIEW_PASSIVE);
    ck_assert_uint_eq(occurrences(&own->active, id) + occurrences(&own->passive, id), 0);
    for (size_t i = 0; i < own->passive.count; i++)
        ck_assert_uint_eq(occurrences(&own->passive, own->passive.peers[i]), 1);
    for (size_t i = 0; i < own->active.count; i++) {
        node_id peer = own->active.peers[i];
        ck_assert_uint_eq(occurrences(&own->active, peer), 1);
        ck_assert_uint_eq(occurrences(&own->passive, peer), 0);
        ck_assert_msg(world->nodes[peer].alive, "%u is linked to dead %u", id, peer);
        ck_assert_msg(hyparview_linked(&world->nodes[peer].hyparview, id),
                      "%u is linked to %u, not the reverse", id, peer);
    }
}

void gossip_check_views(const struct gossip_world *world) {
    bool *seen = calloc(world->count, sizeof *seen);
    node_id *queue = calloc(world->count, sizeof *queue);
    size_t head = 0, tail = 0, alive = 0;
    ck_assert(seen != NULL && queue != NULL);
    for (node_id i = 0; i < world->count; i++) {
        if (!world->nodes[i].alive)
            continue;
        check_node(world, i);
        if (alive++ == 0) {
            seen[i] = true;
            queue[tail++] = i;
        }
    }
    while (head < tail) {
        const struct hyparview_view *active = &world->nodes[queue[head++]].hyparview.active;
        for (size_t i = 0; i < active->count; i++) {
            if (!seen[active->peers[i]]) {
                seen[active->peers[i]] = true;
                queue[tail++] = active->peers[i];
            }
        }
    }
    ck_assert_uint_eq(tail, alive);
    free(seen);
    free(queue);
}

uint64_t gossip_broadcast(struct gossip_world *world, node_id source) {
    uint64_t number = world->broadcasts++;
    uint64_t before = loop_messages(world->loop, MESSAGE_PLUMTREE_GOSSIP);
    ck_assert_uint_lt(number, GOSSIP_BROADCASTS);
    loop_submit(world->loop, source, loop_now(world->loop), number, 0);
    gossip_run(world, 5 * NS_PER_S);
    for (node_id i = 0; i < world->count; i++)
        if (world->nodes[i].alive)
            ck_assert_msg(world->nodes[i].delivered[number] == 1, "node %u got %u times %lu", i,
                          world->nodes[i].delivered[number], (unsigned long)number);
    return loop_messages(world->loop, MESSAGE_PLUMTREE_GOSSIP) - before;
}
