/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Durable records: what this member said in the current and the last epoch. Two sets, for even and
 * odd epochs: the own proposal, and for each lane what was said in its broadcast and its agreement.
 * Behind them a ring of outcomes: the chain, but for what is older than OUTCOMES epochs, which has to
 * be fetched after a crash. Every record starts with the epoch's number (u64). */
#include <assert.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "consensus/honeybadger/instance.h"

enum { KIND_BROADCAST = 1, KIND_AGREEMENT = 2 };

#define OUTCOMES 32768

_Static_assert(2 * (1 + 2 * LIMIT_COMMITTEE) + OUTCOMES <= UINT16_MAX, "slots must suffice");

static uint32_t kinds(const struct honeybadger *self) {
    return 1 + 2 * members_of(self);
}

static uint32_t slot_of(const struct honeybadger *self, uint64_t number, uint32_t kind) {
    return consensus_slot(&self->base, (uint32_t)(number % 2) * kinds(self) + kind);
}

static struct frame *new_record(const struct epoch *epoch, size_t size, struct writer *writer) {
    struct frame *frame = frame_new(8 + size);
    if (frame == NULL)
        abort(); /* proposals are far smaller than a frame */
    writer_init(writer, frame->bytes, frame->size);
    write_u64(writer, epoch->number);
    return frame;
}

static void promise(struct honeybadger *self, uint64_t number) {
    if (number > self->promised)
        self->promised = number;
}

static void persist(const struct epoch *epoch, uint32_t kind, struct frame *frame) {
    struct honeybadger *self = epoch->owner;
    promise(self, epoch->number);
    env_persist(self->base.env, slot_of(self, epoch->number, kind), frame);
}

void store_proposal(const struct epoch *epoch) {
    struct writer writer;
    struct frame *frame = new_record(epoch, epoch->proposal->size, &writer);
    write_bytes(&writer, epoch->proposal->bytes, epoch->proposal->size);
    persist(epoch, 0, frame);
}

void store_broadcast(const struct lane *lane) {
    struct writer writer;
    struct frame *frame = new_record(lane->epoch, broadcast_store_bytes(&lane->broadcast), &writer);
    broadcast_store(&lane->broadcast, &writer);
    assert(writer.error == OK && writer.at == writer.size);
    persist(lane->epoch, 2 * lane->index + KIND_BROADCAST, frame);
}

void store_agreement(const struct lane *lane) {
    struct writer writer;
    struct frame *frame = new_record(lane->epoch, abba_store_bytes(&lane->agreement), &writer);
    abba_store(&lane->agreement, &writer);
    assert(writer.error == OK && writer.at == writer.size);
    persist(lane->epoch, 2 * lane->index + KIND_AGREEMENT, frame);
}

static uint32_t ring_of(const struct honeybadger *self) {
    return consensus_slot(&self->base, 2 * kinds(self));
}

void store_outcome(struct honeybadger *self, struct frame *frame) {
    promise(self, self->number);
    env_persist(self->base.env, ring_of(self) + (uint32_t)((self->number - 1) % OUTCOMES),
                frame_ref(frame));
}

static uint64_t number_of(const struct frame *frame) {
    struct reader reader;
    reader_init(&reader, frame->bytes, frame->size);
    return read_u64(&reader);
}

static void keep_outcome(struct honeybadger *self, size_t place, struct frame *frame) {
    if (place >= self->outcome_count) {
        self->outcomes = memory_resize(self->outcomes, place + 1, sizeof(struct frame *));
        while (self->outcome_count <= place)
            self->outcomes[self->outcome_count++] = NULL;
    }
    self->outcomes[place] = frame_ref(frame);
}

void store_keep(struct honeybadger *self, const struct record *records, size_t count) {
    const uint32_t first = consensus_slot(&self->base, 0), ring = ring_of(self);
    self->records = memory_new(count, sizeof *self->records);
    for (size_t i = 0; i < count; i++) {
        const uint32_t slot = records[i].slot;
        if (slot < first || slot >= ring + OUTCOMES)
            continue;
        if (slot >= ring)
            keep_outcome(self, slot - ring, records[i].frame);
        else
            self->records[self->record_count++] =
                (struct record){slot, frame_ref(records[i].frame)};
        promise(self, number_of(records[i].frame));
    }
}

void store_forget(struct honeybadger *self) {
    for (size_t i = 0; i < self->record_count; i++)
        frame_unref(self->records[i].frame);
    for (size_t i = 0; i < self->outcome_count; i++)
        frame_unref(self->outcomes[i]);
    free(self->records);
    free(self->outcomes);
    self->records = NULL;
    self->outcomes = NULL;
    self->record_count = self->outcome_count = 0;
}

struct frame *store_known_outcome(const struct honeybadger *self) {
    const uint64_t place = (self->number - 1) % OUTCOMES;
    if (place >= self->outcome_count || self->outcomes[place] == NULL ||
        number_of(self->outcomes[place]) != self->number)
        return NULL;
    return frame_ref(self->outcomes[place]);
}

bool store_allows(const struct honeybadger *self, uint64_t number) {
    return number + 1 >= self->promised;
}

/* The record of that kind and epoch, behind its number; false when there is none. */
static bool find(const struct epoch *epoch, uint32_t kind, struct reader *reader) {
    const struct honeybadger *self = epoch->owner;
    const uint32_t slot = slot_of(self, epoch->number, kind);
    for (size_t i = 0; i < self->record_count; i++) {
        const struct record *record = &self->records[i];
        if (record->slot != slot || number_of(record->frame) != epoch->number)
            continue;
        reader_init(reader, record->frame->bytes, record->frame->size);
        (void)read_u64(reader);
        return true;
    }
    return false;
}

void store_restore(struct epoch *epoch) {
    struct reader reader;
    int error = OK;
    for (uint32_t i = 0; i < members_of(epoch->owner) && error == OK; i++) {
        struct lane *lane = &epoch->lanes[i];
        if (find(epoch, 2 * i + KIND_BROADCAST, &reader))
            error = broadcast_restore(&lane->broadcast, &reader);
        if (error == OK && find(epoch, 2 * i + KIND_AGREEMENT, &reader))
            error = abba_restore(&lane->agreement, &reader);
    }
    assert(error == OK); /* our own records */
    if (!find(epoch, 0, &reader))
        return;
    epoch->open = true;
    epoch->proposal = frame_copy(reader.bytes + reader.at, reader_left(&reader));
    error = broadcast_start(&epoch->lanes[epoch->owner->base.self_index].broadcast,
                            epoch->proposal->bytes, epoch->proposal->size);
    assert(error == OK); /* the same proposal as before */
}
