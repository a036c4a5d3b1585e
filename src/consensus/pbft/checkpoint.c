/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is decided: the chain, checkpoints of it (TOCS 02 section 2.3.4), and state transfer. */
#include <assert.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "consensus/pbft/instance.h"
#include "crypto/identity.h"

static void append(struct pbft *self, const struct pbft_decided *decided) {
    if (self->executed == self->ledger_capacity) {
        self->ledger_capacity = self->ledger_capacity == 0 ? 64 : 2 * self->ledger_capacity;
        self->ledger = memory_resize(self->ledger, self->ledger_capacity, sizeof *self->ledger);
    }
    struct pbft_decided *entry = &self->ledger[self->executed++];
    *entry = (struct pbft_decided){.value = decided->value};
    certificate_keep(&entry->commit, &decided->commit);
    if (entry->value.frame != NULL)
        frame_ref(entry->value.frame);
}

/* A block's id binds its height, its value and the chain before it. */
static void extend_chain(struct pbft *self, const struct digest *value) {
    uint8_t bytes[DIGEST_BYTES + 8 + DIGEST_BYTES];
    struct writer writer;
    writer_init(&writer, bytes, sizeof bytes);
    write_digest(&writer, &self->chain);
    write_u64(&writer, self->height);
    write_digest(&writer, value);
    identity_hash(self->base.env, &self->chain, bytes, sizeof bytes);
}

static void report(struct pbft *self, const struct pbft_decided *decided) {
    const struct pbft_value *value = &decided->value;
    self->height++;
    extend_chain(self, &decided->commit.statement.block);
    struct decision decision = {
        .height = self->height,
        .view = value->origin,
        .proposer = self->base.committee.members[pbft_primary(self, value->origin)],
        .block = self->chain,
        .batch = {value->bytes, value->size},
    };
    env_trace(self->base.env, TRACE_DECIDED, trace_pair(self->base.channel, self->height),
              trace_digest(&self->chain));
    self->base.client.decide(self->base.client.context, &decision);
}

static void try_stable(struct pbft *self, const struct statement *checkpoint) {
    struct vote_set set;
    struct certificate proof;
    vote_set_init(&set, &self->base.certification);
    for (uint32_t i = 0; i < self->base.committee.count; i++) {
        const struct checkpoint_vote *vote = &self->checkpoints[i];
        if (vote->sequence == checkpoint->sequence)
            vote_set_add(&set, i, &vote->digest, vote->signature);
    }
    /* f + 1 say so: at least one correct member has come so far. */
    if (vote_set_count(&set, &checkpoint->block) >= committee_validity(&self->base.committee) &&
        checkpoint->sequence > self->target)
        self->target = checkpoint->sequence;
    if (vote_set_certify(&set, self->base.env, checkpoint, committee_quorum(&self->base.committee),
                         &proof) == OK) {
        pbft_set_stable(self, &proof);
        certificate_drop(&proof);
    }
    vote_set_deinit(&set);
}

static void take_checkpoint(struct pbft *self) {
    struct statement checkpoint =
        pbft_statement(self, VOTE_PBFT_CHECKPOINT, 0, self->executed, &self->chain);
    struct checkpoint_vote *own = &self->checkpoints[self->base.self_index];
    if (self->executed <= self->stable)
        return;
    own->sequence = self->executed;
    own->digest = self->chain;
    statement_sign(self->base.env, &checkpoint, own->signature);
    pbft_send_vote(self, MESSAGE_PBFT_CHECKPOINT, &checkpoint, NODE_NONE);
    try_stable(self, &checkpoint);
}

void pbft_decide(struct pbft *self, const struct pbft_decided *decided) {
    assert(decided->commit.statement.sequence == self->executed + 1);
    append(self, decided);
    if (decided->value.size > 0)
        report(self, decided);
    self->progressed = true;
    if (!self->changing)
        self->failures = 0;
    if (self->executed % self->interval == 0)
        take_checkpoint(self);
}

/* "When a replica has a proof that a checkpoint is correct it discards all messages with sequence
 * number less than or equal to n": the ring's slots are emptied as the window moves over them. */
void pbft_set_stable(struct pbft *self, const struct certificate *proof) {
    if (proof->statement.sequence <= self->stable)
        return;
    self->stable = proof->statement.sequence;
    certificate_keep(&self->stable_proof, proof);
    if (self->stable > self->target)
        self->target = self->stable;
    pbft_store_view(self);
}

int pbft_on_checkpoint(struct pbft *self, uint32_t member, const struct message *message) {
    struct pbft_vote vote;
    struct checkpoint_vote *last = &self->checkpoints[member];
    int error = pbft_read_vote(message, &self->base.certification, &vote);
    if (error != OK)
        return error;
    if (vote.view != 0 || vote.sequence % self->interval != 0)
        return ERR_INVALID;
    if (vote.sequence <= self->stable || vote.sequence < last->sequence)
        return ERR_STALE;
    if (vote.sequence == last->sequence)
        return memcmp(&vote.digest, &last->digest, sizeof vote.digest) == 0 ? ERR_DUPLICATE
                                                                            : ERR_CONFLICT;
    struct statement checkpoint =
        pbft_statement(self, VOTE_PBFT_CHECKPOINT, 0, vote.sequence, &vote.digest);
    if (!statement_verify(self->base.env, self->base.committee.members[member], &checkpoint,
                          vote.signature))
        return ERR_SIGNATURE;
    last->sequence = vote.sequence;
    last->digest = vote.digest;
    memcpy(last->signature, vote.signature, self->base.certification.signature_bytes);
    try_stable(self, &checkpoint);
    pbft_settle(self);
    return OK;
}

void pbft_fetch(struct pbft *self, node_id to) {
    struct pbft_fetch fetch = {self->view, self->executed + 1};
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

int pbft_on_fetch(struct pbft *self, node_id from, const struct message *message) {
    struct pbft_fetch fetch;
    int error = pbft_read_fetch(message, &fetch);
    if (error != OK)
        return error;
    if (fetch.next <= self->executed)
        send_decided(self, from, fetch.next);
    if (self->changing)
        return OK;
    if (fetch.view < self->view && self->new_view != NULL)
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
    if (memcmp(&digest, &statement->block, sizeof digest) != 0)
        return ERR_MISMATCH;
    return certificate_verify(&self->memory, self->base.env, &self->base.certification,
                              &decided->commit, committee_quorum(&self->base.committee));
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
    self->settling = true; /* the client may poke from within decide */
    for (uint32_t i = known; i < count; i++) {
        struct slot *slot = log_find(&self->log, first + i);
        pbft_decide(self, &list[i]);
        if (slot != NULL)
            slot_clear(slot);
    }
    self->settling = false;
    pbft_fetch(self, from); /* until there is nothing more */
    pbft_settle(self);
    return OK;
}
