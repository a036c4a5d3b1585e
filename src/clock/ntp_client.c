/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "clock/ntp_client.h"

#include <assert.h>

#include "base/error.h"

/* What a majority of all servers, not of those that answer, agrees on sets the clock. */
static void judge(struct ntp_client *client) {
    struct ntp_interval claims[NTP_CLIENT_SERVERS], agreed;
    time_ns distances[NTP_CLIENT_SERVERS], offsets[NTP_CLIENT_SERVERS];
    time_ns now = client->env->physical;
    size_t count = 0, agreeing = 0, peer = NTP_CLIENT_SERVERS;
    client->judged = true;
    for (uint32_t i = 0; i < client->server_count; i++) {
        const struct ntp_filter *filter = &client->servers[i].filter;
        const struct ntp_sample *best = ntp_filter_best(filter, now);
        if (best == NULL)
            continue;
        offsets[count] = best->offset;
        distances[count] = ntp_root_distance(filter, best, now);
        claims[count] =
            (struct ntp_interval){best->offset - distances[count], best->offset + distances[count]};
        count++;
    }
    if (ntp_select(claims, count, &agreed, &agreeing) != OK || 2 * agreeing <= client->server_count)
        return;
    for (size_t i = 0; i < count; i++) {
        bool truechimer = claims[i].low <= agreed.low && claims[i].high >= agreed.high;
        if (truechimer && (peer == NTP_CLIENT_SERVERS || distances[i] < distances[peer]))
            peer = i;
    }
    servo_update(&client->servo, client->env, offsets[peer]);
}

static void ask(struct timer *timer) {
    struct ntp_client *client = container_of(timer, struct ntp_client, poll_timer);
    struct env *env = client->env;
    if (!client->judged)
        judge(client); /* some did not answer: with what there is */
    client->judged = false;
    client->exchange++;
    for (uint32_t i = 0; i < client->server_count; i++) {
        const struct clock_message message = {.type = MESSAGE_CLOCK_ASK,
                                              .exchange = client->exchange};
        client->servers[i].asked = true;
        client->servers[i].t1 = env->physical;
        env_send_unstamped(env, client->servers[i].node, clock_encode(&message));
    }
    env_timer_start(env, &client->poll_timer, client->poll);
}

void ntp_client_init(struct ntp_client *client, struct env *env, const node_id *servers,
                     uint32_t count, time_ns poll) {
    assert(count > 0 && count <= NTP_CLIENT_SERVERS);
    *client = (struct ntp_client){.env = env, .poll = poll, .judged = true, .server_count = count};
    for (uint32_t i = 0; i < count; i++)
        client->servers[i].node = servers[i];
    time_ns spread = poll < NS_PER_S ? poll : NS_PER_S;
    timer_init(&client->poll_timer, ask);
    env_timer_start(env, &client->poll_timer, (time_ns)rng_below(&env->rng, (uint64_t)spread));
}

static bool all_answered(const struct ntp_client *client) {
    for (uint32_t i = 0; i < client->server_count; i++)
        if (client->servers[i].asked)
            return false;
    return true;
}

int ntp_client_receive(struct ntp_client *client, node_id from, const struct clock_message *in) {
    uint32_t index = 0;
    while (index < client->server_count && client->servers[index].node != from)
        index++;
    if (index == client->server_count || in->type != MESSAGE_CLOCK_ANSWER)
        return ERR_NOT_MEMBER;
    struct ntp_client_server *server = &client->servers[index];
    if (in->exchange != client->exchange || !server->asked)
        return ERR_STALE;
    server->asked = false;
    const struct ntp_sample sample =
        ntp_measure(server->t1, in->times[0], in->times[1], client->env->physical);
    /* A clock that was set while the answer was under way, or a server that makes times up. */
    bool plausible = ntp_plausible(&sample);
    if (plausible)
        ntp_filter_add(&server->filter, &sample);
    if (all_answered(client) && !client->judged)
        judge(client);
    return plausible ? OK : ERR_INVALID;
}
