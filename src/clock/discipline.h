/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Clock synchronisation of one node: it puts its clock right (env.correction), or tells others the
 * time, off the critical path. Nobody trusts a message's arrival time but its own clock's reading
 * in the step that handles it: software time stamps, with the wait for the core in them.
 *
 *   NTP  a client asks several servers every poll and believes the majority (ntp_client.h)
 *   PTP  a master sends Sync and Follow_Up to each slave every poll (ptp_clock.h)
 *
 * All messages are unstamped (env_send_unstamped): a clock too wrong for hybrid time must still be
 * put right. Servers and masters have a reference clock of their own; there are no strata. Messages
 * are authenticated as all are: a server lies or it does not, nobody speaks in its name. */
#ifndef TIERCHAIN_CLOCK_DISCIPLINE_H
#define TIERCHAIN_CLOCK_DISCIPLINE_H

#include "clock/ntp_client.h"
#include "clock/ptp_clock.h"

enum discipline_role {
    DISCIPLINE_NTP_SERVER,
    DISCIPLINE_NTP_CLIENT,
    DISCIPLINE_PTP_MASTER,
    DISCIPLINE_PTP_SLAVE
};

/* Borrowed lists must outlive the node. */
struct discipline_config {
    enum discipline_role role;
    const node_id *peers; /* client: its servers; master: its slaves; slave: its master */
    uint32_t peer_count;  /* client: at most NTP_CLIENT_SERVERS */
    time_ns poll;         /* > 0; between two exchanges with a peer */
    time_ns asymmetry;    /* slave: of ptp_measure */
};

struct discipline {
    struct env *env;
    const struct discipline_config *config;
    union {
        struct ntp_client client;
        struct ptp_master master;
        struct ptp_slave slave;
    };
};

void discipline_init(struct discipline *discipline, struct env *env,
                     const struct discipline_config *config);
void discipline_deinit(struct discipline *discipline);

/* A message of MODULE_CLOCK. 0 or the reason for the drop. */
int discipline_receive(struct discipline *discipline, node_id from, const struct message *message);

#endif
