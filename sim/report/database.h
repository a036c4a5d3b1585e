/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * results.sqlite: everything a run measured, for queries. Each run is a row of "runs"; every other
 * table refers to it by "run", counted from 0 in the order given. Times are nanoseconds, NULL
 * where the event did not happen. Unsigned 64-bit counts are stored with the same bits (SQLite's
 * integers are signed); seed and trace hash are text. The same input gives the same bytes.
 *
 * param has a row for each value of the resolved scenario under its dotted key, faults what went
 * wrong and when, series a row a second (series.h), scalars what metric.h lists. */
#ifndef TIERCHAIN_SIM_REPORT_DATABASE_H
#define TIERCHAIN_SIM_REPORT_DATABASE_H

#include "sim/report/run_result.h"

/* Creates @path, which must not exist. @scenario_text (resolved) may be NULL. 0 or ERR_INVALID, and
 * then no usable file is there. */
int database_write(const struct run_result *runs, size_t count, const char *scenario_text,
                   const char *path);

#endif
