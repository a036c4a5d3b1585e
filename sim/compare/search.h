/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where does a bound that holds at little load stop holding? Doubling or halving finds a load at which it holds and a
 * higher one at which it does not; then the gap is halved, in ratio, until the ends are within SEARCH_PRECISION of
 * each other. That finds one such place; of several, any (batch delays can make little load slower than more). */
#ifndef TIERCHAIN_SIM_COMPARE_SEARCH_H
#define TIERCHAIN_SIM_COMPARE_SEARCH_H

#include "base/types.h"

#define SEARCH_PRECISION 0.02

struct search {
    double kept;   /* the highest load so far at which the bound held; 0: none */
    double broken; /* the lowest above it at which it did not; INFINITY: none */
    double least, most;
    double next; /* the load to try; meaningless when done */
    bool done;
};

void search_init(struct search *search, double start, double least, double most);

/* What came of the trial at search->next. */
void search_tell(struct search *search, bool kept);

/* The highest load that keeps the bound: 0 when even the least does not, INFINITY when even the most does. */
double search_result(const struct search *search);

#endif
