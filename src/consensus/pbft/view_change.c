/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * View changes (OSDI 99, 4.4): P, and who changes when. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "consensus/pbft/instance.h"
#include "crypto/identity.h"

static int verify_proof(struct pbft *self, const struct certificate *proof) {
    return certificate_verify(&self->memory, self->base.env, &self->base.certification, proof,
                              pbft_quorum(self));
}

/* P. */

struct known {
    const struct certificate *proof;
    const struct pbft_value *value; /* NULL when it is not here */
    bool travels;                   /* the value is attached */
};

/* "P is a set containing a set P_m for each request m that prepared at i with a sequence number
 * higher than n", n being the stable checkpoint. */
static uint32_t collect_known(const struct pbft *self, struct known *known) {
    uint32_t count = 0;
    for (uint64_t n = self->stable + 1; n <= self->stable + self->log.length; n++) {
        const struct slot *slot = log_find(&self->log, n);
        if (n <= self->executed) {
            /* Others fetch it with its commit certificate. */
            known[count++] =
                (struct known){&self->ledger[n - 1].commit, &self->ledger[n - 1].value, false};
        } else if (slot != NULL && slot->proof.frame != NULL) {
            const struct pbft_value *value = slot_held(slot, &slot->proof.statement.block);
            known[count++] = (struct known){&slot->proof, value, value != NULL};
        }
    }
    return count;
}

/* Values travel along as far as a frame holds them. */
static size_t choose_values(struct known *known, uint32_t count) {
    size_t size = 0, values = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (known[i].travels && values + known[i].value->size > LIMIT_FRAME_BYTES / 2)
            known[i].travels = false;
        values += known[i].travels ? known[i].value->size : 0;
        size += PBFT_ENTRY_BYTES + known[i].proof->size + 8 + 4;
    }
    return size + values;
}

static void write_entry(struct pbft *self, const struct known *known, struct writer *writer) {
    const struct statement *said = &known->proof->statement;
    struct digest content = {{0}};
    const uint64_t origin = known->value == NULL ? 0 : known->value->origin;
    if (origin > 0)
        identity_hash(self->base.env, &content, known->value->bytes, known->value->size);
    write_u64(writer, said->sequence);
    write_u64(writer, said->view);
    write_digest(writer, &said->block);
    write_u64(writer, origin);
    write_digest(writer, &content);
}

static struct frame *build_change(struct pbft *self) {
    static const struct pbft_value none;
    struct known known[PBFT_ENTRIES_MAX];
    struct writer writer;
    const uint32_t count = collect_known(self, known);
    const size_t size = 8 + 8 + 2 + self->base.certification.signature_bytes +
                        self->stable_proof.size + choose_values(known, count);
    uint8_t signature[LIMIT_SIGNATURE_BYTES];
    struct frame *frame = message_new(MESSAGE_PBFT_VIEW_CHANGE, self->base.channel, size, &writer);
    if (frame == NULL)
        abort(); /* pbft.c chose K so that it fits */
    write_u64(&writer, self->view);
    write_u64(&writer, self->stable);
    write_u16(&writer, (uint16_t)count);
    for (uint32_t i = 0; i < count; i++)
        write_entry(self, &known[i], &writer);
    pbft_sign(self->base.env, PBFT_SIGNS_CHANGE, self->base.channel, writer.bytes, writer.at,
              signature);
    write_bytes(&writer, signature, self->base.certification.signature_bytes);
    certificate_write(&self->stable_proof, &writer);
    for (uint32_t i = 0; i < count; i++)
        certificate_write(known[i].proof, &writer);
    for (uint32_t i = 0; i < count; i++)
        pbft_write_value(&writer, known[i].travels ? known[i].value : &none);
    assert(writer.error == OK && writer.at == writer.size);
    return frame;
}

static void keep_change(struct pbft *self, uint32_t member, uint64_t view, struct frame *frame) {
    frame_unref(self->changes[member]);
    self->changes[member] = frame;
    self->change_views[member] = view;
}

struct frame *pbft_own_change(const struct pbft *self) {
    const uint32_t own = self->base.self_index;
    return self->changing && self->change_views[own] == self->view ? self->changes[own] : NULL;
}

/* Enters @view without its NEW-VIEW. */
static void enter(struct pbft *self, uint64_t view, bool asked, enum view_cause cause) {
    if (view != self->view)
        env_trace(self->base.env, TRACE_VIEW, trace_pair(self->base.channel, view), cause);
    self->view = view;
    self->changing = true;
    self->asked = asked;
    self->last = self->heard = self->lacks = 0;
    for (uint32_t i = 0; i < self->log.length; i++)
        slot_end_view(&self->log.slots[i]);
    env_timer_stop(self->base.env, &self->view_timer);
    pbft_store_view(self);
}

/* The highest view in which something is known to have been prepared or committed above h. */
static uint64_t proved_view(const struct pbft *self) {
    struct known known[PBFT_ENTRIES_MAX];
    const uint32_t count = collect_known(self, known);
    uint64_t highest = 0;
    for (uint32_t i = 0; i < count; i++)
        if (known[i].proof->statement.view > highest)
            highest = known[i].proof->statement.view;
    return highest;
}

void pbft_start_change(struct pbft *self, uint64_t view, enum view_cause cause) {
    /* A change to v lists what was prepared before v: others have come further than they thought who
     * asked for a lower one. */
    const uint64_t proved = proved_view(self);
    enter(self, view > proved ? view : proved + 1, true, cause);
    struct frame *frame = build_change(self);
    keep_change(self, self->base.self_index, self->view, frame_ref(frame));
    consensus_broadcast(&self->base, frame);
    pbft_try_new_view(self);
}

void pbft_learn_view(struct pbft *self, uint64_t view) {
    if (view > self->view)
        enter(self, view, false, VIEW_NEW);
}

void pbft_resume_change(struct pbft *self) {
    if (self->asked && proved_view(self) < self->view)
        pbft_start_change(self, self->view, VIEW_START);
}

int pbft_check_stable(struct pbft *self, uint64_t stable, const struct certificate *proof) {
    if (stable % self->interval != 0)
        return ERR_INVALID;
    if (stable == 0)
        return OK;
    if (proof->statement.kind != VOTE_PBFT_CHECKPOINT || proof->statement.view != 0 ||
        proof->statement.sequence != stable)
        return ERR_CERTIFICATE;
    return verify_proof(self, proof);
}

int pbft_check_entry(struct pbft *self, const struct pbft_entry *entry,
                     const struct certificate *proof) {
    const struct statement *said = &proof->statement;
    struct digest digest;
    if (entry->origin > 0) {
        pbft_content_digest(self->base.env, entry->sequence, entry->origin, &entry->content,
                            &digest);
        if (!digest_equal(&digest, &entry->digest))
            return ERR_MISMATCH;
    }
    if ((said->kind != VOTE_PBFT_PREPARE && said->kind != VOTE_PBFT_COMMIT) ||
        said->sequence != entry->sequence || said->view != entry->view ||
        !digest_equal(&said->block, &entry->digest))
        return ERR_CERTIFICATE;
    return verify_proof(self, proof);
}

bool pbft_change_is_signed(struct pbft *self, node_id sender, const struct pbft_change *change) {
    return pbft_verify(self->base.env, PBFT_SIGNS_CHANGE, self->base.channel, sender, change->bytes,
                       change->size, change->signature);
}

static int check_change(struct pbft *self, node_id from, struct pbft_view_change *parsed,
                        struct frame *frame) {
    struct certificate proof;
    struct pbft_entry entry;
    if (!pbft_change_is_signed(self, from, &parsed->change))
        return ERR_SIGNATURE;
    int error = pbft_check_stable(self, parsed->change.stable, &parsed->stable);
    for (uint32_t i = 0; i < parsed->change.count && error == OK; i++) {
        pbft_change_entry(&parsed->change, i, &entry);
        certificate_read(&proof, &parsed->proofs, &self->base.certification, frame);
        if (entry.sequence - parsed->change.stable > self->log.length)
            error = ERR_LIMIT;
        else
            error = pbft_check_entry(self, &entry, &proof);
    }
    return error;
}

void pbft_parse_change(const struct pbft *self, struct frame *frame,
                       struct pbft_view_change *parsed) {
    struct message message;
    int error = message_parse(&message, frame);
    if (error == OK)
        error = pbft_read_view_change(&message, &self->base.certification, parsed);
    assert(error == OK); /* it was checked when it came */
}

/* Who has gone further than this view has left it too: only the last change of a member is kept, and
 * it counts for all views up to its own. */
bool pbft_change_has_quorum(const struct pbft *self) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < self->base.committee.count; i++)
        count += self->changes[i] != NULL && self->change_views[i] >= self->view;
    return count >= pbft_quorum(self);
}

/* "If a replica receives a set of f + 1 valid view-change messages from other replicas for views
 * greater than its current view, it sends a view-change message for the smallest view in the set"
 * (OSDI 99, 4.5.2). */
static void join_others(struct pbft *self) {
    uint32_t count = 0;
    uint64_t smallest = UINT64_MAX;
    for (uint32_t i = 0; i < self->base.committee.count; i++) {
        if (self->changes[i] == NULL || self->change_views[i] <= self->view)
            continue;
        count++;
        if (self->change_views[i] < smallest)
            smallest = self->change_views[i];
    }
    if (count >= committee_validity(&self->base.committee))
        pbft_start_change(self, smallest, VIEW_JOINED);
}

int pbft_on_view_change(struct pbft *self, node_id from, const struct message *message) {
    struct pbft_view_change parsed;
    const uint32_t member = committee_index(&self->base.committee, from);
    int error = pbft_read_view_change(message, &self->base.certification, &parsed);
    if (error != OK)
        return error;
    const uint64_t view = parsed.change.view;
    if (view < self->view || (view == self->view && !self->changing))
        return ERR_STALE;
    if (self->changes[member] != NULL && view <= self->change_views[member])
        return view == self->change_views[member] ? ERR_DUPLICATE : ERR_STALE;
    error = check_change(self, from, &parsed, message->frame);
    if (error != OK)
        return error;
    keep_change(self, member, view, frame_ref(message->frame));
    join_others(self);
    pbft_try_new_view(self);
    pbft_settle(self);
    return OK;
}
