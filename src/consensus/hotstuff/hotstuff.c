/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consensus/hotstuff/hotstuff.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "consensus/hotstuff/journal.h"
#include "crypto/identity.h"

static struct hotstuff *hotstuff_of(struct consensus *base) {
    return container_of(base, struct hotstuff, base);
}

uint64_t hotstuff_proven_view(const struct hotstuff *self) {
    const struct certificate *timeout = &self->pacemaker.timeout;
    uint64_t succeeded = self->high.statement.view;
    bool failed_later = timeout->frame != NULL && timeout->statement.view > succeeded;
    return failed_later ? timeout->statement.view : succeeded;
}

bool hotstuff_has_work(const struct hotstuff *self) {
    return self->store.payloads > 0 || self->base.client.pending(self->base.client.context);
}

int hotstuff_verify(struct hotstuff *self, const struct certificate *certificate) {
    static const struct digest genesis;
    const struct statement *statement = &certificate->statement;
    if (statement->view == 0) {
        bool is_genesis = statement->kind == VOTE_HOTSTUFF && certificate->signers == 0 &&
                          memcmp(&statement->block, &genesis, sizeof genesis) == 0;
        return is_genesis ? OK : ERR_CERTIFICATE;
    }
    const struct certification *certification = statement->kind == VOTE_HOTSTUFF
                                                    ? &self->base.certification
                                                    : &self->pacemaker.certification;
    return certificate_verify(&self->verified, self->base.env, certification, certificate,
                              committee_quorum(&self->base.committee));
}

/* Certificates. */

/* One block of a certified chain: lock and commit rules. */
static void apply_rules(struct hotstuff *self, struct block *block) {
    block->certified = true;
    if (safety_update_lock(&self->safety, block)) {
        self->unsaved = true;
        env_trace(self->base.env, TRACE_LOCKED,
                  trace_pair(self->base.channel, self->safety.locked_view),
                  trace_digest(&self->safety.locked));
    }
    struct block *committed = safety_committed(block);
    if (committed != NULL &&
        (self->decided == NULL || committed->content.view > self->decided->content.view))
        self->decided = committed;
}

/* Correct members voted for a block only with a certificate for its parent: a certificate speaks for
 * all ancestors. One of them may complete a three-chain that this one does not. */
void hotstuff_certified(struct hotstuff *self, struct block *block) {
    struct block *first = block;
    if (block->committed)
        return;
    if (block->content.view > self->tip->content.view)
        self->tip = block;
    if (block->certified)
        return;
    const struct block *before = self->decided;
    for (; !first->parent->committed && !first->parent->certified; first = first->parent)
        first->parent->next = first;
    for (; first != block; first = first->next)
        apply_rules(self, first);
    apply_rules(self, block);
    if (self->decided != before)
        self->proof = block;
}

void hotstuff_adopt(struct hotstuff *self, const struct certificate *certificate, node_id from) {
    const struct statement *statement = &certificate->statement;
    struct block *block = store_find(&self->store, &statement->block);
    if (statement->view == 0)
        return;
    if (block != NULL && block->certificate.frame == NULL)
        certificate_keep(&block->certificate, certificate);
    if (statement->view > self->high.statement.view) {
        certificate_keep(&self->high, certificate);
        self->unsaved = true;
        env_trace(self->base.env, TRACE_CERTIFIED,
                  trace_phase(0, self->base.channel, statement->view),
                  trace_digest(&statement->block));
        pacemaker_succeeded(self);
        pacemaker_enter(self, statement->view + 1, VIEW_CERTIFICATE);
        pacemaker_forget(self);
        votes_forget(self);
    }
    if (block != NULL)
        hotstuff_certified(self, block);
    else if (statement->view > self->tip->content.view)
        sync_want(self, from);
}

/* Proposals. */

/* What the store says against a proposal whose parent is known. */
static int judge(const struct hotstuff *self, const struct block_content *content,
                 const struct digest *id, const struct block *parent) {
    if (store_find(&self->store, id) != NULL)
        return ERR_DUPLICATE;
    if (store_of_view(&self->store, content->view) != NULL)
        return ERR_CONFLICT;
    bool below_root = parent->committed && parent != self->store.root;
    if (below_root || !safety_safe_node(&self->safety, parent))
        return ERR_UNSAFE;
    const struct consensus_client *client = &self->base.client;
    if (content->payload.size > 0 &&
        self->store.tree_bytes + content->payload.size > 4 * (size_t)HOTSTUFF_OPEN_BYTES)
        return ERR_LIMIT;
    if (content->payload.size > 0 && !client->valid(client->context, content->payload, PART_ALL))
        return ERR_INVALID;
    return OK;
}

static void take_certificates(struct hotstuff *self, const struct proposal *proposal,
                              node_id from) {
    hotstuff_adopt(self, &proposal->justify, from);
    if (proposal->timeout.frame != NULL) {
        pacemaker_adopt(self, &proposal->timeout);
        votes_forget(self);
    }
}

static int verify(struct hotstuff *self, const struct proposal *proposal) {
    int error = hotstuff_verify(self, &proposal->justify);
    if (error == OK && proposal->timeout.frame != NULL)
        error = hotstuff_verify(self, &proposal->timeout);
    return error;
}

static void consider_vote(struct hotstuff *self, struct block *block) {
    const struct pacemaker *pacemaker = &self->pacemaker;
    const uint64_t view = block->content.view;
    if (view == pacemaker->view && view > pacemaker->timed_out_view &&
        safety_may_vote(&self->safety, view, block->parent))
        votes_cast(self, block);
}

int hotstuff_proposal(struct hotstuff *self, node_id from, const struct message *message) {
    struct proposal proposal;
    struct digest id;
    struct block *block;
    int error = proposal_decode(&proposal, &self->base.certification, message);
    if (error != OK)
        return error;
    const struct block_content *content = &proposal.block;
    if (pacemaker_leader(self, content->view) != from)
        return ERR_NOT_LEADER;
    if (content->parent_view < self->store.root->content.view)
        return ERR_STALE;
    const struct block *parent = store_find(&self->store, &content->parent);
    if (parent != NULL) {
        block_content_id(self->base.env, self->base.channel, content, &id);
        error = judge(self, content, &id, parent);
    }
    if (error == OK)
        error = verify(self, &proposal);
    if (error == OK && parent == NULL)
        error = sync_wait(self, from, message, content->view, &content->parent);
    else if (error == OK)
        error = store_insert(&self->store, &id, content, message->frame, &block);
    if (error != OK)
        return error;
    take_certificates(self, &proposal, from);
    if (parent != NULL)
        consider_vote(self, block);
    return OK;
}

/* Own proposals. */

bool hotstuff_is_tried(const struct hotstuff *self, uint64_t view) {
    const uint64_t open = self->tip->length - self->store.root->length;
    const uint64_t rarity = open / HOTSTUFF_OPEN_BLOCKS;
    const bool sticky = self->base.leaders.rule == LEADERS_STICKY;
    const uint64_t turn = 2 * self->base.committee.count * (sticky ? LEADERS_STICKY_VIEWS : 1);
    if (rarity == 0 || (open < STORE_TREE_BLOCKS / 2 && pacemaker_hears_all(self)))
        return true;
    return view / turn % (UINT64_C(1) << rarity) == 0;
}

static bool may_propose(const struct hotstuff *self) {
    const struct pacemaker *pacemaker = &self->pacemaker;
    const uint64_t view = pacemaker->view;
    return pacemaker_leader(self, view) == self->base.env->self && view > self->proposed_view &&
           view > self->safety.voted_view && view > pacemaker->timed_out_view &&
           hotstuff_proven_view(self) + 1 == view && !self->sync.rejoining &&
           self->tip->content.view == self->high.statement.view && hotstuff_has_work(self) &&
           hotstuff_is_tried(self, view);
}

/* The client's next batch on top of the uncommitted blocks; NULL when there is nothing to add. */
static struct frame *next_batch(const struct hotstuff *self) {
    size_t count = 0;
    if (self->tip->height - self->store.root->height >= HOTSTUFF_OPEN_PAYLOADS ||
        self->store.tree_bytes > HOTSTUFF_OPEN_BYTES)
        return NULL;
    const struct block *block;
    for (block = self->tip; !block->committed; block = block->parent)
        count += block->content.payload.size > 0;
    struct batch *ancestors = memory_new(count + 1, sizeof *ancestors);
    size_t at = count;
    for (block = self->tip; !block->committed; block = block->parent)
        if (block->content.payload.size > 0)
            ancestors[--at] = block->content.payload;
    const struct consensus_client *client = &self->base.client;
    struct frame *batch = client->next_batch(client->context, ancestors, count, PART_ALL);
    free(ancestors);
    assert(batch == NULL || (batch->size > 0 && batch->size <= LIMIT_BATCH_BYTES));
    return batch;
}

static struct frame *build(const struct hotstuff *self, const struct frame *batch) {
    const struct statement *parent = &self->high.statement;
    struct proposal proposal = {
        .block = {.view = self->pacemaker.view,
                  .parent_view = parent->view,
                  .parent = parent->block},
        .justify = self->high,
    };
    if (batch != NULL)
        proposal.block.payload = (struct batch){batch->bytes, batch->size};
    if (parent->view + 1 != proposal.block.view)
        proposal.timeout = self->pacemaker.timeout;
    return proposal_encode(&proposal, &self->base.certification);
}

/* Proposes when it is the time; whether it did. */
static bool propose(struct hotstuff *self) {
    if (!may_propose(self))
        return false;
    struct frame *batch = next_batch(self);
    if (batch == NULL && self->store.payloads == 0)
        return false;
    struct frame *frame = build(self, batch);
    frame_unref(batch);
    self->proposed_view = self->pacemaker.view;
    /* Decoded again, so that the block's content lies in the frame that is sent. */
    struct message message;
    struct proposal proposal;
    struct digest id;
    struct block *block;
    int error = message_parse(&message, frame);
    if (error == OK)
        error = proposal_decode(&proposal, &self->base.certification, &message);
    assert(error == OK);
    block_content_id(self->base.env, self->base.channel, &proposal.block, &id);
    error = store_insert(&self->store, &id, &proposal.block, frame, &block);
    frame_unref(frame);
    if (error != OK)
        return false; /* the tree is full */
    consider_vote(self, block);
    return true;
}

/* Commits. */

static void report(struct hotstuff *self, const struct block *block, bool again) {
    const struct consensus_client *client = &self->base.client;
    struct decision decision = {
        .height = block->height,
        .view = block->content.view,
        .proposer = pacemaker_leader(self, block->content.view),
        .block = block->id,
        .batch = block->content.payload,
        .again = again,
    };
    client->decide(client->context, &decision);
}

/* What an earlier life has decided, as far as it is kept. */
static void report_history(struct hotstuff *self) {
    for (const struct block *block = self->store.history; block != NULL; block = block->hh.next)
        if (block->content.payload.size > 0)
            report(self, block, true);
}

static void commit(struct hotstuff *self) {
    struct block *last = self->decided;
    self->decided = NULL;
    if (last == NULL || last->committed)
        return;
    if (!block_extends(self->tip, &last->id, last->content.view))
        self->tip = last; /* two certified branches: more than f members are faulty */
    struct block *first = store_commit(&self->store, last);
    for (struct block *block = first; block != NULL; block = block->next)
        journal_keep_block(self, block);
    self->unsaved = true;
    for (struct block *block = first; block != NULL; block = block->next) {
        if (block->content.payload.size == 0)
            continue;
        env_trace(self->base.env, TRACE_DECIDED, trace_pair(self->base.channel, block->height),
                  trace_digest(&block->id));
        report(self, block, false);
    }
    store_trim(&self->store);
    pacemaker_progress(self);
}

/* The block of the highest certificate may come after it, and by any way. */
static void use_certificate(struct hotstuff *self) {
    if (self->tip->content.view < self->high.statement.view &&
        store_find(&self->store, &self->high.statement.block) != NULL)
        hotstuff_adopt(self, &self->high, self->base.env->self);
}

/* An own proposal leaves before its certificate's commit is carried out: the others need it for
 * their commit, even when nothing is left to do here after it. */
void hotstuff_settle(struct hotstuff *self) {
    bool moved = true;
    while (moved) {
        use_certificate(self);
        moved = propose(self);
        commit(self);
        moved |= sync_next(self);
    }
    if (self->unsaved)
        journal_save(self);
    sync_watch(self);
    signing_watch(self);
    pacemaker_watch(self);
    self->busy = false;
}

/* The interface. */

static void init(struct consensus *base, const struct consensus_config *config) {
    struct hotstuff *self = hotstuff_of(base);
    journal_recover(self, config);
    uint64_t begun = self->high.statement.view;
    if (self->safety.voted_view > begun)
        begun = self->safety.voted_view;
    if (hotstuff_proven_view(self) > begun)
        begun = hotstuff_proven_view(self);
    pacemaker_init(self, begun + 1);
    votes_init(self);
    sync_init(self);
}

static void deinit(struct consensus *base) {
    struct hotstuff *self = hotstuff_of(base);
    sync_deinit(self);
    votes_deinit(self);
    pacemaker_deinit(self);
    certificate_drop(&self->high);
    store_deinit(&self->store);
}

static void start(struct consensus *base) {
    struct hotstuff *self = hotstuff_of(base);
    self->busy = true;
    if (self->recovered) {
        report_history(self);
        hotstuff_certified(self, self->tip);
        sync_rejoin(self);
    }
    hotstuff_settle(self);
}

static void poke(struct consensus *base) {
    struct hotstuff *self = hotstuff_of(base);
    if (self->busy)
        return; /* the step's end looks for work anyway */
    self->busy = true;
    hotstuff_settle(self);
}

static int receive(struct consensus *base, node_id from, const struct message *message) {
    struct hotstuff *self = hotstuff_of(base);
    int error;
    self->busy = true;
    switch (message->type) {
    case MESSAGE_HOTSTUFF_PROPOSAL:
        error = hotstuff_proposal(self, from, message);
        break;
    case MESSAGE_HOTSTUFF_VOTE:
        error = votes_receive(self, from, message);
        break;
    case MESSAGE_HOTSTUFF_SIGN:
        error = signing_request(self, from, message);
        break;
    case MESSAGE_HOTSTUFF_SHARE:
        error = signing_share(self, from, message);
        break;
    case MESSAGE_HOTSTUFF_NEW_VIEW:
        error = pacemaker_new_view(self, from, message);
        break;
    case MESSAGE_HOTSTUFF_FETCH:
        error = sync_fetch(self, from, message);
        break;
    case MESSAGE_HOTSTUFF_BLOCKS:
        error = sync_blocks(self, from, message);
        break;
    default:
        error = ERR_UNKNOWN_TYPE;
    }
    if (error == OK)
        hotstuff_settle(self);
    self->busy = false;
    return error;
}

static void observe(const struct consensus *base, struct consensus_view *view) {
    const struct hotstuff *self = container_of(base, struct hotstuff, base);
    *view = (struct consensus_view){
        .view = self->pacemaker.view,
        .height = self->store.root->height,
        .locked_view = self->safety.locked_view,
        .high_view = self->high.statement.view,
        .leader = pacemaker_leader(self, self->pacemaker.view),
    };
}

#define VARIANT(variant_name, text, ...)                                                           \
    {                                                                                              \
        .ops = {                                                                                   \
            .name = (variant_name),                                                                \
            .description = (text),                                                                 \
            .source = "Yin, Malkhi, Reiter, Golan Gueta, Abraham: HotStuff, PODC 2019",            \
            .good_case_hops = 7,                                                                   \
            .good_case_certificates = 3,                                                           \
            .leaders = {__VA_ARGS__},                                                              \
            .size = sizeof(struct hotstuff),                                                       \
            .init = init,                                                                          \
            .start = start,                                                                        \
            .poke = poke,                                                                          \
            .receive = receive,                                                                    \
            .observe = observe,                                                                    \
            .deinit = deinit,                                                                      \
        },                                                                                         \
    }

const struct hotstuff_variant hotstuff_rotating =
    VARIANT("hotstuff", "chained HotStuff, the leader rotates with every view", LEADERS_ROUND_ROBIN,
            LEADERS_RANDOM, LEADERS_STICKY);
const struct hotstuff_variant hotstuff_sticky =
    VARIANT("hotstuff-sticky", "chained HotStuff, each leader holds four views", LEADERS_STICKY);
