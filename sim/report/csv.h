/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tidy CSV (RFC 4180 quoting, LF): one header line, base units, an empty field = did not happen. */
#ifndef TIERCHAIN_SIM_REPORT_CSV_H
#define TIERCHAIN_SIM_REPORT_CSV_H

#include "sim/report/run_result.h"
#include "sim/report/text.h"

void csv_field(struct text *out, const char *value);
void csv_transactions(const struct run_result *runs, size_t count, struct text *out);
void csv_metrics(const struct run_result *runs, size_t count, struct text *out);
void csv_series(const struct run_result *runs, size_t count, struct text *out);
void csv_nodes(const struct run_result *runs, size_t count, struct text *out);
void csv_messages(const struct run_result *runs, size_t count, struct text *out);

#endif
