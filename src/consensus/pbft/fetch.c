/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a replica lacks, and what it answers to those who lack something: decisions with their
 * certificates, the NEW-VIEW in force, its own votes and checkpoint, a value by its name.
 *
 * Answers are limited, for a question is small and an answer is not: in an eighth of the view timeout
 * a member gets one, and up to PBFT_ANSWERS while every question goes further than the one before. */
#include <string.h>

#include "base/error.h"
#include "consensus/pbft/instance.h"

void pbft_fetch(struct pbft *self, node_id to) {
    const struct pbft_fetch fetch = {
        .view = self->changing ? self->view : self->view + 1,
        .next = self->executed + 1,
        .stable = self->stable,
        .lacks = self->lacks,
        .value = self->lacking,
    };
    struct frame *frame = pbft_write_fetch(&self->base.certification, &fetch);
    if (to == NODE_NONE)
        consensus_broadcast(&self->base, frame);
    else
        env_send(self->base.env, to, frame);
}

static void send_decided(struct pbft *self, node_id to, uint64_t next) {
    uint32_t count = 0;
    size_t size = 0;
    const struct pbft_decided *first = &self->ledger[next - 1];
    while (next + count <= self->executed && count < PBFT_DECIDED_MAX && size < PBFT_REPLY_BYTES)
        size += pbft_decided_bytes(&first[count++]);
    struct frame *frame = pbft_write_decided(&self->base.certification, first, count);
    if (frame != NULL)
        env_send(self->base.env, to, frame);
}

static void send_held(struct pbft *self, node_id to, const struct pbft_fetch *fetch) {
    const struct slot *slot = fetch->lacks == 0 ? NULL : log_find(&self->log, fetch->lacks);
    const struct pbft_value *value = slot == NULL ? NULL : slot_held(slot, &fetch->value);
    if (value == NULL || value->size == 0)
        return;
    const struct pbft_held held = {fetch->lacks, *value};
    struct frame *frame = pbft_write_held(self->base.channel, &held);
    if (frame != NULL)
        env_send(self->base.env, to, frame);
}

static bool may_answer(struct pbft *self, uint32_t member, const struct pbft_fetch *fetch) {
    struct asker *asker = &self->askers[member];
    const bool further = fetch->next > asker->next || fetch->lacks > asker->lacks;
    if (asker->answers > 0 && (asker->answers >= PBFT_ANSWERS || !further))
        return false;
    asker->answers++;
    asker->next = fetch->next;
    asker->lacks = fetch->lacks;
    if (!timer_running(&self->answer_timer))
        env_timer_start(self->base.env, &self->answer_timer, self->base.view_timeout / 8);
    return true;
}

int pbft_on_fetch(struct pbft *self, uint32_t member, const struct message *message) {
    const node_id from = self->base.committee.members[member];
    struct pbft_fetch fetch;
    int error = pbft_read_fetch(message, &fetch);
    if (error != OK)
        return error;
    if (!may_answer(self, member, &fetch))
        return ERR_LIMIT;
    if (fetch.next <= self->executed)
        send_decided(self, from, fetch.next);
    pbft_repeat_checkpoint(self, from, fetch.stable);
    send_held(self, from, &fetch);
    if (self->changing)
        return OK;
    if (fetch.view <= self->view && self->new_view != NULL)
        env_send(self->base.env, from, frame_ref(self->new_view));
    pbft_repeat(self, from);
    return OK;
}

static int check_decided(struct pbft *self, const struct pbft_decided *decided, uint64_t sequence) {
    const struct statement *statement = &decided->commit.statement;
    struct digest digest;
    if (statement->kind != VOTE_PBFT_COMMIT || statement->sequence != sequence ||
        decided->value.origin > statement->view)
        return ERR_INVALID;
    pbft_value_digest(self->base.env, sequence, &decided->value, &digest);
    if (!digest_equal(&digest, &statement->block))
        return ERR_MISMATCH;
    return certificate_verify(&self->memory, self->base.env, &self->base.certification,
                              &decided->commit, pbft_quorum(self));
}

static void take_decided(struct pbft *self, const struct pbft_decided *decided) {
    struct slot *slot = log_find(&self->log, decided->commit.statement.sequence);
    self->settling = true; /* the client may poke from within decide */
    pbft_decide(self, decided);
    self->settling = false;
    if (slot != NULL)
        slot_clear(slot);
    pbft_learn_view(self, decided->commit.statement.view);
}

int pbft_on_decided(struct pbft *self, node_id from, const struct message *message) {
    struct pbft_decided list[PBFT_DECIDED_MAX];
    uint32_t count;
    int error = pbft_read_decided(message, &self->base.certification, list, &count);
    if (error != OK)
        return error;
    const uint64_t first = list[0].commit.statement.sequence;
    if (first > self->executed + 1)
        return ERR_FUTURE;
    if (first == 0 || self->executed + 1 - first >= count)
        return ERR_STALE;
    const uint32_t known = (uint32_t)(self->executed + 1 - first);
    for (uint32_t i = known; i < count && error == OK; i++)
        error = check_decided(self, &list[i], first + i);
    if (error != OK)
        return error;
    for (uint32_t i = known; i < count; i++)
        take_decided(self, &list[i]);
    pbft_fetch(self, from); /* until there is nothing more */
    pbft_settle(self);
    return OK;
}

int pbft_on_held(struct pbft *self, const struct message *message) {
    struct pbft_held held;
    struct digest digest;
    int error = pbft_read_held(message, &held);
    if (error != OK)
        return error;
    if (held.sequence != self->lacks || !pbft_leads(self))
        return ERR_STALE;
    pbft_value_digest(self->base.env, held.sequence, &held.value, &digest);
    if (!digest_equal(&digest, &self->lacking))
        return ERR_MISMATCH;
    pbft_propose(self, held.sequence, &held.value);
    pbft_settle(self);
    if (self->lacks != 0)
        pbft_fetch(self, NODE_NONE);
    return OK;
}
