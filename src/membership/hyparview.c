/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "membership/hyparview.h"

#include <assert.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"

static bool view_has(const struct hyparview_view *view, node_id peer) {
    for (size_t i = 0; i < view->count; i++)
        if (view->peers[i] == peer)
            return true;
    return false;
}

static void view_add(struct hyparview_view *view, node_id peer) {
    assert(view->count < ARRAY_LEN(view->peers));
    view->peers[view->count++] = peer;
}

static bool view_remove(struct hyparview_view *view, node_id peer) {
    for (size_t i = 0; i < view->count; i++) {
        if (view->peers[i] == peer) {
            view->peers[i] = view->peers[--view->count];
            return true;
        }
    }
    return false;
}

/* A random peer other than @a and @b; NODE_NONE when there is none. */
static node_id view_pick(const struct hyparview_view *view, struct rng *rng, node_id a, node_id b) {
    struct hyparview_view others = *view;
    view_remove(&others, a);
    view_remove(&others, b);
    return others.count == 0 ? NODE_NONE : others.peers[rng_below(rng, others.count)];
}

/* Up to @limit random peers other than @except, into @out. */
static void view_sample(const struct hyparview_view *view, struct rng *rng, size_t limit,
                        node_id except, struct hyparview_view *out) {
    struct hyparview_view pool = *view;
    view_remove(&pool, except);
    rng_shuffle(rng, pool.peers, pool.count, sizeof pool.peers[0]);
    for (size_t i = 0; i < size_min(limit, pool.count); i++)
        view_add(out, pool.peers[i]);
}

bool hyparview_linked(const struct hyparview *hyparview, node_id peer) {
    return view_has(&hyparview->active, peer);
}

static void send(struct hyparview *hyparview, node_id to, struct hyparview_message message) {
    env_send(hyparview->config.env, to, hyparview_encode(&message, hyparview->config.channel));
}

static void disconnect(struct hyparview *hyparview, node_id peer) {
    send(hyparview, peer, (struct hyparview_message){.type = MESSAGE_HYPARVIEW_DISCONNECT});
}

static void reply(struct hyparview *hyparview, node_id peer, bool accepted) {
    send(hyparview, peer,
         (struct hyparview_message){.type = MESSAGE_HYPARVIEW_NEIGHBOR_REPLY, .flag = accepted});
}

/* Makes room for a new passive peer by forgetting first what the other side of a shuffle now holds
 * (@sent, may be NULL), then at random. */
static void passive_add(struct hyparview *hyparview, node_id peer,
                        const struct hyparview_view *sent) {
    struct hyparview_view *passive = &hyparview->passive;
    if (peer == hyparview->config.env->self || hyparview_linked(hyparview, peer) ||
        view_has(passive, peer))
        return;
    for (size_t i = 0; sent != NULL && i < sent->count && passive->count == HYPARVIEW_PASSIVE; i++)
        view_remove(passive, sent->peers[i]);
    if (passive->count == HYPARVIEW_PASSIVE)
        view_remove(passive, view_pick(passive, &hyparview->rng, NODE_NONE, NODE_NONE));
    view_add(passive, peer);
}

static struct hyparview_request *request_find(struct hyparview *hyparview, node_id peer) {
    for (size_t i = 0; i < HYPARVIEW_REQUESTS; i++)
        if (timer_running(&hyparview->requests[i].timer) && hyparview->requests[i].peer == peer)
            return &hyparview->requests[i];
    return NULL;
}

static size_t requests_open(const struct hyparview *hyparview) {
    size_t open = 0;
    for (size_t i = 0; i < HYPARVIEW_REQUESTS; i++)
        open += timer_running(&hyparview->requests[i].timer);
    return open;
}

/* Whether a request to @peer was open. */
static bool request_end(struct hyparview *hyparview, node_id peer) {
    struct hyparview_request *request = request_find(hyparview, peer);
    if (request != NULL)
        env_timer_stop(hyparview->config.env, &request->timer);
    return request != NULL;
}

/* @high: the peer is to make room if need be; @displaces: we are, once it has accepted. */
static int request_link(struct hyparview *hyparview, node_id peer, uint16_t type, bool high,
                        bool displaces) {
    if (request_find(hyparview, peer) != NULL)
        return OK;
    for (size_t i = 0; i < HYPARVIEW_REQUESTS; i++) {
        struct hyparview_request *request = &hyparview->requests[i];
        if (timer_running(&request->timer))
            continue;
        request->peer = peer;
        request->displaces = displaces;
        env_timer_start(hyparview->config.env, &request->timer, hyparview->config.timeout);
        send(hyparview, peer, (struct hyparview_message){.type = type, .flag = high});
        return OK;
    }
    return ERR_LIMIT;
}

/* Asks further candidates while the active view may still have room. */
static void refill(struct hyparview *hyparview) {
    struct hyparview_view *candidates = &hyparview->candidates;
    while (candidates->count > 0 &&
           hyparview->active.count + requests_open(hyparview) < HYPARVIEW_ACTIVE) {
        node_id peer = candidates->peers[--candidates->count];
        if (view_has(&hyparview->passive, peer))
            (void)request_link(hyparview, peer, MESSAGE_HYPARVIEW_NEIGHBOR,
                               hyparview->active.count == 0, false);
    }
}

static void join(struct hyparview *hyparview) {
    if (hyparview->contact != NODE_NONE && hyparview->active.count == 0)
        (void)request_link(hyparview, hyparview->contact, MESSAGE_HYPARVIEW_JOIN, true, true);
}

/* Alone, and nobody left to ask: joins again, through another contact if there is one. */
static void rejoin(struct hyparview *hyparview) {
    const struct hyparview_config *config = &hyparview->config;
    if (hyparview->active.count > 0 || requests_open(hyparview) > 0)
        return;
    if (config->contact_count > 0) {
        size_t at = rng_below(&hyparview->rng, config->contact_count);
        at = config->contacts[at] == config->env->self ? (at + 1) % config->contact_count : at;
        hyparview->contact = config->contacts[at];
    }
    if (hyparview->contact != config->env->self)
        join(hyparview);
}

/* A new round of repair may ask every passive peer once. */
static void repair(struct hyparview *hyparview) {
    hyparview->candidates.count = 0;
    view_sample(&hyparview->passive, &hyparview->rng, HYPARVIEW_PASSIVE, NODE_NONE,
                &hyparview->candidates);
    refill(hyparview);
    rejoin(hyparview);
}

static void link_drop(struct hyparview *hyparview, node_id peer) {
    view_remove(&hyparview->active, peer);
    passive_add(hyparview, peer, NULL);
    hyparview->config.client.down(hyparview->config.client.context, peer);
}

/* Sends a new node on, or on its way. */
static void walk(struct hyparview *hyparview, node_id to, node_id peer, uint8_t ttl, bool gently) {
    send(hyparview, to,
         (struct hyparview_message){
             .type = MESSAGE_HYPARVIEW_FORWARD_JOIN, .peer = peer, .ttl = ttl, .flag = gently});
}

static void link_add(struct hyparview *hyparview, node_id peer) {
    (void)request_end(hyparview, peer);
    if (hyparview_linked(hyparview, peer))
        return;
    if (hyparview->active.count == HYPARVIEW_ACTIVE) {
        node_id victim = view_pick(&hyparview->active, &hyparview->rng, NODE_NONE, NODE_NONE);
        walk(hyparview, victim, peer, 0, true); /* the two are to link up */
        disconnect(hyparview, victim);
        link_drop(hyparview, victim);
    }
    view_remove(&hyparview->passive, peer);
    view_add(&hyparview->active, peer);
    hyparview->config.client.up(hyparview->config.client.context, peer);
}

static void on_request_timeout(struct timer *timer) {
    struct hyparview_request *request = container_of(timer, struct hyparview_request, timer);
    struct hyparview *hyparview = request->owner;
    /* It may have accepted and its answer got lost. */
    disconnect(hyparview, request->peer);
    view_remove(&hyparview->passive, request->peer);
    refill(hyparview);
    rejoin(hyparview);
}

static void shuffle(struct hyparview *hyparview) {
    struct env *env = hyparview->config.env;
    node_id to = view_pick(&hyparview->active, &hyparview->rng, NODE_NONE, NODE_NONE);
    struct hyparview_view *sent = &hyparview->shuffled;
    struct hyparview_message message = {
        .type = MESSAGE_HYPARVIEW_SHUFFLE, .peer = env->self, .ttl = HYPARVIEW_TTL};
    if (to == NODE_NONE)
        return;
    sent->count = 0;
    view_sample(&hyparview->active, &hyparview->rng, HYPARVIEW_SHUFFLE_ACTIVE, to, sent);
    view_sample(&hyparview->passive, &hyparview->rng, HYPARVIEW_SHUFFLE_PASSIVE, to, sent);
    message.count = (uint8_t)sent->count;
    memcpy(message.peers, sent->peers, sent->count * sizeof sent->peers[0]);
    hyparview->shuffling = true;
    send(hyparview, to, message);
}

static void on_period(struct timer *timer) {
    struct hyparview *hyparview = container_of(timer, struct hyparview, shuffle);
    env_timer_start(hyparview->config.env, timer, hyparview->config.period);
    shuffle(hyparview);
    repair(hyparview);
}

void hyparview_init(struct hyparview *hyparview, const struct hyparview_config *config) {
    *hyparview = (struct hyparview){.config = *config, .contact = NODE_NONE};
    rng_init(&hyparview->rng, config->seed, config->env->self, "overlay");
    timer_init(&hyparview->shuffle, on_period);
    for (size_t i = 0; i < HYPARVIEW_REQUESTS; i++) {
        hyparview->requests[i].owner = hyparview;
        timer_init(&hyparview->requests[i].timer, on_request_timeout);
    }
}

void hyparview_deinit(struct hyparview *hyparview) {
    env_timer_stop(hyparview->config.env, &hyparview->shuffle);
    for (size_t i = 0; i < HYPARVIEW_REQUESTS; i++)
        env_timer_stop(hyparview->config.env, &hyparview->requests[i].timer);
}

void hyparview_start(struct hyparview *hyparview, node_id contact) {
    struct env *env = hyparview->config.env;
    hyparview->contact = contact == env->self ? NODE_NONE : contact;
    join(hyparview);
    /* A random phase: shuffles of a whole world must not come in waves. */
    uint64_t phase = rng_below(&hyparview->rng, (uint64_t)hyparview->config.period);
    env_timer_start(env, &hyparview->shuffle, (time_ns)phase);
}

void hyparview_join(struct hyparview *hyparview, node_id contact) {
    if (contact != hyparview->config.env->self && !hyparview_linked(hyparview, contact))
        (void)request_link(hyparview, contact, MESSAGE_HYPARVIEW_JOIN, true, true);
}

static int on_join(struct hyparview *hyparview, node_id from) {
    bool room = hyparview_linked(hyparview, from) || hyparview->active.count < HYPARVIEW_ACTIVE;
    node_id guide = NODE_NONE;
    if (room) {
        reply(hyparview, from, true);
        link_add(hyparview, from);
    } else { /* not refused: who finds a place answers, or nobody, and the new node asks again */
        guide = view_pick(&hyparview->active, &hyparview->rng, NODE_NONE, NODE_NONE);
    }
    for (size_t i = 0; i < hyparview->active.count; i++)
        if (hyparview->active.peers[i] != from)
            walk(hyparview, hyparview->active.peers[i], from, HYPARVIEW_TTL,
                 hyparview->active.peers[i] == guide);
    return OK;
}

/* A place for a new node: taken where there is one. A peer that was dropped for it (ttl 0) asks with
 * low priority, or the two ends of a link would drop others in their turn, without end. */
static int on_gentle_walk(struct hyparview *hyparview, node_id from,
                          const struct hyparview_message *message) {
    bool dropped = message->ttl == 0;
    if (hyparview_linked(hyparview, message->peer))
        return OK;
    if (dropped || hyparview->active.count + requests_open(hyparview) < HYPARVIEW_ACTIVE)
        return request_link(hyparview, message->peer, MESSAGE_HYPARVIEW_NEIGHBOR, !dropped, false);
    node_id next = view_pick(&hyparview->active, &hyparview->rng, from, message->peer);
    if (next != NODE_NONE && message->ttl > 1)
        walk(hyparview, next, message->peer, (uint8_t)(message->ttl - 1), true);
    return OK;
}

static int on_forward_join(struct hyparview *hyparview, node_id from,
                           struct hyparview_message message) {
    struct env *env = hyparview->config.env;
    if (message.peer == env->self)
        return OK; /* the walk of our own join came by */
    if (message.flag)
        return on_gentle_walk(hyparview, from, &message);
    node_id next = view_pick(&hyparview->active, &hyparview->rng, from, message.peer);
    if (message.ttl == 0 || next == NODE_NONE)
        return hyparview_linked(hyparview, message.peer)
                   ? OK
                   : request_link(hyparview, message.peer, MESSAGE_HYPARVIEW_NEIGHBOR, false, true);
    if (message.ttl == HYPARVIEW_PASSIVE_TTL)
        passive_add(hyparview, message.peer, NULL);
    message.ttl--;
    send(hyparview, next, message);
    return OK;
}

static int on_neighbor(struct hyparview *hyparview, node_id from, bool high) {
    bool accepted =
        high || hyparview_linked(hyparview, from) || hyparview->active.count < HYPARVIEW_ACTIVE;
    reply(hyparview, from, accepted);
    if (accepted)
        link_add(hyparview, from);
    else
        passive_add(hyparview, from, NULL);
    return OK;
}

static int on_neighbor_reply(struct hyparview *hyparview, node_id from, bool accepted) {
    const struct hyparview_request *request = request_find(hyparview, from);
    if (request == NULL) {
        if (hyparview_linked(hyparview, from))
            return OK; /* both asked at once */
        if (accepted)
            disconnect(hyparview, from);
        return ERR_STALE;
    }
    bool displaces = request->displaces;
    (void)request_end(hyparview, from);
    if (accepted && (displaces || hyparview->active.count < HYPARVIEW_ACTIVE)) {
        link_add(hyparview, from);
        return OK;
    }
    if (accepted) /* the view filled up meanwhile */
        disconnect(hyparview, from);
    passive_add(hyparview, from, NULL);
    refill(hyparview);
    return OK;
}

static int on_disconnect(struct hyparview *hyparview, node_id from) {
    if (hyparview_linked(hyparview, from)) {
        link_drop(hyparview, from);
        repair(hyparview);
        return OK;
    }
    if (!request_end(hyparview, from))
        return ERR_STALE;
    refill(hyparview);
    return OK;
}

static void merge(struct hyparview *hyparview, const struct hyparview_message *message,
                  const struct hyparview_view *sent) {
    for (size_t i = 0; i < message->count; i++)
        passive_add(hyparview, message->peers[i], sent);
}

static int on_shuffle(struct hyparview *hyparview, node_id from, struct hyparview_message message) {
    struct env *env = hyparview->config.env;
    if (message.peer == env->self)
        return OK; /* our own walk came back */
    node_id next = view_pick(&hyparview->active, &hyparview->rng, from, message.peer);
    if (message.ttl > 1 && next != NODE_NONE) {
        message.ttl--;
        send(hyparview, next, message);
        return OK;
    }
    struct hyparview_view sent = {0};
    struct hyparview_message answer = {.type = MESSAGE_HYPARVIEW_SHUFFLE_REPLY};
    view_sample(&hyparview->passive, &hyparview->rng, message.count + 1u, message.peer, &sent);
    answer.count = (uint8_t)sent.count;
    memcpy(answer.peers, sent.peers, sent.count * sizeof sent.peers[0]);
    send(hyparview, message.peer, answer);
    merge(hyparview, &message, &sent);
    passive_add(hyparview, message.peer, &sent);
    return OK;
}

static int on_shuffle_reply(struct hyparview *hyparview, const struct hyparview_message *message) {
    if (!hyparview->shuffling)
        return ERR_STALE; /* nobody fills our view unasked */
    hyparview->shuffling = false;
    merge(hyparview, message, &hyparview->shuffled);
    return OK;
}

int hyparview_check_link(struct hyparview *hyparview, node_id from) {
    if (hyparview_linked(hyparview, from))
        return OK;
    if (request_find(hyparview, from) == NULL)
        disconnect(hyparview, from);
    return ERR_NOT_MEMBER;
}

int hyparview_receive(struct hyparview *hyparview, node_id from, const struct message *message) {
    struct hyparview_message decoded;
    int error = hyparview_decode(&decoded, message);
    if (error != OK)
        return error;
    if (from == hyparview->config.env->self || from >= LIMIT_NODES)
        return ERR_INVALID;
    switch (decoded.type) {
    case MESSAGE_HYPARVIEW_JOIN:
        return on_join(hyparview, from);
    case MESSAGE_HYPARVIEW_FORWARD_JOIN:
        error = hyparview_check_link(hyparview, from);
        return error != OK ? error : on_forward_join(hyparview, from, decoded);
    case MESSAGE_HYPARVIEW_NEIGHBOR:
        return on_neighbor(hyparview, from, decoded.flag);
    case MESSAGE_HYPARVIEW_NEIGHBOR_REPLY:
        return on_neighbor_reply(hyparview, from, decoded.flag);
    case MESSAGE_HYPARVIEW_DISCONNECT:
        return on_disconnect(hyparview, from);
    case MESSAGE_HYPARVIEW_SHUFFLE:
        error = hyparview_check_link(hyparview, from);
        return error != OK ? error : on_shuffle(hyparview, from, decoded);
    default:
        return on_shuffle_reply(hyparview, &decoded);
    }
}

void hyparview_peer_down(struct hyparview *hyparview, node_id peer) {
    bool asked = request_end(hyparview, peer);
    bool linked = view_remove(&hyparview->active, peer);
    view_remove(&hyparview->passive, peer);
    if (linked)
        hyparview->config.client.down(hyparview->config.client.context, peer);
    if (linked)
        repair(hyparview);
    else if (asked)
        refill(hyparview);
}
