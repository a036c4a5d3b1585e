/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consensus/hotstuff/journal.h"

#include <assert.h>
#include <stdlib.h>

#include "base/error.h"
#include "consensus/hotstuff/hotstuff.h"

#define STATE_BYTES (8 + 8 + DIGEST_BYTES + 8 + 8 + DIGEST_BYTES)

/* A record in place. */
struct saved {
    struct safety safety;
    uint64_t root_view;
    uint64_t root_height;
    struct digest root;
    struct certificate high;
    bool has_block;
    struct digest id;
    struct block_content block;
    struct frame *frame;
};

void journal_save(struct hotstuff *self, const struct block *voted) {
    size_t size = STATE_BYTES + self->high.size + 1;
    if (voted != NULL)
        size += DIGEST_BYTES + block_content_bytes(&voted->content);
    struct frame *frame = frame_new(size);
    if (frame == NULL)
        abort(); /* a block with two certificates fits into a frame, so this does too */
    struct writer writer;
    writer_init(&writer, frame->bytes, frame->size);
    write_u64(&writer, self->safety.voted_view);
    write_u64(&writer, self->safety.locked_view);
    write_digest(&writer, &self->safety.locked);
    write_u64(&writer, self->store.root->content.view);
    write_u64(&writer, self->store.root->height);
    write_digest(&writer, &self->store.root->id);
    certificate_write(&self->high, &writer);
    write_u8(&writer, voted != NULL);
    uint32_t slot = 0;
    if (voted != NULL) {
        write_digest(&writer, &voted->id);
        block_content_write(&voted->content, &writer);
        slot = 1 + (uint32_t)(voted->content.view % JOURNAL_BLOCKS);
    }
    assert(writer.error == OK && writer.at == writer.size);
    env_persist(self->base.env, consensus_slot(&self->base, slot), frame);
    self->unsaved = false;
}

static int decode(struct saved *saved, const struct certification *certification,
                  struct frame *frame) {
    struct reader reader;
    *saved = (struct saved){.frame = frame};
    reader_init(&reader, frame->bytes, frame->size);
    saved->safety.voted_view = read_u64(&reader);
    saved->safety.locked_view = read_u64(&reader);
    read_digest(&reader, &saved->safety.locked);
    saved->root_view = read_u64(&reader);
    saved->root_height = read_u64(&reader);
    read_digest(&reader, &saved->root);
    certificate_read(&saved->high, &reader, certification, frame);
    const uint8_t has_block = read_u8(&reader);
    if (has_block > 1)
        reader_fail(&reader, ERR_NON_CANONICAL);
    saved->has_block = has_block == 1;
    if (saved->has_block) {
        read_digest(&reader, &saved->id);
        block_content_read(&saved->block, &reader);
    }
    return reader_finish(&reader);
}

static size_t read_all(const struct hotstuff *self, const struct consensus_config *config,
                       struct saved list[1 + JOURNAL_BLOCKS]) {
    size_t count = 0;
    for (size_t i = 0; i < config->record_count; i++) {
        const struct record *record = &config->records[i];
        uint32_t first = consensus_slot(&self->base, 0);
        if (record->slot < first || record->slot > first + JOURNAL_BLOCKS)
            continue;
        if (decode(&list[count], &self->base.certification, record->frame) == OK)
            count++;
    }
    return count;
}

/* The highest of each part. */
static struct saved merge(const struct saved *list, size_t count) {
    struct saved all = list[0];
    for (size_t i = 1; i < count; i++) {
        const struct saved *one = &list[i];
        if (one->safety.voted_view > all.safety.voted_view)
            all.safety.voted_view = one->safety.voted_view;
        if (one->safety.locked_view > all.safety.locked_view) {
            all.safety.locked_view = one->safety.locked_view;
            all.safety.locked = one->safety.locked;
        }
        if (one->root_view > all.root_view) {
            all.root_view = one->root_view;
            all.root_height = one->root_height;
            all.root = one->root;
        }
        if (one->high.statement.view > all.high.statement.view)
            all.high = one->high;
    }
    return all;
}

static int by_view(const void *a, const void *b) {
    const struct saved *left = a, *right = b;
    return (left->block.view > right->block.view) - (left->block.view < right->block.view);
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

void journal_recover(struct hotstuff *self, const struct consensus_config *config) {
    struct saved list[1 + JOURNAL_BLOCKS];
    size_t count = read_all(self, config, list);
    self->recovered = count > 0;
    if (count == 0) {
        static const struct digest genesis;
        store_init(&self->store, &genesis, 0, 0);
        certify_genesis(self);
        self->tip = self->store.root;
        return;
    }
    struct saved all = merge(list, count);
    self->safety = all.safety;
    certificate_keep(&self->high, &all.high);
    store_init(&self->store, &all.root, all.root_view, all.root_height);
    qsort(list, count, sizeof *list, by_view);
    for (size_t i = 0; i < count; i++) {
        struct block *block;
        /* Blocks of other branches, or from before the committed one, find no parent. */
        if (list[i].has_block)
            (void)store_insert(&self->store, &list[i].id, &list[i].block, list[i].frame, &block);
    }
    self->tip = store_find(&self->store, &self->high.statement.block);
    if (self->tip == NULL)
        self->tip = self->store.root;
    else
        certificate_keep(&self->tip->certificate, &self->high);
}
