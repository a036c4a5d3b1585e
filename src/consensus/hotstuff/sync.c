/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consensus/hotstuff/sync.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "consensus/hotstuff/hotstuff.h"
#include "consensus/hotstuff/journal.h"

#define SERVED_PAUSE_SHARE 4 /* the same question is answered again after view_timeout / 4 */

static bool missing(const struct hotstuff *self) {
    return self->sync.rejoining || store_find(&self->store, &self->high.statement.block) == NULL;
}

/* What follows @base? */
static void ask_after(struct hotstuff *self, const struct block *base) {
    struct sync *sync = &self->sync;
    const struct committee *committee = &self->base.committee;
    struct fetch fetch = {base->content.view, base->id, self->high};
    sync->asked = base->content.view;
    env_send(self->base.env, committee->members[sync->peer],
             fetch_encode(&fetch, &self->base.certification));
    env_timer_start(self->base.env, &sync->timer, self->base.view_timeout);
}

static void ask(struct hotstuff *self) {
    const struct block *base = self->tip;
    for (uint32_t i = 0; i < self->sync.back && base != self->store.root; i++)
        base = base->parent;
    ask_after(self, base);
}

static uint32_t member_after(const struct hotstuff *self, uint32_t member) {
    uint32_t next = (member + 1) % self->base.committee.count;
    return next == self->base.self_index ? (next + 1) % self->base.committee.count : next;
}

static void next_peer(struct hotstuff *self) {
    self->sync.peer = member_after(self, self->sync.peer);
}

void sync_doubt(struct hotstuff *self) {
    const struct committee *committee = &self->base.committee;
    struct fetch fetch = {self->tip->content.view, self->tip->id, self->high};
    self->sync.doubted = member_after(self, self->sync.doubted);
    env_send(self->base.env, committee->members[self->sync.doubted],
             fetch_encode(&fetch, &self->base.certification));
}

static void on_timer(struct timer *timer) {
    struct hotstuff *self = container_of(timer, struct hotstuff, sync.timer);
    if (!missing(self))
        return;
    struct sync *sync = &self->sync;
    sync->back = sync->asked == self->store.root->content.view ? 0 : 2 * sync->back + 1;
    next_peer(self);
    ask(self);
}

void sync_init(struct hotstuff *self) {
    struct sync *sync = &self->sync;
    timer_init(&sync->timer, on_timer);
    sync->peer = sync->doubted = self->base.self_index;
    sync->served = memory_new(self->base.committee.count, sizeof *sync->served);
    quota_init(&sync->answers, self->base.committee.count, SYNC_ANSWERS,
               self->base.view_timeout / SYNC_ANSWERS);
}

void sync_deinit(struct hotstuff *self) {
    struct sync *sync = &self->sync;
    env_timer_stop(self->base.env, &sync->timer);
    for (size_t i = 0; i < ARRAY_LEN(sync->waiting); i++)
        frame_unref(sync->waiting[i].frame);
    free(sync->served);
    quota_deinit(&sync->answers);
}

void sync_rejoin(struct hotstuff *self) {
    if (self->base.committee.count == 1)
        return;
    self->sync.rejoining = true;
    self->sync.back = UINT32_MAX; /* from the root: the rest may be on a branch that was left */
    next_peer(self);
    ask(self);
}

void sync_want(struct hotstuff *self, node_id from) {
    struct sync *sync = &self->sync;
    if (timer_running(&sync->timer) || from == self->base.env->self)
        return;
    sync->back = 0;
    sync->peer = committee_index(&self->base.committee, from);
    ask(self);
}

void sync_watch(struct hotstuff *self) {
    if (!missing(self))
        env_timer_stop(self->base.env, &self->sync.timer);
}

static void release(struct waiting *waiting) {
    frame_unref(waiting->frame);
    *waiting = (struct waiting){0};
}

int sync_wait(struct hotstuff *self, node_id from, const struct message *message, uint64_t view,
              const struct digest *parent) {
    struct waiting *room = NULL;
    for (size_t i = 0; i < ARRAY_LEN(self->sync.waiting); i++) {
        struct waiting *waiting = &self->sync.waiting[i];
        if (waiting->frame == NULL)
            room = waiting;
        else if (waiting->view == view)
            return ERR_DUPLICATE;
    }
    if (room == NULL)
        return ERR_LIMIT;
    *room = (struct waiting){from, view, *parent, frame_ref(message->frame)};
    return OK;
}

/* The earliest proposal whose parent is there; drops those that came to nothing. */
static struct waiting *earliest_ready(struct hotstuff *self) {
    struct waiting *earliest = NULL;
    for (size_t i = 0; i < ARRAY_LEN(self->sync.waiting); i++) {
        struct waiting *waiting = &self->sync.waiting[i];
        if (waiting->frame == NULL)
            continue;
        if (store_find(&self->store, &waiting->parent) == NULL) {
            if (waiting->view <= self->tip->content.view)
                release(waiting);
        } else if (earliest == NULL || waiting->view < earliest->view) {
            earliest = waiting;
        }
    }
    return earliest;
}

bool sync_next(struct hotstuff *self) {
    struct message message;
    struct waiting *ready = earliest_ready(self);
    if (ready == NULL)
        return false;
    struct waiting taken = *ready;
    *ready = (struct waiting){0};
    int error = message_parse(&message, taken.frame);
    if (error == OK)
        error = hotstuff_proposal(self, taken.from, &message);
    if (error != OK)
        env_drop(self->base.env, message.type, error);
    frame_unref(taken.frame);
    return true;
}

/* Answering. */

/* The same question at once, or too many of them. */
static bool asks_again(struct hotstuff *self, uint32_t member, const struct digest *block) {
    struct served *served = &self->sync.served[member];
    time_ns now = self->base.env->now;
    bool again = served->once && now - served->at < self->base.view_timeout / SERVED_PAUSE_SHARE &&
                 memcmp(&served->block, block, sizeof *block) == 0;
    if (!again && !quota_take(&self->sync.answers, member, now))
        return true;
    if (!again)
        *served = (struct served){*block, now, true};
    return again;
}

/* Notes, from @tip down to @base, each block's successor on that way; false when there is no way.
 */
static bool mark_way(struct block *tip, const struct block *base) {
    for (struct block *block = tip; block != base; block = block->parent) {
        if (block->parent == NULL || block->content.view <= base->content.view)
            return false;
        block->parent->next = block;
    }
    return true;
}

/* The blocks after @base up to the last certificate that is at hand and within the limits. */
static void collect(struct blocks *answer, const struct block *base, const struct block *tip) {
    size_t bytes = 0;
    uint32_t count = 0;
    for (const struct block *block = base; block != tip && count < HOTSTUFF_BLOCKS_COUNT;) {
        block = block->next;
        bytes += block->content.payload.size;
        if (count > 0 && bytes > HOTSTUFF_BLOCKS_BYTES)
            break;
        answer->list[count++] = block->content;
        if (block->certificate.frame != NULL) {
            answer->count = count;
            answer->certificate = block->certificate;
        }
    }
}

int sync_fetch(struct hotstuff *self, node_id from, const struct message *message) {
    struct fetch fetch;
    int error = fetch_decode(&fetch, &self->base.certification, message);
    if (error != OK)
        return error;
    struct block *base = store_find(&self->store, &fetch.block);
    if (base == NULL || base->content.view != fetch.view)
        return ERR_UNKNOWN;
    bool news = fetch.high.statement.view > self->high.statement.view;
    if (news)
        error = hotstuff_verify(self, &fetch.high);
    if (error == OK && asks_again(self, committee_index(&self->base.committee, from), &fetch.block))
        error = ERR_DUPLICATE;
    if (error != OK)
        return error;
    if (news)
        hotstuff_adopt(self, &fetch.high, from);
    struct blocks answer = {.certificate = self->high};
    struct block *to = self->tip;
    if (base == self->tip && self->proof != NULL) {
        base = self->store.root; /* it knows all that is certified; but also what committed this? */
        to = self->proof;
    }
    if (base != to && mark_way(to, base))
        collect(&answer, base, to);
    bool whole = answer.certificate.statement.view == self->high.statement.view;
    const struct certificate *timeout = &self->pacemaker.timeout;
    if (whole && timeout->frame != NULL && timeout->statement.view > self->high.statement.view)
        answer.timeout = *timeout;
    env_send(self->base.env, from, blocks_encode(&answer, &self->base.certification));
    return OK;
}

/* Taking in an answer. */

/* The ids of the blocks; each must be the parent of the next, the last what is certified. */
static int link_up(struct hotstuff *self, const struct blocks *blocks, struct digest *ids) {
    for (uint32_t i = 0; i < blocks->count; i++) {
        if (i > 0 && memcmp(&blocks->list[i].parent, &ids[i - 1], sizeof *ids) != 0)
            return ERR_MISMATCH;
        block_content_id(self->base.env, self->base.channel, &blocks->list[i], &ids[i]);
    }
    const struct digest *last = &ids[blocks->count - 1];
    return memcmp(last, &blocks->certificate.statement.block, sizeof *last) == 0 ? OK
                                                                                 : ERR_MISMATCH;
}

/* How many of the first blocks are known already; the next one's parent is known. */
static int find_start(const struct hotstuff *self, const struct blocks *blocks,
                      const struct digest *ids, uint32_t *start) {
    *start = 0;
    while (*start < blocks->count && store_find(&self->store, &ids[*start]) != NULL)
        (*start)++;
    if (*start == blocks->count)
        return OK;
    const struct block *parent = store_find(&self->store, &blocks->list[*start].parent);
    if (parent == NULL)
        return ERR_UNKNOWN;
    return parent->committed && parent != self->store.root ? ERR_CONFLICT : OK;
}

static void insert(struct hotstuff *self, const struct blocks *blocks, const struct digest *ids,
                   uint32_t start, struct frame *frame) {
    struct block *last = NULL;
    const uint32_t slot = start < blocks->count ? journal_keep(self, frame) : 0;
    for (uint32_t i = start; i < blocks->count; i++) {
        if (store_insert(&self->store, &ids[i], &blocks->list[i], frame, &last) != OK)
            break; /* the tree is full: the rest is asked for again when it has room */
        last->slot = slot;
    }
    if (last != NULL)
        hotstuff_certified(self, last);
}

static int verify(struct hotstuff *self, const struct blocks *blocks) {
    int error = hotstuff_verify(self, &blocks->certificate);
    if (error == OK && blocks->timeout.frame != NULL)
        error = hotstuff_verify(self, &blocks->timeout);
    return error;
}

static bool is_news(const struct hotstuff *self, const struct blocks *blocks) {
    uint64_t proven = hotstuff_proven_view(self);
    return blocks->certificate.statement.view > self->high.statement.view ||
           (blocks->timeout.frame != NULL && blocks->timeout.statement.view > proven);
}

/* The last block of an answer, when it is known here; then all are. */
static struct block *last_known(const struct hotstuff *self, const struct blocks *blocks,
                                const struct digest *ids) {
    return blocks->count == 0 ? NULL : store_find(&self->store, &ids[blocks->count - 1]);
}

/* Nothing of an answer is new, but what is missing must come after it. Each further question is about
 * a later block, so there is an end. */
static bool go_on(struct hotstuff *self, const struct block *last) {
    if (last == NULL || last->content.view <= self->sync.asked || !missing(self))
        return false;
    ask_after(self, last);
    return true;
}

int sync_blocks(struct hotstuff *self, node_id from, const struct message *message) {
    struct sync *sync = &self->sync;
    struct blocks blocks;
    struct digest ids[HOTSTUFF_BLOCKS_COUNT];
    uint32_t start = 0;
    int error = blocks_decode(&blocks, &self->base.certification, message);
    if (error == OK && blocks.count > 0)
        error = link_up(self, &blocks, ids);
    if (error == OK && blocks.count > 0)
        error = find_start(self, &blocks, ids, &start);
    if (error != OK)
        return error;
    const struct block *last = last_known(self, &blocks, ids);
    bool progress = start < blocks.count || (last != NULL && !last->certified && !last->committed);
    bool asked =
        timer_running(&sync->timer) && sync->peer == committee_index(&self->base.committee, from);
    if (!progress && asked && go_on(self, last))
        return OK;
    bool awaited = sync->rejoining && asked;
    if (!progress && !awaited && !is_news(self, &blocks))
        return ERR_STALE;
    error = verify(self, &blocks);
    if (error != OK)
        return error;
    if (awaited && !progress)
        sync->rejoining = false; /* nothing follows any more */
    insert(self, &blocks, ids, start, message->frame);
    hotstuff_adopt(self, &blocks.certificate, from);
    if (blocks.timeout.frame != NULL)
        pacemaker_adopt(self, &blocks.timeout);
    if (progress && missing(self)) {
        sync->back = 0;
        sync->peer = committee_index(&self->base.committee, from);
        ask(self);
    }
    return OK;
}
