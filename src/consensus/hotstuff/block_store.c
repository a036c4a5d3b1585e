/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consensus/hotstuff/block_store.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

static bool same(const struct digest *a, const struct digest *b) {
    return memcmp(a, b, sizeof *a) == 0;
}

static struct block *block_new(const struct digest *id, const struct block_content *content,
                               struct frame *frame) {
    struct block *block = memory_new(1, sizeof *block);
    block->id = *id;
    block->content = *content;
    block->frame = frame == NULL ? NULL : frame_ref(frame);
    return block;
}

static void block_free(struct block *block) {
    certificate_drop(&block->certificate);
    frame_unref(block->frame);
    free(block);
}

void store_init(struct block_store *store, const struct digest *root, uint64_t view,
                uint64_t height) {
    *store = (struct block_store){0};
    struct block_content content = {.view = view};
    store->root = block_new(root, &content, NULL);
    store->root->height = height;
    store->root->committed = true;
    HASH_ADD(hh, store->history, id, sizeof store->root->id, store->root);
}

static void drop_all(struct block **table) {
    struct block *block, *next;
    HASH_ITER(hh, *table, block, next) {
        HASH_DEL(*table, block);
        block_free(block);
    }
}

void store_deinit(struct block_store *store) {
    drop_all(&store->tree);
    drop_all(&store->history);
    *store = (struct block_store){0};
}

struct block *store_find(const struct block_store *store, const struct digest *id) {
    struct block *block;
    HASH_FIND(hh, store->tree, id, sizeof *id, block);
    if (block == NULL)
        HASH_FIND(hh, store->history, id, sizeof *id, block);
    return block;
}

const struct block *store_of_view(const struct block_store *store, uint64_t view) {
    for (const struct block *block = store->tree; block != NULL; block = block->hh.next)
        if (block->content.view == view)
            return block;
    return NULL;
}

int store_insert(struct block_store *store, const struct digest *id,
                 const struct block_content *content, struct frame *frame, struct block **out) {
    if (store_find(store, id) != NULL)
        return ERR_DUPLICATE;
    struct block *parent = store_find(store, &content->parent);
    if (parent == NULL)
        return ERR_UNKNOWN;
    if (parent->committed && parent != store->root)
        return ERR_STALE;
    if (parent->content.view != content->parent_view)
        return ERR_MISMATCH;
    if (HASH_COUNT(store->tree) >= STORE_TREE_BLOCKS)
        return ERR_LIMIT;
    struct block *block = block_new(id, content, frame);
    block->parent = parent;
    block->height = parent->height + (content->payload.size > 0);
    block->length = parent->length + 1;
    store->payloads += content->payload.size > 0;
    store->tree_bytes += content->payload.size;
    HASH_ADD(hh, store->tree, id, sizeof block->id, block);
    *out = block;
    return OK;
}

bool block_extends(const struct block *block, const struct digest *id, uint64_t view) {
    while (block != NULL && block->content.view > view)
        block = block->parent;
    return block != NULL && same(&block->id, id);
}

/* A parent stands before its children, so that one pass finds every branch that the root lost. */
static void prune(struct block_store *store) {
    struct block *block, *next;
    for (block = store->tree; block != NULL; block = block->hh.next)
        block->alive =
            block->parent == store->root || (!block->parent->committed && block->parent->alive);
    HASH_ITER(hh, store->tree, block, next) {
        if (block->alive)
            continue;
        store->payloads -= block->content.payload.size > 0;
        store->tree_bytes -= block->content.payload.size;
        HASH_DEL(store->tree, block);
        block_free(block);
    }
}

struct block *store_commit(struct block_store *store, struct block *block) {
    assert(!block->committed);
    struct block *first = block;
    for (first->next = NULL; first->parent != store->root; first = first->parent)
        first->parent->next = first;
    store->root->next = first;
    for (struct block *moved = first; moved != NULL; moved = moved->next) {
        moved->committed = true;
        store->payloads -= moved->content.payload.size > 0;
        store->tree_bytes -= moved->content.payload.size;
        store->history_bytes += moved->content.payload.size;
        HASH_DEL(store->tree, moved);
        HASH_ADD(hh, store->history, id, sizeof moved->id, moved);
    }
    store->root = block;
    prune(store);
    return first;
}

void store_trim(struct block_store *store) {
    while (HASH_COUNT(store->history) > STORE_HISTORY_BLOCKS ||
           store->history_bytes > STORE_HISTORY_BYTES) {
        struct block *oldest = store->history;
        if (oldest == store->root)
            return;
        oldest->next->parent = NULL;
        store->history_bytes -= oldest->content.payload.size;
        HASH_DEL(store->history, oldest);
        block_free(oldest);
    }
}
