/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "node/node.h"

#include <assert.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "pipeline/gateway.h"

struct node {
    struct process process; /* first: the driver's view */
    struct node_config config;
    struct identity identity;
    struct discipline discipline;
    struct sender sender;
    struct holder holder;
    struct settlement settlement;
    struct city city;
    struct presence_follower follower;
    struct presence_service *service; /* large: only members have one */
    struct continent *continent;      /* large: only representatives have one */
    struct announce *announce;        /* likewise, full nodes */
    uint32_t forget_ppm;              /* node_forget */
    bool started;
};

static void block_decided(void *context, const struct decision *decision) {
    struct node *node = context;
    if (node->announce != NULL)
        announce_decided(node->announce, decision);
}

static void list_changed(void *context) {
    struct node *node = context;
    node->sender.config.presence = node->service != NULL
                                       ? &presence_service_list(node->service, 0)->presence
                                       : &node->follower.roster->presence;
}

/* A sender's list may be as old as a refresh and the asking; twice that is judged by. */
static void start_service(struct node *node) {
    const struct node_presence_config *config = node->config.presence;
    const struct presence_service_config service = {
        .env = &node->process.env,
        .channel = config->channel,
        .initial = config->initial,
        .first = config->first,
        .count = config->count,
        .timeout = config->timeout,
        .window = 2 * (config->refresh + config->retry),
        .changed = list_changed,
        .context = node,
    };
    node->service = memory_new(1, sizeof *node->service);
    presence_service_init(node->service, &service);
}

/* After the sender, whose list it keeps. */
static void start_presence(struct node *node) {
    const struct node_presence_config *config = node->config.presence;
    const struct presence_follower_config follower = {
        .env = &node->process.env,
        .seed = node->config.seed,
        .channel = config->channel,
        .committee = config->committee,
        .initial = config->initial,
        .heartbeat = config->heartbeat,
        .refresh = config->refresh,
        .retry = config->retry,
        .changed = list_changed,
        .context = node,
    };
    presence_follower_init(&node->follower, &follower);
    if (node->config.city != NULL)
        start_service(node);
    node->sender.config.place = &node->follower.self;
    list_changed(node);
}

/* Before the chains, which may report decisions at once. */
static void start_announce(struct node *node) {
    node->announce = memory_new(1, sizeof *node->announce);
    announce_init(node->announce, &node->process.env, node->config.announce);
    announce_start(node->announce);
}

static void start(struct node *node, const struct event *event) {
    const struct node_config *config = &node->config;
    struct env *env = &node->process.env;
    assert(!node->started);
    node->started = true;
    if (config->clock != NULL)
        discipline_init(&node->discipline, env, config->clock);
    if (config->sender != NULL) {
        sender_init(&node->sender, env, config->sender);
        holder_init(&node->holder, env);
        holder_forget(&node->holder, node->forget_ppm, config->seed);
        if (config->presence != NULL)
            start_presence(node);
    }
    if (config->announce != NULL)
        start_announce(node);
    if (config->sender != NULL && config->settlement != NULL) {
        settlement_init(&node->settlement, env, config->settlement);
        node->sender.settlement = &node->settlement;
    }
    if (config->city != NULL) {
        city_init(&node->city, env, config->city, event->records, event->record_count);
        node->city.service = node->service;
        chain_start(&node->city.chain);
    }
    if (config->continent != NULL) {
        const struct continent_client client = {block_decided, node};
        node->continent = memory_new(1, sizeof *node->continent);
        continent_init(node->continent, env, config->continent, &client, event->records,
                       event->record_count);
        continent_start(node->continent);
    }
}

/* Messages for a role that this node has not are dropped, not an error. */
static int pipeline_message(struct node *node, node_id from, const struct message *message) {
    bool user = node->config.sender != NULL, member = node->config.city != NULL;
    switch (message->type) {
    case MESSAGE_TOKEN_CHECK:
        return member ? gateway_token_check(&node->process.env, from, message) : ERR_NOT_MEMBER;
    case MESSAGE_TX_SUBMIT:
        return member ? city_submit(&node->city, from, message) : ERR_NOT_MEMBER;
    case MESSAGE_TOKEN_OK:
        return user ? sender_token_ok(&node->sender, from, message) : ERR_NOT_MEMBER;
    case MESSAGE_HOLD_REQUEST:
        return user ? holder_request(&node->holder, from, message) : ERR_NOT_MEMBER;
    case MESSAGE_HOLD_PIECE:
        return user ? holder_piece(&node->holder, from, message) : ERR_NOT_MEMBER;
    case MESSAGE_HOLD_ACK:
        return user ? sender_hold_ack(&node->sender, from, message) : ERR_NOT_MEMBER;
    case MESSAGE_TX_REPLY:
        return user ? sender_reply(&node->sender, from, message) : ERR_NOT_MEMBER;
    default:
        return ERR_UNKNOWN_TYPE;
    }
}

static int hold_message(struct node *node, node_id from, const struct message *message) {
    if (node->config.sender == NULL)
        return ERR_NOT_MEMBER;
    return message->type == MESSAGE_AUDIT_CHALLENGE
               ? holder_audit(&node->holder, from, message)
               : auditor_response(&node->sender.auditor, from, message);
}

static int tier_message(struct node *node, node_id from, const struct message *message) {
    struct continent *above = node->continent;
    switch (message->type) {
    case MESSAGE_BATCH_UP:
        return above != NULL ? continent_batch_up(above, from, message) : ERR_NOT_MEMBER;
    case MESSAGE_BATCH_ASK:
        return above != NULL ? continent_batch_ask(above, from, message) : ERR_NOT_MEMBER;
    case MESSAGE_BATCH_RECEIPT:
        return node->config.city != NULL ? city_batch_receipt(&node->city, from, message)
                                         : ERR_NOT_MEMBER;
    case MESSAGE_BATCH_ACK:
        return node->config.sender != NULL ? sender_batch_ack(&node->sender, from, message)
                                           : ERR_NOT_MEMBER;
    default:
        return ERR_UNKNOWN_TYPE;
    }
}

static int consensus_message(struct node *node, node_id from, const struct message *message) {
    if (node->config.city != NULL && message->channel == node->config.city->chain.channel)
        chain_receive(&node->city.chain, from, message);
    else if (node->continent != NULL && message->channel == node->config.continent->chain.channel)
        chain_receive(&node->continent->chain, from, message);
    else
        return ERR_NOT_MEMBER;
    return OK;
}

static int shard_message(struct node *node, node_id from, const struct message *message) {
    if (message->type == MESSAGE_SHARD_RESULT)
        return node->config.settlement != NULL ? settlement_result(&node->settlement, from, message)
                                               : ERR_NOT_MEMBER;
    bool here = node->config.city != NULL && message->channel == node->config.city->chain.channel;
    return here ? city_shard_message(&node->city, from, message) : ERR_NOT_MEMBER;
}

static int presence_message(struct node *node, node_id from, const struct message *message) {
    const struct node_presence_config *config = node->config.presence;
    if (config == NULL || config->channel != message->channel)
        return ERR_NOT_MEMBER;
    if (message->type == MESSAGE_PRESENCE_LIST)
        return presence_follower_receive(&node->follower, from, message);
    return node->service != NULL ? presence_service_receive(node->service, from, message)
                                 : ERR_NOT_MEMBER;
}

static void receive(struct node *node, node_id from, struct frame *frame) {
    struct env *env = &node->process.env;
    struct message message;
    env_charge(env, WORK_MESSAGE, 1);
    int error = message_parse(&message, frame);
    if (error == OK) {
        switch (*message_module(message.type)) {
        case MODULE_PIPELINE:
            error = pipeline_message(node, from, &message);
            break;
        case MODULE_HOLD:
            error = hold_message(node, from, &message);
            break;
        case MODULE_TIER:
            error = tier_message(node, from, &message);
            break;
        case MODULE_CONSENSUS:
            error = consensus_message(node, from, &message);
            break;
        case MODULE_MEMBERSHIP:
            error = node->announce != NULL ? announce_receive(node->announce, from, &message)
                                           : ERR_NOT_MEMBER;
            break;
        case MODULE_PRESENCE:
            error = presence_message(node, from, &message);
            break;
        case MODULE_SHARD:
            error = shard_message(node, from, &message);
            break;
        case MODULE_CLOCK:
            error = node->config.clock != NULL
                        ? discipline_receive(&node->discipline, from, &message)
                        : ERR_NOT_MEMBER;
            break;
        default:
            error = ERR_UNKNOWN_TYPE;
        }
    }
    if (error != OK)
        env_drop(env, message.type, error);
}

static void step(struct process *process, const struct event *event) {
    struct node *node = container_of(process, struct node, process);
    switch (event->type) {
    case EVENT_START:
        start(node, event);
        break;
    case EVENT_MESSAGE:
        receive(node, event->from, event->frame);
        break;
    case EVENT_SUBMIT:
        assert(node->config.sender != NULL);
        sender_submit(&node->sender, event->transaction, event->size);
        break;
    case EVENT_TIMER:
        break; /* process_step expires them */
    }
}

struct node *node_new(const struct node_config *config) {
    struct node *node = memory_new(1, sizeof *node);
    node->config = *config;
    env_init(&node->process.env, config->self, config->seed);
    identity_init(&node->identity, config->directory, config->self);
    node->process.env.identity = &node->identity;
    node->process.step = step;
    return node;
}

void node_free(struct node *node) {
    if (node == NULL)
        return;
    if (node->started && node->config.sender != NULL) {
        sender_deinit(&node->sender);
        if (node->config.settlement != NULL)
            settlement_deinit(&node->settlement);
        holder_deinit(&node->holder);
    }
    if (node->started && node->config.city != NULL)
        city_deinit(&node->city);
    if (node->started && node->config.sender != NULL && node->config.presence != NULL)
        presence_follower_deinit(&node->follower);
    if (node->service != NULL)
        presence_service_deinit(node->service);
    free(node->service);
    if (node->continent != NULL)
        continent_deinit(node->continent);
    free(node->continent);
    if (node->announce != NULL)
        announce_deinit(node->announce);
    free(node->announce);
    if (node->started && node->config.clock != NULL)
        discipline_deinit(&node->discipline);
    /* A timer that still runs lies in memory that is gone. */
    assert(timers_deadline(&node->process.env.timers) == TIME_NEVER);
    identity_deinit(&node->identity);
    env_deinit(&node->process.env);
    free(node);
}

struct process *node_process(struct node *node) {
    return &node->process;
}

const struct announce *node_announce(const struct node *node) {
    return node->announce;
}

void node_forget(struct node *node, uint32_t share_ppm) {
    node->forget_ppm = share_ppm;
    if (node->started && node->config.sender != NULL)
        holder_forget(&node->holder, share_ppm, node->config.seed);
}

const struct holder *node_holder(const struct node *node) {
    return node->started && node->config.sender != NULL ? &node->holder : NULL;
}

const struct sender *node_sender(const struct node *node) {
    return node->started && node->config.sender != NULL ? &node->sender : NULL;
}

const struct presence *node_presence(const struct node *node) {
    return node->started && node->config.sender != NULL ? node->sender.config.presence : NULL;
}

const struct consensus *node_city_consensus(const struct node *node) {
    return node->started && node->config.city != NULL ? node->city.chain.consensus : NULL;
}

const struct consensus *node_continent_consensus(const struct node *node) {
    return node->continent != NULL ? node->continent->chain.consensus : NULL;
}
