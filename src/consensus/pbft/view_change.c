/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * View changes (OSDI 99, 4.4): P, "O" as every replica computes it, and the start of a view. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "consensus/pbft/instance.h"

static uint32_t quorum_of(const struct pbft *self) {
    return committee_quorum(&self->base.committee);
}

static int verify_proof(struct pbft *self, const struct certificate *proof) {
    return certificate_verify(&self->memory, self->base.env, &self->base.certification, proof,
                              quorum_of(self));
}

/* P. */

struct known {
    const struct certificate *proof;
    const struct pbft_value *value; /* NULL when others fetch it with its commit certificate */
};

/* "P is a set containing a set P_m for each request m that prepared at i with a sequence number
 * higher than n", n being the stable checkpoint. */
static uint32_t collect_known(const struct pbft *self, struct known *known) {
    uint32_t count = 0;
    for (uint64_t n = self->stable + 1; n <= self->stable + self->log.length; n++) {
        const struct slot *slot = log_find(&self->log, n);
        if (n <= self->executed) {
            known[count++] = (struct known){&self->ledger[n - 1].commit, NULL};
        } else if (slot != NULL && slot->proof.frame != NULL) {
            bool has = slot->value.size > 0 &&
                       memcmp(&slot->value_digest, &slot->proof.statement.block, DIGEST_BYTES) == 0;
            known[count++] = (struct known){&slot->proof, has ? &slot->value : NULL};
        }
    }
    return count;
}

/* Values travel along as far as a frame holds them. */
static size_t choose_values(struct known *known, uint32_t count) {
    size_t size = 0, values = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (known[i].value != NULL && values + known[i].value->size > LIMIT_FRAME_BYTES / 2)
            known[i].value = NULL;
        values += known[i].value == NULL ? 0 : known[i].value->size;
        size += PBFT_ENTRY_BYTES + known[i].proof->size + 8 + 4;
    }
    return size + values;
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
    for (uint32_t i = 0; i < count; i++) {
        write_u64(&writer, known[i].proof->statement.sequence);
        write_u64(&writer, known[i].proof->statement.view);
        write_digest(&writer, &known[i].proof->statement.block);
    }
    pbft_sign(self->base.env, PBFT_SIGNS_CHANGE, self->base.channel, writer.bytes, writer.at,
              signature);
    write_bytes(&writer, signature, self->base.certification.signature_bytes);
    certificate_write(&self->stable_proof, &writer);
    for (uint32_t i = 0; i < count; i++)
        certificate_write(known[i].proof, &writer);
    for (uint32_t i = 0; i < count; i++)
        pbft_write_value(&writer, known[i].value == NULL ? &none : known[i].value);
    assert(writer.error == OK && writer.at == writer.size);
    return frame;
}

static void keep_change(struct pbft *self, uint32_t member, uint64_t view, struct frame *frame) {
    frame_unref(self->changes[member]);
    self->changes[member] = frame;
    self->change_views[member] = view;
}

void pbft_start_change(struct pbft *self, uint64_t view, enum view_cause cause) {
    if (view != self->view)
        env_trace(self->base.env, TRACE_VIEW, trace_pair(self->base.channel, view), cause);
    self->view = view;
    self->changing = true;
    for (uint32_t i = 0; i < self->log.length; i++)
        slot_end_view(&self->log.slots[i]);
    pbft_store_view(self);
    struct frame *frame = build_change(self);
    keep_change(self, self->base.self_index, view, frame_ref(frame));
    consensus_broadcast(&self->base, frame);
    pbft_start_view_timer(self);
    pbft_try_new_view(self);
}

/* O. */

static int compute_plan(const struct pbft_change *changes, uint32_t count, uint32_t length,
                        struct plan *plan) {
    struct pbft_entry entry;
    *plan = (struct plan){0};
    for (uint32_t i = 0; i < count; i++)
        if (changes[i].stable > plan->low)
            plan->low = changes[i].stable; /* min-s */
    plan->high = plan->low;
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t j = 0; j < changes[i].count; j++) {
            pbft_change_entry(&changes[i], j, &entry);
            if (entry.sequence - changes[i].stable > length)
                return ERR_LIMIT;
            if (entry.sequence <= plan->low)
                continue;
            struct plan_entry *chosen = &plan->entries[entry.sequence - plan->low - 1];
            if (!chosen->known || entry.view > chosen->view)
                *chosen = (struct plan_entry){true, entry.view, entry.digest, i, j};
            if (entry.sequence > plan->high)
                plan->high = entry.sequence; /* max-s */
        }
    }
    return OK;
}

static bool proves(const struct certificate *proof, uint64_t sequence, uint64_t view,
                   const struct digest *digest) {
    const struct statement *said = &proof->statement;
    return (said->kind == VOTE_PBFT_PREPARE || said->kind == VOTE_PBFT_COMMIT) &&
           said->sequence == sequence && said->view == view &&
           memcmp(&said->block, digest, sizeof *digest) == 0;
}

static int check_stable(struct pbft *self, uint64_t stable, const struct certificate *proof) {
    if (stable == 0 || stable == self->stable)
        return stable % self->interval == 0 ? OK : ERR_INVALID;
    if (proof->statement.kind != VOTE_PBFT_CHECKPOINT || proof->statement.view != 0 ||
        proof->statement.sequence != stable || stable % self->interval != 0)
        return ERR_CERTIFICATE;
    return verify_proof(self, proof);
}

static bool change_is_signed(struct pbft *self, node_id sender, const struct pbft_change *change) {
    return pbft_verify(self->base.env, PBFT_SIGNS_CHANGE, self->base.channel, sender, change->bytes,
                       change->size, change->signature);
}

static void read_proof(struct pbft *self, struct reader *reader, struct frame *frame,
                       struct certificate *proof) {
    certificate_read(proof, reader, &self->base.certification, frame);
}

static int check_change(struct pbft *self, node_id from, struct pbft_view_change *parsed,
                        struct frame *frame) {
    struct certificate proof;
    struct pbft_entry entry;
    if (!change_is_signed(self, from, &parsed->change))
        return ERR_SIGNATURE;
    int error = check_stable(self, parsed->change.stable, &parsed->stable);
    for (uint32_t i = 0; i < parsed->change.count && error == OK; i++) {
        pbft_change_entry(&parsed->change, i, &entry);
        read_proof(self, &parsed->proofs, frame, &proof);
        if (entry.sequence - parsed->change.stable > self->log.length)
            error = ERR_LIMIT;
        else if (!proves(&proof, entry.sequence, entry.view, &entry.digest))
            error = ERR_CERTIFICATE;
        else
            error = verify_proof(self, &proof);
    }
    return error;
}

static uint32_t count_changes(const struct pbft *self, uint64_t view) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < self->base.committee.count; i++)
        count += self->changes[i] != NULL && self->change_views[i] == view;
    return count;
}

bool pbft_change_has_quorum(const struct pbft *self) {
    return count_changes(self, self->view) >= quorum_of(self);
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

/* NEW-VIEW. */

static void adopt(struct pbft *self, uint64_t view, const struct plan *plan,
                  const struct certificate *stable, struct frame *frame) {
    if (view != self->view)
        env_trace(self->base.env, TRACE_VIEW, trace_pair(self->base.channel, view), VIEW_NEW);
    self->view = view;
    self->changing = false;
    self->plan = *plan;
    for (uint32_t i = 0; i < self->log.length; i++)
        slot_end_view(&self->log.slots[i]);
    frame_ref(frame);
    frame_unref(self->new_view);
    self->new_view = frame;
    self->last = plan->high;
    if (stable->frame != NULL)
        pbft_set_stable(self, stable);
    pbft_store_new_view(self);
    pbft_store_view(self);
    pbft_start_view_timer(self);
}

static int check_proofs(struct pbft *self, const struct pbft_new_view *parsed,
                        const struct plan *plan, struct frame *frame) {
    struct certificate proof;
    struct reader reader = parsed->proofs;
    int error = OK;
    for (uint64_t n = plan->low + 1; n <= plan->high && error == OK; n++) {
        const struct plan_entry *entry = &plan->entries[n - plan->low - 1];
        if (!entry->known)
            continue;
        if (reader.at == parsed->proofs_end)
            return ERR_NOT_ENOUGH;
        read_proof(self, &reader, frame, &proof);
        error = proves(&proof, n, entry->view, &entry->digest) ? verify_proof(self, &proof)
                                                               : ERR_CERTIFICATE;
    }
    return error == OK && reader.at != parsed->proofs_end ? ERR_TRAILING : error;
}

int pbft_check_new_view(struct pbft *self, const struct message *message, struct plan *plan,
                        struct certificate *stable) {
    struct pbft_new_view parsed;
    const node_id *members = self->base.committee.members;
    int error = pbft_read_new_view(message, &self->base.certification, &parsed);
    if (error != OK)
        return error;
    if (parsed.count != quorum_of(self))
        return ERR_CERTIFICATE;
    if (!pbft_verify(self->base.env, PBFT_SIGNS_NEW_VIEW, self->base.channel,
                     members[pbft_primary(self, parsed.view)], message->body,
                     message->size - self->base.certification.signature_bytes, parsed.signature))
        return ERR_SIGNATURE;
    for (uint32_t i = 0; i < parsed.count; i++)
        if (!change_is_signed(self, members[parsed.senders[i]], &parsed.changes[i]))
            return ERR_SIGNATURE;
    error = compute_plan(parsed.changes, parsed.count, self->log.length, plan);
    if (error == OK)
        error = check_stable(self, plan->low, &parsed.stable);
    if (error == OK)
        error = check_proofs(self, &parsed, plan, message->frame);
    *stable = parsed.stable;
    return error;
}

int pbft_on_new_view(struct pbft *self, const struct message *message) {
    struct reader reader;
    struct plan plan;
    struct certificate stable;
    reader_init(&reader, message->body, message->size);
    const uint64_t view = read_u64(&reader);
    if (reader.error != OK)
        return reader.error;
    if (view < self->view || (view == self->view && !self->changing))
        return ERR_STALE;
    int error = pbft_check_new_view(self, message, &plan, &stable);
    if (error != OK)
        return error;
    adopt(self, view, &plan, &stable, message->frame);
    pbft_settle(self);
    return OK;
}

/* The changes that a new view rests on: those of the first q members that sent one. */
struct basis {
    uint32_t count;
    uint32_t senders[LIMIT_COMMITTEE];
    struct frame *frames[LIMIT_COMMITTEE];
    struct pbft_change changes[LIMIT_COMMITTEE];
};

static void parse_change(const struct pbft *self, struct frame *frame,
                         struct pbft_view_change *parsed) {
    struct message message;
    int error = message_parse(&message, frame);
    if (error == OK)
        error = pbft_read_view_change(&message, &self->base.certification, parsed);
    assert(error == OK); /* it was checked when it came */
}

static void collect_basis(const struct pbft *self, struct basis *basis) {
    struct pbft_view_change parsed;
    basis->count = 0;
    for (uint32_t i = 0; i < self->base.committee.count && basis->count < quorum_of(self); i++) {
        if (self->changes[i] == NULL || self->change_views[i] != self->view)
            continue;
        parse_change(self, self->changes[i], &parsed);
        basis->senders[basis->count] = i;
        basis->frames[basis->count] = self->changes[i];
        basis->changes[basis->count++] = parsed.change;
    }
}

/* The certificate and the value behind a chosen entry. */
static void find_chosen(struct pbft *self, const struct basis *basis,
                        const struct plan_entry *entry, struct certificate *proof,
                        struct pbft_value *value) {
    struct pbft_view_change parsed;
    parse_change(self, basis->frames[entry->change], &parsed);
    for (uint32_t i = 0; i <= entry->index; i++) {
        read_proof(self, &parsed.proofs, basis->frames[entry->change], proof);
        pbft_read_value(&parsed.values, basis->frames[entry->change], value);
    }
}

static size_t collect_proofs(struct pbft *self, const struct basis *basis, const struct plan *plan,
                             struct certificate *proofs, uint32_t *count) {
    struct pbft_value value;
    size_t size = 0;
    *count = 0;
    for (uint64_t n = plan->low + 1; n <= plan->high; n++) {
        const struct plan_entry *entry = &plan->entries[n - plan->low - 1];
        if (!entry->known)
            continue;
        find_chosen(self, basis, entry, &proofs[*count], &value);
        size += proofs[(*count)++].size;
    }
    return size;
}

static void stable_of(const struct pbft *self, const struct basis *basis, uint64_t low,
                      struct certificate *stable) {
    struct pbft_view_change parsed;
    *stable = (struct certificate){0};
    for (uint32_t i = 0; i < basis->count && low > 0; i++) {
        parse_change(self, basis->frames[i], &parsed);
        if (parsed.change.stable == low)
            *stable = parsed.stable;
    }
}

static struct frame *build_new_view(struct pbft *self, const struct basis *basis,
                                    const struct plan *plan, const struct certificate *stable) {
    struct certificate proofs[PBFT_ENTRIES_MAX];
    uint8_t signature[LIMIT_SIGNATURE_BYTES];
    struct writer writer;
    uint32_t count;
    const size_t signs = self->base.certification.signature_bytes;
    size_t size = 8 + 2 + 2 + signs + stable->size;
    size += collect_proofs(self, basis, plan, proofs, &count);
    for (uint32_t i = 0; i < basis->count; i++)
        size += 2 + basis->changes[i].size + signs;
    struct frame *frame = message_new(MESSAGE_PBFT_NEW_VIEW, self->base.channel, size, &writer);
    if (frame == NULL)
        abort(); /* pbft.c chose K so that it fits */
    write_u64(&writer, self->view);
    write_u16(&writer, (uint16_t)basis->count);
    for (uint32_t i = 0; i < basis->count; i++) {
        write_u16(&writer, (uint16_t)basis->senders[i]);
        write_bytes(&writer, basis->changes[i].bytes, basis->changes[i].size);
        write_bytes(&writer, basis->changes[i].signature, signs);
    }
    certificate_write(stable, &writer);
    write_u16(&writer, (uint16_t)count);
    for (uint32_t i = 0; i < count; i++)
        certificate_write(&proofs[i], &writer);
    pbft_sign(self->base.env, PBFT_SIGNS_NEW_VIEW, self->base.channel, writer.bytes, writer.at,
              signature);
    write_bytes(&writer, signature, signs);
    assert(writer.error == OK && writer.at == writer.size);
    return frame;
}

/* Proposes what the plan says; what is decided here already is fetched by those who lack it. */
static void propose_plan(struct pbft *self, const struct basis *basis) {
    for (uint64_t n = self->plan.low + 1; n <= self->plan.high; n++) {
        const struct plan_entry *entry = &self->plan.entries[n - self->plan.low - 1];
        struct certificate proof;
        struct pbft_value value = {0};
        struct digest digest;
        if (n <= self->executed)
            continue;
        const struct slot *slot = log_find(&self->log, n);
        if (entry->known)
            find_chosen(self, basis, entry, &proof, &value);
        pbft_value_digest(self->base.env, n, &value, &digest);
        if (memcmp(&digest, &entry->digest, sizeof digest) == 0)
            pbft_propose(self, n, &value);
        else if (slot != NULL && memcmp(&slot->value_digest, &entry->digest, DIGEST_BYTES) == 0)
            pbft_propose(self, n, &slot->value);
    }
}

void pbft_try_new_view(struct pbft *self) {
    struct basis basis;
    struct plan plan;
    struct certificate stable;
    if (!self->changing || pbft_primary(self, self->view) != self->base.self_index ||
        !pbft_change_has_quorum(self))
        return;
    collect_basis(self, &basis);
    int error = compute_plan(basis.changes, basis.count, self->log.length, &plan);
    assert(error == OK); /* every change was checked when it came */
    stable_of(self, &basis, plan.low, &stable);
    struct frame *frame = build_new_view(self, &basis, &plan, &stable);
    adopt(self, self->view, &plan, &stable, frame);
    consensus_broadcast(&self->base, frame);
    propose_plan(self, &basis);
}
