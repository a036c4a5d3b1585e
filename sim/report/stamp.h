/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The moments that struct transaction_record holds, as a list: intended, then the rows of
 * stamps.def. */
#ifndef TIERCHAIN_SIM_REPORT_STAMP_H
#define TIERCHAIN_SIM_REPORT_STAMP_H

#include "sim/report/run_result.h"

struct stamp {
    const char *name; /* its columns are called <name>_ns */
    size_t offset;    /* in struct transaction_record */
};

extern const struct stamp stamps[];
extern const size_t stamp_count;

#define STAMP_OFFSET(field) offsetof(struct transaction_record, field)

/* TIME_NEVER: did not happen. */
time_ns stamp_at(const struct transaction_record *record, size_t offset);

/* Nothing has happened yet. */
void stamps_clear(struct transaction_record *record);

#endif
