/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a hop owes: a request is repeated, with back-off, until it is answered. The one mechanism for
 * every hop of pipeline and tiers. Whoever asks sends its request once, begins an ask, and ends it
 * when the answer is there; in between `again` is called after base, 2 base, 4 base … up to
 * ASK_CEILING times base: a lost answer is asked for soon, an overload is not fed. From the second
 * wait on up to an eighth of it is added by lot, so that those whom one outage cut off don't all come
 * back in the same moment.
 *
 * `again` sends to whoever has not answered yet: there may be several, and the next time it may be
 * another one. The other half of the rule is the receiver's: it answers again when asked again.
 *
 * A state machine of its own: no memory but what lies in the owner's struct, no message of its own. */
#ifndef TIERCHAIN_ENV_ASK_H
#define TIERCHAIN_ENV_ASK_H

#include "env/env.h"

#define ASK_CEILING 16 /* the longest wait, in bases: a power of two */

struct ask;

typedef void ask_callback(struct ask *ask);

struct ask_config {
    struct env *env;
    time_ns base;           /* before the first repetition, > 0 */
    uint32_t limit;         /* repetitions before it is given up; 0: never */
    ask_callback *again;    /* may end the ask, or free its owner */
    ask_callback *given_up; /* with a limit; the ask has ended, its owner may be freed */
};

/* In the owner's memory; must not move while it is open. */
struct ask {
    struct ask_config config;
    struct timer timer;
    uint32_t repeated; /* since it began */
};

void ask_init(struct ask *ask, const struct ask_config *config);

/* The request has just been sent for the first time. Begins anew when it was open. */
void ask_begin(struct ask *ask);

/* The answer is there, or nobody waits for it any more. Does nothing when it is not open. */
void ask_end(struct ask *ask);

bool ask_running(const struct ask *ask);

#endif
