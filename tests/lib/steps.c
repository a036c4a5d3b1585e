/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/lib/steps.h"

#include "base/error.h"
#include "wire/message.h"

void steps_drain(struct env *env) {
    for (size_t i = 0; i < env->out.count; i++)
        frame_unref(env->out.list[i].frame);
    env->out.count = 0;
}

void steps_message(struct process *process, node_id from, time_ns at, struct frame *frame) {
    struct event event = {.type = EVENT_MESSAGE, .from = from, .frame = frame};
    steps_drain(&process->env);
    process_step(process, &event, at);
    frame_unref(frame);
}

void steps_timer(struct process *process, time_ns at) {
    struct event event = {.type = EVENT_TIMER};
    steps_drain(&process->env);
    process_step(process, &event, at);
}

size_t steps_sent(const struct env *env, node_id to, uint16_t type) {
    size_t count = 0;
    for (size_t i = 0; i < env->out.count; i++) {
        const struct effect *effect = &env->out.list[i];
        struct message message;
        if (effect->type == EFFECT_SEND && effect->number == to &&
            message_parse(&message, effect->frame) == OK)
            count += message.type == type;
    }
    return count;
}
