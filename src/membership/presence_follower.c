/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "membership/presence_follower.h"

#include <assert.h>

#include "base/error.h"
#include "membership/presence_messages.h"

static void beat(struct presence_follower *follower) {
    const struct presence_follower_config *config = &follower->config;
    env_broadcast(config->env, config->committee.members, config->committee.count,
                  presence_beat_frame(config->channel, &follower->self));
}

static void on_beat(struct timer *timer) {
    struct presence_follower *follower = container_of(timer, struct presence_follower, beat);
    beat(follower);
    env_timer_start(follower->config.env, timer, follower->config.heartbeat);
}

static void ask(struct presence_follower *follower, uint64_t mark) {
    const struct presence_follower_config *config = &follower->config;
    const uint32_t doublings =
        follower->attempts < PRESENCE_DOUBLINGS ? follower->attempts : PRESENCE_DOUBLINGS;
    follower->waiting = true;
    env_send(config->env, config->committee.members[follower->asked],
             presence_ask_frame(config->channel, mark));
    env_timer_start(config->env, &follower->ask, config->retry << doublings);
}

static void on_ask(struct timer *timer) {
    struct presence_follower *follower = container_of(timer, struct presence_follower, ask);
    if (follower->waiting) {
        follower->asked = (follower->asked + 1) % follower->config.committee.count;
        follower->attempts++;
    }
    ask(follower, follower->roster->mark);
}

/* At time 0 nodes are in the middle of their periods. */
static time_ns phase(const struct env *env, struct rng *rng, time_ns period) {
    return env->now > 0 ? 0 : (time_ns)rng_below(rng, (uint64_t)period);
}

void presence_follower_init(struct presence_follower *follower,
                            const struct presence_follower_config *config) {
    struct env *env = config->env;
    struct rng rng;
    const struct place_candidate *self = presence_find(&config->initial->presence, env->self);
    assert(self != NULL);
    *follower = (struct presence_follower){
        .config = *config, .roster = roster_ref(config->initial), .self = *self};
    timer_init(&follower->beat, on_beat);
    timer_init(&follower->ask, on_ask);
    rng_init(&rng, config->seed, env->self, "presence");
    follower->asked = (uint32_t)rng_below(&rng, config->committee.count);
    env_timer_start(env, &follower->beat, phase(env, &rng, config->heartbeat));
    /* A member has a list of its own. */
    if (committee_index(&config->committee, env->self) == MEMBER_NONE)
        env_timer_start(env, &follower->ask, phase(env, &rng, config->refresh));
}

void presence_follower_deinit(struct presence_follower *follower) {
    env_timer_stop(follower->config.env, &follower->beat);
    env_timer_stop(follower->config.env, &follower->ask);
    roster_unref(follower->roster);
}

static void settle(struct presence_follower *follower, struct roster *roster) {
    struct roster *before = follower->roster;
    follower->waiting = false;
    follower->attempts = 0;
    follower->doubts = 0;
    follower->roster = roster;
    env_timer_start(follower->config.env, &follower->ask, follower->config.refresh);
    if (roster != before && follower->config.changed != NULL)
        follower->config.changed(follower->config.context);
    roster_unref(before);
}

static int doubt(struct presence_follower *follower, const struct roster *roster) {
    const size_t have = follower->roster->presence.count;
    if (3 * roster->presence.count >= 2 * have)
        return OK;
    follower->doubts++;
    return follower->doubts < committee_validity(&follower->config.committee) ? ERR_NOT_ENOUGH : OK;
}

static int take(struct presence_follower *follower, uint64_t base, uint64_t mark,
                const struct roster_changes *changes) {
    const struct presence none = {0};
    struct roster *from =
        base == 0 ? roster_of(follower->roster->pool, &none) : roster_ref(follower->roster);
    struct roster *roster = roster_changed(from, changes);
    roster_unref(from);
    int error = roster->mark != mark ? ERR_MISMATCH : doubt(follower, roster);
    if (error == OK)
        settle(follower, roster);
    else
        roster_unref(roster); /* the next member is asked when the pause is over */
    return error;
}

int presence_follower_receive(struct presence_follower *follower, node_id from,
                              const struct message *message) {
    const struct committee *committee = &follower->config.committee;
    struct roster_changes changes = {0};
    uint64_t base, mark;
    if (!follower->waiting || committee->members[follower->asked] != from)
        return ERR_STALE;
    int error = presence_list_read(message, &base, &mark, &changes);
    if (error == OK && base != 0 && base != follower->roster->mark)
        error = ERR_STALE;
    if (error == OK)
        error = take(follower, base, mark, &changes);
    roster_changes_deinit(&changes);
    return error;
}
