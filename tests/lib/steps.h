/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Driving one process by hand, step after step, and looking at what the last step sent. */
#ifndef TIERCHAIN_TESTS_STEPS_H
#define TIERCHAIN_TESTS_STEPS_H

#include "env/env.h"

/* Forgets the effects of the last step. */
void steps_drain(struct env *env);

/* Both forget the effects of the last step first. Takes over the reference to @frame. */
void steps_message(struct process *process, node_id from, time_ns at, struct frame *frame);
void steps_timer(struct process *process, time_ns at);

/* How many messages of @type the last step sent to @to. */
size_t steps_sent(const struct env *env, node_id to, uint16_t type);

#endif
