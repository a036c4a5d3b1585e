/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The entry point that checks a user's token (an Ed25519 JWT against cached keys, and the node's
 * look-up in a same-zone cache), beside the sender's layers. In this slice every member of a city's
 * committee is one. What is modelled is its cost (WORK_TOKEN_VERIFY) and the round trip; tokens
 * have a token's size, and all of them are good. */
#ifndef TIERCHAIN_PIPELINE_GATEWAY_H
#define TIERCHAIN_PIPELINE_GATEWAY_H

#include "env/env.h"
#include "wire/message.h"

/* Which of a city's @count members a sender asks first (@attempt 0), and which next: the first by a
 * mixed hash of the transaction, so that the checks arrive at each as if by chance, not in turns as a
 * counter would have it; then one after another, so that f crashed members cost f repetitions. */
uint32_t gateway_choose(node_id origin, uint64_t number, uint32_t attempt, uint32_t count);

/* Answers, as often as it is asked. 0, or the reason for the drop. */
int gateway_token_check(struct env *env, node_id from, const struct message *message);

#endif
