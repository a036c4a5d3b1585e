/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pipeline/settlement.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"

#define MILLIONTHS 1000000

_Static_assert(SETTLEMENT_LATEST_BITS + SETTLEMENT_SINCE_BITS + SETTLEMENT_BACK_BITS +
                       SETTLEMENT_ATTEMPT_BITS ==
                   64,
               "a number has 64 bits");
_Static_assert(SETTLEMENT_ATTEMPTS <= 1 << SETTLEMENT_ATTEMPT_BITS, "attempts fit");

static void start(struct settlement *self);

static void next(struct settlement *self) {
    self->first = (self->first + 1) % LIMIT_OPEN_TRANSACTIONS;
    self->count--;
    self->attempt = 0;
    if (self->count > 0)
        start(self);
}

static void done(void *context, struct shard_request *request, bool commit) {
    struct settlement *self = context;
    if (commit) {
        next(self);
    } else if (++self->attempt == SETTLEMENT_ATTEMPTS) {
        env_trace(self->env, TRACE_TX_UNSETTLED,
                  settlement_transaction(self->waiting[self->first].number), self->attempt);
        next(self);
    } else {
        time_ns retry = self->config.retry;
        env_timer_start(self->env, &self->pause,
                        retry / 8 + (time_ns)rng_below(&self->env->rng, (uint64_t)retry));
    }
}

/* Sends the first one that waits. The shard of a city is its number. */
static void start(struct settlement *self) {
    const struct settlement_entry *entry = &self->waiting[self->first];
    struct shard_request_config config = {.env = self->env,
                                          .map = self->config.map,
                                          .retry = self->config.retry,
                                          .done = done,
                                          .context = self};
    struct transfer_part debit = {self->config.city, true, self->env->self, entry->amount};
    struct transfer_part credit = {entry->city, false, entry->receiver, entry->amount};
    bool home_first = debit.shard < credit.shard;
    struct transfer transfer = {
        .number = entry->number | self->attempt,
        .sender = home_first ? 0 : 1,
        .part_count = 2,
        .parts = {home_first ? debit : credit, home_first ? credit : debit},
    };
    int error = shard_request_start(&self->request, &config, &transfer);
    if (error != OK)
        abort(); /* made here */
}

static void pause_over(struct timer *timer) {
    start(container_of(timer, struct settlement, pause));
}

void settlement_init(struct settlement *self, struct env *env,
                     const struct settlement_config *config) {
    *self = (struct settlement){.env = env, .config = *config};
    timer_init(&self->pause, pause_over);
}

void settlement_deinit(struct settlement *self) {
    if (self->request.open)
        timers_stop(&self->env->timers, &self->request.timer);
    timers_stop(&self->env->timers, &self->pause);
    free(self->waiting);
}

/* Another city, and a node of it, in proportion to how many live there. */
static void draw_receiver(struct settlement *self, struct settlement_entry *entry) {
    const struct settlement_city *cities = self->config.cities;
    uint64_t others = 0;
    for (uint16_t i = 0; i < self->config.map->count; i++)
        others += i == self->config.city ? 0 : cities[i].count;
    uint64_t at = rng_below(&self->env->rng, others);
    entry->city = self->config.city == 0 ? 1 : 0;
    while (at >= cities[entry->city].count) {
        at -= cities[entry->city].count;
        entry->city++;
        entry->city = (uint16_t)(entry->city + (entry->city == self->config.city));
    }
    entry->receiver = cities[entry->city].first + (node_id)at;
}

/* The next number that rises; false when there is none for this transaction. */
static bool draw_number(struct settlement *self, uint64_t transaction, uint64_t *number) {
    const uint64_t latest = transaction + 1 > self->latest ? transaction + 1 : self->latest;
    const uint64_t since = latest > self->latest ? 0 : self->since + 1;
    const uint64_t back = latest - 1 - transaction;
    if (latest >> SETTLEMENT_LATEST_BITS != 0 || since >> SETTLEMENT_SINCE_BITS != 0 ||
        back >> SETTLEMENT_BACK_BITS != 0)
        return false;
    self->latest = latest;
    self->since = since;
    *number = ((latest << SETTLEMENT_SINCE_BITS | since) << SETTLEMENT_BACK_BITS | back)
              << SETTLEMENT_ATTEMPT_BITS;
    return true;
}

void settlement_submit(struct settlement *self, uint64_t transaction) {
    struct settlement_entry entry = {0};
    if (self->config.map == NULL || self->config.map->count < 2 ||
        !rng_chance(&self->env->rng, self->config.share, MILLIONTHS))
        return;
    draw_receiver(self, &entry);
    entry.amount = 1 + rng_below(&self->env->rng, SETTLEMENT_AMOUNT_MAX);
    env_trace(self->env, TRACE_TX_TRANSFER, transaction, entry.receiver);
    if (self->count == LIMIT_OPEN_TRANSACTIONS || !draw_number(self, transaction, &entry.number)) {
        env_trace(self->env, TRACE_TX_UNSETTLED, transaction, 0);
        return;
    }
    if (self->waiting == NULL)
        self->waiting = memory_new(LIMIT_OPEN_TRANSACTIONS, sizeof *self->waiting);
    self->waiting[(self->first + self->count++) % LIMIT_OPEN_TRANSACTIONS] = entry;
    if (self->count == 1)
        start(self);
}

int settlement_result(struct settlement *self, node_id from, const struct message *message) {
    return self->count == 0 ? ERR_UNKNOWN : shard_request_receive(&self->request, from, message);
}
