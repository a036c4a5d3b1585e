/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "clock/discipline.h"

#include "base/error.h"

void discipline_init(struct discipline *discipline, struct env *env,
                     const struct discipline_config *config) {
    *discipline = (struct discipline){.env = env, .config = config};
    switch (config->role) {
    case DISCIPLINE_NTP_SERVER:
        break;
    case DISCIPLINE_NTP_CLIENT:
        ntp_client_init(&discipline->client, env, config->peers, config->peer_count, config->poll);
        break;
    case DISCIPLINE_PTP_MASTER:
        ptp_master_init(&discipline->master, env, config->peers, config->peer_count, config->poll);
        break;
    case DISCIPLINE_PTP_SLAVE:
        ptp_slave_init(&discipline->slave, env, config->peers[0], config->asymmetry);
        break;
    }
}

void discipline_deinit(struct discipline *discipline) {
    switch (discipline->config->role) {
    case DISCIPLINE_NTP_CLIENT:
        env_timer_stop(discipline->env, &discipline->client.poll_timer);
        break;
    case DISCIPLINE_PTP_MASTER:
        env_timer_stop(discipline->env, &discipline->master.turn_timer);
        break;
    case DISCIPLINE_NTP_SERVER:
    case DISCIPLINE_PTP_SLAVE:
        break; /* they only answer */
    }
}

/* t2 and t3 are one reading: the step takes no time by the node's clock. */
static void answer(struct env *env, node_id from, uint32_t exchange) {
    time_ns clock = env_clock(env);
    const struct clock_message message = {
        .type = MESSAGE_CLOCK_ANSWER, .exchange = exchange, .times = {clock, clock}};
    env_send_unstamped(env, from, clock_encode(&message));
}

int discipline_receive(struct discipline *discipline, node_id from, const struct message *message) {
    struct clock_message in;
    int error = clock_decode(&in, message);
    if (error != OK)
        return error;
    switch (discipline->config->role) {
    case DISCIPLINE_NTP_SERVER:
        if (in.type != MESSAGE_CLOCK_ASK)
            return ERR_NOT_MEMBER;
        answer(discipline->env, from, in.exchange);
        return OK;
    case DISCIPLINE_NTP_CLIENT:
        return ntp_client_receive(&discipline->client, from, &in);
    case DISCIPLINE_PTP_MASTER:
        return ptp_master_receive(&discipline->master, from, &in);
    case DISCIPLINE_PTP_SLAVE:
        return ptp_slave_receive(&discipline->slave, from, &in);
    }
    return ERR_INVALID;
}
