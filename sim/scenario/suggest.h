/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * "did you mean": the nearest of some names by edit distance (Damerau's, adjacent swaps count one).
 */
#ifndef TIERCHAIN_SIM_SCENARIO_SUGGEST_H
#define TIERCHAIN_SIM_SCENARIO_SUGGEST_H

#include "base/types.h"

#define SUGGESTION_BYTES 64 /* longer names are never suggested */

struct suggestion {
    const char *wanted; /* borrowed */
    char best[SUGGESTION_BYTES];
    size_t distance;
    bool found;
};

void suggestion_init(struct suggestion *suggestion, const char *wanted);

/* Considers @name; of equally near names the first wins. Farther than a third of the wanted name's
 * length (two edits at least) is no likeness. */
void suggestion_offer(struct suggestion *suggestion, const char *name);

/* Number of edits between two names shorter than SUGGESTION_BYTES. */
size_t edit_distance(const char *a, const char *b);

#endif
