/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consensus/pbft/pbft.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "consensus/pbft/instance.h"
#include "crypto/identity.h"

/* The place of a vote in traces (pbft.h). */
static uint64_t position(const struct pbft *self, uint64_t phase, uint64_t view,
                         uint64_t sequence) {
    return trace_phase(phase, self->base.channel, view << 24 | (sequence & 0xffffff));
}

struct statement pbft_statement(const struct pbft *self, enum vote_kind kind, uint64_t view,
                                uint64_t sequence, const struct digest *digest) {
    return (struct statement){kind, self->base.channel, view, sequence, *digest};
}

/* Broadcasts the own vote, or sends it to one member (@to != NODE_NONE). */
static void send_vote(struct pbft *self, uint16_t type, const struct statement *statement,
                      node_id to) {
    uint8_t signature[LIMIT_SIGNATURE_BYTES];
    statement_sign(self->base.env, statement, signature);
    struct pbft_vote vote = {statement->view, statement->sequence, statement->block, signature};
    struct frame *frame = pbft_write_vote(type, &self->base.certification, &vote);
    if (to == NODE_NONE)
        consensus_broadcast(&self->base, frame);
    else
        env_send(self->base.env, to, frame);
}

/* Counts the own vote, which is not sent to oneself. */
static void count_own(struct pbft *self, struct vote_set *set, const struct statement *statement) {
    uint8_t signature[LIMIT_SIGNATURE_BYTES];
    if (set->certification == NULL)
        vote_set_init(set, &self->base.certification);
    if (vote_set_check(set, self->base.self_index, &statement->block) != OK)
        return;
    statement_sign(self->base.env, statement, signature);
    vote_set_add(set, self->base.self_index, &statement->block, signature);
}

static void become_committed(struct pbft *self, struct slot *slot) {
    struct statement commit =
        pbft_statement(self, VOTE_PBFT_COMMIT, self->view, slot->sequence, &slot->digest);
    struct certificate proof;
    int error = vote_set_certify(&slot->commits, self->base.env, &commit,
                                 committee_quorum(&self->base.committee), &proof);
    assert(error == OK);
    certificate_drop(&slot->proof);
    slot->proof = proof;
    slot->committed = true;
    env_trace(self->base.env, TRACE_CERTIFIED, position(self, 2, self->view, slot->sequence),
              trace_digest(&slot->digest));
}

static void become_prepared(struct pbft *self, struct slot *slot) {
    struct env *env = self->base.env;
    struct statement prepare =
        pbft_statement(self, VOTE_PBFT_PREPARE, self->view, slot->sequence, &slot->digest);
    struct certificate proof;
    int error = vote_set_certify(&slot->prepares, self->base.env, &prepare,
                                 committee_quorum(&self->base.committee), &proof);
    assert(error == OK);
    if (slot->committed) {
        certificate_drop(&proof); /* a commit certificate says more */
    } else {
        certificate_drop(&slot->proof);
        slot->proof = proof;
    }
    slot->prepared = true;
    if (self->view > self->locked_view) {
        self->locked_view = self->view;
        pbft_store_view(self);
    }
    pbft_store_slot(self, slot->sequence);
    env_trace(env, TRACE_CERTIFIED, position(self, 1, self->view, slot->sequence),
              trace_digest(&slot->digest));
    env_trace(env, TRACE_LOCKED, position(self, 0, self->view, slot->sequence),
              trace_digest(&slot->digest));
    struct statement commit = prepare;
    commit.kind = VOTE_PBFT_COMMIT;
    env_trace(env, TRACE_VOTED, position(self, 2, self->view, slot->sequence),
              trace_digest(&slot->digest));
    count_own(self, &slot->commits, &commit);
    send_vote(self, MESSAGE_PBFT_COMMIT, &commit, NODE_NONE);
}

/* Whether the number before is prepared here as well, or decided. */
static bool follows(const struct pbft *self, const struct slot *slot) {
    const uint64_t before = slot->sequence - 1;
    const struct slot *known = log_find(&self->log, before);
    return before <= self->executed || before <= self->stable ||
           (known != NULL && (known->prepared || known->committed));
}

/* Numbers are prepared in their order: what a replica has prepared tells later views of everything that
 * was proposed before it, so that nothing of that is proposed anew behind it. It costs no time where
 * numbers are executed in their order anyway. */
static void advance(struct pbft *self, struct slot *slot) {
    const uint32_t quorum = committee_quorum(&self->base.committee);
    while (slot != NULL) {
        const bool before = slot->prepared;
        if (!before && slot_is_prepared(slot, quorum) && follows(self, slot))
            become_prepared(self, slot);
        if (!slot->committed && slot_is_committed(slot, quorum))
            become_committed(self, slot);
        slot = slot->prepared && !before ? log_find(&self->log, slot->sequence + 1) : NULL;
    }
}

/* Takes the proposal into the log; the vote is durable, with the batch, before it leaves. */
static struct slot *accept(struct pbft *self, uint64_t sequence, const struct pbft_value *value,
                           const struct digest *digest) {
    struct slot *slot = log_slot(&self->log, sequence);
    struct statement prepare =
        pbft_statement(self, VOTE_PBFT_PREPARE, self->view, sequence, digest);
    slot->accepted = true;
    slot->digest = *digest;
    slot->voted = true;
    slot->voted_view = self->view;
    slot->voted_digest = *digest;
    slot_hold(slot, value, digest);
    if (sequence > self->last)
        self->last = sequence;
    pbft_store_slot(self, sequence);
    env_trace(self->base.env, TRACE_VOTED, position(self, 1, self->view, sequence),
              trace_digest(digest));
    count_own(self, &slot->prepares, &prepare);
    return slot;
}

static struct frame *pre_prepare_frame(struct pbft *self, const struct slot *slot) {
    uint8_t signature[LIMIT_SIGNATURE_BYTES];
    struct statement prepare =
        pbft_statement(self, VOTE_PBFT_PREPARE, self->view, slot->sequence, &slot->digest);
    statement_sign(self->base.env, &prepare, signature);
    struct pbft_pre_prepare proposal = {self->view, slot->sequence, *slot_held(slot, &slot->digest),
                                        signature};
    return pbft_write_pre_prepare(&self->base.certification, &proposal);
}

void pbft_propose(struct pbft *self, uint64_t sequence, const struct pbft_value *value) {
    struct digest digest;
    const struct slot *known = log_find(&self->log, sequence);
    pbft_value_digest(self->base.env, sequence, value, &digest);
    /* After a restart the promise of the life before binds. */
    if (known != NULL && known->voted && known->voted_view == self->view &&
        !digest_equal(&known->voted_digest, &digest))
        return;
    env_trace(self->base.env, TRACE_PROPOSED, trace_pair(self->base.channel, self->view),
              trace_digest(&digest));
    struct slot *slot = accept(self, sequence, value, &digest);
    consensus_broadcast(&self->base, pre_prepare_frame(self, slot));
    advance(self, slot);
}

/* The batches in flight. */
static size_t collect_ancestors(const struct pbft *self, struct batch *ancestors) {
    size_t count = 0;
    for (uint64_t sequence = self->executed + 1; sequence <= self->last; sequence++) {
        const struct slot *slot = log_find(&self->log, sequence);
        if (slot == NULL || !slot->accepted || count == PBFT_ENTRIES_MAX)
            continue;
        const struct pbft_value *value = slot_held(slot, &slot->digest);
        if (value->size > 0)
            ancestors[count++] = (struct batch){value->bytes, value->size};
    }
    return count;
}

static bool propose_next(struct pbft *self) {
    struct consensus_client *client = &self->base.client;
    struct batch ancestors[PBFT_ENTRIES_MAX];
    const uint64_t sequence = (self->last > self->executed ? self->last : self->executed) + 1;
    /* What NEW-VIEW fixed comes first: until it is decided nobody knows what is left to propose. */
    if (!pbft_leads(self) || self->plan.high > self->executed || !pbft_in_window(self, sequence) ||
        !client->pending(client->context))
        return false;
    struct frame *frame = client->next_batch(client->context, ancestors,
                                             collect_ancestors(self, ancestors), PART_ALL);
    if (frame == NULL)
        return false;
    struct pbft_value value = {self->view, frame->bytes, frame->size, frame};
    bool some = value.size > 0 && value.size <= LIMIT_BATCH_BYTES;
    if (some)
        pbft_propose(self, sequence, &value);
    frame_unref(frame);
    return some;
}

static bool execute_next(struct pbft *self) {
    struct slot *slot = log_find(&self->log, self->executed + 1);
    if (slot == NULL || !slot->committed)
        return false;
    struct pbft_decided decided = {slot->proof, *slot_held(slot, &slot->proof.statement.block)};
    pbft_decide(self, &decided);
    slot_clear(slot);
    return true;
}

void pbft_settle(struct pbft *self) {
    if (self->settling)
        return;
    self->settling = true;
    pbft_propose_plan(self);
    advance(self, log_find(&self->log, self->executed + 1)); /* what was fetched may precede it */
    while (execute_next(self) || propose_next(self))
        ;
    pbft_store_decided(self);
    self->settling = false;
    pbft_set_timers(self);
}

static void send(struct pbft *self, node_id to, struct frame *frame) {
    if (to == NODE_NONE)
        consensus_broadcast(&self->base, frame);
    else
        env_send(self->base.env, to, frame);
}

void pbft_repeat(struct pbft *self, node_id to) {
    const uint64_t most = self->executed + PBFT_REPEATED;
    for (uint64_t sequence = self->executed + 1; sequence <= self->last && sequence <= most;
         sequence++) {
        const struct slot *slot = log_find(&self->log, sequence);
        if (slot == NULL || !slot->accepted)
            continue;
        struct statement vote =
            pbft_statement(self, VOTE_PBFT_PREPARE, self->view, sequence, &slot->digest);
        if (pbft_primary(self, self->view) == self->base.self_index)
            send(self, to, pre_prepare_frame(self, slot));
        else
            send_vote(self, MESSAGE_PBFT_PREPARE, &vote, to);
        vote.kind = VOTE_PBFT_COMMIT;
        if (slot->prepared)
            send_vote(self, MESSAGE_PBFT_COMMIT, &vote, to);
    }
}

/* Whether something may be said about (view, sequence) now. What belongs to a view or a number that is
 * not known here is a rumour that others have gone on without this replica. */
static int check_position(struct pbft *self, uint64_t view, uint64_t sequence) {
    if (sequence <= self->executed || sequence <= self->stable)
        return ERR_STALE;
    if (view == self->view && !self->changing && pbft_in_window(self, sequence))
        return OK;
    if (view >= self->view || self->changing)
        pbft_hear_rumour(self);
    return view < self->view ? ERR_STALE : ERR_FUTURE;
}

/* Whether the value may stand at this place: as NEW-VIEW fixed it, or new and valid. */
static int check_value(const struct pbft *self, const struct pbft_pre_prepare *proposal,
                       const struct digest *digest) {
    const struct consensus_client *client = &self->base.client;
    const struct slot *slot = log_find(&self->log, proposal->sequence);
    if (slot != NULL && slot->accepted)
        return digest_equal(&slot->digest, digest) ? ERR_DUPLICATE : ERR_CONFLICT;
    if (slot != NULL && slot->voted && slot->voted_view == self->view &&
        !digest_equal(&slot->voted_digest, digest))
        return ERR_CONFLICT;
    if (slot != NULL && slot->proof.frame != NULL &&
        slot->proof.statement.kind == VOTE_PBFT_COMMIT &&
        !digest_equal(&slot->proof.statement.block, digest))
        return ERR_UNSAFE;
    if (proposal->sequence > self->plan.low && proposal->sequence <= self->plan.high) {
        const struct plan_entry *entry =
            &self->plan.entries[proposal->sequence - self->plan.low - 1];
        return digest_equal(&entry->entry.digest, digest) ? OK : ERR_UNSAFE;
    }
    struct batch batch = {proposal->value.bytes, proposal->value.size};
    if (batch.size == 0 || proposal->value.origin != proposal->view ||
        !client->valid(client->context, batch, PART_ALL))
        return ERR_INVALID;
    return OK;
}

static int on_pre_prepare(struct pbft *self, uint32_t member, const struct message *message) {
    struct pbft_pre_prepare proposal;
    struct digest digest;
    int error = pbft_read_pre_prepare(message, &self->base.certification, &proposal);
    if (error == OK)
        error = check_position(self, proposal.view, proposal.sequence);
    if (error != OK)
        return error;
    if (member != pbft_primary(self, self->view) || member == self->base.self_index)
        return ERR_NOT_LEADER;
    pbft_value_digest(self->base.env, proposal.sequence, &proposal.value, &digest);
    struct statement prepare =
        pbft_statement(self, VOTE_PBFT_PREPARE, self->view, proposal.sequence, &digest);
    error = check_value(self, &proposal, &digest);
    if (error != OK)
        return error;
    if (!statement_verify(self->base.env, self->base.committee.members[member], &prepare,
                          proposal.signature))
        return ERR_SIGNATURE;
    struct slot *slot = accept(self, proposal.sequence, &proposal.value, &digest);
    if (vote_set_check(&slot->prepares, member, &digest) == OK)
        vote_set_add(&slot->prepares, member, &digest, proposal.signature);
    send_vote(self, MESSAGE_PBFT_PREPARE, &prepare, NODE_NONE);
    advance(self, slot);
    pbft_settle(self);
    return OK;
}

static int on_vote(struct pbft *self, uint32_t member, const struct message *message) {
    const bool is_commit = message->type == MESSAGE_PBFT_COMMIT;
    struct pbft_vote vote;
    int error = pbft_read_vote(message, &self->base.certification, &vote);
    if (error == OK)
        error = check_position(self, vote.view, vote.sequence);
    if (error != OK)
        return error;
    /* "the PRE-PREPARE stands for the primary's prepare": it sends none. */
    if (!is_commit && member == pbft_primary(self, self->view))
        return ERR_INVALID;
    const struct slot *known = log_find(&self->log, vote.sequence);
    const struct vote_set *before = known == NULL ? NULL
                                    : is_commit   ? &known->commits
                                                  : &known->prepares;
    if (before != NULL && before->certification != NULL)
        error = vote_set_check(before, member, &vote.digest);
    if (error != OK)
        return error;
    struct statement statement =
        pbft_statement(self, is_commit ? VOTE_PBFT_COMMIT : VOTE_PBFT_PREPARE, vote.view,
                       vote.sequence, &vote.digest);
    if (!statement_verify(self->base.env, self->base.committee.members[member], &statement,
                          vote.signature))
        return ERR_SIGNATURE;
    struct slot *slot = log_slot(&self->log, vote.sequence);
    struct vote_set *set = is_commit ? &slot->commits : &slot->prepares;
    if (set->certification == NULL)
        vote_set_init(set, &self->base.certification);
    vote_set_add(set, member, &vote.digest, vote.signature);
    if (vote_set_count(set, &vote.digest) >= committee_validity(&self->base.committee) &&
        vote.sequence > self->heard)
        self->heard = vote.sequence;
    advance(self, slot);
    pbft_settle(self);
    return OK;
}

static int receive(struct consensus *base, node_id from, const struct message *message) {
    struct pbft *self = pbft_of(base);
    const uint32_t member = committee_index(&base->committee, from);
    if (member == MEMBER_NONE)
        return ERR_NOT_MEMBER;
    switch (message->type) {
    case MESSAGE_PBFT_PRE_PREPARE:
        return on_pre_prepare(self, member, message);
    case MESSAGE_PBFT_PREPARE:
    case MESSAGE_PBFT_COMMIT:
        return on_vote(self, member, message);
    case MESSAGE_PBFT_CHECKPOINT:
        return pbft_on_checkpoint(self, member, message);
    case MESSAGE_PBFT_VIEW_CHANGE:
        return pbft_on_view_change(self, from, message);
    case MESSAGE_PBFT_NEW_VIEW:
        return pbft_on_new_view(self, message);
    case MESSAGE_PBFT_FETCH:
        return pbft_on_fetch(self, member, message);
    case MESSAGE_PBFT_DECIDED:
        return pbft_on_decided(self, from, message);
    case MESSAGE_PBFT_VALUE:
        return pbft_on_held(self, message);
    default:
        return ERR_UNKNOWN_TYPE;
    }
}

/* K is smaller than usual when L certificates, as a view change lists them, would not fit. */
static uint32_t choose_interval(const struct pbft *self) {
    const size_t proof =
        certificate_bytes(&self->base.certification, committee_quorum(&self->base.committee));
    const size_t names = committee_quorum(&self->base.committee) * PBFT_ENTRY_BYTES;
    const size_t fits = LIMIT_FRAME_BYTES / 4 / (proof + names);
    return (uint32_t)(fits >= 2 * PBFT_INTERVAL ? PBFT_INTERVAL : fits < 2 ? 1 : fits / 2);
}

static void init(struct consensus *base, const struct consensus_config *config) {
    struct pbft *self = pbft_of(base);
    const uint32_t members = base->committee.count;
    self->interval = choose_interval(self);
    log_init(&self->log, 2 * self->interval);
    self->checkpoints = memory_new(members, sizeof *self->checkpoints);
    self->changes = memory_new(members, sizeof *self->changes);
    self->change_views = memory_new(members, sizeof *self->change_views);
    self->askers = memory_new(members, sizeof *self->askers);
    pbft_init_timers(self);
    pbft_recover(self, config->records, config->record_count);
}

/* Takes up the votes of the current view again that an earlier life made durable. */
static void resume(struct pbft *self) {
    for (uint64_t sequence = self->executed + 1; sequence <= self->last; sequence++) {
        struct slot *slot = log_find(&self->log, sequence);
        if (slot == NULL || !slot->voted || slot->voted_view != self->view ||
            slot_held(slot, &slot->voted_digest) == NULL)
            continue;
        const struct statement *proved = &slot->proof.statement;
        struct statement vote =
            pbft_statement(self, VOTE_PBFT_PREPARE, self->view, sequence, &slot->voted_digest);
        slot->accepted = true;
        slot->digest = slot->voted_digest;
        count_own(self, &slot->prepares, &vote);
        slot->prepared = slot->proof.frame != NULL && proved->kind == VOTE_PBFT_PREPARE &&
                         proved->view == self->view;
        vote.kind = VOTE_PBFT_COMMIT;
        if (slot->prepared)
            count_own(self, &slot->commits, &vote);
    }
}

static void start(struct consensus *base) {
    struct pbft *self = pbft_of(base);
    env_trace(base->env, TRACE_VIEW, trace_pair(base->channel, self->view), VIEW_START);
    self->settling = true; /* the client may poke from within decide */
    pbft_report_kept(self);
    self->settling = false;
    if (self->changing) {
        pbft_resume_change(self);
    } else if (self->recovered) {
        resume(self);
        pbft_repeat(self, NODE_NONE);
    }
    if (self->recovered) {
        pbft_fetch(self, NODE_NONE);
        pbft_hear_rumour(self);
    }
    pbft_settle(self);
}

static void poke(struct consensus *base) {
    pbft_settle(pbft_of(base));
}

static void observe(const struct consensus *base, struct consensus_view *view) {
    const struct pbft *self = (const struct pbft *)base;
    *view = (struct consensus_view){
        .view = self->view,
        .height = self->height,
        .locked_view = self->locked_view,
        .high_view = self->locked_view,
        .leader = base->committee.members[pbft_primary(self, self->view)],
    };
}

static void deinit(struct consensus *base) {
    struct pbft *self = pbft_of(base);
    pbft_deinit_timers(self);
    log_deinit(&self->log);
    for (uint64_t i = 0; i < self->executed; i++) {
        certificate_drop(&self->ledger[i].commit);
        frame_unref(self->ledger[i].value.frame);
    }
    for (uint32_t i = 0; i < base->committee.count; i++)
        frame_unref(self->changes[i]);
    certificate_drop(&self->stable_proof);
    frame_unref(self->new_view);
    for (size_t i = 0; i < self->kept_count; i++)
        frame_unref(self->kept[i]);
    free(self->kept);
    free(self->askers);
    free(self->ledger);
    free(self->checkpoints);
    free(self->changes);
    free(self->change_views);
}

const struct consensus_ops pbft_ops = {
    .name = "pbft",
    .description = "three phases, all to all; a stable primary; view changes with proofs",
    .source = "Castro, Liskov: Practical Byzantine Fault Tolerance, OSDI 1999",
    .good_case_hops = 3,
    .leaders = {LEADERS_ROUND_ROBIN, LEADERS_RANDOM},
    .size = sizeof(struct pbft),
    .init = init,
    .start = start,
    .poke = poke,
    .receive = receive,
    .observe = observe,
    .deinit = deinit,
};
