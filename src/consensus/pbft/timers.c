/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * When a replica loses patience. The view timer stands for *one* transaction: the one that waits
 * longest here. "The timer is started when the replica receives a request and the timer is not already
 * running. It is stopped when it is no longer waiting to execute the request" (OSDI 99, 4.4): whatever
 * else the primary orders meanwhile keeps it in office no longer. The time-out doubles with every view
 * since the last good one. In a view change it starts when a quorum has come to the view, or gone
 * further: so those who wait for the same NEW-VIEW lose patience together, and whoever timed out alone
 * stays where others can join it.
 *
 * The sync timer asks the others for what was lost, ever more rarely while nothing comes of it, and
 * repeats the own VIEW-CHANGE. Who waits for nothing is silent. */
#include "consensus/pbft/instance.h"

#define AWAITS_NUMBER (UINT64_C(1) << 63)

/* The transaction that waits longest here; without one, the next number to be decided, when it is
 * known that others have gone so far. */
static uint64_t awaited(const struct pbft *self) {
    const struct consensus_client *client = &self->base.client;
    const uint64_t oldest = client->oldest(client->context);
    if (oldest != 0)
        return oldest;
    if (self->last > self->executed || self->target > self->executed ||
        self->heard > self->executed)
        return AWAITS_NUMBER | (self->executed + 1);
    return 0;
}

static void start_view_timer(struct pbft *self) {
    const uint64_t failures = self->view - self->good_view;
    const uint32_t doublings = failures < PBFT_DOUBLINGS ? (uint32_t)failures : PBFT_DOUBLINGS;
    env_timer_start(self->base.env, &self->view_timer, self->base.view_timeout << doublings);
}

static void start_sync_timer(struct pbft *self) {
    const uint32_t doublings =
        self->syncs < PBFT_SYNC_DOUBLINGS ? self->syncs : PBFT_SYNC_DOUBLINGS;
    env_timer_start(self->base.env, &self->sync_timer,
                    (self->base.view_timeout / PBFT_SYNC_PER_VIEW) << doublings);
}

static void set_view_timer(struct pbft *self, uint64_t now_awaited) {
    if (now_awaited == 0 || (self->changing && !pbft_change_has_quorum(self)))
        env_timer_stop(self->base.env, &self->view_timer);
    else if (!timer_running(&self->view_timer) || (!self->changing && now_awaited != self->awaited))
        start_view_timer(self);
}

void pbft_set_timers(struct pbft *self) {
    const uint64_t now_awaited = awaited(self);
    const bool anew = self->progressed || now_awaited != self->awaited;
    if (self->progressed && self->awaited != 0 && now_awaited != self->awaited && !self->changing)
        self->good_view = self->view;
    set_view_timer(self, now_awaited);
    if (anew)
        self->syncs = 0;
    if (now_awaited == 0 && self->rumours == 0)
        env_timer_stop(self->base.env, &self->sync_timer);
    else if (anew || !timer_running(&self->sync_timer))
        start_sync_timer(self);
    self->awaited = now_awaited;
    self->progressed = false;
}

static void on_view_timer(struct timer *timer) {
    struct pbft *self = container_of(timer, struct pbft, view_timer);
    env_trace(self->base.env, TRACE_TIMEOUT, trace_pair(self->base.channel, self->view), 0);
    pbft_start_change(self, self->view + 1, VIEW_TIMEOUT);
    pbft_settle(self);
}

static void on_sync_timer(struct timer *timer) {
    struct pbft *self = container_of(timer, struct pbft, sync_timer);
    struct frame *change = pbft_own_change(self);
    self->syncs++;
    if (self->rumours > 0)
        self->rumours--;
    if (change != NULL)
        consensus_broadcast(&self->base, frame_ref(change));
    pbft_fetch(self, NODE_NONE);
    start_sync_timer(self);
    pbft_settle(self);
}

static void on_answer_timer(struct timer *timer) {
    struct pbft *self = container_of(timer, struct pbft, answer_timer);
    for (uint32_t i = 0; i < self->base.committee.count; i++)
        self->askers[i] = (struct asker){0};
}

void pbft_hear_rumour(struct pbft *self) {
    self->rumours = PBFT_RUMOURS;
    if (!timer_running(&self->sync_timer))
        start_sync_timer(self);
}

void pbft_init_timers(struct pbft *self) {
    timer_init(&self->view_timer, on_view_timer);
    timer_init(&self->sync_timer, on_sync_timer);
    timer_init(&self->answer_timer, on_answer_timer);
}

void pbft_deinit_timers(struct pbft *self) {
    env_timer_stop(self->base.env, &self->view_timer);
    env_timer_stop(self->base.env, &self->sync_timer);
    env_timer_stop(self->base.env, &self->answer_timer);
}
