/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An NTP client (RFC 5905): each poll it asks every server; each server's last 8 samples pass the
 * clock filter (section 10), whose best stands for the server; what a majority of all servers can
 * agree on is believed (Marzullo's intersection, section 11.2.1); of those that agree, the one with
 * the least root distance sets the clock (servo.h). So with four servers one may lie.
 *
 * Offsets are measured against the physical clock, not against the corrected one: corrections then
 * never age the samples in the filter.
 *
 * A server's claim is its offset plus or minus the root distance (ntp.h). A path of d1 out and d2
 * back leaves an error of (d1 - d2) / 2 that nobody at the ends can see.
 *
 * Left out: the cluster algorithm and the weighted combination of survivors (11.2.2, 11.2.3), poll
 * adaptation (11.3), strata, leap seconds, the volley at the start; a silent server keeps its old
 * samples, with a claim that widens. */
#ifndef TIERCHAIN_CLOCK_NTP_CLIENT_H
#define TIERCHAIN_CLOCK_NTP_CLIENT_H

#include "clock/clock_messages.h"
#include "clock/ntp.h"
#include "clock/servo.h"

#define NTP_CLIENT_SERVERS 4

struct ntp_client_server {
    node_id node;
    bool asked; /* and has not answered yet */
    time_ns t1; /* by the physical clock */
    struct ntp_filter filter;
};

struct ntp_client {
    struct env *env;
    struct timer poll_timer;
    time_ns poll;
    uint32_t exchange; /* of the last poll; 0: none yet */
    bool judged;       /* the last poll's answers were looked at */
    uint32_t server_count;
    struct ntp_client_server servers[NTP_CLIENT_SERVERS];
    struct servo servo;
};

/* Starts polling within a second, at a moment drawn from the node's stream: servers are not to be
 * asked by everybody at once. 1 <= @count <= NTP_CLIENT_SERVERS. */
void ntp_client_init(struct ntp_client *client, struct env *env, const node_id *servers,
                     uint32_t count, time_ns poll);

/* An ANSWER. ERR_NOT_MEMBER: not from a server, or another type; ERR_STALE: not to the last poll,
 * or a second time; ERR_INVALID: stamps that no round trip gives. */
int ntp_client_receive(struct ntp_client *client, node_id from, const struct clock_message *in);

#endif
