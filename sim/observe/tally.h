/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a world's decisions took: units of each kind of work that its nodes charged, decisions, and views
 * that were given up. A decision is a block at a height of a committee, a view a committee's, both counted
 * once however many members speak of them. */
#ifndef TIERCHAIN_SIM_OBSERVE_TALLY_H
#define TIERCHAIN_SIM_OBSERVE_TALLY_H

#include "env/env.h"
#include "env/trace.h"
#include "env/work.h"

struct tally_entry;

/* Zero is empty. */
struct tally {
    uint64_t work[WORK_COUNT];
    uint64_t decisions;
    uint64_t view_changes; /* views on which the timer of some member ran out */
    struct tally_entry *seen[2];
};

void tally_deinit(struct tally *tally);

/* Looks at an effect that happens: CHARGE counts. */
void tally_effect(struct tally *tally, const struct effect *effect);

void tally_record(struct tally *tally, const struct trace_record *record);

#endif
