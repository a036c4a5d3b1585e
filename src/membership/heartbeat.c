/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "membership/heartbeat.h"

#include "base/error.h"

static struct heartbeat_peer *find(struct heartbeat *heartbeat, node_id peer) {
    for (size_t i = 0; i < heartbeat->count; i++)
        if (heartbeat->peers[i].peer == peer)
            return &heartbeat->peers[i];
    return NULL;
}

/* Reports the silent ones. Each report may change the list, so they are gathered first. */
static void report_silent(struct heartbeat *heartbeat) {
    const struct heartbeat_config *config = &heartbeat->config;
    node_id silent[HEARTBEAT_PEERS];
    size_t count = 0;
    for (size_t i = 0; i < heartbeat->count; i++)
        if (config->env->now - heartbeat->peers[i].heard > HEARTBEAT_MISSED * config->period)
            silent[count++] = heartbeat->peers[i].peer;
    for (size_t i = 0; i < count; i++) {
        heartbeat_down(heartbeat, silent[i]);
        config->silent(config->context, silent[i]);
    }
}

static void on_period(struct timer *timer) {
    struct heartbeat *heartbeat = container_of(timer, struct heartbeat, timer);
    const struct heartbeat_config *config = &heartbeat->config;
    struct writer body;
    node_id peers[HEARTBEAT_PEERS];
    env_timer_start(config->env, timer, config->period);
    report_silent(heartbeat);
    for (size_t i = 0; i < heartbeat->count; i++)
        peers[i] = heartbeat->peers[i].peer;
    env_broadcast(config->env, peers, heartbeat->count,
                  message_new(MESSAGE_HEARTBEAT, config->channel, 0, &body));
}

void heartbeat_init(struct heartbeat *heartbeat, const struct heartbeat_config *config) {
    *heartbeat = (struct heartbeat){.config = *config};
    timer_init(&heartbeat->timer, on_period);
}

void heartbeat_deinit(struct heartbeat *heartbeat) {
    env_timer_stop(heartbeat->config.env, &heartbeat->timer);
}

void heartbeat_start(struct heartbeat *heartbeat, time_ns phase) {
    env_timer_start(heartbeat->config.env, &heartbeat->timer, phase);
}

int heartbeat_up(struct heartbeat *heartbeat, node_id peer) {
    if (find(heartbeat, peer) != NULL)
        return ERR_DUPLICATE;
    if (heartbeat->count == HEARTBEAT_PEERS)
        return ERR_LIMIT;
    heartbeat->peers[heartbeat->count++] =
        (struct heartbeat_peer){peer, heartbeat->config.env->now};
    return OK;
}

void heartbeat_down(struct heartbeat *heartbeat, node_id peer) {
    struct heartbeat_peer *known = find(heartbeat, peer);
    if (known != NULL)
        *known = heartbeat->peers[--heartbeat->count];
}

void heartbeat_heard(struct heartbeat *heartbeat, node_id from) {
    struct heartbeat_peer *known = find(heartbeat, from);
    if (known != NULL)
        known->heard = heartbeat->config.env->now;
}

int heartbeat_check(const struct message *message) {
    return message->size == 0 ? OK : ERR_TRAILING;
}
