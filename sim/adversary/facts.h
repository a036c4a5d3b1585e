/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What overheard messages say, put together by variant: struct facts of mind.h. */
#ifndef TIERCHAIN_SIM_ADVERSARY_FACTS_H
#define TIERCHAIN_SIM_ADVERSARY_FACTS_H

#include "sim/adversary/mind.h"

void facts_init(struct mind *mind);
void facts_deinit(struct mind *mind);
void facts_hear(struct mind *mind, const struct message *message);

#endif
