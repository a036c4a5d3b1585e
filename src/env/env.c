/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "env/env.h"

#include <assert.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/memory.h"

void env_init(struct env *env, node_id self, uint64_t seed) {
    *env = (struct env){.self = self};
    rng_init(&env->rng, seed, self, "node");
    timers_init(&env->timers);
}

void env_deinit(struct env *env) {
    for (size_t i = 0; i < env->out.count; i++)
        frame_unref(env->out.list[i].frame);
    free(env->out.list);
    timers_deinit(&env->timers);
    *env = (struct env){0};
}

static struct effect *append(struct env *env, enum effect_type type, uint32_t number) {
    struct effects *out = &env->out;
    assert(env->stepping); /* effects exist only within a step */
    if (out->count == out->capacity) {
        out->capacity = out->capacity == 0 ? 16 : 2 * out->capacity;
        out->list = memory_resize(out->list, out->capacity, sizeof *out->list);
    }
    struct effect *effect = &out->list[out->count++];
    *effect = (struct effect){.type = type, .number = number};
    return effect;
}

time_ns env_clock(const struct env *env) {
    return env->clock;
}

int env_stamp(struct env *env, uint64_t *stamp) {
    return hlc_tick(&env->hybrid, env->clock, stamp);
}

void env_send_unstamped(struct env *env, node_id to, struct frame *frame) {
    append(env, EFFECT_SEND, to)->frame = frame;
}

void env_send(struct env *env, node_id to, struct frame *frame) {
    struct effect *effect = append(env, EFFECT_SEND, to);
    int error = env_stamp(env, &effect->a);
    assert(error == OK); /* 2^48 ms are far, and nobody can push hybrid time far beyond a clock */
    effect->frame = frame;
}

void env_broadcast(struct env *env, const node_id *to, size_t count, struct frame *frame) {
    for (size_t i = 0; i < count; i++)
        if (to[i] != env->self)
            env_send(env, to[i], frame_ref(frame));
    frame_unref(frame);
}

void env_timer_start(struct env *env, struct timer *timer, time_ns after) {
    assert(after >= 0);
    timers_start(&env->timers, timer, env->now + after);
}

void env_timer_stop(struct env *env, struct timer *timer) {
    timers_stop(&env->timers, timer);
}

void env_persist(struct env *env, uint32_t slot, struct frame *frame) {
    append(env, EFFECT_PERSIST, slot)->frame = frame;
    env_charge(env, WORK_PERSIST, 1);
}

void env_charge(struct env *env, enum work work, uint64_t count) {
    if (count > 0)
        append(env, EFFECT_CHARGE, work)->a = count;
}

void env_charge_hash(struct env *env, size_t bytes) {
    env_charge(env, WORK_HASH, 1);
    env_charge(env, WORK_HASH_KIB, bytes / 1024);
}

void env_trace(struct env *env, enum trace_point point, uint64_t a, uint64_t b) {
    struct effect *effect = append(env, EFFECT_TRACE, point);
    effect->a = a;
    effect->b = b;
}

void env_drop(struct env *env, uint16_t message_type, int reason) {
    assert(reason < 0);
    env_trace(env, TRACE_DROPPED, message_type, (uint64_t)-reason);
}

static void expire_due_timers(struct env *env) {
    /* Only those that are due now: a timer that restarts itself with 0 must not hold up the step.
     * */
    uint64_t started_before = env->timers.started;
    while (timers_deadline(&env->timers) <= env->now &&
           env->timers.heap[0]->order < started_before) {
        struct timer *timer = timers_pop(&env->timers, env->now);
        timer->expire(timer);
    }
}

/* The first field of every message's envelope (wire/message.h), 0 when it isn't there. */
static uint16_t type_of(const struct frame *frame) {
    if (frame == NULL || frame->size < 2)
        return 0;
    return (uint16_t)(frame->bytes[0] | frame->bytes[1] << 8);
}

/* A receipt as a hybrid logical event; false when the message is refused. */
static bool merge_stamp(struct env *env, const struct event *event) {
    env->merged = 0;
    if (event->type != EVENT_MESSAGE || event->stamp == 0)
        return true;
    int error = hlc_receive(&env->hybrid, env->clock, event->stamp,
                            LIMIT_CLOCK_AHEAD_MS * NS_PER_MS, &env->merged);
    if (error == OK)
        return true;
    env_charge(env, WORK_MESSAGE, 1);
    env_drop(env, type_of(event->frame), error);
    return false;
}

void process_step_at(struct process *process, const struct event *event, time_ns now,
                     time_ns physical) {
    struct env *env = &process->env;
    assert(!env->stepping);
    assert(env->out.count == 0);
    assert(now >= env->now);
    env->stepping = true;
    env->now = now;
    env->physical = physical;
    env->clock = physical + slew_at(&env->correction, physical);
    if (merge_stamp(env, event)) {
        if (event->type == EVENT_TIMER)
            expire_due_timers(env);
        else
            process->step(process, event);
    }
    env->stepping = false;
}

void process_step(struct process *process, const struct event *event, time_ns now) {
    process_step_at(process, event, now, now);
}
