/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consensus/hotstuff/votes.h"

#include "base/error.h"
#include "consensus/hotstuff/hotstuff.h"
#include "consensus/hotstuff/journal.h"

void votes_init(struct hotstuff *self) {
    collector_init(&self->votes, &self->base.certification);
    signing_init(self);
    votes_forget(self);
}

void votes_deinit(struct hotstuff *self) {
    signing_deinit(self);
    collector_deinit(&self->votes);
    frame_unref(self->last_vote);
}

/* Votes are of use while they can make a certificate higher than the highest, also for a view that
 * has timed out not long ago. */
void votes_forget(struct hotstuff *self) {
    const uint64_t proven = hotstuff_proven_view(self), half = LIMIT_FUTURE_MESSAGES / 2;
    uint64_t first = self->high.statement.view + 1;
    if (proven > half && proven - half > first)
        first = proven - half;
    collector_move(&self->votes, first);
}

struct statement votes_statement(const struct hotstuff *self, uint64_t view,
                                 const struct digest *block) {
    return (struct statement){
        .kind = VOTE_HOTSTUFF, .channel = self->base.channel, .view = view, .block = *block};
}

void votes_certified(struct hotstuff *self, struct certificate *certificate, node_id from) {
    certificate_remember(&self->verified, self->base.env, certificate);
    hotstuff_adopt(self, certificate, from);
    certificate_drop(certificate);
}

/* Adds a good vote; the quorum's last one makes the certificate. */
static void count(struct hotstuff *self, uint32_t member, const struct vote *vote) {
    struct certificate certificate;
    struct statement statement = votes_statement(self, vote->view, &vote->block);
    struct vote_set *set = collector_open(&self->votes, vote->view);
    vote_set_add(set, member, &vote->block, vote->signature);
    if (vote->commitment != NULL)
        signing_vote(self, member, vote);
    else if (vote_set_certify(set, self->base.env, &statement,
                              committee_quorum(&self->base.committee), &certificate) == OK)
        votes_certified(self, &certificate, self->base.committee.members[member]);
}

int votes_receive(struct hotstuff *self, node_id from, const struct message *message) {
    struct vote vote;
    int error = vote_decode(&vote, &self->base.certification, message);
    if (error != OK)
        return error;
    if (pacemaker_leader(self, vote.view + 1) != self->base.env->self)
        return ERR_INVALID;
    error = collector_check(&self->votes, vote.view);
    if (error != OK)
        return error;
    const uint32_t member = committee_index(&self->base.committee, from);
    const struct vote_set *set = collector_find(&self->votes, vote.view);
    if (set != NULL)
        error = vote_set_check(set, member, &vote.block);
    if (error != OK)
        return error;
    struct statement statement = votes_statement(self, vote.view, &vote.block);
    if (!statement_verify(self->base.env, from, &statement, vote.signature))
        return ERR_SIGNATURE;
    count(self, member, &vote);
    return OK;
}

void votes_say_again(struct hotstuff *self) {
    const uint64_t before = self->pacemaker.view - 1;
    const struct block *own =
        self->proposed_view == before ? store_of_view(&self->store, before) : NULL;
    if (own != NULL)
        consensus_broadcast(&self->base, frame_ref(own->frame));
    if (self->last_vote != NULL && self->safety.voted_view == before)
        env_send(self->base.env, pacemaker_leader(self, before + 1), frame_ref(self->last_vote));
}

/* Nothing leaves before the record is durable: neither a second vote nor a second proposal can
 * follow a crash. */
void votes_cast(struct hotstuff *self, struct block *block) {
    struct env *env = self->base.env;
    const uint64_t view = block->content.view;
    uint8_t signature[LIMIT_SIGNATURE_BYTES], commitment[HOTSTUFF_COMMITMENT_BYTES];
    self->safety.voted_view = view;
    journal_keep_block(self, block);
    journal_save(self);
    if (pacemaker_leader(self, view) == env->self) {
        env_trace(env, TRACE_PROPOSED, trace_pair(self->base.channel, view),
                  trace_digest(&block->id));
        consensus_broadcast(&self->base, frame_ref(block->frame));
    }
    struct statement statement = votes_statement(self, view, &block->id);
    statement_sign(env, &statement, signature);
    env_trace(env, TRACE_VOTED, trace_phase(0, self->base.channel, view), trace_digest(&block->id));
    struct vote vote = {view, block->id, signature, NULL};
    if (self->base.certification.scheme->signing_hops > 0) {
        signing_commit(self, view, &block->id, commitment);
        vote.commitment = commitment;
    }
    pacemaker_enter(self, view + 1, VIEW_VOTED);
    node_id collector = pacemaker_leader(self, view + 1);
    frame_unref(self->last_vote);
    self->last_vote = NULL;
    if (collector != env->self) {
        self->last_vote = vote_encode(&vote, &self->base.certification);
        env_send(env, collector, frame_ref(self->last_vote));
    } else if (collector_check(&self->votes, view) == OK)
        count(self, self->base.self_index, &vote);
}
