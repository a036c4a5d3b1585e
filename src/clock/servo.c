/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "clock/servo.h"

enum adjustment { SLEWED, STEPPED };

void servo_update(struct servo *servo, struct env *env, time_ns correction) {
    time_ns offset = correction - slew_at(&env->correction, env->physical);
    bool small = offset <= SERVO_STEP && offset >= -SERVO_STEP;
    servo->spikes = small ? 0 : servo->spikes + 1;
    if (!servo->set || servo->spikes >= SERVO_SPIKES) {
        slew_step(&env->correction, correction);
        *servo = (struct servo){.set = true};
        env_trace(env, TRACE_CLOCK, (uint64_t)correction, STEPPED);
    } else if (small) {
        slew_towards(&env->correction, correction, env->physical);
        env_trace(env, TRACE_CLOCK, (uint64_t)correction, SLEWED);
    }
}
