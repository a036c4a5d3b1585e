/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is decided: the chain, and checkpoints of it (TOCS 02 section 2.3.4). */
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
        .again = self->kept_count > 0, /* from the records of an earlier life */
    };
    if (!decision.again)
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

static struct frame *own_checkpoint(const struct pbft *self) {
    const struct checkpoint_vote *own = &self->checkpoints[self->base.self_index];
    const struct pbft_vote vote = {0, own->sequence, own->digest, own->signature};
    return pbft_write_vote(MESSAGE_PBFT_CHECKPOINT, &self->base.certification, &vote);
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
    consensus_broadcast(&self->base, own_checkpoint(self));
    try_stable(self, &checkpoint);
}

void pbft_repeat_checkpoint(struct pbft *self, node_id to, uint64_t stable) {
    if (self->checkpoints[self->base.self_index].sequence > stable)
        env_send(self->base.env, to, own_checkpoint(self));
}

/* A view change may let a batch that the next view proposed anew stand beside the one that an
 * earlier view had prepared. The second of two equal ones within a window says nothing new: it is as
 * good as a null request. All replicas see the same numbers, so all agree on it. */
static bool repeats(const struct pbft *self, const struct pbft_value *value) {
    const uint64_t window = self->log.length;
    uint64_t n = self->executed > window ? self->executed - window : 1;
    for (; n < self->executed; n++) {
        const struct pbft_value *before = &self->ledger[n - 1].value;
        if (before->size == value->size && memcmp(before->bytes, value->bytes, value->size) == 0)
            return true;
    }
    return false;
}

void pbft_decide(struct pbft *self, const struct pbft_decided *decided) {
    assert(decided->commit.statement.sequence == self->executed + 1);
    append(self, decided);
    if (decided->value.size > 0 && !repeats(self, &decided->value))
        report(self, decided);
    self->progressed = true;
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
