/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "env/ask.h"

#include <assert.h>

#define JITTER_SHARE 8 /* of a wait */

static void wait_for_answer(struct ask *ask) {
    time_ns wait = ask->config.base;
    for (uint32_t i = 0; i < ask->repeated && wait < ASK_CEILING * ask->config.base; i++)
        wait *= 2;
    if (ask->repeated > 0)
        wait += (time_ns)rng_below(&ask->config.env->rng, (uint64_t)(wait / JITTER_SHARE) + 1);
    env_timer_start(ask->config.env, &ask->timer, wait);
}

/* The next wait begins before the callback, which may end the ask or free its owner. */
static void waited(struct timer *timer) {
    struct ask *ask = container_of(timer, struct ask, timer);
    if (ask->config.limit > 0 && ask->repeated == ask->config.limit) {
        ask->config.given_up(ask);
        return;
    }
    ask->repeated++;
    wait_for_answer(ask);
    ask->config.again(ask);
}

void ask_init(struct ask *ask, const struct ask_config *config) {
    assert(config->base > 0 && config->again != NULL);
    assert(config->limit == 0 || config->given_up != NULL);
    *ask = (struct ask){.config = *config};
    timer_init(&ask->timer, waited);
}

void ask_begin(struct ask *ask) {
    ask->repeated = 0;
    wait_for_answer(ask);
}

void ask_end(struct ask *ask) {
    env_timer_stop(ask->config.env, &ask->timer);
}

bool ask_running(const struct ask *ask) {
    return timer_running(&ask->timer);
}
