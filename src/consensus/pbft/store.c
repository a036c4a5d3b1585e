/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Durable records: 0 the view, 1 the NEW-VIEW that is in force, and from 2 on a ring of RING numbers,
 * one record each. A number's record is first the vote with its batch, then also the prepared
 * certificate with the batch it names, and at last the commit certificate and the batch:
 *
 *   u64 sequence · u8 0 · u8 voted · u64 voted view · digest voted for · value voted for ·
 *     u8 0, or u8 1, certificate, and its value (size 0 when it is the one voted for)
 *   u64 sequence · u8 1 · commit certificate · value
 *
 * So nothing that this replica said, and nothing that was decided here, needs another replica to come
 * back. The bound: of a chain of more than RING numbers the beginning is overwritten; a replica that
 * restarts then fetches it from those that did not (they hold all of it in memory), and a committee
 * all of whose members restart then stays where it is. The last decisions of a step are durable only
 * after their replies have left: what a crash takes then the others still have, or decide again. */
#include <assert.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "consensus/pbft/instance.h"

#define RECORD_VIEW     0
#define RECORD_NEW_VIEW 1
#define RECORD_NUMBER   2
#define RING            49152

enum { STATE_OPEN, STATE_DECIDED };

_Static_assert(RECORD_NUMBER + RING <= UINT16_MAX, "slots must suffice");
_Static_assert(PBFT_ENTRIES_MAX <= RING, "the ring of records must cover the window");

static struct frame *new_record(size_t size, struct writer *writer) {
    struct frame *frame = frame_new(size);
    if (frame == NULL)
        abort(); /* it holds what a frame held before, or two batches that fit */
    writer_init(writer, frame->bytes, frame->size);
    return frame;
}

static void persist(struct pbft *self, uint32_t kind, struct frame *frame) {
    env_persist(self->base.env, consensus_slot(&self->base, kind), frame);
}

static uint32_t kind_of(uint64_t sequence) {
    return RECORD_NUMBER + (uint32_t)((sequence - 1) % RING);
}

void pbft_store_view(struct pbft *self) {
    struct writer writer;
    struct frame *frame = new_record(8 + 1 + 8 + 8 + self->stable_proof.size, &writer);
    write_u64(&writer, self->view);
    write_u8(&writer, (uint8_t)(self->changing | self->asked << 1));
    write_u64(&writer, self->locked_view);
    write_u64(&writer, self->stable);
    certificate_write(&self->stable_proof, &writer);
    assert(writer.error == OK && writer.at == writer.size);
    persist(self, RECORD_VIEW, frame);
}

void pbft_store_new_view(struct pbft *self) {
    persist(self, RECORD_NEW_VIEW, frame_ref(self->new_view));
}

void pbft_store_slot(struct pbft *self, uint64_t sequence) {
    static const struct pbft_value none;
    const struct slot *slot = log_find(&self->log, sequence);
    const struct pbft_value *voted = slot_held(slot, &slot->voted_digest), *proved = &none;
    const bool proof = slot->proof.frame != NULL;
    struct writer writer;
    if (proof && !digest_equal(&slot->proof.statement.block, &slot->voted_digest))
        proved = slot_held(slot, &slot->proof.statement.block);
    voted = voted == NULL ? &none : voted;
    proved = proved == NULL ? &none : proved;
    size_t size = 8 + 1 + 1 + 8 + DIGEST_BYTES + pbft_value_bytes(voted) + 1;
    if (proof)
        size += slot->proof.size + pbft_value_bytes(proved);
    if (size > LIMIT_FRAME_BYTES) { /* two of the largest: others may need what was prepared */
        size -= voted->size;
        voted = &none;
    }
    struct frame *frame = new_record(size, &writer);
    write_u64(&writer, sequence);
    write_u8(&writer, STATE_OPEN);
    write_u8(&writer, slot->voted);
    write_u64(&writer, slot->voted_view);
    write_digest(&writer, &slot->voted_digest);
    pbft_write_value(&writer, voted);
    write_u8(&writer, proof);
    if (proof) {
        certificate_write(&slot->proof, &writer);
        pbft_write_value(&writer, proved);
    }
    assert(writer.error == OK && writer.at == writer.size);
    persist(self, kind_of(sequence), frame);
}

/* A decision in place, behind its head. */
static void read_decided(const struct pbft *self, struct frame *frame, struct pbft_decided *out) {
    struct reader reader;
    reader_init(&reader, frame->bytes, frame->size);
    (void)read_u64(&reader);
    (void)read_u8(&reader);
    certificate_read(&out->commit, &reader, &self->base.certification, frame);
    pbft_read_value(&reader, frame, &out->value);
    assert(reader_finish(&reader) == OK); /* our own record */
}

/* The chain in memory then lies in the records: nothing is kept twice. */
static void move_into(struct pbft *self, struct pbft_decided *entry, struct frame *frame) {
    struct pbft_decided moved;
    read_decided(self, frame, &moved);
    frame_unref(entry->value.frame);
    entry->value = moved.value;
    frame_ref(frame);
    certificate_keep(&entry->commit, &moved.commit);
}

void pbft_store_decided(struct pbft *self) {
    for (uint64_t n = self->stored + 1; n <= self->executed; n++) {
        struct pbft_decided *entry = &self->ledger[n - 1];
        struct writer writer;
        struct frame *frame = new_record(8 + 1 + pbft_decided_bytes(entry), &writer);
        write_u64(&writer, n);
        write_u8(&writer, STATE_DECIDED);
        certificate_write(&entry->commit, &writer);
        pbft_write_value(&writer, &entry->value);
        assert(writer.error == OK && writer.at == writer.size);
        move_into(self, entry, frame);
        persist(self, kind_of(n), frame);
    }
    self->stored = self->executed;
}

static void recover_view(struct pbft *self, struct frame *frame) {
    struct reader reader;
    reader_init(&reader, frame->bytes, frame->size);
    self->view = read_u64(&reader);
    const uint8_t state = read_u8(&reader);
    self->changing = (state & 1) != 0;
    self->asked = (state & 2) != 0;
    self->locked_view = read_u64(&reader);
    self->stable = read_u64(&reader);
    if (self->stable > 0) {
        struct certificate proof;
        certificate_read(&proof, &reader, &self->base.certification, frame);
        certificate_keep(&self->stable_proof, &proof);
    }
    self->target = self->stable;
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

static bool is_decided(struct frame *frame, uint64_t *sequence) {
    struct reader reader;
    reader_init(&reader, frame->bytes, frame->size);
    *sequence = read_u64(&reader);
    return read_u8(&reader) == STATE_DECIDED;
}

/* Finds the chain's beginning among the numbers' records. */
static void keep_chain(struct pbft *self, const struct record *records, size_t count) {
    const uint32_t first = consensus_slot(&self->base, RECORD_NUMBER);
    struct frame **places = memory_new(RING, sizeof(struct frame *));
    for (size_t i = 0; i < count; i++)
        if (records[i].slot >= first && records[i].slot - first < RING)
            places[records[i].slot - first] = records[i].frame;
    uint64_t sequence;
    while (self->kept_count < RING && places[self->kept_count] != NULL &&
           is_decided(places[self->kept_count], &sequence) && sequence == self->kept_count + 1)
        frame_ref(places[self->kept_count++]);
    self->kept = places;
}

void pbft_report_kept(struct pbft *self) {
    for (size_t i = 0; i < self->kept_count; i++) {
        struct pbft_decided decided;
        read_decided(self, self->kept[i], &decided);
        pbft_decide(self, &decided);
        frame_unref(self->kept[i]);
    }
    free(self->kept);
    self->kept = NULL;
    self->kept_count = 0;
    self->stored = self->executed;
}

static void recover_slot(struct pbft *self, struct slot *slot, struct reader *reader,
                         struct frame *frame) {
    struct pbft_value value;
    struct certificate proof;
    slot->voted = read_u8(reader) != 0;
    slot->voted_view = read_u64(reader);
    read_digest(reader, &slot->voted_digest);
    pbft_read_value(reader, frame, &value);
    slot_hold(slot, &value, &slot->voted_digest);
    if (read_u8(reader) == 0)
        return;
    certificate_read(&proof, reader, &self->base.certification, frame);
    pbft_read_value(reader, frame, &value);
    certificate_keep(&slot->proof, &proof);
    slot_hold(slot, &value, &proof.statement.block);
}

/* Behind a beginning that is overwritten a decision is a slot that is committed. */
static void recover_committed(struct pbft *self, struct slot *slot, struct frame *frame) {
    struct pbft_decided decided;
    read_decided(self, frame, &decided);
    certificate_keep(&slot->proof, &decided.commit);
    slot_hold(slot, &decided.value, &decided.commit.statement.block);
    slot->committed = true;
}

static void recover_number(struct pbft *self, struct frame *frame) {
    struct reader reader;
    uint64_t sequence;
    const bool decided = is_decided(frame, &sequence);
    if (sequence <= self->kept_count || !pbft_in_window(self, sequence))
        return;
    struct slot *slot = log_slot(&self->log, sequence);
    reader_init(&reader, frame->bytes, frame->size);
    (void)read_u64(&reader);
    (void)read_u8(&reader);
    if (decided) {
        recover_committed(self, slot, frame);
    } else {
        recover_slot(self, slot, &reader, frame);
        assert(reader_finish(&reader) == OK); /* our own record */
    }
    if (sequence > self->last)
        self->last = sequence;
}

static struct frame *find(const struct pbft *self, const struct record *records, size_t count,
                          uint32_t kind) {
    for (size_t i = 0; i < count; i++)
        if (records[i].slot == consensus_slot(&self->base, kind))
            return records[i].frame;
    return NULL;
}

void pbft_recover(struct pbft *self, const struct record *records, size_t count) {
    const uint32_t first = consensus_slot(&self->base, 0);
    struct frame *view = find(self, records, count, RECORD_VIEW);
    struct frame *new_view = find(self, records, count, RECORD_NEW_VIEW);
    for (size_t i = 0; i < count; i++)
        self->recovered |= records[i].slot >> 16 == first >> 16;
    if (view != NULL)
        recover_view(self, view);
    if (new_view != NULL)
        recover_new_view(self, new_view);
    if (!self->recovered)
        return;
    keep_chain(self, records, count);
    for (size_t i = 0; i < count; i++)
        if (records[i].slot >= first + RECORD_NUMBER &&
            records[i].slot - first - RECORD_NUMBER < RING)
            recover_number(self, records[i].frame);
}
