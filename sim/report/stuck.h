/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which transactions did not come to their end, and where each of them stands, by what the run's
 * records say. Judged after the drain, of all transactions, also those of the warm-up. */
#ifndef TIERCHAIN_SIM_REPORT_STUCK_H
#define TIERCHAIN_SIM_REPORT_STUCK_H

#include "sim/report/run_result.h"
#include "sim/report/text.h"

enum stuck_at {
    STUCK_NOT,               /* done, and in the continent's order */
    STUCK_SENDER_GONE,       /* its sender was not running, or stopped while it was open */
    STUCK_FAILED,            /* its sender has given up, and said so */
    STUCK_HOLDING,           /* too few promises */
    STUCK_SUBMITTED,         /* not ordered by the city */
    STUCK_NO_REPLY,          /* ordered, but its sender does not know */
    STUCK_NO_ACKNOWLEDGED,   /* the sender knows the height, but of too few representatives' word */
    STUCK_NO_TOKEN,          /* all but the token */
    STUCK_NOT_ORDERED_ABOVE, /* its sender was told that it is done: a violation, too */
    STUCK_COUNT
};

_Static_assert(STUCK_COUNT <= RUN_STUCK_PLACES, "a counter for each place");

enum stuck_at stuck_at(const struct transaction_record *transaction);

/* As results list it: "batch not acknowledged". */
const char *stuck_name(enum stuck_at where);

/* Whether it counts as stuck. What went with its sender does not: nobody waits for it. */
bool stuck_counts(enum stuck_at where);

/* "stuck: 4 (3 batch not acknowledged, 1 no token)" and "gone with their senders: 2", a line each;
 * nothing where there is nothing. */
void stuck_print(const struct run_result *run, struct text *out);

#endif
