/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the time went to: critical paths (sim/path/path.h) of the middle and of the slowest transactions, by cause.
 * The middle: ranks from 45 % to 55 %, the slowest: from 98 % on, at least one each. Of one single transaction, as p50
 * and p99 are, the causes would be chance. */
#ifndef TIERCHAIN_SIM_REPORT_SHARES_H
#define TIERCHAIN_SIM_REPORT_SHARES_H

#include "sim/report/json.h"
#include "sim/report/run_result.h"
#include "sim/report/text.h"

enum share_group { SHARE_P50, SHARE_P99, SHARE_GROUPS };

struct shares {
    size_t paths; /* of all transactions; 0: nothing to tell */
    struct share_sum {
        size_t count;      /* of transactions */
        time_ns latency;   /* sums over them; that of the causes is the latency's */
        uint64_t messages; /* one after the other, likewise */
        time_ns causes[PATH_CAUSES];
    } groups[SHARE_GROUPS];
};

extern const char *const share_group_names[SHARE_GROUPS];

void shares_measure(const struct run_result *runs, size_t count, struct shares *shares);

/* The causes in order of their part in the slowest, the largest first; returns how many have any part. */
size_t shares_order(const struct shares *shares, unsigned order[PATH_CAUSES]);

/* What to fix first: a table, nothing when there are no paths. */
void shares_print(const struct run_result *runs, size_t count, struct text *out);

/* The object critical_path: for each group transactions, latency_ns, messages and causes_ns, all summed. */
void shares_json(struct json *json, const struct run_result *runs, size_t count);

/* paths.csv: a row for each part of each path that was kept, from its end back to the submission. */
void csv_paths(const struct run_result *runs, size_t count, struct text *out);

#endif
