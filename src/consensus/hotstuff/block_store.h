/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The blocks that a member knows: the *tree* above the last committed block, its root, and the
 * *history*, the end of the committed chain, kept for members that lag behind. A block is in the
 * tree only when its parent is, so that every branch leads to the root. */
#ifndef TIERCHAIN_CONSENSUS_HOTSTUFF_BLOCK_STORE_H
#define TIERCHAIN_CONSENSUS_HOTSTUFF_BLOCK_STORE_H

#include <uthash.h>

#include "consensus/hotstuff/messages.h"

#define STORE_TREE_BLOCKS    4096         /* uncommitted blocks */
#define STORE_HISTORY_BLOCKS 32768        /* committed blocks that are kept … */
#define STORE_HISTORY_BYTES  (256u << 20) /* … whose payloads stay below */

struct block {
    struct digest id;
    struct block_content content; /* in place in @frame */
    struct frame *frame;          /* NULL for genesis and for a root known by name only */
    struct block *parent;         /* NULL when it is not kept */
    uint64_t height;              /* blocks with payload from genesis up to this one */
    uint64_t length;              /* all blocks on the way, from where this life began */
    uint32_t slot;                /* of the journal; 0: not durable */
    bool committed;
    bool certified;                 /* it, and so all its ancestors; the rules were applied */
    bool alive;                     /* while pruning: on a branch from the root */
    struct block *next;             /* committed: the committed child; else free to use */
    struct certificate certificate; /* of this block; frame NULL while unknown */
    UT_hash_handle hh;
};

struct block_store {
    struct block *tree;    /* by id; a parent always comes before its children */
    struct block *history; /* by id; the committed chain, the root last */
    struct block *root;    /* the last committed block */
    uint32_t payloads;     /* blocks of the tree that carry payload */
    size_t tree_bytes;     /* of these payloads */
    size_t history_bytes;
};

/* A store that holds its root only: genesis (all zero), or where an earlier life had stopped. */
void store_init(struct block_store *store, const struct digest *root, uint64_t view,
                uint64_t height);
void store_deinit(struct block_store *store);

/* In tree or history; NULL when unknown. */
struct block *store_find(const struct block_store *store, const struct digest *id);

/* The tree's block of that view, NULL when there is none. */
const struct block *store_of_view(const struct block_store *store, uint64_t view);

/* Adds a child of a block of the tree or of the root; takes a reference to @frame, in which
 * @content lies. ERR_DUPLICATE, ERR_UNKNOWN (parent), ERR_STALE (it forks off below the root),
 * ERR_MISMATCH (the parent has another view) or ERR_LIMIT. */
int store_insert(struct block_store *store, const struct digest *id,
                 const struct block_content *content, struct frame *frame, struct block **out);

/* Whether @block is @id or descends from it; @view is that block's view. */
bool block_extends(const struct block *block, const struct digest *id, uint64_t view);

/* Moves the chain up to @block, of the tree, into the history and drops all other branches. Blocks
 * stay valid until the next store_trim. Returns the first of the chain; the others are ->next. */
struct block *store_commit(struct block_store *store, struct block *block);

/* Drops the oldest history beyond the limits. */
void store_trim(struct block_store *store);

#endif
