/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "membership/plumtree.h"

#include <stdlib.h>
#include <uthash.h>

#include "base/error.h"
#include "base/memory.h"

struct plumtree_received {
    struct digest id;
    time_ns at;
    uint16_t round;
    struct frame *gossip; /* as we pass it on; NULL when its time is over */
    UT_hash_handle hh;
};

struct announcement {
    node_id peer;
    uint16_t round;
};

struct plumtree_missing {
    struct plumtree *owner;
    struct digest id;
    struct timer timer;
    struct announcement announcements[PLUMTREE_NEIGHBOURS]; /* in order of arrival */
    size_t count;
    UT_hash_handle hh;
};

static struct plumtree_neighbour *neighbour(struct plumtree *plumtree, node_id peer) {
    for (size_t i = 0; i < plumtree->neighbour_count; i++)
        if (plumtree->neighbours[i].peer == peer)
            return &plumtree->neighbours[i];
    return NULL;
}

static void set_lazy(struct plumtree *plumtree, node_id peer, bool lazy) {
    struct plumtree_neighbour *known = neighbour(plumtree, peer);
    if (known != NULL)
        known->lazy = lazy;
}

static void send(struct plumtree *plumtree, node_id to, const struct plumtree_message *message) {
    env_send(plumtree->config.env, to, plumtree_encode(message, plumtree->config.channel));
}

static void prune(struct plumtree *plumtree, node_id peer) {
    set_lazy(plumtree, peer, true);
    send(plumtree, peer, &(struct plumtree_message){.type = MESSAGE_PLUMTREE_PRUNE});
}

static struct plumtree_received *received_find(const struct plumtree *plumtree,
                                               const struct digest *id) {
    struct plumtree_received *received;
    HASH_FIND(hh, plumtree->received, id, sizeof *id, received);
    return received;
}

static void payload_forget(struct plumtree *plumtree) {
    struct plumtree_received *oldest = plumtree->payloads;
    frame_unref(oldest->gossip);
    oldest->gossip = NULL;
    plumtree->payloads = oldest->hh.next;
    plumtree->payload_count--;
}

static void received_forget(struct plumtree *plumtree) {
    struct plumtree_received *oldest = plumtree->received;
    if (plumtree->payloads == oldest)
        payload_forget(plumtree);
    HASH_DEL(plumtree->received, oldest);
    free(oldest);
}

/* Both caches are in order of arrival, so that what is too old stands in front. */
static void expire(struct plumtree *plumtree) {
    time_ns now = plumtree->config.env->now;
    while (plumtree->payloads != NULL && now - plumtree->payloads->at > PLUMTREE_PAYLOAD_LIFE)
        payload_forget(plumtree);
    while (plumtree->received != NULL && now - plumtree->received->at > PLUMTREE_ID_LIFE)
        received_forget(plumtree);
}

/* Takes over the reference to @gossip. */
static void remember(struct plumtree *plumtree, const struct digest *id, uint16_t round,
                     struct frame *gossip) {
    if (plumtree->payload_count == PLUMTREE_PAYLOADS)
        payload_forget(plumtree);
    if (HASH_COUNT(plumtree->received) == PLUMTREE_IDS)
        received_forget(plumtree);
    struct plumtree_received *received = memory_new(1, sizeof *received);
    received->id = *id;
    received->at = plumtree->config.env->now;
    received->round = round;
    received->gossip = gossip;
    HASH_ADD(hh, plumtree->received, id, sizeof received->id, received);
    if (plumtree->payloads == NULL)
        plumtree->payloads = received;
    plumtree->payload_count++;
}

static struct plumtree_missing *missing_find(const struct plumtree *plumtree,
                                             const struct digest *id) {
    struct plumtree_missing *missing;
    HASH_FIND(hh, plumtree->missing, id, sizeof *id, missing);
    return missing;
}

static void missing_free(struct plumtree_missing *missing) {
    struct plumtree *plumtree = missing->owner;
    env_timer_stop(plumtree->config.env, &missing->timer);
    HASH_DEL(plumtree->missing, missing);
    free(missing);
}

static struct announcement announcement_take(struct plumtree_missing *missing, size_t index) {
    struct announcement taken = missing->announcements[index];
    missing->count--;
    for (size_t i = index; i < missing->count; i++)
        missing->announcements[i] = missing->announcements[i + 1];
    return taken;
}

static void on_missing(struct timer *timer) {
    struct plumtree_missing *missing = container_of(timer, struct plumtree_missing, timer);
    struct plumtree *plumtree = missing->owner;
    if (missing->count == 0) {
        const struct digest id = missing->id;
        missing_free(missing);
        if (plumtree->config.client.lost != NULL)
            plumtree->config.client.lost(plumtree->config.client.context, &id);
        return;
    }
    struct announcement next = announcement_take(missing, 0);
    set_lazy(plumtree, next.peer, false);
    send(plumtree, next.peer,
         &(struct plumtree_message){.type = MESSAGE_PLUMTREE_GRAFT,
                                    .wanted = true,
                                    .round = next.round,
                                    .id = missing->id});
    env_timer_start(plumtree->config.env, timer, plumtree->config.graft_timeout);
}

void plumtree_init(struct plumtree *plumtree, const struct plumtree_config *config) {
    *plumtree = (struct plumtree){.config = *config};
}

void plumtree_deinit(struct plumtree *plumtree) {
    while (plumtree->received != NULL)
        received_forget(plumtree);
    while (plumtree->missing != NULL)
        missing_free(plumtree->missing);
}

/* Only what still has its payload, so that each offer can be kept. */
static void offer(struct plumtree *plumtree, node_id peer) {
    const struct plumtree_config *config = &plumtree->config;
    for (const struct plumtree_received *received = plumtree->payloads; received != NULL;
         received = received->hh.next)
        if (config->env->now - received->at < config->offer)
            send(plumtree, peer,
                 &(struct plumtree_message){
                     .type = MESSAGE_PLUMTREE_IHAVE, .id = received->id, .round = received->round});
}

int plumtree_up(struct plumtree *plumtree, node_id peer) {
    if (neighbour(plumtree, peer) != NULL)
        return ERR_DUPLICATE;
    if (plumtree->neighbour_count == PLUMTREE_NEIGHBOURS)
        return ERR_LIMIT;
    plumtree->neighbours[plumtree->neighbour_count++] = (struct plumtree_neighbour){peer, false};
    offer(plumtree, peer);
    return OK;
}

void plumtree_down(struct plumtree *plumtree, node_id peer) {
    struct plumtree_neighbour *known = neighbour(plumtree, peer);
    if (known == NULL)
        return;
    *known = plumtree->neighbours[--plumtree->neighbour_count];
    for (struct plumtree_missing *missing = plumtree->missing; missing != NULL;
         missing = missing->hh.next)
        for (size_t i = missing->count; i > 0; i--)
            if (missing->announcements[i - 1].peer == peer)
                (void)announcement_take(missing, i - 1);
}

/* Passes a message on, except to where it came from. Takes over the reference to @gossip. */
static void forward(struct plumtree *plumtree, const struct plumtree_message *message,
                    struct frame *gossip, node_id from) {
    node_id eager[PLUMTREE_NEIGHBOURS], lazy[PLUMTREE_NEIGHBOURS];
    size_t eager_count = 0, lazy_count = 0;
    struct plumtree_message ihave = {
        .type = MESSAGE_PLUMTREE_IHAVE, .id = message->id, .round = message->round};
    for (size_t i = 0; i < plumtree->neighbour_count; i++) {
        const struct plumtree_neighbour *to = &plumtree->neighbours[i];
        if (to->peer != from && to->lazy)
            lazy[lazy_count++] = to->peer;
        else if (to->peer != from)
            eager[eager_count++] = to->peer;
    }
    env_broadcast(plumtree->config.env, eager, eager_count, frame_ref(gossip));
    env_broadcast(plumtree->config.env, lazy, lazy_count,
                  plumtree_encode(&ihave, plumtree->config.channel));
    remember(plumtree, &message->id, message->round, gossip);
}

int plumtree_broadcast(struct plumtree *plumtree, const struct digest *id, const void *payload,
                       size_t size) {
    struct plumtree_message message = {
        .type = MESSAGE_PLUMTREE_GOSSIP, .id = *id, .payload = payload, .size = size};
    expire(plumtree);
    if (received_find(plumtree, id) != NULL)
        return ERR_DUPLICATE;
    struct frame *gossip = plumtree_encode(&message, plumtree->config.channel);
    if (gossip == NULL)
        return ERR_LIMIT;
    struct plumtree_missing *missing = missing_find(plumtree, id);
    if (missing != NULL)
        missing_free(missing);
    forward(plumtree, &message, gossip, NODE_NONE);
    return OK;
}

/* Takes a lazy link instead of the eager one to @from when it would have saved enough hops. */
static void optimise(struct plumtree *plumtree, const struct plumtree_missing *missing,
                     node_id from, uint16_t round) {
    for (size_t i = 0; i < missing->count; i++) {
        const struct announcement *shorter = &missing->announcements[i];
        if (shorter->peer == from || round < shorter->round + PLUMTREE_THRESHOLD)
            continue;
        set_lazy(plumtree, shorter->peer, false);
        send(plumtree, shorter->peer, &(struct plumtree_message){.type = MESSAGE_PLUMTREE_GRAFT});
        prune(plumtree, from);
        return;
    }
}

static int on_gossip(struct plumtree *plumtree, node_id from,
                     const struct plumtree_message *message) {
    if (received_find(plumtree, &message->id) != NULL) {
        prune(plumtree, from);
        return ERR_DUPLICATE;
    }
    if (message->round == PLUMTREE_ROUNDS)
        return ERR_LIMIT;
    int error = plumtree->config.client.deliver(plumtree->config.client.context, message);
    if (error != OK)
        return error;
    struct plumtree_message next = *message;
    next.round++;
    set_lazy(plumtree, from, false);
    forward(plumtree, &next, plumtree_encode(&next, plumtree->config.channel), from);
    struct plumtree_missing *missing = missing_find(plumtree, &message->id);
    if (missing != NULL) {
        optimise(plumtree, missing, from, message->round);
        missing_free(missing);
    }
    return OK;
}

/* The entry for @id, new if need be; NULL when there are too many. */
static struct plumtree_missing *missing_find_or_add(struct plumtree *plumtree,
                                                    const struct digest *id) {
    struct plumtree_missing *missing = missing_find(plumtree, id);
    if (missing != NULL || HASH_COUNT(plumtree->missing) == PLUMTREE_MISSING)
        return missing;
    missing = memory_new(1, sizeof *missing);
    missing->owner = plumtree;
    missing->id = *id;
    timer_init(&missing->timer, on_missing);
    HASH_ADD(hh, plumtree->missing, id, sizeof missing->id, missing);
    env_timer_start(plumtree->config.env, &missing->timer, plumtree->config.missing_timeout);
    return missing;
}

int plumtree_want(struct plumtree *plumtree, const struct digest *id) {
    if (received_find(plumtree, id) != NULL || missing_find(plumtree, id) != NULL)
        return ERR_DUPLICATE;
    struct plumtree_missing *missing = missing_find_or_add(plumtree, id);
    if (missing == NULL)
        return ERR_LIMIT;
    /* The highest round: a guess must not look like a shorter path. */
    for (size_t i = 0; i < plumtree->neighbour_count; i++)
        missing->announcements[missing->count++] =
            (struct announcement){plumtree->neighbours[i].peer, PLUMTREE_ROUNDS};
    return OK;
}

static int on_ihave(struct plumtree *plumtree, node_id from,
                    const struct plumtree_message *message) {
    if (received_find(plumtree, &message->id) != NULL)
        return OK;
    struct plumtree_missing *missing = missing_find_or_add(plumtree, &message->id);
    if (missing == NULL)
        return ERR_LIMIT;
    for (size_t i = 0; i < missing->count; i++)
        if (missing->announcements[i].peer == from)
            return ERR_DUPLICATE;
    /* Each of our neighbours once, so there is room. */
    missing->announcements[missing->count++] = (struct announcement){from, message->round};
    return OK;
}

static int on_graft(struct plumtree *plumtree, node_id from,
                    const struct plumtree_message *message) {
    set_lazy(plumtree, from, false);
    if (!message->wanted)
        return OK;
    const struct plumtree_received *received = received_find(plumtree, &message->id);
    /* Without the payload there is nothing to say: the asker goes on to its next announcer. */
    if (received != NULL && received->gossip != NULL)
        env_send(plumtree->config.env, from, frame_ref(received->gossip));
    return OK;
}

int plumtree_receive(struct plumtree *plumtree, node_id from, const struct message *message) {
    struct plumtree_message decoded;
    int error = plumtree_decode(&decoded, message);
    if (error != OK)
        return error;
    expire(plumtree);
    if (decoded.type == MESSAGE_PLUMTREE_GOSSIP)
        return on_gossip(plumtree, from, &decoded);
    if (neighbour(plumtree, from) == NULL)
        return ERR_NOT_MEMBER;
    if (decoded.type == MESSAGE_PLUMTREE_IHAVE)
        return on_ihave(plumtree, from, &decoded);
    if (decoded.type == MESSAGE_PLUMTREE_GRAFT)
        return on_graft(plumtree, from, &decoded);
    set_lazy(plumtree, from, true);
    return OK;
}
