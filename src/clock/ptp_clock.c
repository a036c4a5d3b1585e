/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "clock/ptp_clock.h"

#include "base/error.h"

static void send(struct env *env, node_id to, uint16_t type, uint32_t exchange, time_ns time) {
    const struct clock_message message = {.type = type, .exchange = exchange, .times = {time}};
    env_send_unstamped(env, to, clock_encode(&message));
}

static void serve_next(struct timer *timer) {
    struct ptp_master *master = container_of(timer, struct ptp_master, turn_timer);
    struct env *env = master->env;
    node_id slave = master->slaves[master->next];
    master->next = (master->next + 1) % master->slave_count;
    master->exchange++;
    send(env, slave, MESSAGE_CLOCK_SYNC, master->exchange, 0);
    send(env, slave, MESSAGE_CLOCK_FOLLOW_UP, master->exchange, env_clock(env));
    env_timer_start(env, &master->turn_timer, master->turn);
}

void ptp_master_init(struct ptp_master *master, struct env *env, const node_id *slaves,
                     uint32_t count, time_ns poll) {
    *master = (struct ptp_master){.env = env, .slaves = slaves, .slave_count = count};
    timer_init(&master->turn_timer, serve_next);
    if (count == 0)
        return;
    master->turn = poll / count > 0 ? poll / count : 1;
    env_timer_start(env, &master->turn_timer, master->turn);
}

int ptp_master_receive(struct ptp_master *master, node_id from, const struct clock_message *in) {
    if (in->type != MESSAGE_CLOCK_DELAY_REQUEST)
        return ERR_NOT_MEMBER;
    send(master->env, from, MESSAGE_CLOCK_DELAY_RESPONSE, in->exchange, env_clock(master->env));
    return OK;
}

void ptp_slave_init(struct ptp_slave *slave, struct env *env, node_id master, time_ns asymmetry) {
    *slave = (struct ptp_slave){.env = env, .master = master, .asymmetry = asymmetry};
}

static int complete(struct ptp_slave *slave) {
    const struct ptp_result result = ptp_measure(&slave->exchange, slave->asymmetry);
    const struct ntp_sample sample =
        ntp_sample(-result.offset, 2 * result.path_delay, slave->env->physical);
    if (!ntp_plausible(&sample))
        return ERR_INVALID;
    ntp_filter_add(&slave->filter, &sample);
    servo_update(&slave->servo, slave->env, ntp_filter_best(&slave->filter, sample.at)->offset);
    return OK;
}

/* Of Sync and Follow_Up the first begins a new exchange; one that stays incomplete is forgotten. */
static int begin(struct ptp_slave *slave, const struct clock_message *in) {
    struct env *env = slave->env;
    int32_t newer = (int32_t)(in->exchange - slave->exchange_number);
    if (newer > 0) {
        slave->exchange_number = in->exchange;
        slave->synced = slave->followed = slave->asked = false;
    }
    bool *had = in->type == MESSAGE_CLOCK_SYNC ? &slave->synced : &slave->followed;
    if (newer < 0 || *had)
        return ERR_STALE;
    *had = true;
    if (in->type == MESSAGE_CLOCK_SYNC)
        slave->exchange.t2 = env->physical;
    else
        slave->exchange.t1 = in->times[0];
    if (slave->synced && slave->followed) {
        slave->asked = true;
        slave->exchange.t3 = env->physical;
        send(env, slave->master, MESSAGE_CLOCK_DELAY_REQUEST, in->exchange, 0);
    }
    return OK;
}

int ptp_slave_receive(struct ptp_slave *slave, node_id from, const struct clock_message *in) {
    if (from != slave->master)
        return ERR_NOT_MEMBER;
    switch (in->type) {
    case MESSAGE_CLOCK_SYNC:
    case MESSAGE_CLOCK_FOLLOW_UP:
        return begin(slave, in);
    case MESSAGE_CLOCK_DELAY_RESPONSE:
        if (in->exchange != slave->exchange_number || !slave->asked)
            return ERR_STALE;
        slave->asked = false;
        slave->exchange.t4 = in->times[0];
        return complete(slave);
    default:
        return ERR_NOT_MEMBER;
    }
}
