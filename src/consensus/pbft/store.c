/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Durable records. 16 per instance: 0 the view; 1 … 14 the votes and proofs of 20 sequence numbers
 * each, in a ring that covers the window; 15 the NEW-VIEW that is in force. */
#include <assert.h>
#include <stdlib.h>

#include "base/error.h"
#include "consensus/pbft/instance.h"

#define GROUP_NUMBERS   20
#define GROUPS          14
#define RECORD_VIEW     0
#define RECORD_GROUP    1
#define RECORD_NEW_VIEW 15

/* A window of L numbers touches at most GROUPS groups wherever it starts. */
_Static_assert((PBFT_ENTRIES_MAX - 1 + GROUP_NUMBERS - 1) / GROUP_NUMBERS + 1 <= GROUPS,
               "the ring of records is shorter than the window");

static struct frame *new_record(size_t size, struct writer *writer) {
    struct frame *frame = frame_new(size);
    if (frame == NULL)
        abort(); /* pbft.c chose K so that even a view change fits into a frame */
    writer_init(writer, frame->bytes, frame->size);
    return frame;
}

static void persist(struct pbft *self, uint32_t kind, struct frame *frame) {
    env_persist(self->base.env, consensus_slot(&self->base, kind), frame);
}

void pbft_store_view(struct pbft *self) {
    struct writer writer;
    struct frame *frame = new_record(8 + 1 + 8 + 8 + self->stable_proof.size, &writer);
    write_u64(&writer, self->view);
    write_u8(&writer, self->changing);
    write_u64(&writer, self->locked_view);
    write_u64(&writer, self->stable);
    certificate_write(&self->stable_proof, &writer);
    assert(writer.error == OK && writer.at == writer.size);
    persist(self, RECORD_VIEW, frame);
}

void pbft_store_new_view(struct pbft *self) {
    persist(self, RECORD_NEW_VIEW, frame_ref(self->new_view));
}

static const struct certificate *proof_of(const struct pbft *self, uint64_t sequence) {
    if (sequence <= self->executed)
        return &self->ledger[sequence - 1].commit;
    const struct slot *slot = log_find(&self->log, sequence);
    return slot != NULL && slot->proof.frame != NULL ? &slot->proof : NULL;
}

static void write_slot(const struct pbft *self, uint64_t sequence, struct writer *writer) {
    static const struct slot nothing;
    const struct slot *slot = log_find(&self->log, sequence);
    const struct certificate *proof = proof_of(self, sequence);
    slot = slot == NULL ? &nothing : slot;
    write_u64(writer, sequence);
    write_u8(writer, slot->voted);
    write_u64(writer, slot->voted_view);
    write_digest(writer, &slot->voted_digest);
    write_u8(writer, proof != NULL);
    if (proof != NULL)
        certificate_write(proof, writer);
}

void pbft_store_slot(struct pbft *self, uint64_t sequence) {
    const uint64_t group = (sequence - 1) / GROUP_NUMBERS;
    const uint64_t first = group * GROUP_NUMBERS + 1;
    struct writer writer;
    size_t size = 0;
    for (uint64_t i = first; i < first + GROUP_NUMBERS; i++) {
        const struct certificate *proof = proof_of(self, i);
        size += 8 + 1 + 8 + DIGEST_BYTES + 1 + (proof == NULL ? 0 : proof->size);
    }
    struct frame *frame = new_record(size, &writer);
    for (uint64_t i = first; i < first + GROUP_NUMBERS; i++)
        write_slot(self, i, &writer);
    assert(writer.error == OK && writer.at == writer.size);
    persist(self, RECORD_GROUP + (uint32_t)(group % GROUPS), frame);
}

static void read_proof(struct pbft *self, struct reader *reader, struct frame *frame,
                       struct certificate *to) {
    struct certificate proof;
    certificate_read(&proof, reader, &self->base.certification, frame);
    if (reader->error == OK)
        certificate_keep(to, &proof);
}

static void recover_view(struct pbft *self, struct frame *frame) {
    struct reader reader;
    reader_init(&reader, frame->bytes, frame->size);
    self->view = read_u64(&reader);
    self->changing = read_u8(&reader) != 0;
    self->locked_view = read_u64(&reader);
    self->stable = read_u64(&reader);
    if (self->stable > 0)
        read_proof(self, &reader, frame, &self->stable_proof);
    self->target = self->stable;
    assert(reader_finish(&reader) == OK); /* our own record */
}

static void recover_group(struct pbft *self, struct frame *frame) {
    struct reader reader;
    reader_init(&reader, frame->bytes, frame->size);
    while (reader_left(&reader) > 0 && reader.error == OK) {
        struct slot read = {.sequence = read_u64(&reader)};
        read.voted = read_u8(&reader) != 0;
        read.voted_view = read_u64(&reader);
        read_digest(&reader, &read.voted_digest);
        if (read_u8(&reader) != 0)
            read_proof(self, &reader, frame, &read.proof);
        if (pbft_in_window(self, read.sequence) && (read.voted || read.proof.frame != NULL))
            *log_slot(&self->log, read.sequence) = read;
        else
            certificate_drop(&read.proof);
    }
    assert(reader_finish(&reader) == OK); /* our own record */
}

static void recover_new_view(struct pbft *self, struct frame *frame) {
    struct message message;
    struct pbft_new_view parsed;
    struct certificate stable = {0};
    int error = message_parse(&message, frame);
    if (error == OK)
        error = pbft_read_new_view(&message, &self->base.certification, &parsed);
    assert(error == OK); /* it was checked before it was stored */
    if (self->changing || parsed.view != self->view)
        return;
    error = pbft_check_new_view(self, &message, &self->plan, &stable);
    assert(error == OK);
    self->new_view = frame_ref(frame);
    self->last = self->plan.high;
}

void pbft_recover(struct pbft *self, const struct record *records, size_t count) {
    struct frame *found[16] = {0};
    for (size_t i = 0; i < count; i++)
        for (uint32_t kind = 0; kind < ARRAY_LEN(found); kind++)
            if (records[i].slot == consensus_slot(&self->base, kind))
                found[kind] = records[i].frame;
    for (uint32_t kind = 0; kind < ARRAY_LEN(found); kind++)
        self->recovered |= found[kind] != NULL;
    if (found[RECORD_VIEW] != NULL)
        recover_view(self, found[RECORD_VIEW]);
    for (uint32_t i = 0; i < GROUPS; i++)
        if (found[RECORD_GROUP + i] != NULL)
            recover_group(self, found[RECORD_GROUP + i]);
    if (found[RECORD_NEW_VIEW] != NULL)
        recover_new_view(self, found[RECORD_NEW_VIEW]);
    for (uint32_t i = 0; i < self->log.length; i++)
        if (self->log.slots[i].sequence > self->last)
            self->last = self->log.slots[i].sequence;
}
