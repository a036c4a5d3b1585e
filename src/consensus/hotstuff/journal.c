/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consensus/hotstuff/journal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "consensus/hotstuff/hotstuff.h"

#define STATE_BYTES (8 + 8 + DIGEST_BYTES + 8 + 8 + DIGEST_BYTES)

_Static_assert(JOURNAL_SLOTS <= UINT16_MAX, "slots of a channel");
_Static_assert(STORE_TREE_BLOCKS + STORE_HISTORY_BLOCKS < JOURNAL_SLOTS, "the ring keeps them all");

/* Writing. */

static size_t optional_bytes(const struct certificate *certificate) {
    return 1 + (certificate == NULL ? 0 : certificate->size);
}

static void write_optional(const struct certificate *certificate, struct writer *writer) {
    write_u8(writer, certificate != NULL);
    if (certificate != NULL)
        certificate_write(certificate, writer);
}

/* The timeout certificate, where it says more than the highest certificate. */
static const struct certificate *timeout_of(const struct hotstuff *self) {
    const struct certificate *timeout = &self->pacemaker.timeout;
    bool newer = timeout->frame != NULL && timeout->statement.view > self->high.statement.view;
    return newer ? timeout : NULL;
}

/* What committed the root, where the highest certificate does not. */
static const struct certificate *proof_of(const struct hotstuff *self) {
    const struct certificate *proof = self->proof == NULL ? NULL : &self->proof->certificate;
    bool other =
        proof != NULL && proof->frame != NULL && proof->statement.view != self->high.statement.view;
    return other ? proof : NULL;
}

void journal_save(struct hotstuff *self) {
    const struct certificate *timeout = timeout_of(self), *proof = proof_of(self);
    struct frame *frame =
        frame_new(STATE_BYTES + self->high.size + optional_bytes(timeout) + optional_bytes(proof));
    if (frame == NULL)
        abort(); /* three certificates are far smaller than a frame */
    struct writer writer;
    writer_init(&writer, frame->bytes, frame->size);
    write_u64(&writer, self->safety.voted_view);
    write_u64(&writer, self->safety.locked_view);
    write_digest(&writer, &self->safety.locked);
    write_u64(&writer, self->store.root->content.view);
    write_u64(&writer, self->store.root->height);
    write_digest(&writer, &self->store.root->id);
    certificate_write(&self->high, &writer);
    write_optional(timeout, &writer);
    write_optional(proof, &writer);
    assert(writer.error == OK && writer.at == writer.size);
    env_persist(self->base.env, consensus_slot(&self->base, 0), frame);
    self->unsaved = false;
}

uint32_t journal_keep(struct hotstuff *self, struct frame *frame) {
    self->last_slot = self->last_slot % JOURNAL_SLOTS + 1;
    env_persist(self->base.env, consensus_slot(&self->base, self->last_slot), frame_ref(frame));
    return self->last_slot;
}

void journal_keep_block(struct hotstuff *self, struct block *block) {
    if (block->slot == 0 && block->frame != NULL)
        block->slot = journal_keep(self, block->frame);
}

/* Reading. */

/* The state in place; certificates without a frame are absent. */
struct saved {
    struct safety safety;
    uint64_t root_view;
    uint64_t root_height;
    struct digest root;
    struct certificate high, timeout, proof;
};

static void read_optional(struct certificate *certificate, struct reader *reader,
                          const struct certification *certification, struct frame *frame) {
    const uint8_t present = read_u8(reader);
    if (present > 1)
        reader_fail(reader, ERR_NON_CANONICAL);
    if (present == 1)
        certificate_read(certificate, reader, certification, frame);
}

static int read_state(struct saved *saved, const struct certification *certification,
                      struct frame *frame) {
    const struct certification votes = certification_without_round(certification);
    struct reader reader;
    *saved = (struct saved){0};
    reader_init(&reader, frame->bytes, frame->size);
    saved->safety.voted_view = read_u64(&reader);
    saved->safety.locked_view = read_u64(&reader);
    read_digest(&reader, &saved->safety.locked);
    saved->root_view = read_u64(&reader);
    saved->root_height = read_u64(&reader);
    read_digest(&reader, &saved->root);
    certificate_read(&saved->high, &reader, certification, frame);
    read_optional(&saved->timeout, &reader, &votes, frame);
    read_optional(&saved->proof, &reader, certification, frame);
    return reader_finish(&reader);
}

/* A block of a record. */
struct kept {
    struct digest id;
    struct block_content content;
    struct frame *frame;
    uint32_t slot;
    struct certificate own;    /* of this block; frame NULL while unknown */
    struct certificate parent; /* of its parent, likewise */
    struct kept *chain;        /* the child that is committed */
    UT_hash_handle hh;
};

/* All blocks of the records, by id. */
struct shelf {
    struct kept *list;
    size_t count, capacity;
    struct kept *by_id;
};

static void shelve(struct shelf *shelf, struct hotstuff *self, const struct block_content *content,
                   struct frame *frame, uint32_t slot, const struct certificate *own,
                   const struct certificate *parent) {
    if (shelf->count == shelf->capacity) {
        shelf->capacity = shelf->capacity == 0 ? 64 : 2 * shelf->capacity;
        shelf->list = memory_resize(shelf->list, shelf->capacity, sizeof *shelf->list);
    }
    struct kept *kept = &shelf->list[shelf->count++];
    *kept = (struct kept){.content = *content, .frame = frame, .slot = slot};
    block_content_id(self->base.env, self->base.channel, content, &kept->id);
    if (own != NULL)
        kept->own = *own;
    if (parent != NULL)
        kept->parent = *parent;
}

static void read_blocks(struct shelf *shelf, struct hotstuff *self, struct frame *frame,
                        uint32_t slot) {
    struct message message;
    struct proposal proposal;
    struct blocks *blocks;
    if (message_parse(&message, frame) != OK)
        return;
    if (message.type == MESSAGE_HOTSTUFF_PROPOSAL &&
        proposal_decode(&proposal, &self->base.certification, &message) == OK)
        shelve(shelf, self, &proposal.block, frame, slot, NULL, &proposal.justify);
    if (message.type != MESSAGE_HOTSTUFF_BLOCKS)
        return;
    blocks = memory_new(1, sizeof *blocks);
    if (blocks_decode(blocks, &self->base.certification, &message) == OK)
        for (uint32_t i = 0; i < blocks->count; i++)
            shelve(shelf, self, &blocks->list[i], frame, slot,
                   i + 1 == blocks->count ? &blocks->certificate : NULL, NULL);
    free(blocks);
}

static int by_view(const void *a, const void *b) {
    const struct kept *left = a, *right = b;
    return (left->content.view > right->content.view) - (left->content.view < right->content.view);
}

/* Sorted by view, without doubles. */
static void index_blocks(struct shelf *shelf) {
    if (shelf->count > 1)
        qsort(shelf->list, shelf->count, sizeof *shelf->list, by_view);
    for (size_t i = 0; i < shelf->count; i++) {
        struct kept *kept = &shelf->list[i], *known;
        HASH_FIND(hh, shelf->by_id, &kept->id, sizeof kept->id, known);
        if (known == NULL)
            HASH_ADD(hh, shelf->by_id, id, sizeof kept->id, kept);
    }
}

static struct kept *shelf_find(const struct shelf *shelf, const struct digest *id) {
    struct kept *kept;
    HASH_FIND(hh, shelf->by_id, id, sizeof *id, kept);
    return kept;
}

static struct block *take(struct hotstuff *self, const struct kept *kept) {
    struct block *block;
    if (store_insert(&self->store, &kept->id, &kept->content, kept->frame, &block) != OK)
        return NULL;
    block->slot = kept->slot;
    if (kept->own.frame != NULL)
        certificate_keep(&block->certificate, &kept->own);
    if (kept->parent.frame != NULL && block->parent->certificate.frame == NULL)
        certificate_keep(&block->parent->certificate, &kept->parent);
    return block;
}

/* The store with the committed chain as far back as the records hold it without a hole. */
static void restore_history(struct hotstuff *self, const struct saved *saved,
                            const struct shelf *shelf) {
    struct kept *root = shelf_find(shelf, &saved->root), *oldest = NULL;
    uint64_t height = saved->root_height;
    for (struct kept *kept = root; kept != NULL; kept = shelf_find(shelf, &kept->content.parent)) {
        kept->chain = oldest;
        oldest = kept;
        height -= kept->content.payload.size > 0;
    }
    if (oldest == NULL) {
        store_init(&self->store, &saved->root, saved->root_view, saved->root_height);
        return;
    }
    store_init(&self->store, &oldest->content.parent, oldest->content.parent_view, height);
    for (const struct kept *kept = oldest; kept != NULL; kept = kept->chain) {
        struct block *block = take(self, kept);
        assert(block != NULL); /* a chain, from the root on */
        (void)store_commit(&self->store, block);
    }
    store_trim(&self->store);
}

static struct block *certified_by(struct hotstuff *self, const struct certificate *certificate) {
    struct block *block =
        certificate->frame == NULL ? NULL : store_find(&self->store, &certificate->statement.block);
    if (block != NULL && block->certificate.frame == NULL)
        certificate_keep(&block->certificate, certificate);
    return block;
}

static void restore(struct hotstuff *self, const struct saved *saved, const struct shelf *shelf) {
    self->safety = saved->safety;
    certificate_keep(&self->high, &saved->high);
    if (saved->timeout.frame != NULL)
        certificate_keep(&self->pacemaker.timeout, &saved->timeout);
    restore_history(self, saved, shelf);
    for (size_t i = 0; i < shelf->count; i++)
        if (shelf->list[i].content.view > self->store.root->content.view)
            (void)take(self, &shelf->list[i]); /* those of branches that were left find no parent */
    self->tip = certified_by(self, &saved->high);
    self->proof = certified_by(self, saved->proof.frame == NULL ? &saved->high : &saved->proof);
    if (self->tip == NULL)
        self->tip = self->store.root;
    if (self->proof != NULL && self->proof->committed)
        self->proof = NULL;
}

/* The certificate that genesis does not need: no signer. */
static void certify_genesis(struct hotstuff *self) {
    struct vote_set nobody;
    struct statement genesis = {.kind = VOTE_HOTSTUFF, .channel = self->base.channel};
    vote_set_init(&nobody, &self->base.certification);
    int error = vote_set_certify(&nobody, self->base.env, &genesis, 0, &self->high);
    assert(error == OK);
    vote_set_deinit(&nobody);
}

static void begin_at_genesis(struct hotstuff *self) {
    static const struct digest genesis;
    store_init(&self->store, &genesis, 0, 0);
    certify_genesis(self);
    self->tip = self->store.root;
}

void journal_recover(struct hotstuff *self, const struct consensus_config *config) {
    const uint32_t first = consensus_slot(&self->base, 0);
    struct shelf shelf = {0};
    struct saved saved;
    for (size_t i = 0; i < config->record_count; i++) {
        const struct record *record = &config->records[i];
        if (record->slot == first)
            self->recovered = read_state(&saved, &self->base.certification, record->frame) == OK;
        else if (record->slot > first && record->slot <= first + JOURNAL_SLOTS)
            read_blocks(&shelf, self, record->frame, record->slot - first);
    }
    index_blocks(&shelf);
    if (self->recovered)
        restore(self, &saved, &shelf);
    else
        begin_at_genesis(self); /* nothing was voted for, so nothing is lost with the blocks */
    if (shelf.count > 0)
        self->last_slot = shelf.list[shelf.count - 1].slot;
    HASH_CLEAR(hh, shelf.by_id);
    free(shelf.list);
}
