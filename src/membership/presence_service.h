/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The region's presence service, one member's part. Every node tells every member of its city's
 * committee that it lives (presence.beat); one that a member has not heard for the time-out leaves
 * that member's list, and is back with its next beat. No member believes another: each list is a
 * member's own, and they differ by what is under way.
 *
 * Time is env.now, which no clock error reaches. What came and went is gathered for a sixteenth of
 * the time-out, so that a list changes seldom, and the last PRESENCE_VERSIONS lists are kept: nodes
 * ask for what changed since theirs, and what a sender chose from a list that was good until
 * @window ago is judged by that list (pipeline/s1.h).
 *
 * The nodes of other cities are listed as they were when the service started. */
#ifndef TIERCHAIN_MEMBERSHIP_PRESENCE_SERVICE_H
#define TIERCHAIN_MEMBERSHIP_PRESENCE_SERVICE_H

#include "env/env.h"
#include "membership/roster.h"
#include "wire/message.h"

#define PRESENCE_VERSIONS 32
#define PRESENCE_GATHER   16 /* a list changes so often in a time-out, at most */

struct presence_service_config {
    struct env *env;
    uint16_t channel;
    struct roster *initial; /* who is present when the member starts; borrowed */
    node_id first;          /* the city's nodes */
    uint32_t count;
    time_ns timeout;
    time_ns window;
    /* The list has changed. May be NULL; called within a step. */
    void (*changed)(void *context);
    void *context;
};

/* A list, and what made the next one of it. */
struct presence_version {
    struct roster *roster;
    struct roster_changes changes;
    time_ns until; /* it was the present one before */
};

struct presence_heard;

struct presence_service {
    struct presence_service_config config;
    struct presence_heard *heard;   /* per node of the city */
    uint32_t oldest, newest;        /* of those that are present, by when they were heard */
    struct roster_changes gathered; /* not in the list yet */
    struct presence_version versions[PRESENCE_VERSIONS]; /* a ring; the last is the present list */
    uint32_t last, count;
    struct timer expiry;
    struct timer gather;
};

/* In caller memory; must not move until deinit. */
void presence_service_init(struct presence_service *service,
                           const struct presence_service_config *config);
void presence_service_deinit(struct presence_service *service);

/* Messages. 0 or the reason for the drop: of the reading; ERR_NOT_MEMBER: not of this city. */
int presence_service_receive(struct presence_service *service, node_id from,
                             const struct message *message);

/* The list as it is (@age 0) and as it was @age changes ago; NULL for one that is no longer kept, or
 * was replaced longer than the window ago. */
const struct roster *presence_service_list(const struct presence_service *service, uint32_t age);

#endif
