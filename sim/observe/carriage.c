/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/observe/carriage.h"

#include <stdlib.h>
#include <uthash.h>

#include "base/memory.h"

/* The first word of each representative: records of different nodes don't come in order of time. */
struct words {
    struct word {
        node_id node;
        time_ns time;
    } * list;
    size_t count;
};

struct batch_carriage {
    uint64_t id;
    UT_hash_handle hh;
    struct words received, durable;
    time_ns ordered; /* by the first representative */
};

void carriage_init(struct carriage *carriage, uint32_t needed) {
    *carriage = (struct carriage){.needed = needed};
}

void carriage_deinit(struct carriage *carriage) {
    struct batch_carriage *batch, *next;
    HASH_ITER(hh, carriage->batches, batch, next) {
        HASH_DEL(carriage->batches, batch);
        free(batch->received.list);
        free(batch->durable.list);
        free(batch);
    }
    free(carriage->batch_of);
}

static struct batch_carriage *find(const struct carriage *carriage, uint64_t id) {
    struct batch_carriage *batch;
    HASH_FIND(hh, carriage->batches, &id, sizeof id, batch);
    return batch;
}

static struct batch_carriage *find_or_add(struct carriage *carriage, uint64_t id) {
    struct batch_carriage *batch = find(carriage, id);
    if (batch == NULL) {
        batch = memory_new(1, sizeof *batch);
        batch->id = id;
        batch->ordered = TIME_NEVER;
        HASH_ADD(hh, carriage->batches, id, sizeof batch->id, batch);
    }
    return batch;
}

/* One that starts anew may say it again. */
static void add_word(struct words *words, const struct trace_record *record) {
    for (size_t i = 0; i < words->count; i++)
        if (words->list[i].node == record->node)
            return;
    words->list = memory_resize(words->list, words->count + 1, sizeof *words->list);
    words->list[words->count++] = (struct word){record->node, record->time};
}

static void note_batch(struct carriage *carriage, uint64_t transaction, uint64_t id) {
    if (transaction >= carriage->capacity) {
        size_t capacity = 2 * transaction + 1024;
        carriage->batch_of =
            memory_resize(carriage->batch_of, capacity, sizeof *carriage->batch_of);
        for (size_t i = carriage->capacity; i < capacity; i++)
            carriage->batch_of[i] = 0;
        carriage->capacity = capacity;
    }
    if (carriage->batch_of[transaction] == 0)
        carriage->batch_of[transaction] = id;
}

static void note_received(struct carriage *carriage, const struct trace_record *record) {
    struct batch_carriage *batch = find_or_add(carriage, record->a);
    if (batch->received.count == 0 && batch->ordered == TIME_NEVER &&
        ++carriage->backlog > carriage->backlog_max)
        carriage->backlog_max = carriage->backlog;
    add_word(&batch->received, record);
}

static void note_ordered(struct carriage *carriage, const struct trace_record *record) {
    struct batch_carriage *batch = find_or_add(carriage, record->a);
    if (batch->received.count > 0 && batch->ordered == TIME_NEVER)
        carriage->backlog--;
    if (record->time < batch->ordered)
        batch->ordered = record->time;
}

void carriage_record(struct carriage *carriage, const struct trace_record *record) {
    switch (record->point) {
    case TRACE_TX_ORDERED:
        note_batch(carriage, record->a, record->b);
        break;
    case TRACE_BATCH_RECEIVED:
        note_received(carriage, record);
        break;
    case TRACE_BATCH_DURABLE:
        add_word(&find_or_add(carriage, record->a)->durable, record);
        break;
    case TRACE_BATCH_ORDERED:
        note_ordered(carriage, record);
        break;
    default:
        break;
    }
}

static int by_time(const void *a, const void *b) {
    const struct word *one = a, *other = b;
    return (one->time > other->time) - (one->time < other->time);
}

static void sort_words(struct words *words) {
    if (words->count > 0)
        qsort(words->list, words->count, sizeof *words->list, by_time);
}

/* When the needed-th word was said, once they are sorted. */
static time_ns enough(const struct carriage *carriage, const struct words *words) {
    return words->count >= carriage->needed ? words->list[carriage->needed - 1].time : TIME_NEVER;
}

void carriage_stamp(struct carriage *carriage, struct transaction_record *transactions,
                    size_t count) {
    struct batch_carriage *each, *next;
    HASH_ITER(hh, carriage->batches, each, next) {
        sort_words(&each->received);
        sort_words(&each->durable);
    }
    for (size_t i = 0; i < count && i < carriage->capacity; i++) {
        const struct batch_carriage *batch = find(carriage, carriage->batch_of[i]);
        if (carriage->batch_of[i] == 0 || batch == NULL)
            continue;
        transactions[i].received = enough(carriage, &batch->received);
        transactions[i].durable = enough(carriage, &batch->durable);
        transactions[i].ordered = batch->ordered;
    }
}
