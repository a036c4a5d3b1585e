/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tier/forward.h"

#include "base/error.h"

static void start(struct chain *chain) {
    const uint32_t doublings =
        chain->forward_rounds < FORWARD_DOUBLINGS ? chain->forward_rounds : FORWARD_DOUBLINGS;
    chain->forward_oldest = mempool_oldest(&chain->pool);
    env_timer_start(chain->env, &chain->forward_timer,
                    ((chain->config.view_timeout / 4) << doublings) + chain->config.batch_delay);
}

/* The oldest items as a message. */
static struct frame *oldest_items(const struct chain *chain) {
    const size_t most = chain->consensus->batch_limit;
    struct writer writer;
    struct part part = {0, 1, FORWARD_BYTES < most ? FORWARD_BYTES : most};
    struct frame *items = mempool_batch(&chain->pool, chain->config.batch_items, NULL, 0, part,
                                        env_clock(chain->env));
    if (items == NULL) {
        part.limit = most;
        items = mempool_batch(&chain->pool, 1, NULL, 0, part, env_clock(chain->env));
    }
    if (items == NULL)
        return NULL;
    struct frame *frame =
        message_new(MESSAGE_CHAIN_FORWARD, chain->config.channel, items->size, &writer);
    if (frame != NULL)
        write_bytes(&writer, items->bytes, items->size);
    frame_unref(items);
    return frame;
}

static void forward(struct chain *chain) {
    struct consensus_view view;
    consensus_observe(chain->consensus, &view);
    const bool to_leader = chain->forward_rounds == 0 && view.leader != NODE_NONE;
    if (to_leader && view.leader == chain->env->self)
        return; /* it proposes by itself, if it can */
    struct frame *frame = oldest_items(chain);
    if (frame == NULL)
        return;
    if (to_leader)
        env_send(chain->env, view.leader, frame);
    else
        env_broadcast(chain->env, chain->config.committee.members, chain->config.committee.count,
                      frame);
}

static void on_timer(struct timer *timer) {
    struct chain *chain = container_of(timer, struct chain, forward_timer);
    mempool_expire(&chain->pool, env_clock(chain->env));
    const uint64_t oldest = mempool_oldest(&chain->pool);
    if (oldest == 0)
        return;
    if (oldest == chain->forward_oldest) {
        forward(chain);
        chain->forward_rounds++;
    } else {
        chain->forward_rounds = 0;
    }
    start(chain);
}

void forward_init(struct chain *chain) {
    timer_init(&chain->forward_timer, on_timer);
}

void forward_deinit(struct chain *chain) {
    env_timer_stop(chain->env, &chain->forward_timer);
}

void forward_watch(struct chain *chain) {
    if (timer_running(&chain->forward_timer))
        return;
    chain->forward_rounds = 0;
    start(chain);
}

static int take(struct chain *chain, const struct digest *key, const uint8_t *bytes, size_t size) {
    if (mempool_knows(&chain->pool, key))
        return OK; /* before the costly check */
    if (!chain->client.valid(chain->client.context, key, bytes, size))
        return ERR_INVALID;
    return chain_submit(chain, key, bytes, size);
}

void forward_receive(struct chain *chain, node_id from, const struct message *message) {
    struct reader reader;
    struct batch_head head;
    struct digest key;
    size_t size;
    int error = ERR_NOT_MEMBER;
    if (committee_index(&chain->config.committee, from) != MEMBER_NONE)
        error = mempool_batch_open(&reader, (struct batch){message->body, message->size},
                                   chain->config.batch_items, &head);
    for (size_t i = 0; error == OK && i < head.count; i++) {
        const uint8_t *bytes = mempool_batch_next(&reader, &key, &size);
        const int one = take(chain, &key, bytes, size);
        if (one != OK)
            env_drop(chain->env, message->type, one);
    }
    if (error != OK)
        env_drop(chain->env, message->type, error);
}
