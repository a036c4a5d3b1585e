/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * PTP, two-step, end-to-end delay mechanism (IEEE 1588-2008 clauses 9 and 11.3), unicast:
 *
 *   master -> slave  Sync            leaves at t1, arrives at t2
 *   master -> slave  Follow_Up       tells t1
 *   slave -> master  Delay_Req       leaves at t3, arrives at t4
 *   master -> slave  Delay_Resp      tells t4
 *
 * The master serves its slaves in turns, so that no Sync waits behind another at its interface. The
 * standard leaves the slave's servo open: here of the last 8 exchanges the one with the shortest
 * path sets the clock (NTP's filter, servo.h). t2 and t3 are read from the physical clock.
 *
 * Left out: the best master clock algorithm and Announce (the master is configured), transparent
 * and boundary clocks, hardware time stamps (what remains is the wait for core and interface). */
#ifndef TIERCHAIN_CLOCK_PTP_CLOCK_H
#define TIERCHAIN_CLOCK_PTP_CLOCK_H

#include "clock/clock_messages.h"
#include "clock/ntp.h"
#include "clock/ptp.h"
#include "clock/servo.h"

struct ptp_master {
    struct env *env;
    struct timer turn_timer;
    const node_id *slaves; /* borrowed */
    uint32_t slave_count;
    uint32_t next;
    uint32_t exchange;
    time_ns turn; /* from one slave to the next */
};

/* Serves each of @slaves every @poll. */
void ptp_master_init(struct ptp_master *master, struct env *env, const node_id *slaves,
                     uint32_t count, time_ns poll);

/* A DELAY_REQUEST of anyone is answered; ERR_NOT_MEMBER for another type. */
int ptp_master_receive(struct ptp_master *master, node_id from, const struct clock_message *in);

struct ptp_slave {
    struct env *env;
    node_id master;
    time_ns asymmetry;
    uint32_t exchange_number; /* of the exchange under way; 0: none yet */
    bool synced, followed;    /* either may come first */
    bool asked;               /* a Delay_Resp is awaited */
    struct ptp_exchange exchange;
    struct ntp_filter filter;
    struct servo servo;
};

/* @asymmetry as ptp_measure has it. */
void ptp_slave_init(struct ptp_slave *slave, struct env *env, node_id master, time_ns asymmetry);

/* ERR_NOT_MEMBER: not from the master, or another type; ERR_STALE: not what the exchange under
 * way, or a newer one, waits for; ERR_INVALID: times that no path gives. */
int ptp_slave_receive(struct ptp_slave *slave, node_id from, const struct clock_message *in);

#endif
