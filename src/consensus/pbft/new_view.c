/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * NEW-VIEW (OSDI 99, 4.4): "O" as every replica computes it, and the start of a view. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "consensus/pbft/instance.h"

/* O. */

/* What was proposed anew for n in view w stood behind everything that NEW-VIEW of w fixed: nothing from
 * n on had been committed before w, for a quorum would have told. So what was prepared there earlier,
 * by some alone, is void. Without this rule its transactions, which w has ordered anew, could be
 * decided twice; the paper leaves that to the time stamps of its clients. */
static void drop_void(struct plan *plan) {
    uint64_t anew = 0, high = plan->low;
    for (uint64_t n = plan->low + 1; n <= plan->high; n++) {
        struct plan_entry *planned = &plan->entries[n - plan->low - 1];
        if (planned->known && planned->entry.view < anew)
            *planned = (struct plan_entry){0};
        if (!planned->known)
            continue;
        if (planned->entry.origin > anew)
            anew = planned->entry.origin;
        high = n;
    }
    plan->high = high;
}

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
            if (!chosen->known || entry.view > chosen->entry.view)
                *chosen = (struct plan_entry){true, entry, i, j};
            if (entry.sequence > plan->high)
                plan->high = entry.sequence; /* max-s */
        }
    }
    drop_void(plan);
    return OK;
}

static void adopt(struct pbft *self, uint64_t view, const struct plan *plan,
                  const struct certificate *stable, struct frame *frame) {
    if (view != self->view)
        env_trace(self->base.env, TRACE_VIEW, trace_pair(self->base.channel, view), VIEW_NEW);
    self->view = view;
    self->changing = false;
    self->asked = false;
    self->plan = *plan;
    self->planned = false;
    self->lacks = 0;
    for (uint32_t i = 0; i < self->log.length; i++)
        slot_end_view(&self->log.slots[i]);
    frame_ref(frame);
    frame_unref(self->new_view);
    self->new_view = frame;
    self->last = plan->high;
    self->heard = 0;
    self->syncs = 0;
    env_timer_stop(self->base.env, &self->view_timer);
    pbft_store_new_view(self); /* before the view: who is in a view knows what it fixed */
    pbft_store_view(self);
    if (stable->frame != NULL)
        pbft_set_stable(self, stable);
}

static int check_proofs(struct pbft *self, const struct pbft_new_view *parsed,
                        const struct plan *plan, struct frame *frame) {
    struct certificate proof;
    struct reader reader = parsed->proofs;
    int error = OK;
    for (uint64_t n = plan->low + 1; n <= plan->high && error == OK; n++) {
        const struct plan_entry *planned = &plan->entries[n - plan->low - 1];
        if (!planned->known)
            continue;
        if (reader.at == parsed->proofs_end)
            return ERR_NOT_ENOUGH;
        certificate_read(&proof, &reader, &self->base.certification, frame);
        error = pbft_check_entry(self, &planned->entry, &proof);
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
    if (parsed.count != pbft_quorum(self))
        return ERR_CERTIFICATE;
    if (!pbft_verify(self->base.env, PBFT_SIGNS_NEW_VIEW, self->base.channel,
                     members[pbft_primary(self, parsed.view)], message->body,
                     message->size - self->base.certification.signature_bytes, parsed.signature))
        return ERR_SIGNATURE;
    for (uint32_t i = 0; i < parsed.count; i++)
        if (!pbft_change_is_signed(self, members[parsed.senders[i]], &parsed.changes[i]))
            return ERR_SIGNATURE;
    error = compute_plan(parsed.changes, parsed.count, self->log.length, plan);
    if (error == OK)
        error = pbft_check_stable(self, plan->low, &parsed.stable);
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

static void collect_basis(const struct pbft *self, struct basis *basis) {
    struct pbft_view_change parsed;
    basis->count = 0;
    for (uint32_t i = 0; i < self->base.committee.count && basis->count < pbft_quorum(self); i++) {
        if (self->changes[i] == NULL || self->change_views[i] != self->view)
            continue;
        pbft_parse_change(self, self->changes[i], &parsed);
        basis->senders[basis->count] = i;
        basis->frames[basis->count] = self->changes[i];
        basis->changes[basis->count++] = parsed.change;
    }
}

/* The certificate and the value behind entry @index of a change. */
static void find_chosen(struct pbft *self, struct frame *change, uint32_t index,
                        struct certificate *proof, struct pbft_value *value) {
    struct pbft_view_change parsed;
    pbft_parse_change(self, change, &parsed);
    for (uint32_t i = 0; i <= index; i++) {
        certificate_read(proof, &parsed.proofs, &self->base.certification, change);
        pbft_read_value(&parsed.values, change, value);
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
        find_chosen(self, basis->frames[entry->change], entry->index, &proofs[*count], &value);
        size += proofs[(*count)++].size;
    }
    return size;
}

static void stable_of(const struct pbft *self, const struct basis *basis, uint64_t low,
                      struct certificate *stable) {
    struct pbft_view_change parsed;
    *stable = (struct certificate){0};
    for (uint32_t i = 0; i < basis->count && low > 0; i++) {
        pbft_parse_change(self, basis->frames[i], &parsed);
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

/* What others attached to their changes is held as if it had been voted for here. */
static void hold_values(struct pbft *self, const struct basis *basis) {
    struct certificate proof;
    struct pbft_value value;
    struct digest digest;
    for (uint64_t n = self->plan.low + 1; n <= self->plan.high; n++) {
        const struct plan_entry *entry = &self->plan.entries[n - self->plan.low - 1];
        if (!entry->known || !pbft_in_window(self, n))
            continue;
        find_chosen(self, basis->frames[entry->change], entry->index, &proof, &value);
        pbft_value_digest(self->base.env, n, &value, &digest);
        if (digest_equal(&digest, &entry->entry.digest))
            slot_hold(log_slot(&self->log, n), &value, &digest);
    }
}

void pbft_try_new_view(struct pbft *self) {
    struct basis basis;
    struct plan plan;
    struct certificate stable;
    if (!self->changing || pbft_primary(self, self->view) != self->base.self_index)
        return;
    collect_basis(self, &basis);
    if (basis.count < pbft_quorum(self))
        return;
    int error = compute_plan(basis.changes, basis.count, self->log.length, &plan);
    assert(error == OK); /* every change was checked when it came */
    stable_of(self, &basis, plan.low, &stable);
    struct frame *frame = build_new_view(self, &basis, &plan, &stable);
    adopt(self, self->view, &plan, &stable, frame);
    consensus_broadcast(&self->base, frame);
    hold_values(self, &basis);
    pbft_propose_plan(self);
    if (self->lacks != 0)
        pbft_fetch(self, NODE_NONE);
}

/* What this replica has decided is not agreed upon again but fetched by those who lack it. */
void pbft_propose_plan(struct pbft *self) {
    if (self->planned || !pbft_leads(self))
        return;
    self->lacks = 0;
    for (uint64_t n = self->plan.low + 1; n <= self->plan.high; n++) {
        if (!pbft_in_window(self, n))
            continue;
        const struct plan_entry *entry = &self->plan.entries[n - self->plan.low - 1];
        const struct slot *slot = log_slot(&self->log, n);
        const struct pbft_value *value = slot_held(slot, &entry->entry.digest);
        if (slot->accepted)
            continue;
        if (value != NULL) {
            pbft_propose(self, n, value);
        } else if (self->lacks == 0) {
            self->lacks = n;
            self->lacking = entry->entry.digest;
        }
    }
    self->planned = self->lacks == 0;
}
