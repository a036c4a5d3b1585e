/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tier/chain.h"

#include "base/error.h"
#include "tier/forward.h"

static bool chain_pending(void *context) {
    struct chain *chain = context;
    mempool_expire(&chain->pool, env_clock(chain->env));
    return chain->pool.waiting > 0;
}

static uint64_t chain_oldest(void *context) {
    struct chain *chain = context;
    mempool_expire(&chain->pool, env_clock(chain->env));
    return mempool_oldest(&chain->pool);
}

static uint64_t lot_of(const struct chain *chain, const struct digest *key, const uint8_t *bytes,
                       size_t size) {
    struct reader reader;
    if (chain->client.lot != NULL)
        return chain->client.lot(key, bytes, size);
    reader_init(&reader, key->bytes, sizeof key->bytes);
    return read_u64(&reader);
}

static struct once_term term_of(const struct chain *chain, const struct digest *key,
                                const uint8_t *bytes, size_t size) {
    if (chain->client.term == NULL)
        return (struct once_term){.kind = ONCE_HARMLESS};
    return chain->client.term(chain->client.context, key, bytes, size);
}

static struct frame *chain_next_batch(void *context, const struct batch *ancestors, size_t count,
                                      struct part part) {
    const struct chain *chain = context;
    return mempool_batch(&chain->pool, chain->config.batch_items, ancestors, count, part,
                         env_clock(chain->env));
}

static bool chain_valid(void *context, struct batch batch, struct part part) {
    struct chain *chain = context;
    struct reader reader;
    struct batch_head head;
    struct digest key;
    size_t size;
    if (mempool_batch_open(&reader, batch, chain->config.batch_items, &head) != OK)
        return false;
    if (head.time < 0 || head.time > env_clock(chain->env) + ONCE_ERROR)
        return false;
    while (head.count-- > 0) {
        const uint8_t *bytes = mempool_batch_next(&reader, &key, &size);
        const struct once_term term = term_of(chain, &key, bytes, size);
        if (!once_fits(&chain->pool.once, &term, head.time))
            return false;
        if (lot_of(chain, &key, bytes, size) % part.count != part.index)
            return false;
        /* Checked once: what waits in the own pool was checked when it came in. */
        if (!mempool_holds(&chain->pool, &key, bytes, size) &&
            !chain->client.valid(chain->client.context, &key, bytes, size))
            return false;
    }
    return true;
}

static void chain_decide(void *context, const struct decision *decision) {
    struct chain *chain = context;
    struct reader reader;
    struct batch_head head;
    struct digest key;
    size_t size;
    if (mempool_batch_open(&reader, decision->batch, LIMIT_MEMPOOL, &head) != OK)
        return; /* a quorum voted for it, so it was valid; only more than f faults lead here */
    chain->again = decision->again;
    once_advance(&chain->pool.once, head.time);
    while (head.count-- > 0) {
        const uint8_t *bytes = mempool_batch_next(&reader, &key, &size);
        const struct once_term term = term_of(chain, &key, bytes, size);
        if (mempool_order(&chain->pool, &key, &term, decision->height) == OK)
            chain->client.ordered(chain->client.context, &key, bytes, size, decision->height);
    }
    if (chain->client.batch != NULL)
        chain->client.batch(chain->client.context, decision);
    chain->again = false;
}

static void batch_waited(struct timer *timer) {
    struct chain *chain = container_of(timer, struct chain, batch_timer);
    if (chain->pool.waiting > 0)
        consensus_poke(chain->consensus);
}

void chain_init(struct chain *chain, struct env *env, const struct chain_config *config,
                const struct chain_client *client, const struct record *records,
                size_t record_count) {
    *chain = (struct chain){.env = env, .config = *config, .client = *client};
    mempool_init(&chain->pool, config->life);
    timer_init(&chain->batch_timer, batch_waited);
    forward_init(chain);
    struct consensus_config consensus = {
        .env = env,
        .committee = config->committee,
        .channel = config->channel,
        .view_timeout = config->view_timeout,
        .certificates = config->certificates,
        .group = config->group,
        .leaders = config->leaders,
        .client = {chain_pending, chain_oldest, chain_next_batch, chain_valid, chain_decide, chain},
        .records = records,
        .record_count = record_count,
    };
    chain->consensus = consensus_new(config->consensus, &consensus);
}

void chain_deinit(struct chain *chain) {
    env_timer_stop(chain->env, &chain->batch_timer);
    forward_deinit(chain);
    consensus_free(chain->consensus);
    mempool_deinit(&chain->pool);
}

void chain_start(struct chain *chain) {
    consensus_start(chain->consensus);
}

int chain_submit(struct chain *chain, const struct digest *key, const void *bytes, size_t size) {
    /* It would stand before all others of its part for ever. */
    if (mempool_batch_bytes(size) > chain->consensus->batch_limit)
        return ERR_LIMIT;
    const struct once_term term = term_of(chain, key, bytes, size);
    int error = mempool_add(&chain->pool, key, bytes, size, lot_of(chain, key, bytes, size), &term);
    if (error != OK)
        return error;
    forward_watch(chain);
    if (chain->config.batch_delay == 0 || chain->pool.waiting >= chain->config.batch_items)
        consensus_poke(chain->consensus);
    else if (!timer_running(&chain->batch_timer))
        env_timer_start(chain->env, &chain->batch_timer, chain->config.batch_delay);
    return OK;
}

void chain_receive(struct chain *chain, node_id from, const struct message *message) {
    if (message->type == MESSAGE_CHAIN_FORWARD)
        forward_receive(chain, from, message);
    else
        consensus_receive(chain->consensus, from, message);
}
