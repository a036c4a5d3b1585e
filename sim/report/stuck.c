/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/stuck.h"

#include <assert.h>
#include <inttypes.h>

static const char *const names[STUCK_COUNT] = {
    [STUCK_NOT] = "not stuck",
    [STUCK_SENDER_GONE] = "gone with its sender",
    [STUCK_FAILED] = "given up by its sender",
    [STUCK_HOLDING] = "promises missing",
    [STUCK_SUBMITTED] = "submitted, not ordered by the city",
    [STUCK_NO_REPLY] = "ordered, reply missing",
    [STUCK_NO_ACKNOWLEDGED] = "batch not acknowledged",
    [STUCK_NO_TOKEN] = "no token",
    [STUCK_NOT_ORDERED_ABOVE] = "acknowledged, not ordered by the continent",
};

enum stuck_at stuck_at(const struct transaction_record *transaction) {
    if (transaction->done != TIME_NEVER)
        return transaction->ordered != TIME_NEVER ? STUCK_NOT : STUCK_NOT_ORDERED_ABOVE;
    if (transaction->submitted == TIME_NEVER || transaction->sender_gone)
        return STUCK_SENDER_GONE;
    if (transaction->failed != TIME_NEVER)
        return STUCK_FAILED;
    if (transaction->promised == TIME_NEVER)
        return STUCK_HOLDING;
    if (transaction->city_commit == TIME_NEVER)
        return STUCK_SUBMITTED;
    if (transaction->s5 == TIME_NEVER)
        return STUCK_NO_REPLY;
    return transaction->continent_ack == TIME_NEVER ? STUCK_NO_ACKNOWLEDGED : STUCK_NO_TOKEN;
}

const char *stuck_name(enum stuck_at where) {
    assert(where < STUCK_COUNT);
    return names[where];
}

bool stuck_counts(enum stuck_at where) {
    return where != STUCK_NOT && where != STUCK_SENDER_GONE;
}

void stuck_print(const struct run_result *run, struct text *out) {
    const char *between = " (";
    if (run->stuck > 0)
        text_format(out, "stuck: %" PRIu64, run->stuck);
    for (unsigned where = 0; where < STUCK_COUNT; where++) {
        if (!stuck_counts((enum stuck_at)where) || run->stuck_at[where] == 0)
            continue;
        text_format(out, "%s%" PRIu64 " %s", between, run->stuck_at[where], names[where]);
        between = ", ";
    }
    if (run->stuck > 0)
        text_add(out, ")\n");
    if (run->stuck_at[STUCK_SENDER_GONE] > 0)
        text_format(out, "gone with their senders: %" PRIu64 "\n",
                    run->stuck_at[STUCK_SENDER_GONE]);
}
