/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/observe/observer.h"

#include <stdlib.h>

#include "base/memory.h"
#include "sim/report/stamp.h"
#include "sim/report/stuck.h"

void observer_init(struct observer *observer, uint32_t promises) {
    *observer = (struct observer){.holdings = {.enough = promises}};
    checker_init(&observer->checker);
}

void observer_deinit(struct observer *observer) {
    checker_deinit(&observer->checker);
    announcements_deinit(&observer->announcements);
    holdings_deinit(&observer->holdings);
    tally_deinit(&observer->tally);
    carriage_deinit(&observer->carriage);
    free(observer->transactions);
    free(observer->clock_errors);
}

uint64_t observer_intend(struct observer *observer, node_id origin, uint32_t size,
                         time_ns intended) {
    if (observer->count == observer->capacity) {
        observer->capacity = observer->capacity == 0 ? 1024 : 2 * observer->capacity;
        observer->transactions = memory_resize(observer->transactions, observer->capacity,
                                               sizeof *observer->transactions);
    }
    uint64_t number = observer->count++;
    struct transaction_record *transaction = &observer->transactions[number];
    *transaction = (struct transaction_record){.id = number, .origin = origin, .size = size};
    stamps_clear(transaction);
    transaction->intended = intended;
    return number;
}

/* Which stamp a trace point sets; offset 0, where the id stands: none. */
static const struct stamp_rule {
    size_t offset;
    enum { FIRST, ENOUGH, BATCH } which;
    uint64_t mask, value;
} rules[TRACE_COUNT] = {
#define STAMP(field, point, which, mask, value) [point] = {STAMP_OFFSET(field), which, mask, value},
#include "sim/report/stamps.def"
#undef STAMP
};

/* Records of different nodes do not come in order of time: the earliest counts, so a transaction is
 * committed when its first member says so. */
static void set_stamp(struct observer *observer, const struct trace_record *record) {
    const struct stamp_rule *rule = &rules[record->point];
    if (rule->offset == 0 || rule->which == BATCH || (record->b & rule->mask) != rule->value ||
        record->a >= observer->count)
        return;
    time_ns *stamp = (time_ns *)((char *)&observer->transactions[record->a] + rule->offset);
    time_ns time = rule->which == ENOUGH
                       ? holdings_add(&observer->holdings, record->a, record->b, record->time)
                       : record->time;
    if (time < *stamp)
        *stamp = time;
    if (record->point == TRACE_TX_DONE)
        holdings_forget(&observer->holdings, record->a);
}

void observer_clock_error(struct observer *observer, time_ns error) {
    if (observer->clock_error_count == observer->clock_error_capacity) {
        size_t capacity = 2 * observer->clock_error_capacity + 1024;
        observer->clock_errors =
            memory_resize(observer->clock_errors, capacity, sizeof *observer->clock_errors);
        observer->clock_error_capacity = capacity;
    }
    observer->clock_errors[observer->clock_error_count++] = error;
}

void observer_record(struct observer *observer, const struct trace_record *record) {
    observer->points[record->point]++;
    checker_record(&observer->checker, record);
    tally_record(&observer->tally, record);
    announcements_record(&observer->announcements, record);
    carriage_record(&observer->carriage, record);
    if (record->point == TRACE_DROPPED && record->b < ERROR_COUNT)
        observer->drops[record->b]++;
    if (record->point == TRACE_TX_DONE)
        observer->done++;
    set_stamp(observer, record);
}

void observer_stopped(struct observer *observer, node_id node) {
    for (size_t i = 0; i < observer->count; i++) {
        struct transaction_record *transaction = &observer->transactions[i];
        if (transaction->origin == node && transaction->submitted != TIME_NEVER &&
            transaction->done == TIME_NEVER && transaction->failed == TIME_NEVER)
            transaction->sender_gone = true;
    }
}

void observer_end(struct observer *observer) {
    carriage_stamp(&observer->carriage, observer->transactions, observer->count);
    for (size_t i = 0; i < observer->count; i++)
        observer->stuck_at[stuck_at(&observer->transactions[i])]++;
    observer->checker.violations[INVARIANT_CARRIED] = observer->stuck_at[STUCK_NOT_ORDERED_ABOVE];
}
