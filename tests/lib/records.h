/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Synthetic but plausible transactions for the tests of reports. They are no measurement. */
#ifndef TIERCHAIN_TESTS_LIB_RECORDS_H
#define TIERCHAIN_TESTS_LIB_RECORDS_H

#include "sim/report/run_result.h"

/* Fills @records: 100 submissions/s, layers of 30 … 70 ms, each 50th transaction censored after its requests
 * when @censor. */
void records_make(struct transaction_record *records, size_t count, uint64_t seed, bool censor);

#endif
