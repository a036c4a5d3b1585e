/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Results of `tierchain run` on disk as a variant. What a run measured is read from its results.sqlite: the scalars
 * as they were written, and what they do not hold from transactions, nodes, messages and counters. Of durations that
 * are not about transactions (announce, clock_error) p90 and mean are not to be had. */
#ifndef TIERCHAIN_SIM_COMPARE_STORED_H
#define TIERCHAIN_SIM_COMPARE_STORED_H

#include "sim/compare/study.h"

/* Reads the runs of the result directory @dir, with the samples of @metric (NULL: observation_init chooses). The
 * label is the directory with the commit that its manifest names. The scenario's name goes to @name, to be freed.
 * 0, or ERR_INVALID: @message (of @size bytes) says what is wrong, and @variant is empty. */
int stored_read(const char *dir, const struct metric *metric, struct variant *variant, char **name,
                char *message, size_t size);

/* Puts the runs of two variants into the order of their pairs, by seed. Those without a partner are dropped, and
 * counted in @alone, unless there is no pair at all: then all are kept and false is returned. */
bool stored_pair(struct variant variants[2], size_t alone[2]);

#endif
