/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/observe/observer.h"

#include <stdlib.h>

#include "base/memory.h"

void observer_init(struct observer *observer) {
    *observer = (struct observer){0};
    checker_init(&observer->checker);
}

void observer_deinit(struct observer *observer) {
    checker_deinit(&observer->checker);
    announcements_deinit(&observer->announcements);
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
    observer->transactions[number] = (struct transaction_record){
        .id = number,
        .origin = origin,
        .size = size,
        .intended = intended,
        .token = TIME_NEVER,
        .s1 = TIME_NEVER,
        .s2 = TIME_NEVER,
        .s3 = TIME_NEVER,
        .s4 = TIME_NEVER,
        .s5 = TIME_NEVER,
        .city_commit = TIME_NEVER,
        .continent_ack = TIME_NEVER,
        .done = TIME_NEVER,
        .transfer = TIME_NEVER,
        .settled = TIME_NEVER,
    };
    return number;
}

/* The stamp that a trace point sets, NULL for points that set none. */
static time_ns *stamp_of(struct transaction_record *transaction, enum trace_point point) {
    switch (point) {
    case TRACE_TX_TOKEN:
        return &transaction->token;
    case TRACE_TX_S1:
        return &transaction->s1;
    case TRACE_TX_S2:
        return &transaction->s2;
    case TRACE_TX_S3:
        return &transaction->s3;
    case TRACE_TX_S4:
        return &transaction->s4;
    case TRACE_TX_S5:
        return &transaction->s5;
    case TRACE_TX_ORDERED:
        return &transaction->city_commit;
    case TRACE_TX_CONTINENT:
        return &transaction->continent_ack;
    case TRACE_TX_DONE:
        return &transaction->done;
    case TRACE_TX_TRANSFER:
        return &transaction->transfer;
    case TRACE_TX_SETTLED:
        return &transaction->settled;
    default:
        return NULL;
    }
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
    announcements_record(&observer->announcements, record);
    if (record->point == TRACE_DROPPED && record->b < ERROR_COUNT)
        observer->drops[record->b]++;
    if (record->point == TRACE_TX_DONE)
        observer->done++;
    if (record->point == TRACE_TX_SETTLED && (record->b & 3) != 1)
        return; /* only the receiver's city's commit ends a transfer */
    struct transaction_record scratch;
    if (stamp_of(&scratch, record->point) == NULL || record->a >= observer->count)
        return;
    /* The earliest counts: a transaction is committed when its first member says so. */
    time_ns *stamp = stamp_of(&observer->transactions[record->a], record->point);
    if (record->time < *stamp)
        *stamp = record->time;
}
